package stream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Keys in Meta.
const (
	streamPrefix = "stream/"
	nextIDKey    = "streams/next-id"
	stampKey     = "streams/deleted-stamp"
	sealKey      = "streams/seal-key"
)

// write stores a definition and shows it. The caller holds mu. revision is that of the old definition, 0 if there is none.
func (s *Service) write(ctx context.Context, d definition, revision uint64) (*stream, error) {
	value, err := d.encode()
	if err != nil {
		return nil, err
	}
	revision, err = s.cfg.Store.Put(ctx, streamPrefix+d.Name, value, revision)
	if err != nil {
		if errors.Is(err, store.ErrConflict) {
			err = errors.Join(err, s.reload(ctx, d.Name))
		}
		return nil, fmt.Errorf("stream: write the definition of %s: %w", d.Name, err)
	}
	st, err := newStream(d, revision)
	if err != nil {
		return nil, err
	}
	s.catalog.Store(s.catalog.Load().with(d.Name, st))
	return st, nil
}

// reload shows the definition that the store has: on a full disk a write may be refused and done all the same, and what
// is shown is not what is there. Whoever tries again works on the truth. The caller holds mu.
func (s *Service) reload(ctx context.Context, name string) error {
	e, err := s.cfg.Store.Get(ctx, streamPrefix+name)
	if errors.Is(err, store.ErrNotFound) {
		s.catalog.Store(s.catalog.Load().with(name, nil))
		return nil
	}
	if err != nil {
		return err
	}
	d, err := decodeDefinition(e.Value)
	if err != nil {
		return err
	}
	st, err := newStream(d, e.Revision)
	if err != nil {
		return err
	}
	s.catalog.Store(s.catalog.Load().with(name, st))
	s.wake()
	return nil
}

// number reads a number in Meta, 0 if there is none, and its revision.
func (s *Service) number(ctx context.Context, key string) (n, revision uint64, err error) {
	e, err := s.cfg.Store.Get(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return 0, 0, nil
	case err != nil:
		return 0, 0, fmt.Errorf("stream: read entry %q: %w", key, err)
	case len(e.Value) != 8:
		return 0, 0, fmt.Errorf("stream: entry %q has %d bytes, not 8", key, len(e.Value))
	}
	return binary.BigEndian.Uint64(e.Value), e.Revision, nil
}

func (s *Service) putNumber(ctx context.Context, key string, n, revision uint64) error {
	if _, err := s.cfg.Store.Put(ctx, key, binary.BigEndian.AppendUint64(nil, n), revision); err != nil {
		return fmt.Errorf("stream: write entry %q: %w", key, err)
	}
	return nil
}

// nextID draws the id of a new stream. The caller holds mu.
func (s *Service) nextID(ctx context.Context) (uint64, error) {
	id, revision, err := s.number(ctx, nextIDKey)
	if err != nil {
		return 0, err
	}
	id = max(id, 1)
	return id, s.putNumber(ctx, nextIDKey, id+1, revision)
}

// bury notes the stamp of a stream that is about to go. Streams that are made later get higher ones, even within the same
// second or after the clock was set back: a reader who kept a sequence number must never take a new stream for the old one of
// the same name, and leave out its first records. The caller holds mu.
func (s *Service) bury(ctx context.Context, st *stream) error {
	newest, revision, err := s.number(ctx, stampKey)
	if err != nil || st.stamp() <= int64(newest) {
		return err
	}
	return s.putNumber(ctx, stampKey, uint64(st.stamp()), revision)
}

// create makes a stream and, without a transition time, makes it ACTIVE.
func (s *Service) create(ctx context.Context, sp spec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.catalog.Load().byName[sp.name] != nil {
		return s.streamExists(sp.name)
	}
	if n := s.catalog.Load().shards(); n+sp.shards > maxAllShards {
		return limitExceeded("This server can have at most %d shards. It has %d, and %d more were asked for.", maxAllShards, n, sp.shards)
	}
	id, err := s.nextID(ctx)
	if err != nil {
		return s.failed(err)
	}
	stamp, _, err := s.number(ctx, stampKey)
	if err != nil {
		return s.failed(err)
	}
	st, err := s.write(ctx, sp.define(id, s.now(), int64(stamp)), 0)
	if err != nil {
		return s.failed(err)
	}
	return s.begun(ctx, st)
}

// remove begins the deletion of a stream and, without a transition time, ends it.
func (s *Service) remove(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.catalog.Load().byName[name]
	if st == nil {
		return s.streamNotFound(name)
	}
	if st.is(types.StreamStatusDeleting) {
		return nil
	}
	d := st.definition
	d.Status, d.Since = string(types.StreamStatusDeleting), s.now()
	st, err := s.write(ctx, d, st.revision)
	if err != nil {
		return s.failed(err)
	}
	return s.begun(ctx, st)
}

