package stream

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// catalog is all streams at one moment. It never changes: a change of a stream makes a new catalog (lifecycle.go), and
// each request works on the one that it found at its start.
type catalog struct {
	names  []string // sorted
	byName map[string]*stream
	byID   map[uint64]*stream
}

// stream is one stream at one moment.
type stream struct {
	definition
	revision uint64   // of the definition in Meta
	shards   []*shard // by number
	open     []*shard // by range
}

// shard is one shard at one moment.
type shard struct {
	shardDefinition
	hashRange
	id  string
	ref store.Shard
}

func newCatalog(streams map[string]*stream) *catalog {
	c := &catalog{names: slices.Sorted(maps.Keys(streams)), byName: streams, byID: make(map[uint64]*stream, len(streams))}
	for _, st := range streams {
		c.byID[st.ID] = st
	}
	return c
}

// with returns a catalog in which the stream is so, or is gone if st is nil.
func (c *catalog) with(name string, st *stream) *catalog {
	streams := maps.Clone(c.byName)
	delete(streams, name)
	if st != nil {
		streams[name] = st
	}
	return newCatalog(streams)
}

// shards returns how many shards there are, closed ones included.
func (c *catalog) shards() (n int) {
	for _, st := range c.byName {
		n += len(st.shards)
	}
	return n
}

// newStream prepares a checked definition for use.
func newStream(d definition, revision uint64) (*stream, error) {
	st := &stream{definition: d, revision: revision, shards: make([]*shard, len(d.Shards))}
	for i, def := range d.Shards {
		r, err := def.hashRange()
		if err != nil {
			return nil, fmt.Errorf("stream %s, shard %d: %w", d.Name, def.Number, err)
		}
		sh := &shard{shardDefinition: def, hashRange: r, id: shardID(def.Number), ref: store.Shard{Stream: d.ID, Number: def.Number}}
		st.shards[i] = sh
		if def.Closed == 0 {
			st.open = append(st.open, sh)
		}
	}
	slices.SortFunc(st.open, func(a, b *shard) int {
		if a.start.less(b.start) {
			return -1
		}
		return 1
	})
	return st, nil
}

func (st *stream) is(statuses ...types.StreamStatus) bool {
	return slices.Contains(statuses, types.StreamStatus(st.Status))
}

// route returns the place in st.open of the shard that a key belongs to, or -1.
func (st *stream) route(k hashKey) int {
	n, found := slices.BinarySearchFunc(st.open, k, func(sh *shard, k hashKey) int {
		switch {
		case sh.end.less(k):
			return -1
		case k.less(sh.start):
			return 1
		}
		return 0
	})
	if !found {
		return -1
	}
	return n
}

// shard returns the shard of that number, or nil.
func (st *stream) shard(number uint32) *shard {
	i, found := slices.BinarySearchFunc(st.shards, number, func(sh *shard, n uint32) int {
		return int(int64(sh.Number) - int64(n))
	})
	if !found {
		return nil
	}
	return st.shards[i]
}

// after returns the shards with a higher number.
func (st *stream) after(number int64) []*shard {
	i, _ := slices.BinarySearchFunc(st.shards, number, func(sh *shard, n int64) int {
		if int64(sh.Number) <= n {
			return -1
		}
		return 1
	})
	return st.shards[i:]
}

// children returns the shards that came out of sh.
func (st *stream) children(sh *shard) []*shard {
	var found []*shard
	for _, child := range st.shards {
		if slices.Contains(child.Parents, sh.Number) {
			found = append(found, child)
		}
	}
	return found
}

func shardID(number uint32) string { return fmt.Sprintf("shardId-%012d", number) }

// parseShardID takes what AWS takes: the number alone or behind any prefix and a dash.
func parseShardID(id string) (number uint32, ok bool) {
	digits := id[strings.LastIndexByte(id, '-')+1:]
	n, err := strconv.ParseUint(digits, 10, 31)
	return uint32(n), err == nil
}

// describe returns the shard as the API shows it.
func (sh *shard) describe() types.Shard {
	d := types.Shard{
		ShardId:      aws.String(sh.id),
		HashKeyRange: sh.describeRange(),
		SequenceNumberRange: &types.SequenceNumberRange{
			StartingSequenceNumber: aws.String(sh.sequence(0, sh.Created).String()),
		},
	}
	if sh.Closed != 0 {
		d.SequenceNumberRange.EndingSequenceNumber = aws.String(sh.sequence(maxIndex, sh.Closed).String())
	}
	if len(sh.Parents) > 0 {
		d.ParentShardId = aws.String(shardID(sh.Parents[0]))
	}
	if len(sh.Parents) > 1 {
		d.AdjacentParentShardId = aws.String(shardID(sh.Parents[1]))
	}
	return d
}

func (sh *shard) describeRange() *types.HashKeyRange {
	return &types.HashKeyRange{StartingHashKey: aws.String(sh.Start), EndingHashKey: aws.String(sh.End)}
}

// sequence returns the sequence number of a record of this shard.
func (sh *shard) sequence(index uint64, arrivalMillis int64) sequence {
	return sequence{created: sh.stamp(), shard: sh.Number, index: index, arrival: arrivalMillis / 1000}
}
