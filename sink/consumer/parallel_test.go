package consumer

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
)

// However many shards are behind, the records of a few are held at a time, and all have their turn.
func TestFewShardsAreHeldAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 20), newKeeper()
		for _, shard := range shardNames(20) {
			put(s, shard, "a", "b")
		}
		var held, most atomic.Int32
		stop := k.start(s, func(c *Config) {
			c.Parallel = 3
			take := c.Handle
			c.Handle = func(ctx context.Context, b Batch) error {
				most.Store(max(most.Load(), held.Add(1)))
				defer held.Add(-1)
				time.Sleep(time.Second)
				return take(ctx, b)
			}
		})
		settle(time.Minute)
		stop()
		if most.Load() != 3 {
			t.Errorf("%d shards were held at a time, want 3", most.Load())
		}
		for _, shard := range shardNames(20) {
			if got := k.got[shard]; len(got) != 2 {
				t.Errorf("shard %s gave %v", shard, got)
			}
		}
		for _, b := range k.batches {
			if b.First != b.Records[0].Sequence {
				t.Errorf("a batch says that it begins with %s, its first record is %s", b.First, b.Records[0].Sequence)
			}
		}
	})
}

func shardNames(n int) (names []string) {
	for i := range n {
		names = append(names, strconv.Itoa(i))
	}
	return names
}
