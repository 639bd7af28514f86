// Package storetest is what every store must pass. Run calls a new, empty store for each case; the test of an
// implementation is a few lines.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Clock is a time that a test sets. The zero value is 1970.
type Clock struct {
	mu sync.Mutex
	ms int64
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.UnixMilli(c.ms)
}

// Set sets the time to ms milliseconds after 1970.
func (c *Clock) Set(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ms = ms
}

// Run runs all cases. open returns an empty store whose arrival times come from now; it is closed by the case.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			clock := &Clock{}
			clock.Set(1_700_000_000_000)
			f := &fixture{t: t, ctx: t.Context(), store: open(t, clock.Now), clock: clock}
			c.run(f)
			if err := f.store.Close(context.WithoutCancel(f.ctx)); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

type testCase struct {
	name string
	run  func(*fixture)
}

func cases() []testCase {
	return []testCase{
		{"append and read", appendAndRead},
		{"append copies", appendCopies},
		{"append refuses what is out of bounds", appendBounds},
		{"read inside blocks", readInside},
		{"read keeps its limits", readLimits},
		{"large append", largeAppend},
		{"arrival never goes back", arrival},
		{"seek by time", seek},
		{"fence", fence},
		{"fence all or none", fenceAll},
		{"trim", trim},
		{"drop", drop},
		{"watch", watch},
		{"concurrent appends", concurrent},
		{"meta", meta},
		{"meta conflicts", metaConflicts},
		{"meta races", metaRaces},
		{"closed", closed},
	}
}

type fixture struct {
	t     *testing.T
	ctx   context.Context
	store store.Store
	clock *Clock
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// is checks that err is want.
func (f *fixture) is(err, want error, what string) {
	f.t.Helper()
	if !errors.Is(err, want) {
		f.t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// open opens the shard in epoch 1.
func (f *fixture) open(shard store.Shard) {
	f.t.Helper()
	f.must(f.store.Fence(f.ctx, 1, shard))
}

// append appends and waits.
func (f *fixture) append(shard store.Shard, epoch uint32, records ...store.Record) (store.Appended, error) {
	type answer struct {
		at  store.Appended
		err error
	}
	answers := make(chan answer, 2)
	f.store.Append(f.ctx, shard, epoch, records, func(at store.Appended, err error) { answers <- answer{at, err} })
	a := <-answers
	return a.at, a.err
}

// fill appends n records in one append; the record of index i holds record(i).
func (f *fixture) fill(shard store.Shard, n int) store.Appended {
	f.t.Helper()
	b, err := f.store.Bounds(f.ctx, shard)
	f.must(err)
	records := make([]store.Record, n)
	for i := range records {
		records[i] = record(b.Next + uint64(i))
	}
	at, err := f.append(shard, b.Epoch, records...)
	f.must(err)
	if at.First != b.Next {
		f.t.Errorf("append went to index %d, want %d", at.First, b.Next)
	}
	return at
}

func record(index uint64) store.Record {
	r := store.Record{PartitionKey: fmt.Sprintf("key-%d", index), Data: fmt.Appendf(nil, "data of %d\r\n", index)}
	if index%3 == 0 {
		r.ExplicitHashKey = fmt.Sprint(index)
	}
	return r
}

// check compares a page with the records that fill makes.
func (f *fixture) check(page store.Page, first uint64, n int) {
	f.t.Helper()
	if len(page.Records) != n || page.Next != first+uint64(n) {
		f.t.Fatalf("page has %d records and goes on at %d, want %d from %d", len(page.Records), page.Next, n, first)
	}
	for i, got := range page.Records {
		want := record(first + uint64(i))
		if got.Index != first+uint64(i) {
			f.t.Fatalf("record %d has index %d, want %d", i, got.Index, first+uint64(i))
		}
		if got.PartitionKey != want.PartitionKey || got.ExplicitHashKey != want.ExplicitHashKey || !bytes.Equal(got.Data, want.Data) {
			f.t.Fatalf("index %d holds %+v, want %+v", got.Index, got.Record, want)
		}
	}
}

func (f *fixture) read(shard store.Shard, from uint64, records int) store.Page {
	f.t.Helper()
	page, err := f.store.Read(f.ctx, shard, from, store.Limit{Records: records, Bytes: 1 << 20})
	f.must(err)
	return page
}

func (f *fixture) bounds(shard store.Shard, first, next uint64) {
	f.t.Helper()
	b, err := f.store.Bounds(f.ctx, shard)
	f.must(err)
	if b.First != first || b.Next != next {
		f.t.Errorf("bounds of %v are %d and %d, want %d and %d", shard, b.First, b.Next, first, next)
	}
}
