// Package server offers services of AWS's wire on an address: it listens, routes, limits what one client can take, and
// stops in order. It knows neither streams nor delivery; what it serves are the operations that it is given.
//
// A server for a test, on a free port of the loopback interface:
//
//	s, err := server.New(server.Config{Services: []awsapi.Service{streams.Handlers()}})
//	if err != nil { ... }
//	if err := s.Start(ctx); err != nil { ... }
//	defer s.Close(ctx)
//	client := kinesis.NewFromConfig(cfg, func(o *kinesis.Options) { o.BaseEndpoint = aws.String(s.URL()) })
//
// It speaks HTTP/1.1 and HTTP/2 on one port: over TLS as the handshake settles it, without TLS as the client begins, which the
// asynchronous clients of Java do with HTTP/2 at once.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/weir-logs/weir/sink/awsapi"
)

// Config says what a server offers and where. It must not change after New.
type Config struct {
	// Address is where to listen, as host:port. Empty means a free port of 127.0.0.1; a host left out means 127.0.0.1 too,
	// so that who wants to be reached from outside says so, as in 0.0.0.0:4567.
	Address string

	// Listener, if set, is used instead of Address. Close closes it.
	Listener net.Listener

	Services []awsapi.Service // what is offered at /, by X-Amz-Target

	// Routes are further handlers by the pattern of net/http, such as "GET /metrics". Paths that begin with /_weir/ are the
	// server's own, except those given here.
	Routes map[string]http.Handler

	// Wrap, if set, is put around everything, for instance to count.
	Wrap func(http.Handler) http.Handler

	// Observe is told of each request to the services; see awsapi.Options.
	Observe func(context.Context, awsapi.Event)

	// TLS, if set, makes the server speak TLS only. It needs a certificate; LoadTLS makes one of two files.
	TLS *tls.Config

	// Closers are closed in this order, after the last request has ended.
	Closers []Closer

	// Hosts are names, without port, by which clients may call a server on the loopback interface beside its addresses and
	// localhost, and whose web pages may use it. Requests that come from other pages are refused.
	Hosts []string

	// Memory bounds the bytes of all request bodies at a time, and once more those of all answers; default 64 MiB. Requests
	// beyond it wait, at most 10 seconds, and then get status 503.
	Memory int64

	Version     string        // is shown by GET /_weir/health
	Connections int           // at most this many at once, more wait to be accepted; default 4096
	Drain       time.Duration // how long Serve gives requests to end; default 30s
	Log         *slog.Logger  // for what goes wrong outside of requests; default: nothing is logged
}

// Closer is a part that lives as long as its server.
type Closer struct {
	Name  string // for messages
	Close func(context.Context) error
}

// Limits against slow or idle clients.
const (
	defaultConnections = 4096
	defaultDrain       = 30 * time.Second
	headerTimeout      = 10 * time.Second // from the connection, or the last answer's end, to the end of the header
	readTimeout        = 2 * time.Minute  // for a whole request
	writeTimeout       = 5 * time.Minute  // for a whole answer, the work for it included
	idleTimeout        = 2 * time.Minute
	maxHeader          = 32 << 10 // bytes
	maxStreams         = 250      // of one HTTP/2 connection
	endGrace           = 5 * time.Second
)

// Server is one listener and what answers there. Its methods may be called from many goroutines.
type Server struct {
	config   Config
	http     *http.Server
	requests *requests
	cancel   context.CancelFunc // ends the contexts of all requests
	served   chan struct{}      // closed when the accepting goroutine has ended

	mu       sync.Mutex
	listener net.Listener // nil before Start
	err      error        // why accepting ended, if it was not Close
	closing  bool

	closeOnce sync.Once
	closeErr  error
}

// New checks the configuration and prepares a server. It opens nothing.
func New(c Config) (*Server, error) {
	c = c.withDefaults()
	if c.TLS != nil && len(c.TLS.Certificates) == 0 && c.TLS.GetCertificate == nil {
		return nil, errors.New("server: TLS needs a certificate")
	}
	api, err := awsapi.NewMux(c.Services, awsapi.Options{Observe: c.Observe, Memory: c.Memory})
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	routes, err := newRouter(api, c.Routes, c.Version)
	if err != nil {
		return nil, err
	}
	base, cancel := context.WithCancel(context.Background())
	s := &Server{config: c, cancel: cancel, served: make(chan struct{}), requests: newRequests()}
	handler := http.Handler(newGuard(routes, c, s.Addr))
	if c.Wrap != nil {
		handler = c.Wrap(handler)
	}
	s.http = &http.Server{
		Handler:           s.requests.count(handler),
		TLSConfig:         c.TLS,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		Protocols:         protocols(c.TLS != nil),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          log.New(logWriter{c.Log}, "", 0),
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Connections <= 0 {
		c.Connections = defaultConnections
	}
	if c.Drain <= 0 {
		c.Drain = defaultDrain
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// protocols are HTTP/1.1 and HTTP/2, with or without TLS.
func protocols(overTLS bool) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(overTLS)
	p.SetUnencryptedHTTP2(!overTLS)
	return p
}

// Start listens and begins to serve. An error says what is wrong with the address. The context bounds only the start.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return errors.New("server: it was started before")
	}
	if s.closing {
		return errors.New("server: it is closed")
	}
	l := s.config.Listener
	if l == nil {
		var err error
		if l, err = listen(ctx, s.config.Address); err != nil {
			return err
		}
	}
	s.listener = l
	go s.accept(limit(l, s.config.Connections))
	return nil
}

// accept serves until the listener is closed. It is the one goroutine of the server itself; Close waits for its end.
func (s *Server) accept(l net.Listener) {
	defer close(s.served)
	var err error
	if s.config.TLS != nil {
		err = s.http.ServeTLS(l, "", "")
	} else {
		err = s.http.Serve(l)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.mu.Lock()
		s.err = fmt.Errorf("server: accepting connections on %s ended: %w", l.Addr(), err)
		s.mu.Unlock()
	}
}

// Serve starts the server unless that is done, waits until ctx ends or accepting fails, and closes it, with at most
// Config.Drain for the requests under way. It returns nil after an orderly stop.
func (s *Server) Serve(ctx context.Context) error {
	if s.Addr() == nil {
		if err := s.Start(ctx); err != nil {
			return errors.Join(err, s.Close(ctx))
		}
	}
	select {
	case <-ctx.Done():
	case <-s.served:
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Drain)
	defer cancel()
	return s.Close(drain)
}

// Addr returns the address that is listened on, or nil before Start.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// URL returns what a client takes as its endpoint, or "" before Start.
func (s *Server) URL() string {
	addr := s.Addr()
	if addr == nil {
		return ""
	}
	if s.config.TLS != nil {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}
