package producer

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// earlyServer stands for a server that answers some connections after the first kilobyte, and hangs up.
type earlyServer struct {
	pipes *pipes

	mu   sync.Mutex
	left int // such connections to come; guarded by mu
}

func (e *earlyServer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	e.mu.Lock()
	e.left--
	early := e.left >= 0
	e.mu.Unlock()
	if !early {
		return e.pipes.dial(ctx, network, addr)
	}
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		_, _ = io.ReadFull(theirs, make([]byte, 1<<10))
		_, _ = io.WriteString(theirs, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}()
	return ours, nil
}

func timeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

// lateTransport answers at once that a record was taken and reads the request only later.
type lateTransport struct {
	mu   sync.Mutex
	read []string // the data of the records; guarded by mu
}

func (l *lateTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	go func() {
		defer req.Body.Close()
		time.Sleep(time.Minute)
		var c call
		_ = json.NewDecoder(req.Body).Decode(&c)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, rec := range c.Records {
			l.read = append(l.read, string(rec.Data))
		}
	}()
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"Records":[{"SequenceNumber":"1"}]}`))}, nil
}

// slowConn sends 30 kB a second.
type slowConn struct{ net.Conn }

func (c slowConn) Write(b []byte) (int, error) {
	time.Sleep(time.Duration(len(b)) * time.Second / 30_000)
	return c.Conn.Write(b)
}
