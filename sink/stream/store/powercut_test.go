package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// acknowledged is what the store promised to keep.
type acknowledged struct {
	mu      sync.Mutex
	records map[Shard]map[uint64]string // by index
	trimmed map[Shard]uint64            // trims that were asked for
	meta    map[string]uint64           // newest answered revision
}

func (a *acknowledged) add(shard Shard, at Appended, records []Record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.records[shard] == nil {
		a.records[shard] = make(map[uint64]string)
	}
	for i, r := range records {
		a.records[shard][at.First+uint64(i)] = fmt.Sprintf("%s %s %d", r.PartitionKey, r.Data, at.Arrival)
	}
}

// snapshot is what was acknowledged so far, for a cut at this moment or later.
func (a *acknowledged) snapshot() *acknowledged {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &acknowledged{records: make(map[Shard]map[uint64]string), trimmed: make(map[Shard]uint64), meta: make(map[string]uint64)}
	for shard, records := range a.records {
		c.records[shard] = make(map[uint64]string)
		for k, v := range records {
			c.records[shard][k] = v
		}
	}
	for k, v := range a.meta {
		c.meta[k] = v
	}
	return c
}

// check compares a reopened store with the promise and returns what is wrong. trimmed is what may be missing.
func (a *acknowledged) check(ctx context.Context, s Store, shards []Shard, trimmed map[Shard]uint64) (problems []string) {
	for _, shard := range shards {
		found := make(map[uint64]string)
		b, err := s.Bounds(ctx, shard)
		if err != nil {
			return []string{err.Error()}
		}
		for from := b.First; from < b.Next; {
			page, err := s.Read(ctx, shard, from, Limit{Records: 100, Bytes: 1 << 20})
			if err != nil {
				return append(problems, err.Error())
			}
			for _, r := range page.Records {
				if r.Index != from {
					problems = append(problems, fmt.Sprintf("%v: index %d follows %d", shard, r.Index, from-1))
				}
				from = r.Index + 1
				found[r.Index] = fmt.Sprintf("%s %s %d", r.PartitionKey, r.Data, r.Arrival)
			}
		}
		for index, want := range a.records[shard] {
			if got, ok := found[index]; (!ok || got != want) && (ok || index >= trimmed[shard]) {
				problems = append(problems, fmt.Sprintf("%v: index %d was acknowledged as %q, is %q", shard, index, want, got))
			}
		}
	}
	for key, revision := range a.meta {
		if e, err := s.Get(ctx, key); err != nil || e.Revision < revision {
			problems = append(problems, fmt.Sprintf("entry %q was acknowledged at revision %d, is %d, %v", key, revision, e.Revision, err))
		}
	}
	return problems
}

// cutter writes to a store from several goroutines until it is told to stop.
type cutter struct {
	acknowledged
	seed   uint64
	store  *pebbleStore
	shards []Shard
	stop   chan struct{}
	group  sync.WaitGroup
	acks   chan struct{} // one for each acknowledgement, as far as somebody looks
}

func startCutter(t *testing.T, s *pebbleStore, seed uint64) *cutter {
	t.Helper()
	c := &cutter{seed: seed, store: s, stop: make(chan struct{}), acks: make(chan struct{}, 1)}
	c.records, c.meta, c.trimmed = make(map[Shard]map[uint64]string), make(map[string]uint64), make(map[Shard]uint64)
	c.shards = []Shard{{Stream: 1}, {Stream: 1, Number: 1}, {Stream: 2}}
	if err := s.Fence(context.Background(), 1, c.shards...); err != nil {
		t.Fatal(err)
	}
	for w := range 4 {
		c.group.Go(func() { c.write(w) })
	}
	return c
}

func (c *cutter) write(worker int) {
	rng := rand.New(rand.NewPCG(c.seed, uint64(worker)))
	ctx := context.Background()
	var revision uint64
	for n := 0; ; n++ {
		select {
		case <-c.stop:
			return
		default:
		}
		shard := c.shards[rng.IntN(len(c.shards))]
		last := c.burst(ctx, rng, shard, fmt.Sprint(worker, " ", n))
		if rng.IntN(10) == 0 {
			revision = c.change(ctx, fmt.Sprint("worker/", worker), revision)
		}
		if rng.IntN(20) == 0 && last > 50 {
			c.trim(ctx, shard, last-50)
		}
	}
}

// burst sends several appends and waits for their answers. It returns the index of the last one.
func (c *cutter) burst(ctx context.Context, rng *rand.Rand, shard Shard, name string) (last uint64) {
	var pending sync.WaitGroup
	for n := range 1 + rng.IntN(8) {
		records := make([]Record, 1+rng.IntN(5))
		for i := range records {
			records[i] = Record{PartitionKey: name, Data: []byte(strings.Repeat(fmt.Sprint(n, "-", i, " "), 1+rng.IntN(200)))}
		}
		pending.Add(1)
		c.store.Append(ctx, shard, 1, records, func(at Appended, err error) {
			defer pending.Done()
			if err != nil {
				return
			}
			c.add(shard, at, records)
			last = at.First // the answers of one goroutine come in order, one after the other
			select {
			case c.acks <- struct{}{}:
			default:
			}
		})
	}
	pending.Wait()
	return last
}

