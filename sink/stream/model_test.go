package stream

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/stream/store"
	"github.com/weir-logs/weir/sink/stream/store/storetest"
)

// The model is streams as plain lists: what the service must answer, said in the simplest way.
type model struct {
	streams map[string]*modelStream
}

type modelStream struct {
	shards []*modelShard
}

type modelShard struct {
	start, end *big.Int
	closed     bool
	children   []int
	records    []modelRecord // what is left
	trimmed    int           // records that expired
}

type modelRecord struct {
	data    string
	number  string
	arrival int64
}

// route finds the open shard of a hash key the slow way.
func (m *modelStream) route(hash string) int {
	k, _ := new(big.Int).SetString(hash, 10)
	for i, sh := range m.shards {
		if !sh.closed && sh.start.Cmp(k) <= 0 && k.Cmp(sh.end) <= 0 {
			return i
		}
	}
	return -1
}

// actor does random operations on the service and the model.
type actor struct {
	*fixture
	model model
	rng   *rand.Rand
	count int
	fs    vfs.FS
	raw   store.Store
}

// TestModel runs random operations, restarts among them, against the model.
func TestModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	clock := &storetest.Clock{}
	clock.Set(start)
	a := &actor{
		fixture: &fixture{t: t, ctx: t.Context(), clock: clock},
		model:   model{streams: map[string]*modelStream{}},
		rng:     rand.New(rand.NewPCG(seed, 0)),
		fs:      vfs.NewMem(),
	}
	a.open()
	for range 3000 {
		a.step()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	a.close()
}

func (a *actor) open() {
	var err error
	a.raw, err = store.OpenPebble("data", store.PebbleOptions{FS: a.fs, Now: a.clock.Now})
	a.must(err)
	a.fixture.store = a.raw
	a.Service, err = New(Config{Store: a.raw, Now: a.clock.Now, TrimEvery: 1000 * time.Hour})
	a.must(err)
}

func (a *actor) close() {
	a.must(a.Service.Close(a.ctx))
	a.must(a.raw.Close(a.ctx))
}

func (a *actor) step() {
	a.later(time.Duration(a.rng.IntN(2000)) * time.Millisecond)
	name := fmt.Sprint("s", a.rng.IntN(3))
	m := a.model.streams[name]
	switch n := a.rng.IntN(100); {
	case m == nil:
		a.createModel(name)
	case n < 1:
		_, err := a.DeleteStream(a.ctx, &kinesis.DeleteStreamInput{StreamName: &name})
		a.must(err)
		delete(a.model.streams, name)
	case n < 3:
		a.close()
		a.open()
	case n < 6:
		a.reshardModel(name, m)
	case n < 7:
		a.later(9 * time.Hour)
	case n < 10:
		a.expireModel()
	case n < 55:
		a.putModel(name, m)
	case n < 85:
		a.readModel(name, m)
	default:
		a.seekModel(name, m)
	}
}

func (a *actor) createModel(name string) {
	n := 1 + a.rng.IntN(4)
	a.create(name, int32(n))
	m := &modelStream{}
	for _, r := range divide(n) { // divide has its own test
		m.shards = append(m.shards, newModelShard(r))
	}
	a.model.streams[name] = m
}

func newModelShard(r hashRange) *modelShard {
	start, _ := new(big.Int).SetString(r.start.String(), 10)
	end, _ := new(big.Int).SetString(r.end.String(), 10)
	return &modelShard{start: start, end: end}
}

// reshardModel splits an open shard in its middle.
func (a *actor) reshardModel(name string, m *modelStream) {
	i := a.rng.IntN(len(m.shards))
	sh := m.shards[i]
	middle := new(big.Int).Rsh(new(big.Int).Add(sh.start, sh.end), 1)
	if sh.closed || middle.Cmp(sh.start) <= 0 || len(m.shards) > 20 {
		return
	}
	key := func(n *big.Int) hashKey { k, _ := parseHashKey(n.String()); return k }
	after := new(big.Int).Add(middle, big.NewInt(1))
	low, high := hashRange{key(sh.start), key(middle)}, hashRange{key(after), key(sh.end)}
	a.reshard(name, []uint32{uint32(i)}, low, high)
	sh.closed, sh.children = true, []int{len(m.shards), len(m.shards) + 1}
	m.shards = append(m.shards, newModelShard(low), newModelShard(high))
}

