package metadata

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// service is what one service said last. One goroutine, that of follow, asks it.
type service[T any] struct {
	name  string
	read  func(ctx context.Context, earlier *T) (*T, error) // gives what is known now, with an error, too; nil if nothing is
	ttl   atomic.Int64                                      // nanoseconds
	log   *slog.Logger
	now   atomic.Pointer[T]
	once  sync.Once
	wants chan struct{} // closed once somebody wants its values
	asked chan struct{} // closed after the first answer or failure
	soon  chan struct{} // full when it is to be asked at once
}

func newService[T any](name string, c Config, read func(context.Context, *T) (*T, error)) *service[T] {
	s := &service[T]{name: name, read: read, log: c.Log, wants: make(chan struct{}), asked: make(chan struct{}), soon: make(chan struct{}, 1)}
	s.ttl.Store(int64(c.TTL))
	return s
}

// refresh makes the time that values are good for no longer than every.
func (s *service[T]) refresh(every time.Duration) {
	for {
		ttl := s.ttl.Load()
		if int64(every) >= ttl {
			return
		}
		if s.ttl.CompareAndSwap(ttl, int64(every)) {
			break
		}
	}
	s.again()
}

// again has the service asked at once, if somebody wants its values.
func (s *service[T]) again() {
	select {
	case s.soon <- struct{}{}:
	default:
	}
}

func (s *service[T]) want() { s.once.Do(func() { close(s.wants) }) }

// wait returns after the first answer or failure, at once if nobody wants one.
func (s *service[T]) wait(ctx context.Context) {
	select {
	case <-s.wants:
	default:
		return
	}
	select {
	case <-s.asked:
	case <-ctx.Done():
	}
}

// follow asks again and again until ctx ends, from when somebody wants to know.
func (s *service[T]) follow(ctx context.Context) {
	select {
	case <-s.wants:
	case <-ctx.Done():
		return
	}
	failing, retry := false, firstRetry
	for first := true; ; first = false {
		select {
		case <-s.soon: // what is read now is read as often as is wanted
		default:
		}
		err := s.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := time.Duration(s.ttl.Load())
		if err != nil {
			pause = min(pause, retry)
			retry = min(2*retry, longestWait)
		} else {
			retry = firstRetry
		}
		if failing != (err != nil) {
			failing = !failing
			s.say(err)
		}
		if first {
			close(s.asked)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-s.soon:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

func (s *service[T]) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	now, err := s.read(ctx, s.now.Load())
	if now != nil {
		s.now.Store(now)
	}
	return err
}

// say logs a change.
func (s *service[T]) say(err error) {
	switch {
	case err == nil:
		s.log.Info("the metadata of "+s.name+" can be read again", "service", s.name)
	case s.now.Load() == nil:
		s.log.Warn("the metadata of "+s.name+" cannot be read; records do without it until it can", "service", s.name, "error", err)
	default:
		s.log.Warn("not all metadata of "+s.name+" can be read; records have what was read, now or before", "service", s.name, "error", err)
	}
}
