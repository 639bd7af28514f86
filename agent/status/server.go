package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server serves the state of an agent on a unix socket.
type Server struct {
	path     string
	info     os.FileInfo // of the socket that is ours
	listener net.Listener
}

// Listen takes the socket. It refuses a path where something else is or another agent answers.
func Listen(path string) (*Server, error) {
	l, info, err := listen(path)
	if err != nil {
		return nil, err
	}
	return &Server{path: path, info: info, listener: l}, nil
}

// Serve answers until ctx ends, then closes the socket and removes its name. It is called once. Without c nobody can change anything.
func (s *Server) Serve(ctx context.Context, source Source, c Control) error {
	server := &http.Server{
		Handler:           handler(source, c),
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(s.listener) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close() // somebody reads slowly; the agent does not wait for them
		}
		<-done
	}
	s.remove()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("status: serve %s: %w", s.path, err)
	}
	return nil
}

// Close gives the socket back without serving it.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.remove()
	return err
}

// remove takes the name away if it is still this server's.
func (s *Server) remove() {
	if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.info) {
		os.Remove(s.path)
	}
}

func handler(source Source, c Control) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, source.Status())
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		problems := source.Status().Problems
		code := http.StatusOK
		if len(problems) > 0 {
			code = http.StatusServiceUnavailable
		}
		writeJSON(w, code, struct {
			Healthy  bool     `json:"healthy"`
			Problems []string `json:"problems,omitempty"`
		}{len(problems) == 0, problems})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(newRegistry(source), promhttp.HandlerOpts{}))
	if c != nil {
		handlePositions(mux, c)
		handleReload(mux, c)
	}
	return mux
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.Encode(v) // fails only if the reader has gone
}
