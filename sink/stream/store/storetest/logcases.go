package storetest

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Shards of the cases: neighbours in number and in stream, and the largest there can be.
func shards() [4]store.Shard {
	return [4]store.Shard{{Stream: 7, Number: 0}, {Stream: 7, Number: 1}, {Stream: 8, Number: 0}, {Stream: 1<<64 - 1, Number: 1<<32 - 1}}
}

func appendAndRead(f *fixture) {
	for _, shard := range shards() {
		f.bounds(shard, 1, 1)
		f.open(shard)
		f.bounds(shard, 1, 1)
	}
	for i, shard := range shards() {
		f.fill(shard, 1)
		f.fill(shard, 5+i)
	}
	for i, shard := range shards() {
		f.bounds(shard, 1, uint64(7+i))
		f.check(f.read(shard, 0, 100), 1, 6+i)
		f.check(f.read(shard, 1<<62, 100), uint64(7+i), 0)
	}
	f.check(f.read(store.Shard{Stream: 99}, 5, 1), 1, 0)
}

func appendCopies(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	data := []byte("as it was")
	_, err := f.append(shard, 1, store.Record{PartitionKey: "k", Data: data})
	f.must(err)
	copy(data, "OVERWRITTEN")
	page := f.read(shard, 1, 1)
	if string(page.Records[0].Data) != "as it was" {
		f.t.Errorf("the store kept the caller's memory: %q", page.Records[0].Data)
	}
	copy(page.Records[0].Data, "OVERWRITTEN")
	if again := f.read(shard, 1, 1); string(again.Records[0].Data) != "as it was" {
		f.t.Errorf("the store gave its own memory away: %q", again.Records[0].Data)
	}
}

func appendBounds(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	cases := map[string][]store.Record{
		"no record":        {},
		"too many records": make([]store.Record, store.MaxRecords+1),
		"key too long":     {{PartitionKey: strings.Repeat("k", store.MaxKey+1)}},
		"hash too long":    {{ExplicitHashKey: strings.Repeat("9", 40)}},
		"data too long":    {{Data: make([]byte, store.MaxData+1)}},
	}
	for name, records := range cases {
		_, err := f.append(shard, 1, records...)
		f.is(err, store.ErrInvalid, name)
	}
	_, err := f.store.Read(f.ctx, shard, 1, store.Limit{Records: 0, Bytes: 1})
	f.is(err, store.ErrInvalid, "read of no records")
	f.bounds(shard, 1, 1)
}

func readInside(f *fixture) {
	shard := shards()[1]
	f.open(shard)
	for _, n := range []int{1, 10, 1, 1, 25, 2} {
		f.fill(shard, n)
	}
	for from := uint64(1); from <= 41; from++ {
		for _, n := range []int{1, 2, 9, 26, 100} {
			f.check(f.read(shard, from, n), from, min(n, int(41-from)))
		}
	}
}

func readLimits(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	big := bytes.Repeat([]byte("x"), 1000)
	for range 3 {
		r := store.Record{PartitionKey: "0123456789", Data: big}
		_, err := f.append(shard, 1, r, r, r)
		f.must(err)
		f.clock.Set(f.clock.Now().UnixMilli() + 1000)
	}
	start := int64(1_700_000_000_000)
	cases := []struct {
		from    uint64
		limit   store.Limit
		want    int
		waiting int64
	}{
		{1, store.Limit{Records: 100, Bytes: 1}, 1, start},
		{1, store.Limit{Records: 100, Bytes: 1010}, 1, start},
		{1, store.Limit{Records: 100, Bytes: 2019}, 1, start},
		{1, store.Limit{Records: 100, Bytes: 2020}, 2, start},
		{1, store.Limit{Records: 100, Bytes: 3030}, 3, start + 1000},
		{3, store.Limit{Records: 1, Bytes: 1 << 20}, 1, start + 1000},
		{1, store.Limit{Records: 7, Bytes: 1 << 20}, 7, start + 2000},
		{4, store.Limit{Records: 100, Bytes: 4040}, 4, start + 2000},
		{9, store.Limit{Records: 1, Bytes: 1 << 20}, 1, 0},
		{10, store.Limit{Records: 1, Bytes: 1 << 20}, 0, 0},
	}
	for _, c := range cases {
		page, err := f.store.Read(f.ctx, shard, c.from, c.limit)
		f.must(err)
		if len(page.Records) != c.want || page.Next != c.from+uint64(c.want) || page.Waiting != c.waiting {
			f.t.Errorf("read from %d with %+v: %d records, next %d, waiting %d; want %d records, waiting %d",
				c.from, c.limit, len(page.Records), page.Next, page.Waiting, c.want, c.waiting)
		}
	}
}

