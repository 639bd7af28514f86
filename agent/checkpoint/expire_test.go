package checkpoint

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// stepped is a clock that a test sets.
type stepped struct{ at time.Time }

func (c *stepped) now() time.Time { return c.at }

// expiring makes a tracker that knows files 0 to n-1, of which those in vanished are nowhere since then.
func expiring(c *stepped, n int, vanished map[int]time.Time) *Tracker {
	cfg := TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: 1 << 20, Wake: func() {}, Now: c.now, Vanished: make([]time.Time, n)}
	for i := range n {
		cfg.Known = append(cfg.Known, tailer.Position{ID: id(i), Path: "/var/log/x.log", Offset: 10})
		cfg.Vanished[i] = vanished[i]
	}
	return NewTracker(cfg)
}

// save carries what a tracker has to save to nowhere, and returns it.
func save(tr *Tracker) (all Batch) {
	for more := true; more; {
		p := tr.Pending()
		tr.Saved(p)
		all.Positions = append(all.Positions, p.Batch.Positions...)
		all.Vanished = append(all.Vanished, p.Batch.Vanished...)
		all.Gone = append(all.Gone, p.Batch.Gone...)
		more = p.More
	}
	return all
}

func TestVanishedIsNewsOnce(t *testing.T) {
	c := &stepped{at: fixedNow()}
	tr := expiring(c, 2, map[int]time.Time{1: fixedNow().Add(-time.Hour)})
	for i, want := range []bool{true, false} {
		if got := tr.Vanished(id(i)); got != want {
			t.Errorf("file %d: news %v, want %v", i, got, want)
		}
		if tr.Vanished(id(i)) {
			t.Errorf("file %d is news a second time", i)
		}
	}
	b := save(tr)
	if len(b.Positions) != 1 || b.Positions[0].ID != id(0) || !b.Vanished[0].Equal(fixedNow()) || len(b.Gone) != 0 {
		t.Errorf("would save %+v, want that file 0 is nowhere since now", b)
	}
	if !tr.Vanished(id(9)) {
		t.Error("a file that nothing is known of is no news")
	}
}

func TestVanishedComesBack(t *testing.T) {
	c := &stepped{at: fixedNow()}
	tr := expiring(c, 1, map[int]time.Time{0: fixedNow()})
	claim := mustClaim(t, tr, block(0, 10, 10))
	c.at = c.at.Add(30 * 24 * time.Hour)
	claim.Release()
	b := save(tr)
	if len(b.Positions) != 1 || !b.Vanished[0].IsZero() || len(b.Gone) != 0 {
		t.Errorf("would save %+v, want that the file is there", b)
	}
	if !tr.Vanished(id(0)) {
		t.Error("that it is nowhere again is no news")
	}
}

func TestVanishedExpires(t *testing.T) {
	c := &stepped{at: fixedNow()}
	tr := expiring(c, 3, map[int]time.Time{0: fixedNow(), 1: fixedNow().Add(time.Hour)})
	gone := func(after time.Duration, want ...int) {
		t.Helper()
		c.at = fixedNow().Add(after)
		b := save(tr)
		if len(b.Gone) != len(want) {
			t.Fatalf("after %s: %d positions go, want %v", after, len(b.Gone), want)
		}
		for i, n := range want {
			if b.Gone[i] != id(n) {
				t.Errorf("after %s: %v goes, want %v", after, b.Gone[i], id(n))
			}
		}
	}
	gone(keepVanished - time.Second)
	gone(keepVanished, 0)
	gone(keepVanished + time.Minute)
	gone(keepVanished+2*time.Hour, 1)
	gone(10 * keepVanished) // file 2 never vanished
	if acked, _ := tr.Offsets(id(2)); acked != 10 {
		t.Errorf("file 2 is known up to %d, want 10", acked)
	}
}

// TestVanishedWaitsForAnswers: no position goes before all that was read of the file is answered.
func TestVanishedWaitsForAnswers(t *testing.T) {
	c := &stepped{at: fixedNow()}
	tr := expiring(c, 1, nil)
	claim := mustClaim(t, tr, block(0, 10, 20))
	tr.Vanished(id(0))
	c.at = c.at.Add(2 * keepVanished)
	if b := save(tr); len(b.Gone) != 0 {
		t.Fatalf("would save %+v with an answer outstanding", b)
	}
	claim.Release()
	if b := save(tr); len(b.Gone) != 1 {
		t.Errorf("would save %+v, want the position gone", b)
	}
	if !tr.Idle() {
		t.Error("something is left to save")
	}
}

func TestVanishedAreBounded(t *testing.T) {
	c := &stepped{at: fixedNow()}
	const n = maxVanished + 300
	tr := expiring(c, n, nil)
	for i := range n {
		tr.Vanished(id(i))
		c.at = c.at.Add(time.Second)
	}
	b := save(tr)
	if len(b.Gone) != 300 || len(b.Positions) != maxVanished {
		t.Fatalf("%d go and %d stay, want 300 and %d", len(b.Gone), len(b.Positions), maxVanished)
	}
	oldest := make(map[tailer.FileID]bool)
	for i := range 300 {
		oldest[id(i)] = true
	}
	for _, g := range b.Gone {
		if !oldest[g] {
			t.Errorf("file %s goes, which is none of the oldest", g)
		}
	}
	tr.Forget(id(400))
	tr.Vanished(id(0)) // one that is gone is no news, and is not counted again
	if b := save(tr); len(b.Gone) != 1 {
		t.Errorf("%d go, want the forgotten one", len(b.Gone))
	}
}

// TestOlderStore opens a store that an earlier weir wrote, without the time at which a file vanished, and writes it on.
func TestOlderStore(t *testing.T) {
	data, err := os.ReadFile("testdata/format1.db")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, DefaultName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	adopted, err := s.Adopt("web", "", []string{"stream/a", "delivery/b"})
	r := adopted[0]
	if err != nil || r.First || len(r.Positions) != 2 || len(r.Vanished) != 2 || !r.Vanished[0].IsZero() || r.Positions[0].Offset != 1234 {
		t.Fatalf("Adopt = %+v, %v", r, err)
	}
	mustSave(t, s, Batch{Flow: "web", Destinations: []string{"stream/a", "delivery/b"}, Positions: r.Positions[:1], Vanished: []time.Time{fixedNow()}})
	mustClose(t, s)
	s = mustOpen(t, dir)
	defer mustClose(t, s)
	adopted, err = s.Adopt("renamed", "web", []string{"stream/a", "delivery/new"})
	r = adopted[0]
	if err != nil || len(r.Positions) != 2 || !r.Vanished[0].Equal(fixedNow()) || !r.Vanished[1].IsZero() {
		t.Errorf("Adopt = %+v, %v; want the time through a change of names", r, err)
	}
	entries, err := s.List()
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for _, e := range entries {
		if e.Position.Offset == 1234 != e.Vanished.Equal(fixedNow()) {
			t.Errorf("entry %+v", e)
		}
	}
}
