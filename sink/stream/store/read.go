package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Bounds implements Reader.
func (s *pebbleStore) Bounds(_ context.Context, shard Shard) (Bounds, error) {
	if err := s.enter(); err != nil {
		return Bounds{}, err
	}
	defer s.leave()
	l, err := s.log(shard)
	if err != nil {
		return Bounds{}, err
	}
	st := l.bounds()
	return Bounds{First: st.first, Next: st.next, Epoch: st.epoch}, nil
}

// Watch implements Reader.
func (s *pebbleStore) Watch(_ context.Context, shard Shard) (<-chan struct{}, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	l, err := s.log(shard)
	if err != nil {
		return nil, err
	}
	return l.watch(), nil
}

// Read implements Reader.
func (s *pebbleStore) Read(ctx context.Context, shard Shard, from uint64, limit Limit) (Page, error) {
	if limit.Records <= 0 || limit.Bytes <= 0 {
		return Page{}, fmt.Errorf("store: read of at most %d records and %d bytes: %w", limit.Records, limit.Bytes, ErrInvalid)
	}
	if err := s.enter(); err != nil {
		return Page{}, err
	}
	defer s.leave()
	l, err := s.log(shard)
	if err != nil {
		return Page{}, err
	}
	for {
		page, err := s.readPage(ctx, l, from, limit)
		// A trim between the look at the bounds and the look at the blocks leaves a hole at the front, no more.
		if errors.Is(err, errHole) && l.bounds().first > max(from, 1) {
			from = l.bounds().first
			continue
		}
		if err != nil {
			return Page{}, fmt.Errorf("store: read shard %d of stream %d from index %d in %s: %w", shard.Number, shard.Stream, from, s.dir, err)
		}
		return page, nil
	}
}

var errHole = errors.New("records are missing")

func (s *pebbleStore) readPage(ctx context.Context, l *shardLog, from uint64, limit Limit) (Page, error) {
	bounds := l.bounds()
	page := Page{Next: min(max(from, bounds.first), bounds.next)}
	if page.Next == bounds.next {
		return page, nil
	}
	it, err := s.blocks(l.shard)
	if err != nil {
		return Page{}, err
	}
	err = fillPage(ctx, it, l.shard, bounds.next, limit, &page)
	return page, errors.Join(err, it.Close())
}

// fillPage adds blocks to the page until it is full or index end is reached.
func fillPage(ctx context.Context, it *pebble.Iterator, shard Shard, end uint64, limit Limit, page *Page) error {
	size := 0
	for ok := it.SeekLT(indexKey(shard, page.Next+1)); ; ok = it.Next() {
		if !ok {
			return errors.Join(it.Error(), fmt.Errorf("index %d to %d: %w", page.Next, end, errHole))
		}
		place, err := parseBlockKey(it.Key())
		if err != nil {
			return err
		}
		if page.Next < place.first || page.Next >= place.end {
			return fmt.Errorf("index %d, found block %d to %d: %w", page.Next, place.first, place.end, errHole)
		}
		if len(page.Records) >= limit.Records || size >= limit.Bytes {
			page.Waiting = place.arrival
			return nil
		}
		full, err := addBlock(it, place, limit, &size, page)
		if err != nil {
			return err
		}
		if full {
			page.Waiting = place.arrival
			return nil
		}
		if page.Next >= end {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func addBlock(it *pebble.Iterator, place blockPlace, limit Limit, size *int, page *Page) (full bool, err error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return false, err
	}
	b, err := decodeBlock(value)
	if err != nil {
		return false, fmt.Errorf("block at index %d: %w", place.first, err)
	}
	if b.first != place.first || b.end() != place.end || b.arrival != place.arrival {
		return false, fmt.Errorf("block at index %d to %d, arrival %d, says it is index %d to %d, arrival %d",
			place.first, place.end, place.arrival, b.first, b.end(), b.arrival)
	}
	return b.appendTo(page, page.Next, limit, size), nil
}

// Seek implements Reader: a binary search over the keys of the blocks, whose arrivals never go back.
func (s *pebbleStore) Seek(ctx context.Context, shard Shard, time int64) (uint64, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	l, err := s.log(shard)
	if err != nil {
		return 0, err
	}
	it, err := s.blocks(shard)
	if err != nil {
		return 0, fmt.Errorf("store: seek in shard %d of stream %d in %s: %w", shard.Number, shard.Stream, s.dir, err)
	}
	index, err := search(ctx, it, l, time)
	if err = errors.Join(err, it.Close()); err != nil {
		return 0, fmt.Errorf("store: seek in shard %d of stream %d in %s: %w", shard.Number, shard.Stream, s.dir, err)
	}
	return index, nil
}

// search finds the smallest index in [first, next] whose record arrived at time or later; next stands for the end.
func search(ctx context.Context, it *pebble.Iterator, l *shardLog, time int64) (uint64, error) {
	bounds := l.bounds()
	low, high := bounds.first, bounds.next // below low: earlier; from high on: at time or later
	for low < high {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		mid := low + (high-low)/2
		if !it.SeekLT(indexKey(l.shard, mid+1)) {
			if err := it.Error(); err != nil {
				return 0, err
			}
			low = mid + 1 // trimmed meanwhile
			continue
		}
		place, err := parseBlockKey(it.Key())
		if err != nil {
			return 0, err
		}
		switch {
		case place.arrival >= time && place.end > mid:
			high = max(low, place.first)
		case place.arrival >= time: // mid was trimmed between, or is a hole that Read will report
			high = mid
		default:
			low = max(mid+1, min(place.end, high))
		}
	}
	return low, nil
}
