package producer

import (
	"context"
	"io"
	"net"
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