// begun ends a status at once or leaves it to the background.
func (s *Service) begun(ctx context.Context, st *stream) error {
	if s.cfg.Transition == 0 {
		err := s.finish(ctx, st)
		if err == nil {
			s.health.report(nil)
			return nil
		}
		err = s.failed(err)
		s.wake() // the background goes on with it
		return err
	}
	s.wake()
	return nil
}

func (s *Service) wake() {
	select {
	case s.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// finish ends a status that ends by itself. Each step can be repeated after a crash. The caller holds mu.
func (s *Service) finish(ctx context.Context, st *stream) error {
	switch types.StreamStatus(st.Status) {
	case types.StreamStatusCreating:
		return s.activate(ctx, st)
	case types.StreamStatusDeleting:
		return s.drop(ctx, st)
	}
	return nil
}

// activate opens the logs of a new stream and shows it as ACTIVE.
func (s *Service) activate(ctx context.Context, st *stream) error {
	refs := make([]store.Shard, len(st.shards))
	for i, sh := range st.shards {
		refs[i] = sh.ref
	}
	if err := s.cfg.Store.Fence(ctx, 1, refs...); err != nil {
		return fmt.Errorf("stream: open the shards of %s: %w", st.Name, err)
	}
	d := st.definition
	d.Status, d.Since = string(types.StreamStatusActive), s.now()
	_, err := s.write(ctx, d, st.revision)
	return err
}

// drop removes the records of a stream and then its definition.
func (s *Service) drop(ctx context.Context, st *stream) error {
	if err := s.cfg.Store.Drop(ctx, st.ID); err != nil {
		return fmt.Errorf("stream: remove the records of %s: %w", st.Name, err)
	}
	if err := s.bury(ctx, st); err != nil {
		return err
	}
	if err := s.cfg.Store.Delete(ctx, streamPrefix+st.Name, st.revision); err != nil && !errors.Is(err, store.ErrNotFound) {
		if errors.Is(err, store.ErrConflict) {
			err = errors.Join(err, s.reload(ctx, st.Name))
		}
		return fmt.Errorf("stream: remove the definition of %s: %w", st.Name, err)
	}
	s.catalog.Store(s.catalog.Load().with(st.Name, nil))
	return nil
}

// settle ends every status whose time has come, and returns how long it is to the next one, or a negative time.
func (s *Service) settle(ctx context.Context) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := time.Duration(-1)
	for _, st := range s.catalog.Load().byName {
		if !st.is(types.StreamStatusCreating, types.StreamStatusDeleting) {
			continue
		}
		wait := s.cfg.Transition - time.Duration(s.now()-st.Since)*time.Millisecond
		if wait <= 0 {
			if err := s.finish(ctx, st); err != nil {
				return -1, err
			}
			continue
		}
		if next < 0 || wait < next {
			next = wait
		}
	}
	return next, nil
}

// retryAfter is the time to the next attempt when the store failed in the background.
const retryAfter = time.Second

// run is the background: statuses that end, records that expire.
func (s *Service) run(ctx context.Context) {
	defer close(s.stopped)
	trim := time.NewTicker(s.cfg.TrimEvery)
	defer trim.Stop()
	leap := leap{at: s.now(), every: s.cfg.TrimEvery}
	for {
		wait, err := s.settle(ctx)
		if err != nil {
			s.health.report(err)
			wait = retryAfter
		}
		var settle <-chan time.Time
		if wait >= 0 {
			settle = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		case <-settle:
		case <-trim.C:
			if leap.doubtful(s.now()) {
				if leap.left == leapRounds-1 {
					s.cfg.Log.Warn("the clock was set forward: nothing expires for a while, in case that was wrong", "now", s.cfg.Now())
				}
				continue
			}
			if err := s.expire(ctx); err != nil {
				s.health.report(err)
			}
		}
	}
}

// leap looks out for a clock that is set forward. A wrong time, until somebody mends it, must not make records look expired:
// after a leap nothing expires for leapRounds rounds.
type leap struct {
	at    int64 // the last round, in ms
	every time.Duration
	left  int // rounds to sit out
}

const (
	leapRounds = 15
	leapSize   = 5 * time.Minute
)

// doubtful takes the time of a round and says whether to sit it out.
func (l *leap) doubtful(now int64) bool {
	passed := time.Duration(now-l.at) * time.Millisecond
	l.at = now
	if passed > l.every+leapSize {
		l.left = leapRounds
	}
	if l.left == 0 {
		return false
	}
	l.left--
	return true
}

// expire removes the records that are older than the retention of their stream.
func (s *Service) expire(ctx context.Context) error {
	for _, st := range s.catalog.Load().byName {
		for _, sh := range st.shards {
			index, err := s.cfg.Store.Seek(ctx, sh.ref, st.horizon(s.now()))
			if err != nil {
				return err
			}
			if err := s.cfg.Store.Trim(ctx, sh.ref, index); err != nil {
				return err
			}
		}
	}
	return nil
}

// horizon is the arrival of the oldest records that are kept, in ms since 1970.
func (st *stream) horizon(now int64) int64 {
	return now - int64(st.Hours)*time.Hour.Milliseconds()
}