func (c *cutter) change(ctx context.Context, key string, revision uint64) uint64 {
	next, err := c.store.Put(ctx, key, []byte("value"), revision)
	if err != nil {
		return revision
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.meta[key] = next
	return next
}

func (c *cutter) trim(ctx context.Context, shard Shard, before uint64) {
	c.mu.Lock()
	c.trimmed[shard] = max(c.trimmed[shard], before) // from here on it may be gone
	c.mu.Unlock()
	_ = c.store.Trim(ctx, shard, before)
}

// TestPowerCut cuts the power at random moments under concurrent appends, puts and trims. A cut keeps what was synced and
// a random part of the rest, block by block. The folder is opened again and compared with what was acknowledged before the cut.
func TestPowerCut(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	lost := cutPower(t, seed, 12, PebbleOptions{})
	if len(lost) > 0 {
		t.Errorf("seed %d: %d problems, first: %s", seed, len(lost), lost[0])
	}
}

// TestPowerCutCanFail runs the same without fsyncs: the checker must find what is lost then.
func TestPowerCutCanFail(t *testing.T) {
	lost := cutPower(t, 1, 3, PebbleOptions{unsynced: true})
	if len(lost) == 0 {
		t.Error("a store that does not sync passes the power-cut test: the test proves nothing")
	}
}

func cutPower(t *testing.T, seed uint64, cuts int, opts PebbleOptions) (problems []string) {
	rng := rand.New(rand.NewPCG(seed, 99))
	fs := vfs.NewCrashableMem()
	opts.FS = fs
	s := openStore(t, "data", opts)
	c := startCutter(t, s, seed)
	inFlight := 0
	for cut := range cuts {
		for range 1 + rng.IntN(60) {
			<-c.acks
		}
		if rng.IntN(3) == 0 {
			if _, err := s.db.AsyncFlush(); err != nil {
				t.Fatal(err)
			}
		}
		for len(s.full.tracked()) == 0 { // a cut without data in flight proves little
			<-c.acks
		}
		promise := c.snapshot()
		inFlight += len(s.full.tracked())
		clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: []int{0, 50, 100}[cut%3], RNG: rng})
		c.mu.Lock()
		trimmed := make(map[Shard]uint64)
		for k, v := range c.trimmed {
			trimmed[k] = v
		}
		c.mu.Unlock()
		problems = append(problems, reopenAfterCut(t, clone, promise, c.shards, trimmed)...)
	}
	close(c.stop)
	c.group.Wait()
	closeStore(t, s)
	t.Logf("%d cuts, %d requests in flight at them", cuts, inFlight)
	return problems
}

func reopenAfterCut(t *testing.T, fs vfs.FS, promise *acknowledged, shards []Shard, trimmed map[Shard]uint64) []string {
	t.Helper()
	s, err := OpenPebble("data", PebbleOptions{FS: fs})
	if err != nil {
		return []string{err.Error()}
	}
	defer closeStore(t, s)
	problems := promise.check(t.Context(), s, shards, trimmed)
	for _, shard := range shards { // the log goes on without a hole
		if _, err := appendWait(t.Context(), s, shard, 1, Record{Data: []byte("after")}); err != nil && !errors.Is(err, ErrFenced) {
			problems = append(problems, err.Error())
		}
	}
	return append(problems, promise.check(t.Context(), s, shards, trimmed)...)
}

// tracked returns the requests that are not answered.
func (d *diskFull) tracked() []*request {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*request
	for r := range d.waiting {
		all = append(all, r)
	}
	return all
}

// The checker itself: one record removed and one changed must be reported, exactly.
func TestCheckerFindsLosses(t *testing.T) {
	s := NewMemory(func() time.Time { return time.UnixMilli(7) })
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	a := &acknowledged{records: make(map[Shard]map[uint64]string), meta: map[string]uint64{}}
	records := []Record{{Data: []byte("a")}, {Data: []byte("b")}, {Data: []byte("c")}}
	a.add(shard, mustAppend(t, s, shard, 1, records...), records)
	if problems := a.check(t.Context(), s, []Shard{shard}, nil); len(problems) != 0 {
		t.Errorf("nothing is wrong, but: %q", problems)
	}
	a.records[shard][4] = "lost"
	a.records[shard][2] = "other"
	a.meta["gone"] = 1
	if problems := a.check(t.Context(), s, []Shard{shard}, nil); len(problems) != 3 {
		t.Errorf("two records and an entry are wrong, but: %q", problems)
	}
}
