package servercmd

import (
	"context"
	"time"
)

// background is a function that runs in a goroutine of its own until its context ends.
type background struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

func inBackground(ctx context.Context, f func(context.Context) error) *background {
	ctx, cancel := context.WithCancel(ctx)
	b := &background{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		b.err = f(ctx)
	}()
	return b
}

// stop ends it, waits, and returns its error. It may be called again.
func (b *background) stop() error {
	b.cancel()
	<-b.done
	return b.err
}

// stopAfter lets it run for a while and then stops it.
func (b *background) stopAfter(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.done:
	case <-ctx.Done():
	}
	return b.stop()
}
