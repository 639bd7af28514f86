package producer

import (
	"context"
	"fmt"
	"time"

	"github.com/weir-logs/weir/sink"
)

// GiveUp says when records are refused that the service does not take. The zero value is never.
//
// Once no record was taken for After, each request is tried once; what it does not bring home is among the Refused of its Put, with sink.ErrGivenUp.
// The first request that is answered with a success ends that. The time counts from the first failure that was seen; a
// pause without requests that is as long as After, and 15 minutes at least, starts it again, since nobody knows what was then.
type GiveUp struct {
	After time.Duration

	// Room is asked before each record, or aggregate, is refused, and returns when the receiver of refusals has room for the entries of one Put. One
	// request at a time is refused. An error, which is the context's, leaves the records unanswered. It may be nil.
	Room func(context.Context) error
}

// due reports whether records are to be given up, and for how long nothing was taken.
func (s *state) due(after time.Duration) (failing time.Duration, due bool) {
	if after <= 0 {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return 0, false
	}
	failing = time.Since(s.since)
	return failing, failing >= after
}

// giveUp refuses the records in view if nothing was taken for too long. It reports whether it did; ok is false if the producer was stopped meanwhile.
func (w *worker) giveUp(r *request, view []int32, why *sink.Failure) (gone, ok bool) {
	p := w.producer
	if _, due := p.state.due(p.cfg.GiveUp.After); !due {
		return false, true
	}
	select {
	case p.refusing <- struct{}{}:
	case <-p.ctx.Done():
		return false, false
	}
	defer func() { <-p.refusing }()
	failing, due := p.state.due(p.cfg.GiveUp.After)
	if !due { // it works again
		return false, true
	}
	err := fmt.Errorf("%s %s has taken nothing for %v: %w: %w", p.target.kind, p.target.name, failing.Round(time.Second), sink.ErrGivenUp, why)
	for _, i := range view {
		if p.cfg.GiveUp.Room != nil && p.cfg.GiveUp.Room(p.ctx) != nil || p.ctx.Err() != nil {
			return false, false
		}
		rec := &r.records[i]
		p.state.givenUp.Add(int64(rec.members))
		w.giveBack(r, rec, err)
	}
	return true, true
}

// patience bounds a wait before the next try by the moment at which records are given up.
func (w *worker) patience(wait time.Duration) time.Duration {
	after := w.producer.cfg.GiveUp.After
	if failing, due := w.producer.state.due(after); after > 0 && !due {
		return min(wait, max(after-failing, w.producer.cfg.Backoff.First))
	}
	return wait
}
