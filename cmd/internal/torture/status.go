package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// inFlightDefault is the default of the agent's key in_flight, documented in docs/configuration.md.
const inFlightDefault = 16 << 20

func (t *trial) status(ctx context.Context) (witness.Status, error) {
	return witness.AskAgent(ctx, t.path("state", "weir.sock"))
}

// readOf returns how far the agent has read the file that it knows under this path.
func readOf(s *witness.Status, path string) (n int64) {
	for _, flow := range s.Flows {
		for _, f := range flow.Files {
			if f.Path == path {
				n = max(n, f.Read)
			}
		}
	}
	return n
}

// read waits until the agent has read and delivered all of the log under this path as it is now.
func (t *trial) read(ctx context.Context, path string, size int64) error {
	return until(ctx, "the agent has read "+path, 60*time.Second, func() error {
		s, err := t.status(ctx)
		if err != nil {
			return err
		}
		for _, flow := range s.Flows {
			for _, f := range flow.Files {
				if f.Path == path && f.Size == size && f.Acked == size {
					return nil
				}
			}
		}
		return fmt.Errorf("it has %d bytes, and not all of them are acknowledged", size)
	})
}

// counters are what an agent said of itself and what it cost, over all its runs.
type counters struct {
	cpu        time.Duration
	rss        int64 // peak, bytes
	peak       int64 // of in_flight, as sampled
	samples    int
	violations int // samples with more in flight than may be
	unanswered int64
	gaps       int64
	vanished   int64
}

func (c *counters) add(o counters) {
	c.cpu += o.cpu
	c.rss, c.peak = max(c.rss, o.rss), max(c.peak, o.peak)
	c.samples += o.samples
	c.violations += o.violations
	c.unanswered += o.unanswered
	c.gaps += o.gaps
	c.vanished += o.vanished
}

// watch samples one run of an agent.
type watch struct {
	cap  int64 // of what may be in flight
	stop context.CancelFunc
	wg   sync.WaitGroup
	c    counters // the sampling goroutine's until wg is done
}

func newWatch(cap int64) *watch { return &watch{cap: cap, stop: func() {}} }

// follow begins to sample a process; leave ends that.
func (w *watch) follow(p *process, socket string) {
	ctx, cancel := context.WithCancel(context.Background())
	w.stop, w.c = cancel, counters{}
	w.wg.Go(func() {
		for ctx.Err() == nil {
			w.sample(ctx, p, socket)
			_ = wait(ctx, 200*time.Millisecond) // ended is ended
		}
		last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if p.ended() == nil {
			w.sample(last, p, socket)
		}
	})
}

func (w *watch) sample(ctx context.Context, p *process, socket string) {
	if rss, err := p.peak(); err == nil {
		w.c.rss = max(w.c.rss, rss)
	}
	s, err := witness.AskAgent(ctx, socket)
	if err != nil {
		return
	}
	w.c.samples++
	if n := s.InFlight(); n > w.c.peak {
		w.c.peak = n
	}
	if s.InFlight() > w.cap {
		w.c.violations++
	}
	w.c.unanswered, w.c.gaps, w.c.vanished = 0, 0, 0
	for _, d := range s.Destinations {
		w.c.unanswered += d.Stats.Unanswered
	}
	for _, f := range s.Flows {
		w.c.gaps += f.Counters.Gaps
		w.c.vanished += f.Counters.Vanished
	}
}

// leave takes a last sample, ends the sampling, and returns what it saw.
func (w *watch) leave() counters {
	w.stop()
	w.wg.Wait()
	seen := w.c
	w.c = counters{}
	return seen
}
