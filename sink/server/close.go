package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Close stops the server: it accepts nothing more, lets the requests under way end until ctx does, then cancels them, and closes
// the parts in order, for which there are 5 seconds even after ctx ended. A second call waits for the first and returns the same.
//
// If a request does not end even when it is cancelled, the parts are left open, since closing what is in use would be worse
// than a stop without goodbye, which all of them must survive anyway; the error says so.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { s.closeErr = s.close(ctx) })
	return s.closeErr
}

func (s *Server) close(ctx context.Context) error {
	defer s.cancel()
	s.mu.Lock()
	s.closing = true
	started := s.listener != nil
	s.mu.Unlock()
	var errs []error
	if started {
		errs = append(errs, s.drain(ctx))
	} else if s.config.Listener != nil {
		errs = append(errs, s.config.Listener.Close())
	}
	if n, ended := s.requests.wait(endGrace); !ended {
		return errors.Join(append(errs, fmt.Errorf("server: %d requests did not end when they were cancelled; "+
			"the parts are left open, as after a crash", n))...)
	}
	parts, cancel := outlive(ctx, endGrace)
	defer cancel()
	for _, c := range s.config.Closers {
		if err := c.Close(parts); err != nil {
			errs = append(errs, fmt.Errorf("server: closing %s: %w", c.Name, err))
		}
	}
	return errors.Join(errs...)
}

// outlive returns a context that ends d after ctx does: who has used up all the time on requests still has some for the
// parts, which give back their locks and files then.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}

// drain stops accepting and waits for the requests under way, or cancels them when ctx ends.
func (s *Server) drain(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		n := s.requests.running()
		s.cancel()
		_ = s.http.Close()
		err = fmt.Errorf("server: %d requests were cut off at the end of the time to stop: %w", n, err)
	}
	<-s.served
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.err)
}

// requests counts the requests under way.
type requests struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed while n is 0
}

func newRequests() *requests {
	r := &requests{none: make(chan struct{})}
	close(r.none)
	return r
}

func (r *requests) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.add(1)
		defer r.add(-1)
		next.ServeHTTP(w, q)
	})
}

func (r *requests) add(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 {
		r.none = make(chan struct{})
	}
	if r.n += n; r.n == 0 {
		close(r.none)
	}
}

func (r *requests) running() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// wait waits until no request is under way, at most for d, and returns how many are.
func (r *requests) wait(d time.Duration) (int, bool) {
	r.mu.Lock()
	none := r.none
	r.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-none:
		return 0, true
	case <-timer.C:
		return r.running(), false
	}
}
