package cli

import (
	"context"
	"syscall"
	"testing"
	"time"
)

func TestStoppingTwice(t *testing.T) {
	again := make(chan struct{})
	ctx, done := Stopping(context.Background(), func() { close(again) })
	defer done()
	send(t, syscall.SIGTERM)
	wait(t, ctx.Done(), "the context to end after the first signal")
	select {
	case <-again:
		t.Fatal("one signal counted twice")
	default:
	}
	send(t, syscall.SIGINT)
	wait(t, again, "again to be called after the second")
}

func TestHangups(t *testing.T) {
	calls := make(chan struct{})
	stop := Hangups(func() { calls <- struct{}{} })
	for range 3 {
		send(t, syscall.SIGHUP)
		wait(t, calls, "a call for a hang-up")
	}
	stop()
}

func send(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("waited in vain for %s", what)
	}
}
