package server

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// guard keeps web pages away. Signatures are not verified, so a page that somebody on this host looks at could use the server
// through the browser: openly, which the header Origin shows, or under a name of its own that resolves to this host, which
// the header Host shows. Programs send no Origin, and have no reason to call a server on the loopback interface by a
// foreign name. See docs/decisions/0008.
type guard struct {
	next     http.Handler
	hosts    []string    // in lower case
	loopback func() bool // the server listens there, so that nobody needs another name for it
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch origin := r.Header.Get("Origin"); {
	case origin != "" && !g.originAllowed(origin):
		refuse(w, fmt.Sprintf("Requests of web pages are taken from loopback addresses and configured hosts only, not from %.200q.", origin))
	case r.Host != "" && g.loopback() && !g.hostAllowed(r.Host):
		refuse(w, fmt.Sprintf("This server is not called %.200q. Use its address, or localhost, in the endpoint URL.", r.Host))
	default:
		g.next.ServeHTTP(w, r)
	}
}

// originAllowed reports whether a page may use the server: one of this host, or of a host that was configured.
func (g *guard) originAllowed(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false // "null" is one: a page that hides where it is from
	}
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() || isLocalhost(host) || g.configured(host)
}

// hostAllowed reports whether the server can rightly be called so. A browser that was led here by a foreign name says that
// name, so any address will do.
func (g *guard) hostAllowed(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	_, err = netip.ParseAddr(host)
	return err == nil || isLocalhost(host) || g.configured(host)
}

func (g *guard) configured(host string) bool {
	return slices.Contains(g.hosts, strings.ToLower(strings.TrimSuffix(host, ".")))
}

// isLocalhost reports whether a name is one that resolves to loopback everywhere (RFC 6761).
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func refuse(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(struct { // nothing is done about an error: the client is gone
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{"AccessDeniedException", message})
}

// newGuard puts a guard before next for a server with this configuration; listener returns what it listens on.
func newGuard(next http.Handler, c Config, listener func() net.Addr) *guard {
	g := &guard{next: next, hosts: make([]string, len(c.Hosts))}
	for i, host := range c.Hosts {
		g.hosts[i] = strings.ToLower(strings.TrimSuffix(host, "."))
	}
	if host, _, err := net.SplitHostPort(c.Address); err == nil && host != "" {
		g.hosts = append(g.hosts, strings.ToLower(host))
	}
	g.loopback = sync.OnceValue(func() bool {
		addr, ok := listener().(*net.TCPAddr)
		return ok && addr.IP.IsLoopback()
	})
	return g
}
