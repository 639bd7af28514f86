package consumer

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = 200 * time.Millisecond
	longWait  = 10 * time.Second
)

// backoff waits longer after each failure in a row.
type backoff struct {
	sleep    func(context.Context, time.Duration) error
	failures int
}

func (b *backoff) wait(ctx context.Context) error {
	d := min(firstWait<<min(b.failures, 10), longWait)
	b.failures++
	return b.sleep(ctx, d*3/4+rand.N(d/2)) // all shards fail at once: they should not come back at once
}

func (b *backoff) reset() { b.failures = 0 }
