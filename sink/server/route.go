package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// healthPath answers 200 as long as requests are taken.
const healthPath = "GET /_weir/health"

// router gives a request to the route that its path names, and everything else to the services, which ignore the path.
type router struct {
	routes *http.ServeMux
	api    http.Handler
}

// newRouter joins the services, the extra routes and the server's own. A pattern that net/http refuses is an error.
func newRouter(api http.Handler, extra map[string]http.Handler, version string) (r *router, err error) {
	defer func() {
		if cause := recover(); cause != nil { // how ServeMux refuses a pattern
			err = fmt.Errorf("server: route: %v", cause)
		}
	}()
	r = &router{routes: http.NewServeMux(), api: api}
	r.routes.Handle("/_weir/", http.NotFoundHandler())
	r.routes.Handle(healthPath, health(version))
	for pattern, h := range extra {
		r.routes.Handle(pattern, h)
	}
	return r, nil
}

func (r *router) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if _, pattern := r.routes.Handler(q); pattern != "" {
		r.routes.ServeHTTP(w, q)
		return
	}
	r.api.ServeHTTP(w, q)
}

func health(version string) http.Handler {
	body := []byte(strings.TrimSpace("ok "+version) + "\n")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// logWriter gives net/http's own messages, about broken handshakes and the like, to a logger.
type logWriter struct{ log *slog.Logger }

func (l logWriter) Write(p []byte) (int, error) {
	l.log.Warn("http", "message", strings.TrimSpace(string(p)))
	return len(p), nil
}
