package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Stopping returns a context that ends at the first SIGTERM or SIGINT, and calls again at the second. A command drains
// after the first and cancels after the second. The returned func ends the watching and waits for it.
func Stopping(parent context.Context, again func()) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for stage := 1; ; stage++ {
			select {
			case <-quit:
				return
			case <-signals:
				if stage == 1 {
					cancel()
				} else {
					again()
				}
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(quit)
		<-done
		cancel()
	}
}

// Hangups calls f at every SIGHUP, one at a time. The returned func ends that and waits for it.
func Hangups(f func()) func() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			case <-signals:
				f()
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(quit)
		<-done
	}
}
