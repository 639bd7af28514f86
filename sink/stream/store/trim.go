package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Trim implements Trimmer. Whole blocks go; of a block in the middle only the front becomes invisible, until a later trim.
func (s *pebbleStore) Trim(ctx context.Context, shard Shard, before uint64) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	l, err := s.log(shard)
	if err != nil {
		return err
	}
	if bounds := l.bounds(); bounds.first >= min(before, bounds.next) {
		return nil
	}
	end, err := s.trimEnd(l, before)
	if err != nil {
		return fmt.Errorf("store: trim shard %d of stream %d in %s: %w", shard.Number, shard.Stream, s.dir, err)
	}
	var after state
	stage := func(batch *pebble.Batch) error {
		if l.dropped {
			return nil
		}
		first := min(before, l.bounds().next)
		l.assigned.first = max(l.assigned.first, first)
		after = l.assigned
		err := batch.Set(shardKey(kindState, shard), l.assigned.encode(), nil)
		if err == nil {
			err = batch.DeleteRange(shardKey(kindBlock, shard), indexKey(shard, end), nil)
		}
		if err != nil {
			return s.fail(err)
		}
		return nil
	}
	return s.do(ctx, stage, func() {
		if after.first > 0 {
			l.publish(after)
		}
	})
}

// trimEnd returns the index up to which whole blocks lie below before.
func (s *pebbleStore) trimEnd(l *shardLog, before uint64) (uint64, error) {
	before = min(before, l.bounds().next)
	it, err := s.blocks(l.shard)
	if err != nil {
		return 0, err
	}
	if !it.SeekLT(indexKey(l.shard, before)) {
		return before, errors.Join(it.Error(), it.Close())
	}
	place, err := parseBlockKey(it.Key())
	if err == nil && place.end > before {
		before = place.first
	}
	return before, errors.Join(err, it.Close())
}

// Drop implements Trimmer. It holds shardsMu to the end, so that nobody loads a state that is about to go.
func (s *pebbleStore) Drop(ctx context.Context, stream uint64) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	s.shardsMu.Lock()
	defer s.shardsMu.Unlock()
	var logs []*shardLog
	for shard, l := range s.shards {
		if shard.Stream == stream {
			logs = append(logs, l)
		}
	}
	stage := func(batch *pebble.Batch) error {
		for _, kind := range []byte{kindBlock, kindState} {
			lower, upper := streamRange(kind, stream)
			if err := batch.DeleteRange(lower, upper, nil); err != nil {
				return s.fail(err)
			}
		}
		for _, l := range logs {
			l.dropped, l.assigned = true, state{first: 1, next: 1}
		}
		return nil
	}
	publish := func() {
		for _, l := range logs {
			l.publish(state{first: 1, next: 1})
		}
	}
	if err := s.do(ctx, stage, publish); err != nil {
		return err
	}
	for _, l := range logs {
		delete(s.shards, l.shard)
	}
	return nil
}
