package storetest

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/weir-logs/weir/sink/stream/store"
)

func meta(f *fixture) {
	names := []string{"stream/b", "stream/a", "stream", "streams/x", "delivery/a", "stream/\xff", "stream/ä"}
	revisions := make(map[string]uint64)
	var newest uint64
	for _, name := range names {
		revision, err := f.store.Put(f.ctx, name, []byte("value of "+name), 0)
		f.must(err)
		if revision <= newest {
			f.t.Errorf("put %q got revision %d after %d", name, revision, newest)
		}
		newest, revisions[name] = revision, revision
	}
	for _, name := range names {
		e, err := f.store.Get(f.ctx, name)
		f.must(err)
		if e.Key != name || string(e.Value) != "value of "+name || e.Revision != revisions[name] {
			f.t.Errorf("get %q gives %q %q %d", name, e.Key, e.Value, e.Revision)
		}
	}
	lists := map[string][]string{
		"stream/":  {"stream/a", "stream/b", "stream/ä", "stream/\xff"},
		"delivery": {"delivery/a"},
		"stream/b": {"stream/b"},
		"nothing":  nil,
		"":         {"delivery/a", "stream", "stream/a", "stream/b", "stream/ä", "stream/\xff", "streams/x"},
	}
	for prefix, want := range lists {
		entries, err := f.store.List(f.ctx, prefix)
		f.must(err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Key)
			if string(e.Value) != "value of "+e.Key || e.Revision != revisions[e.Key] {
				f.t.Errorf("list %q gives %q %q %d", prefix, e.Key, e.Value, e.Revision)
			}
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			f.t.Errorf("list %q gives %q, want %q", prefix, got, want)
		}
	}
}

func metaConflicts(f *fixture) {
	_, err := f.store.Get(f.ctx, "a")
	f.is(err, store.ErrNotFound, "get of nothing")
	_, err = f.store.Put(f.ctx, "a", nil, 1)
	f.is(err, store.ErrNotFound, "change of nothing")
	f.is(f.store.Delete(f.ctx, "a", 1), store.ErrNotFound, "delete of nothing")
	first, err := f.store.Put(f.ctx, "a", nil, 0)
	f.must(err)
	_, err = f.store.Put(f.ctx, "a", nil, 0)
	f.is(err, store.ErrConflict, "second creation")
	second, err := f.store.Put(f.ctx, "a", []byte("2"), first)
	f.must(err)
	_, err = f.store.Put(f.ctx, "a", []byte("3"), first)
	f.is(err, store.ErrConflict, "change with an old revision")
	f.is(f.store.Delete(f.ctx, "a", first), store.ErrConflict, "delete with an old revision")
	f.must(f.store.Delete(f.ctx, "a", second))
	_, err = f.store.Get(f.ctx, "a")
	f.is(err, store.ErrNotFound, "get after delete")
	third, err := f.store.Put(f.ctx, "a", []byte("new"), 0)
	f.must(err)
	if third <= second {
		f.t.Errorf("revision %d was given again after %d", third, second)
	}
	for name, bad := range map[string]struct {
		key   string
		value []byte
	}{
		"no key":     {"", nil},
		"long key":   {strings.Repeat("k", store.MaxMetaKey+1), nil},
		"long value": {"k", make([]byte, store.MaxMetaValue+1)},
	} {
		_, err := f.store.Put(f.ctx, bad.key, bad.value, 0)
		f.is(err, store.ErrInvalid, name)
	}
}

// metaRaces counts up one entry from several goroutines; a lost update shows in the sum.
func metaRaces(f *fixture) {
	const workers, steps = 4, 10
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for done := 0; done < steps; {
				e, err := f.store.Get(f.ctx, "count")
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					f.t.Error(err)
					return
				}
				n, _ := strconv.Atoi(string(e.Value))
				_, err = f.store.Put(f.ctx, "count", []byte(strconv.Itoa(n+1)), e.Revision)
				if err != nil && !errors.Is(err, store.ErrConflict) {
					f.t.Error(err)
					return
				}
				if err == nil {
					done++
				}
			}
		})
	}
	group.Wait()
	e, err := f.store.Get(f.ctx, "count")
	f.must(err)
	if string(e.Value) != strconv.Itoa(workers*steps) {
		f.t.Errorf("counted to %s, want %d", e.Value, workers*steps)
	}
}