func (a *actor) expireModel() {
	a.must(a.expire(a.ctx))
	horizon := a.clock.Now().UnixMilli() - 24*3600*1000
	for _, m := range a.model.streams {
		for _, sh := range m.shards {
			n := 0
			for n < len(sh.records) && sh.records[n].arrival < horizon {
				n++
			}
			sh.records, sh.trimmed = sh.records[n:], sh.trimmed+n
		}
	}
}

func (a *actor) putModel(name string, m *modelStream) {
	var entries []types.PutRecordsRequestEntry
	for range 1 + a.rng.IntN(20) {
		a.count++
		hash := hashKey{a.rng.Uint64(), a.rng.Uint64()}.String()
		entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: &hash, Data: fmt.Append(nil, a.count)})
	}
	out, err := a.PutRecords(a.ctx, &kinesis.PutRecordsInput{StreamName: &name, Records: entries})
	a.must(err)
	for i, r := range out.Records {
		want := m.route(*entries[i].ExplicitHashKey)
		if r.ErrorCode != nil || *r.ShardId != shardID(uint32(want)) {
			a.t.Errorf("entry %d: %+v, want shard %d", i, r, want)
			return
		}
		sh := m.shards[want]
		sh.records = append(sh.records, modelRecord{string(entries[i].Data), *r.SequenceNumber, a.clock.Now().UnixMilli()})
	}
}

// readModel drains a shard from a random place in pages of a random size.
func (a *actor) readModel(name string, m *modelStream) {
	i := a.rng.IntN(len(m.shards))
	sh := m.shards[i]
	in := &kinesis.GetShardIteratorInput{StreamName: &name, ShardId: aws.String(shardID(uint32(i))), ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	want := sh.records
	if len(want) > 0 && a.rng.IntN(2) == 0 {
		at := a.rng.IntN(len(want))
		in.StartingSequenceNumber, in.ShardIteratorType = &want[at].number, types.ShardIteratorTypeAtSequenceNumber
		if a.rng.IntN(2) == 0 {
			in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
			at++
		}
		want = want[at:]
	}
	a.drain(in, sh, want)
}

func (a *actor) seekModel(name string, m *modelStream) {
	i := a.rng.IntN(len(m.shards))
	sh := m.shards[i]
	at := a.clock.Now().Add(-time.Duration(a.rng.Int64N(int64(30 * time.Hour))))
	want := sh.records
	for len(want) > 0 && want[0].arrival < at.UnixMilli() {
		want = want[1:]
	}
	a.drain(&kinesis.GetShardIteratorInput{StreamName: &name, ShardId: aws.String(shardID(uint32(i))),
		ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: &at}, sh, want)
}

func (a *actor) drain(in *kinesis.GetShardIteratorInput, sh *modelShard, want []modelRecord) {
	first, err := a.GetShardIterator(a.ctx, in)
	a.must(err)
	limit := int32(1 + a.rng.IntN(30))
	it := first.ShardIterator
	for page := 0; ; page++ {
		out := a.get(it, limit)
		n := min(int(limit), len(want))
		got := make([]string, len(out.Records))
		for i, r := range out.Records {
			got[i] = fmt.Sprint(string(r.Data), " ", *r.SequenceNumber, " ", r.ApproximateArrivalTimestamp.UnixMilli())
		}
		expected := make([]string, n)
		for i, r := range want[:n] {
			expected[i] = fmt.Sprint(r.data, " ", r.number, " ", r.arrival)
		}
		if !slices.Equal(got, expected) {
			a.t.Errorf("%s page %d of %s %s:\ngot  %s\nwant %s", in.ShardIteratorType, page, *in.StreamName, *in.ShardId,
				strings.Join(got, "\n     "), strings.Join(expected, "\n     "))
			return
		}
		want = want[n:]
		behind := int64(0)
		if len(want) > 0 {
			behind = max(1, a.clock.Now().UnixMilli()-want[0].arrival)
		}
		if *out.MillisBehindLatest != behind || (out.NextShardIterator == nil) != (sh.closed && len(want) == 0) ||
			out.NextShardIterator == nil && len(out.ChildShards) != len(sh.children) {
			a.t.Errorf("%s page %d of %s %s: %d behind, want %d; next %v; %d children, closed %v", in.ShardIteratorType, page, *in.StreamName,
				*in.ShardId, *out.MillisBehindLatest, behind, out.NextShardIterator != nil, len(out.ChildShards), sh.closed)
			return
		}
		if len(want) == 0 {
			return
		}
		it = out.NextShardIterator
	}
}