func largeAppend(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	records := []store.Record{
		{PartitionKey: strings.Repeat("k", store.MaxKey), Data: bytes.Repeat([]byte("a"), store.MaxData)},
		{PartitionKey: "", Data: nil},
		{PartitionKey: "k", Data: bytes.Repeat([]byte("b"), 1<<20)},
	}
	for range 3 {
		_, err := f.append(shard, 1, records...)
		f.must(err)
	}
	for from := uint64(1); from < 10; from++ {
		page, err := f.store.Read(f.ctx, shard, from, store.Limit{Records: 1, Bytes: 1})
		f.must(err)
		want := records[(from-1)%3]
		if len(page.Records) != 1 || page.Records[0].PartitionKey != want.PartitionKey || !bytes.Equal(page.Records[0].Data, want.Data) {
			f.t.Fatalf("index %d is not what was appended", from)
		}
	}
}

func arrival(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	for _, step := range []struct{ now, want int64 }{{5000, 5000}, {4000, 5000}, {5000, 5000}, {-7, 5000}, {6000, 6000}} {
		f.clock.Set(step.now)
		if at := f.fill(shard, 2); at.Arrival != step.want {
			f.t.Errorf("append at %d arrived at %d, want %d", step.now, at.Arrival, step.want)
		}
	}
	for i, r := range f.read(shard, 1, 100).Records {
		if want := []int64{5000, 5000, 5000, 5000, 6000}[i/2]; r.Arrival != want {
			f.t.Errorf("index %d arrived at %d, want %d", r.Index, r.Arrival, want)
		}
	}
}

func seek(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	var arrivals []int64 // of index 1 and up
	for i := range 30 {
		f.clock.Set(int64(1000 + i/3*10))
		n := 1 + i%4
		f.fill(shard, n)
		for range n {
			arrivals = append(arrivals, int64(1000+i/3*10))
		}
	}
	for _, first := range []uint64{1, 5, 40} {
		f.must(f.store.Trim(f.ctx, shard, first))
		for time := int64(990); time < 1110; time++ {
			want := first
			for want <= uint64(len(arrivals)) && arrivals[want-1] < time {
				want++
			}
			got, err := f.store.Seek(f.ctx, shard, time)
			f.must(err)
			if got != want {
				f.t.Errorf("trimmed to %d: seek %d gives index %d, want %d", first, time, got, want)
			}
		}
	}
	if got, err := f.store.Seek(f.ctx, shards()[1], 5); err != nil || got != 1 {
		f.t.Errorf("seek in a shard that was never opened: %d, %v", got, err)
	}
}

func fence(f *fixture) {
	shard := shards()[0]
	for _, epoch := range []uint32{0, 1} {
		_, err := f.append(shard, epoch, record(1))
		f.is(err, store.ErrFenced, "append to a shard that was never opened")
	}
	f.open(shard)
	f.open(shard)
	f.fill(shard, 3)
	f.must(f.store.Fence(f.ctx, 4, shard))
	for _, epoch := range []uint32{0, 1, 3, 5} {
		_, err := f.append(shard, epoch, record(1))
		f.is(err, store.ErrFenced, "append in another epoch")
	}
	f.is(f.store.Fence(f.ctx, 3, shard), store.ErrFenced, "fence with an old epoch")
	f.fill(shard, 2)
	b, err := f.store.Bounds(f.ctx, shard)
	f.must(err)
	if want := (store.Bounds{First: 1, Next: 6, Epoch: 4}); b != want {
		f.t.Errorf("bounds are %+v, want %+v", b, want)
	}
	f.check(f.read(shard, 1, 100), 1, 5)
}

func fenceAll(f *fixture) {
	all := shards()
	f.must(f.store.Fence(f.ctx, 2, all[2]))
	f.is(f.store.Fence(f.ctx, 1, all[:]...), store.ErrFenced, "fence of shards of which one is newer")
	for i, shard := range all {
		b, err := f.store.Bounds(f.ctx, shard)
		f.must(err)
		if want := map[int]uint32{2: 2}[i]; b.Epoch != want {
			f.t.Errorf("shard %d has epoch %d, want %d", i, b.Epoch, want)
		}
	}
	f.must(f.store.Fence(f.ctx, 3, all[:]...))
	for _, shard := range all {
		f.fill(shard, 1)
	}
}

