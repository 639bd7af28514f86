package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/weir-logs/weir/sink/awsapi"
)

// get asks for a path over the given transport and returns status, protocol and body.
func get(t *testing.T, tr *http.Transport, url string) (int, string, string) {
	t.Helper()
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Proto, string(body)
}

func h2cTransport() *http.Transport {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: p}
}

func TestHealth(t *testing.T) {
	s := started(t, Config{Version: "1.2.3"})
	for proto, tr := range map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2.0": h2cTransport()} {
		if status, got, body := get(t, tr, s.URL()+"/_weir/health"); status != 200 || got != proto || body != "ok 1.2.3\n" {
			t.Errorf("%s: %d %s %q", proto, status, got, body)
		}
	}
	if status, _, _ := get(t, &http.Transport{}, s.URL()+"/_weir/other"); status != http.StatusNotFound {
		t.Errorf("a path of the server's own that it does not have: %d", status)
	}
	if status, _, body := get(t, &http.Transport{}, s.URL()+"/"); status != 403 || !strings.Contains(body, "AccessDenied") {
		t.Errorf("any other path: %d %s", status, body)
	}
}

func TestServesTheSDK(t *testing.T) {
	var seen []string
	s := started(t, Config{
		Services: []awsapi.Service{streams(quick)},
		Observe:  func(_ context.Context, e awsapi.Event) { seen = append(seen, e.Operation) },
	})
	for name, tr := range map[string]*http.Transport{"HTTP/1.1": {}, "h2c": h2cTransport()} {
		client := kinesis.New(kinesis.Options{
			Region: "eu-west-1", BaseEndpoint: aws.String(s.URL() + "/any/path/"), HTTPClient: &http.Client{Transport: tr},
			Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		})
		out, err := client.ListStreams(t.Context(), &kinesis.ListStreamsInput{})
		tr.CloseIdleConnections()
		if err != nil || len(out.StreamNames) != 1 || out.StreamNames[0] != "web-logs" {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if len(seen) != 2 || seen[0] != "ListStreams" {
		t.Errorf("observed %v", seen)
	}
}

func TestRoutesAndWrap(t *testing.T) {
	said := func(s string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) })
	}
	s := started(t, Config{
		Routes: map[string]http.Handler{"GET /metrics": said("metrics"), "GET /_weir/own": said("own")},
		Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "wrapped ")
				next.ServeHTTP(w, r)
			})
		},
	})
	for path, want := range map[string]string{"/metrics": "wrapped metrics", "/_weir/own": "wrapped own"} {
		if _, _, body := get(t, &http.Transport{}, s.URL()+path); body != want {
			t.Errorf("%s: %q, want %q", path, body, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"a bad pattern":           {Routes: map[string]http.Handler{"GET": http.NotFoundHandler()}},
		"a route twice":           {Routes: map[string]http.Handler{"GET /_weir/health": http.NotFoundHandler()}},
		"a service twice":         {Services: []awsapi.Service{streams(quick), streams(quick)}},
		"TLS without certificate": {TLS: noCertificate()},
	} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "server: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestStartSaysWhatIsWrongWithTheAddress(t *testing.T) {
	s := started(t, Config{})
	taken := s.Addr().String()
	_, port, _ := net.SplitHostPort(taken)
	for address, want := range map[string]string{
		taken: "listen on " + taken + ": the port is in use by another program: stop that one (`ss -ltnp 'sport = :" + port +
			"'` shows it), or choose another address",
		":" + port:    "listen on " + taken + ": the port is in use",
		"localhost":   `listen on "localhost": write it as HOST:PORT, such as 127.0.0.1:4567`,
		"192.0.2.1:0": "listen on 192.0.2.1:0: this host has no such address",
	} {
		second, err := New(Config{Address: address})
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Start(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
		if err := second.Close(t.Context()); err != nil || second.Addr() != nil || second.URL() != "" {
			t.Errorf("%s: closing what never listened: %v", address, err)
		}
	}
}

func TestDefaultAddressIsLoopback(t *testing.T) {
	s := started(t, Config{})
	if ip := s.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		t.Errorf("listens on %s", ip)
	}
}

func TestStartOnce(t *testing.T) {
	s := started(t, Config{})
	if err := s.Start(t.Context()); err == nil {
		t.Error("a second Start did not fail")
	}
	closed, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(closed.Close(t.Context()), closed.Close(t.Context())); err != nil {
		t.Error(err)
	}
	if err := closed.Start(t.Context()); err == nil {
		t.Error("Start after Close did not fail")
	}
}

func TestServe(t *testing.T) {
	var closed []string
	c := Config{Closers: []Closer{{"part", func(context.Context) error { closed = append(closed, "part"); return nil }}}}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ctx); err != nil {
		t.Error(err)
	}
	s, err = New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ctx); err != nil {
		t.Error(err)
	}
	if len(closed) != 2 {
		t.Errorf("closed %v, want the part of both", closed)
	}
}

// failing is a listener whose Accept does not work.
type failing struct{ net.Listener }

func (failing) Accept() (net.Conn, error) { return nil, errors.New("too many open files") }

func TestServeEndsWhenAcceptingFails(t *testing.T) {
	closed := false
	s, err := New(Config{Listener: failing{newPipes()}, Closers: []Closer{{"part", func(context.Context) error {
		closed = true
		return nil
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Serve(t.Context())
	if err == nil || !strings.Contains(err.Error(), "accepting connections on pipe ended: too many open files") || !closed {
		t.Errorf("Serve returned %v, closed %v", err, closed)
	}
}
