package producer

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/sink"
)

// state counts, and knows whether the destination works.
type state struct {
	target *target
	events Events
	pause  time.Duration // so long without a try, and nobody knows what was

	records, bytes, requests, retried, unanswered, refused, givenUp, pending atomic.Int64

	mu       sync.Mutex // guards all below
	err      error      // of the newest failed request; nil after a success
	class    sink.Class // of err
	since    time.Time  // of the first failure since a success
	last     time.Time  // of the newest failure
	told     time.Time  // when Failing was called last
	restored chan struct{}
}

// longestTry is more than one try takes, with the wait before it.
const longestTry = 15 * time.Minute

// reminder is how often Failing is called while nothing changes.
const reminder = time.Minute

func (s *state) init(t *target, c *Config) {
	s.target, s.events, s.pause, s.restored = t, c.Events, max(c.GiveUp.After, longestTry), make(chan struct{})
}

// observe takes note of a try: its failure as a whole, or its answer. A request of which nothing was taken is a failure.
func (s *state) observe(failure *sink.Failure, a *answer, records int) {
	if failure == nil && len(a.failed) == records {
		failure = a.failed[0].failure()
	}
	if failure == nil {
		s.succeeded()
		return
	}
	s.failed(failure)
}

func (s *state) succeeded() {
	s.mu.Lock()
	if s.err == nil {
		s.mu.Unlock()
		return
	}
	after := time.Since(s.since)
	s.err = nil
	close(s.restored)
	s.restored = make(chan struct{})
	s.mu.Unlock()
	if s.events.Recovered != nil {
		s.events.Recovered(after)
	}
}

func (s *state) failed(failure *sink.Failure) {
	now := time.Now()
	err := fmt.Errorf("%s %s: %s: %w", s.target.kind, s.target.name, s.target.verb, failure)
	s.mu.Lock()
	tell := s.err == nil || failure.Class != s.class || now.Sub(s.told) >= reminder
	if s.err == nil || now.Sub(s.last) > s.pause {
		s.since = now
	}
	s.last = now
	s.err, s.class = err, failure.Class
	if tell {
		s.told = now
	}
	since := now.Sub(s.since)
	s.mu.Unlock()
	if tell && s.events.Failing != nil {
		s.events.Failing(err, since)
	}
}

// recovery returns a channel that is closed at the next success after a failure. If all is well already, it is closed.
func (s *state) recovery() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		mended := make(chan struct{})
		close(mended)
		return mended
	}
	return s.restored
}

func (s *state) stats() sink.Stats {
	stats := sink.Stats{
		Records: s.records.Load(), Bytes: s.bytes.Load(), Requests: s.requests.Load(), Retried: s.retried.Load(),
		Unanswered: s.unanswered.Load(), Refused: s.refused.Load(), GivenUp: s.givenUp.Load(), Pending: s.pending.Load(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		stats.LastError = s.err.Error()
		stats.FailingFor = max(1, time.Since(s.since).Milliseconds())
	}
	return stats
}