func trim(f *fixture) {
	shard, other := shards()[0], shards()[1]
	f.open(shard)
	f.open(other)
	f.fill(other, 5)
	for range 4 {
		f.fill(shard, 10)
	}
	for _, step := range []struct{ before, first uint64 }{{0, 1}, {1, 1}, {5, 5}, {3, 5}, {10, 10}, {11, 11}, {25, 25}, {1 << 60, 41}} {
		f.must(f.store.Trim(f.ctx, shard, step.before))
		f.bounds(shard, step.first, 41)
		f.check(f.read(shard, 1, 100), step.first, int(41-step.first))
	}
	arrivalBefore := f.clock.Now().UnixMilli()
	f.clock.Set(17) // what trim removed still holds the arrival up
	if at := f.fill(shard, 3); at.First != 41 || at.Arrival != arrivalBefore {
		f.t.Errorf("append after a trim went to %+v, want index 41 and arrival %d", at, arrivalBefore)
	}
	f.check(f.read(shard, 1, 100), 41, 3)
	f.check(f.read(other, 1, 100), 1, 5)
	f.must(f.store.Trim(f.ctx, shards()[2], 10))
	f.bounds(shards()[2], 1, 1)
}

func drop(f *fixture) {
	all := shards()
	for _, shard := range all {
		f.open(shard)
		f.fill(shard, 4)
	}
	f.must(f.store.Drop(f.ctx, all[0].Stream))
	for i, shard := range all {
		if i < 2 {
			f.bounds(shard, 1, 1)
			_, err := f.append(shard, 1, record(1))
			f.is(err, store.ErrFenced, "append to a dropped stream")
			continue
		}
		f.check(f.read(shard, 1, 100), 1, 4)
	}
	f.must(f.store.Drop(f.ctx, all[3].Stream))
	f.bounds(all[3], 1, 1)
	f.must(f.store.Drop(f.ctx, 12345))
	f.check(f.read(all[2], 1, 100), 1, 4)
}

func watch(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	changes := []struct {
		name string
		do   func()
	}{
		{"append", func() { f.fill(shard, 2) }},
		{"trim", func() { f.must(f.store.Trim(f.ctx, shard, 2)) }},
		{"fence", func() { f.must(f.store.Fence(f.ctx, 2, shard)) }},
		{"drop", func() { f.must(f.store.Drop(f.ctx, shard.Stream)) }},
	}
	for _, c := range changes {
		first, err := f.store.Watch(f.ctx, shard)
		f.must(err)
		second, err := f.store.Watch(f.ctx, shard)
		f.must(err)
		f.open(shards()[2]) // another shard
		select {
		case <-first:
			f.t.Errorf("%s: woken by nothing", c.name)
		default:
		}
		c.do()
		<-first // the test's deadline ends the wait if it never comes
		<-second
	}
}

// concurrent appends from many goroutines; every answer must hold, in order per goroutine.
func concurrent(f *fixture) {
	const workers, appends = 8, 40
	all := shards()
	f.must(f.store.Fence(f.ctx, 1, all[:]...))
	type answer struct {
		worker, n int
		at        store.Appended
	}
	var mu sync.Mutex
	answers := make(map[store.Shard][]answer)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			var pending sync.WaitGroup
			for n := range appends {
				shard := all[(w+n)%len(all)]
				pending.Add(1)
				r := store.Record{PartitionKey: string(rune('a' + w)), Data: []byte{byte(n)}}
				f.store.Append(f.ctx, shard, 1, []store.Record{r, r}, func(at store.Appended, err error) {
					defer pending.Done()
					if err != nil {
						f.t.Errorf("append: %v", err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					answers[shard] = append(answers[shard], answer{w, n, at})
				})
			}
			pending.Wait()
		})
	}
	group.Wait()
	for _, shard := range all {
		page := f.read(shard, 1, 10000)
		if len(page.Records) != workers*appends/len(all)*2 {
			f.t.Fatalf("%v holds %d records, want %d", shard, len(page.Records), workers*appends/len(all)*2)
		}
		last := make(map[string]byte)
		for _, r := range page.Records {
			if r.Data[0] < last[r.PartitionKey] {
				f.t.Errorf("%v: appends of one goroutine changed places at index %d", shard, r.Index)
			}
			last[r.PartitionKey] = r.Data[0]
		}
		for _, a := range answers[shard] {
			r := page.Records[a.at.First-1]
			if r.PartitionKey != string(rune('a'+a.worker)) || r.Data[0] != byte(a.n) || r.Arrival != a.at.Arrival {
				f.t.Errorf("%v: index %d is %q %d, was answered to %+v", shard, a.at.First, r.PartitionKey, r.Data, a)
			}
		}
	}
}

func closed(f *fixture) {
	shard := shards()[0]
	f.open(shard)
	f.fill(shard, 1)
	f.must(f.store.Close(context.WithoutCancel(f.ctx)))
	_, err := f.append(shard, 1, record(2))
	f.is(err, store.ErrClosed, "append")
	_, err = f.store.Read(f.ctx, shard, 1, store.Limit{Records: 1, Bytes: 1})
	f.is(err, store.ErrClosed, "read")
	_, err = f.store.Get(f.ctx, "a")
	f.is(err, store.ErrClosed, "get")
	f.is(f.store.Drop(f.ctx, 7), store.ErrClosed, "drop")
}
