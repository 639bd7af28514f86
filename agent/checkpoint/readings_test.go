package checkpoint

import (
	"slices"
	"testing"

	"github.com/weir-logs/weir/tailer"
)

// savedOffsets returns what is saved of a flow: destination -> offsets of the files by their numbers.
func savedOffsets(t *testing.T, s *Store, flow string) map[string]map[tailer.FileID]int64 {
	t.Helper()
	entries, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[tailer.FileID]int64{}
	for _, e := range entries {
		if all[e.Destination] == nil {
			all[e.Destination] = map[tailer.FileID]int64{}
		}
		all[e.Destination][e.Position.ID] = e.Position.Offset
	}
	return all
}

// TestReadings: a destination keeps its place when it gets a reading of its own, and when it gives it up.
func TestReadings(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"a", "b"}, Positions: []tailer.Position{pos(1, 100), pos(2, 200)}, Started: true})
	adopt := func(readings ...[]string) []Resume {
		t.Helper()
		r, err := s.Adopt("f", "", readings...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := adopt([]string{"a"}, []string{"b"}) // b lags from now on
	if !equalPositions(r[0].Positions, []tailer.Position{pos(1, 100), pos(2, 200)}) || !equalPositions(r[1].Positions, r[0].Positions) {
		t.Fatalf("%+v", r)
	}
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"a"}, Positions: []tailer.Position{pos(1, 900)}, Gone: []tailer.FileID{pos(2, 0).ID}})
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"b"}, Positions: []tailer.Position{pos(1, 300)}})
	r = adopt([]string{"a"}, []string{"b"})
	if !equalPositions(r[0].Positions, []tailer.Position{pos(1, 900)}) || !equalPositions(r[1].Positions, []tailer.Position{pos(1, 300), pos(2, 200)}) {
		t.Fatalf("what a is done with comes back, or b has lost its place: %+v", r)
	}
	r = adopt([]string{"a"}, []string{"b"}, []string{"c"}) // a third, under a new name
	if !equalPositions(r[2].Positions, []tailer.Position{pos(1, 300), pos(2, 200)}) {
		t.Fatalf("c begins at %+v, want where the flow is, which b decides", r[2])
	}
	for _, reading := range [][]string{{"a"}, {"b"}} {
		if got, err := s.Resume("f", reading); err != nil || got.First || len(got.Positions) != len(savedOffsets(t, s, "f")[reading[0]]) {
			t.Errorf("Resume(%q) = %+v, %v", reading, got, err)
		}
	}
	r = adopt([]string{"a", "b"}) // together again, and no c
	if !equalPositions(r[0].Positions, []tailer.Position{pos(1, 300), pos(2, 200)}) {
		t.Errorf("together: %+v", r)
	}
	if got := savedOffsets(t, s, "f"); len(got) != 2 || got["a"][pos(1, 0).ID] != 300 || got["b"][pos(1, 0).ID] != 300 {
		t.Errorf("saved %v", got)
	}
}

// TestRenamedDestinationsLag: readings whose destinations have other names now join where the flow is, all of them.
func TestRenamedDestinationsLag(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"a"}, Positions: []tailer.Position{pos(1, 900)}, Started: true},
		Batch{Flow: "f", Destinations: []string{"b"}, Positions: []tailer.Position{pos(1, 300)}})
	r, err := s.Adopt("f", "", []string{"a@x"}, []string{"b@x"})
	if err != nil || r[0].Positions[0].Offset != 300 || r[1].Positions[0].Offset != 300 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestIntroduces: the first that meets a file makes it known to the others, at its beginning, and nobody who is done with it hears of it again.
func TestIntroduces(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	tracker := func(own, other string) *Tracker {
		return NewTracker(TrackerConfig{Flow: "f", Destinations: []string{own}, Others: []string{other}, InFlight: 1 << 20, Wake: func() {}})
	}
	a, b := tracker("a", "b"), tracker("b", "a")
	read := func(tr *Tracker, n int, from, to int64) {
		t.Helper()
		p := pos(n, to)
		c, err := tr.Claim(t.Context(), &tailer.Block{ID: p.ID, Offset: from, Data: make([]byte, to-from), Next: p})
		if err != nil {
			t.Fatal(err)
		}
		c.Release()
	}
	save := func(trackers ...*Tracker) {
		t.Helper()
		if err := NewSaver(SaverConfig{Save: s.Save, Trackers: trackers}).Save(); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what, destination string, n int, offset int64) {
		t.Helper()
		got, ok := savedOffsets(t, s, "f")[destination][pos(n, 0).ID]
		if ok != (offset >= 0) || ok && got != offset {
			t.Errorf("%s: %s has file %d at %d (%t), want %d", what, destination, n, got, ok, offset)
		}
	}
	read(a, 1, 0, 50)
	save(a, b)
	want("met by a", "a", 1, 50)
	want("met by a", "b", 1, 0)
	read(a, 1, 50, 70)
	read(b, 1, 0, 20)
	read(b, 2, 0, 5) // and both meet it before a save
	read(a, 2, 0, 6)
	save(a, b)
	want("both", "a", 1, 70)
	want("both", "b", 1, 20)
	want("at once", "a", 2, 6)
	want("at once", "b", 2, 5)
	b.Forget(pos(2, 0).ID)
	save(a, b)
	want("b is done", "b", 2, -1)
	read(a, 2, 6, 9)
	save(a, b)
	want("b is done", "b", 2, -1)

	// b is quick, and done with a file before a has saved anything of it.
	read(b, 3, 0, 5)
	save(b)
	want("met by b", "a", 3, 0)
	b.Forget(pos(3, 0).ID)
	save(b)
	read(a, 3, 0, 5)
	save(a)
	want("b was quick", "a", 3, 5)
	want("b was quick", "b", 3, -1)

	// What begins within a file, as a copy does whose beginning was read elsewhere, is not introduced.
	read(a, 4, 10, 20)
	save(a)
	want("a copy", "b", 4, -1)
	if ids := slices.Collect(func(yield func(tailer.FileID) bool) {
		for id := range savedOffsets(t, s, "f")["a"] {
			yield(id)
		}
	}); len(ids) != 4 {
		t.Errorf("a has %d files", len(ids))
	}
}
