package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// scenario is one case: what is done to the log, the agent, the backend or the disk while lines are written.
type scenario struct {
	name     string
	read     string // keys of the flow's read block; default: the one path logs/app.log
	delivery bool   // the flow sends to a delivery stream, not to a stream
	logs     int    // that are written at once; default 1
	inFlight int64  // the flow's in_flight; 0 leaves it out
	twice    bound  // what may arrive twice
	before   func(t *trial) error
	play     func(ctx context.Context, t *trial) error
}

// bound says what may arrive twice: nothing, or what a broken promise of somebody else's makes unavoidable.
type bound int

const (
	nothing    bound = iota // nothing was killed and every request was answered
	inFlight                // the agent was killed: what was in flight, at each kill
	unanswered              // answers never came: what the agent itself counts as unanswered
)

// allowed is the bound in bytes.
func (t *trial) allowed() int {
	const longest = headSize + padLeast + padSpan
	switch t.c.twice {
	case inFlight:
		return len(t.killed)*int(t.inFlight()) + int(t.counters.unanswered)*longest
	case unanswered:
		return int(t.counters.unanswered) * longest
	}
	return 0
}

// inFlight is how much may be in flight.
func (t *trial) inFlight() int64 {
	if t.c.inFlight > 0 {
		return t.c.inFlight
	}
	return inFlightDefault
}

// run plays one scenario and judges what arrived.
func run(ctx context.Context, c scenario, o options) row {
	start := time.Now()
	t, err := newTrial(c, o)
	if err != nil {
		return row{Case: c.name, Error: err.Error()}
	}
	defer t.end()
	var tally *tally
	err = t.play(ctx)
	if err == nil {
		tally, err = t.delivered(ctx)
	}
	r := row{Case: c.name, Seconds: time.Since(start).Seconds(), Notes: t.notes}
	if errors.Is(err, errSkip) {
		r.Skipped = err.Error()
		return r
	}
	if err != nil {
		r.Error = fmt.Sprintf("%v\nthe end of the agent's log: %s", err, strings.TrimSpace(tail(t.path("agent.log"), 1000)))
		return r
	}
	r.fill(t, tally)
	return r
}

// play starts everything and plays the case.
func (t *trial) play(ctx context.Context) error {
	if t.c.before != nil {
		if err := t.c.before(t); err != nil {
			return err
		}
	}
	if err := t.startServer(ctx); err != nil {
		return err
	}
	logs := max(1, t.c.logs)
	for i := range logs {
		path := t.path("logs", "app.log")
		if logs > 1 {
			path = t.path("logs", fmt.Sprintf("app-%04d.log", i))
		}
		w, err := newWriter(i, path, t.o.rate/float64(logs))
		if err != nil {
			return err
		}
		t.group.all = append(t.group.all, w)
	}
	t.w = t.group.all[0]
	if err := t.startAgent(ctx); err != nil {
		return err
	}
	if err := t.c.play(ctx, t); err != nil {
		return err
	}
	return t.group.close()
}

// delivered waits until every line has arrived or nothing more comes, stops the agent, and returns what arrived.
func (t *trial) delivered(ctx context.Context) (*tally, error) {
	tally := newTally()
	counts := t.group.counts()
	last, since := -1, time.Now()
	for {
		if err := t.source.collect(ctx, tally); err != nil {
			return nil, err
		}
		if tally.judge(counts).Lost == 0 {
			break
		}
		if tally.arrived != last {
			last, since = tally.arrived, time.Now()
		}
		if time.Since(since) > t.o.patience {
			t.note("nothing came for %v", t.o.patience)
			break
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
	if err := t.stopAgent(); err != nil {
		t.note("the agent did not stop well: %v", err)
	}
	if t.c.delivery { // its buffer is written each second
		if err := wait(ctx, 2500*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return tally, t.source.collect(ctx, tally)
}

// writing writes at the rate while f plays, and at least for d.
func (t *trial) writing(ctx context.Context, d time.Duration, f func(ctx context.Context) error) error {
	writing, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- t.group.run(writing) }()
	start := time.Now()
	err := f(ctx)
	if err == nil {
		err = wait(ctx, max(0, d-time.Since(start)))
	}
	stop()
	return errors.Join(err, <-ended)
}

// rotating writes for the duration, and rotates so often, at even distances.
func (t *trial) rotating(ctx context.Context, d time.Duration, times int, rotate func(i int) error) error {
	return t.writing(ctx, d, func(ctx context.Context) error {
		for i := range times {
			if err := wait(ctx, d/time.Duration(times+1)); err != nil {
				return err
			}
			if err := rotate(i); err != nil {
				return fmt.Errorf("rotation %d: %w", i+1, err)
			}
		}
		return nil
	})
}

// between draws a time.
func (t *trial) between(low, high time.Duration) time.Duration {
	return low + time.Duration(t.random.Int64N(int64(high-low)))
}
