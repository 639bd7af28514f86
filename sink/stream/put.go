package stream

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/weir-logs/weir/sink/stream/store"
)

// placed is the answer to one record of a put.
type placed struct {
	shard   *shard
	index   uint64
	arrival int64
	err     error // of the store
}

// put appends records to the shards of their hash keys, one append per shard, and waits until all are durable. The
// results are in the order of the records. The error is that of ctx: then nothing is known about the records.
func (s *Service) put(ctx context.Context, st *stream, records []store.Record, keys []hashKey) ([]placed, error) {
	results := make([]placed, len(records))
	order := make([]uint64, 0, len(records)) // place in st.open, then place in records
	for i, k := range keys {
		n := st.route(k)
		if n < 0 {
			// Definitions whose open shards leave a hole cannot be made; this one was damaged.
			results[i].err = internalFailure()
			continue
		}
		results[i].shard = st.open[n]
		order = append(order, uint64(n)<<32|uint64(i))
	}
	slices.Sort(order)
	grouped := make([]store.Record, len(order))
	for i, o := range order {
		grouped[i] = records[uint32(o)]
	}
	select {
	case <-s.appendRuns(ctx, order, grouped, results):
		return results, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// appendRuns appends each run of records of one shard and fills in their results. The channel is closed when all are there.
func (s *Service) appendRuns(ctx context.Context, order []uint64, grouped []store.Record, results []placed) <-chan struct{} {
	all := make(chan struct{})
	var pending atomic.Int32
	pending.Store(1) // for this function, so that the first answers cannot end it
	answered := func() {
		if pending.Add(-1) == 0 {
			close(all)
		}
	}
	for from, to := 0, 0; from < len(order); from = to {
		for to = from + 1; to < len(order) && order[to]>>32 == order[from]>>32; {
			to++
		}
		run := order[from:to]
		sh := results[uint32(run[0])].shard
		pending.Add(1)
		s.cfg.Store.Append(ctx, sh.ref, sh.Epoch, grouped[from:to], func(at store.Appended, err error) {
			for i, o := range run {
				results[uint32(o)] = placed{sh, at.First + uint64(i), at.Arrival, err}
			}
			answered()
		})
	}
	answered()
	return all
}

// hash returns where a record goes. A stream that spreads its records by itself takes records without a key.
func (st *stream) hash(partitionKey, explicit *string) (hashKey, error) {
	switch {
	case explicit != nil:
		k, err := parseHashKey(*explicit)
		if err != nil {
			return hashKey{}, invalid("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", *explicit)
		}
		return k, nil
	case partitionKey != nil:
		return keyHash(*partitionKey), nil
	}
	return randomHash(), nil
}
