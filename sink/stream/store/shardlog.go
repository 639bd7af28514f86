package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// shardLog is what the store keeps in memory of one shard.
type shardLog struct {
	shard Shard

	// Owned by the committer.
	assigned state
	dropped  bool

	mu    sync.Mutex
	known state         // what is durable
	wake  chan struct{} // closed at the next change of known; nil if nobody waits
}

// bounds returns what readers may see.
func (l *shardLog) bounds() state {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known
}

// publish tells readers that the shard is now so. Changes come in the order in which they were assigned.
func (l *shardLog) publish(s state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = s
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
}

func (l *shardLog) watch() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	return l.wake
}

// log returns the shard's entry, reading its state from disk at the first time. It holds shardsMu meanwhile, so that no
// stale state comes back in the middle of a Drop.
func (s *pebbleStore) log(shard Shard) (*shardLog, error) {
	s.shardsMu.Lock()
	defer s.shardsMu.Unlock()
	if l := s.shards[shard]; l != nil {
		return l, nil
	}
	st, err := s.loadState(shard)
	if err != nil {
		return nil, fmt.Errorf("store: read the state of shard %d of stream %d in %s: %w", shard.Number, shard.Stream, s.dir, err)
	}
	l := &shardLog{shard: shard, assigned: st, known: st}
	s.shards[shard] = l
	return l, nil
}

func (s *pebbleStore) loadState(shard Shard) (state, error) {
	st := state{first: 1, next: 1}
	value, closer, err := s.db.Get(shardKey(kindState, shard))
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return st, nil
	case err != nil:
		return state{}, err
	}
	st, err = decodeState(value)
	if err = errors.Join(err, closer.Close()); err != nil {
		return state{}, err
	}
	it, err := s.blocks(shard)
	if err != nil {
		return state{}, err
	}
	if it.Last() {
		place, err := parseBlockKey(it.Key())
		if err != nil {
			return state{}, errors.Join(err, it.Close())
		}
		st.next, st.arrival = max(st.next, place.end), max(st.arrival, place.arrival)
	}
	return st, it.Close()
}

// blocks returns an iterator over the blocks of a shard.
func (s *pebbleStore) blocks(shard Shard) (*pebble.Iterator, error) {
	upper := shardKey(kindBlock, shard)
	for i := len(upper) - 1; ; i-- { // the kind is below 0xff, so it ends
		if upper[i]++; upper[i] != 0 {
			break
		}
	}
	return s.db.NewIter(&pebble.IterOptions{LowerBound: shardKey(kindBlock, shard), UpperBound: upper})
}

// Append implements Appender. The records are encoded in the caller's goroutine; the committer only adds their place.
func (s *pebbleStore) Append(ctx context.Context, shard Shard, epoch uint32, records []Record, done func(Appended, error)) {
	if err := s.enter(); err != nil {
		done(Appended{}, err)
		return
	}
	defer s.leave()
	if err := checkRecords(records); err != nil {
		done(Appended{}, fmt.Errorf("store: shard %d of stream %d: %w", shard.Number, shard.Stream, err))
		return
	}
	l, err := s.log(shard)
	if err != nil {
		done(Appended{}, err)
		return
	}
	blocks := encodeBlocks(records)
	var size int64
	for _, b := range blocks {
		size += int64(len(b.bytes))
	}
	var at Appended
	var after state
	s.submit(ctx, &request{
		size:    size,
		records: true,
		stage: func(batch *pebble.Batch) (err error) {
			at, err = s.stageAppend(batch, l, epoch, blocks)
			after = l.assigned
			return err
		},
		publish: func() { l.publish(after) },
		done: func(err error) {
			if err != nil {
				done(Appended{}, err)
				return
			}
			done(at, nil)
		},
	})
}

// stageAppend gives the blocks their indexes.
func (s *pebbleStore) stageAppend(batch *pebble.Batch, l *shardLog, epoch uint32, blocks []sealed) (Appended, error) {
	if err := l.checkEpoch(epoch); err != nil {
		return Appended{}, err
	}
	arrival := max(s.opts.Now().UnixMilli(), l.assigned.arrival, 0)
	at := Appended{First: l.assigned.next, Arrival: arrival}
	for _, b := range blocks {
		first := l.assigned.next
		place := blockPlace{first: first, end: first + uint64(b.count), arrival: arrival}
		if err := batch.Set(blockKey(l.shard, place), b.seal(first, arrival), nil); err != nil {
			return Appended{}, s.fail(err)
		}
		l.assigned.next = place.end
	}
	l.assigned.arrival = arrival
	return at, nil
}

// checkEpoch tells whether the holder of epoch may append.
func (l *shardLog) checkEpoch(epoch uint32) error {
	if l.dropped || epoch == 0 || epoch != l.assigned.epoch {
		return fmt.Errorf("store: append in epoch %d to shard %d of stream %d, which has epoch %d: %w",
			epoch, l.shard.Number, l.shard.Stream, l.assigned.epoch, ErrFenced)
	}
	return nil
}

// Fence implements Appender.
func (s *pebbleStore) Fence(ctx context.Context, epoch uint32, shards ...Shard) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	logs := make([]*shardLog, len(shards))
	for i, shard := range shards {
		var err error
		if logs[i], err = s.log(shard); err != nil {
			return err
		}
	}
	after := make([]state, len(logs))
	stage := func(batch *pebble.Batch) error {
		for _, l := range logs {
			if l.dropped || l.assigned.epoch > epoch {
				return fmt.Errorf("store: fence shard %d of stream %d, which has epoch %d, with epoch %d: %w",
					l.shard.Number, l.shard.Stream, l.assigned.epoch, epoch, ErrFenced)
			}
		}
		for i, l := range logs {
			l.assigned.epoch = epoch
			after[i] = l.assigned
			if err := batch.Set(shardKey(kindState, l.shard), l.assigned.encode(), nil); err != nil {
				return s.fail(err)
			}
		}
		return nil
	}
	publish := func() {
		for i, l := range logs {
			l.publish(after[i])
		}
	}
	return s.do(ctx, stage, publish)
}
