package store

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// Group commit. Requests queue up; the committer stages all that wait into one batch and hands it to Pebble's log; the
// syncer waits for the fsync and publishes. While one batch is being synced the next is gathered and written, so that at
// most two are under way: one connection waits for one fsync, and many connections share each.
//
//	Append, Fence, Trim, Meta --requests--> committer: stage, apply --commits--> syncer: wait, publish, answer

// request is one change on its way to the disk.
type request struct {
	size    int64
	stage   func(*pebble.Batch) error // on the committer; an error means that nothing was staged
	publish func()                    // on the syncer, when it is durable; may be nil
	done    func(error)
	records bool // brings new records, as opposed to what makes room

	cancel   context.CancelFunc // ends its wait for room
	answered atomic.Bool
}

// answer calls done unless somebody did already, and ends the request's wait for room.
func (r *request) answer(err error) {
	if r.answered.CompareAndSwap(false, true) {
		r.cancel()
		r.done(err)
	}
}

// commitGroup is a batch handed to Pebble with the requests in it.
type commitGroup struct {
	batch    *pebble.Batch
	requests []*request
}

// submit queues r, waiting for room until ctx ends. The caller is inside enter. r.done is called exactly once.
func (s *pebbleStore) submit(ctx context.Context, r *request) {
	r.size = min(r.size, s.opts.Waiting)
	ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	if err := s.failure(); err != nil {
		r.answer(err)
		return
	}
	if err := s.full.track(r); err != nil {
		r.answer(err)
		return
	}
	if err := s.room.Acquire(ctx, r.size); err != nil {
		s.full.untrack(r)
		r.answer(fmt.Errorf("store: wait for room: %w", err))
		return
	}
	select {
	case s.requests <- r:
	case <-ctx.Done():
		s.finish(r, fmt.Errorf("store: wait for room: %w", ctx.Err()))
	}
}

// do submits a request and waits for its answer. A request that was queued is waited for even if ctx ends.
func (s *pebbleStore) do(ctx context.Context, stage func(*pebble.Batch) error, publish func()) error {
	answer := make(chan error, 1)
	s.submit(ctx, &request{size: 64, stage: stage, publish: publish, done: func(err error) { answer <- err }})
	return <-answer
}

// finish gives back what a request that left the queue holds, and answers it.
func (s *pebbleStore) finish(r *request, err error) {
	s.room.Release(r.size)
	s.full.untrack(r)
	r.answer(err)
}

// commit is the committer. It ends when the queue is closed and empty.
func (s *pebbleStore) commit() {
	groups := make(chan commitGroup)
	go s.sync(groups)
	for r := range s.requests {
		if g := s.gather(r); len(g.requests) > 0 {
			s.apply(g, groups)
		}
	}
	close(groups)
}

// gather stages r and what waits behind it.
func (s *pebbleStore) gather(r *request) commitGroup {
	g := commitGroup{batch: s.db.NewBatch(pebble.WithMaxRetainedSizeBytes(2 * maxBatch))}
	for {
		if s.stage(r, g.batch) {
			g.requests = append(g.requests, r)
		}
		if g.batch.Len() >= maxBatch {
			return g
		}
		select {
		case next, open := <-s.requests:
			if !open {
				return g
			}
			r = next
		default:
			return g
		}
	}
}

// stage puts one request into the batch, or answers it.
func (s *pebbleStore) stage(r *request, batch *pebble.Batch) bool {
	if err := s.failure(); err != nil {
		s.finish(r, err)
		return false
	}
	if r.answered.Load() { // refused while it waited
		s.finish(r, nil)
		return false
	}
	if err := r.stage(batch); err != nil {
		s.finish(r, err)
		return false
	}
	return true
}

// apply hands the group to Pebble, in the order of the groups, and then to the syncer. Records become visible to readers
// only by publish, after the fsync.
func (s *pebbleStore) apply(g commitGroup, groups chan<- commitGroup) {
	if err := s.handOver(g.batch); err != nil {
		for _, r := range g.requests {
			s.finish(r, err)
		}
		return
	}
	groups <- g
}

// handOver turns the panic with which Pebble reports that its log is broken into the failure of the store.
func (s *pebbleStore) handOver(batch *pebble.Batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.stuck.Store(true)
			err = s.fail(fmt.Errorf("%v", p))
		}
	}()
	if err := s.failure(); err != nil {
		return err
	}
	if batch.Empty() {
		return nil
	}
	if s.opts.unsynced {
		return s.db.Apply(batch, pebble.NoSync)
	}
	if err := s.db.ApplyNoSyncWait(batch, pebble.Sync); err != nil {
		return s.fail(err)
	}
	return nil
}

// sync is the syncer. After a failed fsync nothing is known about what reached the disk, so the store ends there.
func (s *pebbleStore) sync(groups <-chan commitGroup) {
	defer close(s.stopped)
	for g := range groups {
		err := s.failure()
		if err == nil && !g.batch.Empty() && !s.opts.unsynced {
			if cause := g.batch.SyncWait(); cause != nil {
				err = s.fail(cause)
			}
		}
		for _, r := range g.requests {
			if err == nil && r.publish != nil {
				r.publish()
			}
			s.finish(r, err)
		}
		if err == nil {
			_ = g.batch.Close() // gives its memory back; it cannot fail after a successful commit
		}
	}
}
