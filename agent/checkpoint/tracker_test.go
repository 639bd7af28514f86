package checkpoint

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// id makes a file id.
func id(n int) tailer.FileID { return tailer.FileID{byte(n >> 8), byte(n), 0xfe} }

// block makes the block of a file that covers [from, to).
func block(n int, from, to int64) *tailer.Block {
	next := tailer.Position{ID: id(n), Path: "/var/log/x.log", Offset: to}
	return &tailer.Block{ID: id(n), Path: next.Path, Offset: from, Data: make([]byte, to-from), Next: next}
}

func newTracker(inFlight int64) *Tracker {
	return NewTracker(TrackerConfig{Flow: "web", Destinations: []string{"stream/a"}, InFlight: inFlight, Wake: func() {}})
}

func mustClaim(t *testing.T, tr *Tracker, b *tailer.Block) *Claim {
	t.Helper()
	c, err := tr.Claim(t.Context(), b)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return c
}

// offsets returns what a Pending would save.
func offsets(p Pending) map[tailer.FileID]int64 {
	m := make(map[tailer.FileID]int64)
	for _, pos := range p.Batch.Positions {
		m[pos.ID] = pos.Offset
	}
	return m
}

func TestFrontierIsContiguous(t *testing.T) {
	tr := newTracker(1 << 20)
	claims := []*Claim{mustClaim(t, tr, block(1, 0, 10)), mustClaim(t, tr, block(1, 10, 30)), mustClaim(t, tr, block(1, 30, 31))}
	steps := []struct {
		release int
		want    int64 // the saved offset, -1 for none
	}{{2, -1}, {0, 10}, {1, 31}}
	for _, s := range steps {
		claims[s.release].Release()
		p := tr.Pending()
		got, ok := offsets(p)[id(1)]
		if !ok {
			got = -1
		}
		if got != s.want {
			t.Errorf("after release of block %d: would save offset %d, want %d", s.release, got, s.want)
		}
		tr.Saved(p)
	}
	if !tr.Idle() || tr.InFlight() != 0 {
		t.Errorf("idle %v with %d bytes in flight, want true and 0", tr.Idle(), tr.InFlight())
	}
}

func TestClaimWaitsForEveryHold(t *testing.T) {
	tr := newTracker(1 << 20)
	c := mustClaim(t, tr, block(1, 0, 10))
	c.Hold()
	c.Hold()
	for i := range 3 {
		p := tr.Pending()
		if !p.Empty() {
			t.Fatalf("after %d of 3 releases there is something to save", i)
		}
		c.Release()
	}
	if got := offsets(tr.Pending())[id(1)]; got != 10 {
		t.Errorf("would save offset %d, want 10", got)
	}
}

// TestInFlight: bytes are in flight until the checkpoint is durable, not until the answer.
func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		woken := 0
		tr := NewTracker(TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: 100, Wake: func() { woken++ }})
		first := mustClaim(t, tr, block(1, 0, 60))
		entered := false
		go func() {
			c, err := tr.Claim(t.Context(), block(2, 0, 60))
			if err != nil {
				t.Errorf("Claim: %v", err)
				return
			}
			entered = true
			c.Release()
		}()
		synctest.Wait()
		if entered {
			t.Fatal("120 bytes in flight where 100 may be")
		}
		first.Release()
		synctest.Wait()
		if entered {
			t.Fatal("bytes left the cap before a checkpoint covered them")
		}
		if woken == 0 {
			t.Error("nobody asked for a save at the cap")
		}
		tr.Saved(tr.Pending())
		synctest.Wait()
		if !entered {
			t.Fatal("still waiting after the checkpoint")
		}
		if got := tr.InFlight(); got != 60 {
			t.Errorf("%d bytes in flight, want 60", got)
		}
	})
}

func TestClaimLargerThanCapGoesAlone(t *testing.T) {
	tr := newTracker(100)
	mustClaim(t, tr, block(1, 0, 5000)).Release()
	tr.Saved(tr.Pending())
	if got := tr.InFlight(); got != 0 {
		t.Errorf("%d bytes in flight, want 0", got)
	}
}

func TestClaimStopsWithContext(t *testing.T) {
	tr := newTracker(10)
	mustClaim(t, tr, block(1, 0, 10))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.Claim(ctx, block(1, 10, 20)); !errors.Is(err, context.Canceled) {
		t.Errorf("Claim: %v, want %v", err, context.Canceled)
	}
}

func TestClaimsAreBounded(t *testing.T) {
	tr := newTracker(1 << 30)
	var first *Claim
	for i := range maxClaims {
		c := mustClaim(t, tr, block(i, 0, 1))
		if i == 0 {
			first = c
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := tr.Claim(ctx, block(1, 1, 2)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("claim %d: %v, want it to wait", maxClaims+1, err)
	}
	first.Release()
	mustClaim(t, tr, block(1, 1, 2))
}

// TestAnsweredClaimsTakeNoMemory: one block without an answer must not let the answered ones behind it pile up.
func TestAnsweredClaimsTakeNoMemory(t *testing.T) {
	tr := newTracker(1 << 30)
	first := mustClaim(t, tr, block(1, 0, 1))
	const n = 5000
	claims := make([]*Claim, n)
	for at := 0; at < n; {
		end := min(at+1000, n)
		for i := at; i < end; i++ {
			claims[i] = mustClaim(t, tr, block(1, int64(i+1), int64(i+2)))
		}
		for i := at; i < end; i += 2 { // every other one first: holes, that are filled then
			claims[i].Release()
		}
		for i := at + 1; i < end; i += 2 {
			claims[i].Release()
		}
		at = end
	}
	length := 0
	for c := tr.file(id(1)).head; c != nil; c = c.next {
		length++
	}
	if length > 2 {
		t.Errorf("%d claims are kept behind one without an answer, want them joined", length)
	}
	if acknowledged, _ := tr.Offsets(id(1)); acknowledged != -1 {
		t.Errorf("acknowledged up to %d before the first block is", acknowledged)
	}
	first.Release()
	if acknowledged, _ := tr.Offsets(id(1)); acknowledged != n+1 {
		t.Errorf("acknowledged up to %d, want %d", acknowledged, n+1)
	}
	tr.Saved(tr.Pending())
	if got := tr.InFlight(); got != 0 {
		t.Errorf("%d bytes in flight, want 0", got)
	}
}

// TestSkippedBytesAreNotInFlight: the jumps over 10,000 files at a first start must not wait for a save each.
func TestSkippedBytesAreNotInFlight(t *testing.T) {
	tr := newTracker(100)
	for i := range 10 {
		b := block(i, 0, 0)
		b.Skipped, b.Next.Offset = 1<<40, 1<<40
		mustClaim(t, tr, b).Release()
	}
	if got := tr.InFlight(); got != 0 {
		t.Errorf("%d bytes in flight, want 0", got)
	}
	if got := offsets(tr.Pending()); len(got) != 10 || got[id(3)] != 1<<40 {
		t.Errorf("would save %v, want the 10 ends", got)
	}
}

// TestFirstPositionIsSavedAtOnce: until then a crash and a rotation together would make the file a stranger.
func TestFirstPositionIsSavedAtOnce(t *testing.T) {
	woken := 0
	tr := NewTracker(TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: 1 << 20, Wake: func() { woken++ }})
	mustClaim(t, tr, block(1, 0, 0)).Release()
	if woken != 1 {
		t.Errorf("%d wakes for the first position of a file, want 1", woken)
	}
	tr.Saved(tr.Pending())
	mustClaim(t, tr, block(1, 0, 10)).Release()
	if woken != 1 {
		t.Errorf("%d wakes after the second, want 1: it has time", woken)
	}
}

func TestFailedSaveKeepsEverything(t *testing.T) {
	tr := newTracker(1 << 20)
	mustClaim(t, tr, block(1, 0, 10)).Release()
	lost := tr.Pending()
	if lost.Empty() {
		t.Fatal("nothing to save")
	}
	mustClaim(t, tr, block(1, 10, 25)).Release()
	p := tr.Pending()
	if got := offsets(p)[id(1)]; got != 25 {
		t.Errorf("would save offset %d, want 25", got)
	}
	if got := tr.InFlight(); got != 25 {
		t.Errorf("%d bytes in flight, want 25", got)
	}
	tr.Saved(p)
	if !tr.Idle() {
		t.Error("not idle after the second save")
	}
}

func TestOffsets(t *testing.T) {
	tr := NewTracker(TrackerConfig{Flow: "f", InFlight: 1 << 20, Wake: func() {},
		Known: []tailer.Position{{ID: id(7), Offset: 70}}})
	check := func(when string, n int, acknowledged, durable int64) {
		t.Helper()
		if a, d := tr.Offsets(id(n)); a != acknowledged || d != durable {
			t.Errorf("%s: file %d at %d, %d durable; want %d, %d", when, n, a, d, acknowledged, durable)
		}
	}
	check("at start", 7, 70, 70)
	check("at start", 8, -1, -1)
	c := mustClaim(t, tr, block(8, 0, 5))
	check("claimed", 8, -1, -1)
	c.Release()
	check("released", 8, 5, -1)
	tr.Saved(tr.Pending())
	check("saved", 8, 5, 5)
}

func TestForget(t *testing.T) {
	tr := newTracker(1 << 20)
	c := mustClaim(t, tr, block(1, 0, 10))
	tr.Forget(id(1))
	p := tr.Pending()
	if len(p.Batch.Gone) != 0 || len(p.Batch.Positions) != 0 {
		t.Errorf("with a block on its way: %+v, want neither a position nor a removal", p.Batch)
	}
	tr.Saved(p)
	c.Release()
	p = tr.Pending()
	if len(p.Batch.Gone) != 1 || len(p.Batch.Positions) != 0 {
		t.Errorf("after the last release: %+v, want one removal", p.Batch)
	}
	tr.Saved(p)
	if a, _ := tr.Offsets(id(1)); a != -1 || !tr.Idle() {
		t.Errorf("the tracker still knows the file, or is not idle")
	}
}

func TestForgottenFileComesBack(t *testing.T) {
	tr := newTracker(1 << 20)
	mustClaim(t, tr, block(1, 0, 10)).Release()
	tr.Forget(id(1))
	p := tr.Pending()
	c := mustClaim(t, tr, block(1, 10, 20))
	tr.Saved(p)
	c.Release()
	p = tr.Pending()
	if got := offsets(p)[id(1)]; got != 20 || len(p.Batch.Gone) != 0 {
		t.Errorf("would save %+v, want offset 20 and no removal", p.Batch)
	}
	tr.Saved(p)
	if _, durable := tr.Offsets(id(1)); durable != 20 {
		t.Errorf("durable at %d, want 20", durable)
	}
}

func TestAbandon(t *testing.T) {
	tr := newTracker(1 << 20)
	first := mustClaim(t, tr, block(1, 0, 10))
	failed := mustClaim(t, tr, block(1, 10, 30))
	failed.Hold() // an answer to half of it is on its way
	failed.Abandon()
	if got := tr.InFlight(); got != 10 {
		t.Errorf("%d bytes in flight, want 10", got)
	}
	again := mustClaim(t, tr, block(1, 10, 30))
	failed.Release() // the late answer
	again.Release()
	if p := tr.Pending(); !p.Empty() {
		t.Errorf("would save %+v with the first block unanswered", p.Batch.Positions)
	}
	first.Release()
	if got := offsets(tr.Pending())[id(1)]; got != 30 {
		t.Errorf("would save offset %d, want 30", got)
	}
	alone := mustClaim(t, tr, block(2, 0, 5))
	alone.Abandon()
	mustClaim(t, tr, block(2, 0, 5)).Release()
	if got := offsets(tr.Pending())[id(2)]; got != 5 {
		t.Errorf("would save offset %d, want 5", got)
	}
}

// TestTrackerAgainstModel runs random reads, answers, saves, failed saves and crashes, and compares with a plain model: nothing
// beyond the contiguous prefix is ever saved, what is in flight is what the model says, and all is saved in the end.
func TestTrackerAgainstModel(t *testing.T) {
	for range 200 {
		seed := rand.Uint64()
		if !t.Run("", func(t *testing.T) { runModel(t, seed) }) {
			t.Fatalf("seed %d", seed)
		}
	}
}

// modelFile is one file of the model: the ends of its blocks, and which are answered.
type modelFile struct {
	ends     []int64
	answered []bool
	claims   []*Claim
	durable  int64
}

func (m *modelFile) prefix() int64 {
	end := int64(0)
	for i, ok := range m.answered {
		if !ok {
			break
		}
		end = m.ends[i]
	}
	return end
}

func (m *modelFile) read() int64 {
	if len(m.ends) == 0 {
		return 0
	}
	return m.ends[len(m.ends)-1]
}

func runModel(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	files := make([]*modelFile, 1+rng.IntN(5))
	for i := range files {
		files[i] = &modelFile{}
	}
	const limit = 1000
	tr := newTracker(limit)
	for range 400 {
		n := rng.IntN(len(files))
		switch f := files[n]; rng.IntN(6) {
		case 0, 1:
			modelRead(t, tr, f, n, 1+rng.Int64N(90), limit)
		case 2, 3:
			if i := rng.IntN(len(f.ends) + 1); i < len(f.ends) && !f.answered[i] {
				f.answered[i] = true
				f.claims[i].Release()
			}
		case 4:
			modelSave(t, tr, files, rng.IntN(3) > 0)
		case 5:
			if rng.IntN(10) == 0 {
				tr = modelCrash(files, limit)
			}
		}
		modelCompare(t, tr, files)
	}
	for _, f := range files {
		for i := range f.ends {
			if !f.answered[i] {
				f.answered[i] = true
				f.claims[i].Release()
			}
		}
	}
	modelSave(t, tr, files, true)
	for n, f := range files {
		if f.durable != f.read() {
			t.Errorf("seed %d: file %d is saved to %d at the end, want %d", seed, n, f.durable, f.read())
		}
	}
	if !tr.Idle() {
		t.Errorf("seed %d: not idle at the end", seed)
	}
}

func modelRead(t *testing.T, tr *Tracker, f *modelFile, n int, size, limit int64) {
	if tr.InFlight()+size > limit {
		return
	}
	b := block(n, f.read(), f.read()+size)
	f.claims = append(f.claims, mustClaim(t, tr, b))
	f.ends = append(f.ends, b.Next.Offset)
	f.answered = append(f.answered, false)
}

func modelSave(t *testing.T, tr *Tracker, files []*modelFile, succeeds bool) {
	p := tr.Pending()
	for fileID, offset := range offsets(p) {
		f := files[int(fileID[0])<<8|int(fileID[1])]
		if want := f.prefix(); offset != want {
			t.Errorf("would save offset %d, the contiguous prefix ends at %d", offset, want)
		}
		if succeeds {
			f.durable = offset
		}
	}
	if succeeds {
		tr.Saved(p)
	}
}

// modelCrash forgets everything that is not durable and starts again from there.
func modelCrash(files []*modelFile, limit int64) *Tracker {
	var known []tailer.Position
	for n, f := range files {
		keep := 0
		for keep < len(f.ends) && f.ends[keep] <= f.durable {
			keep++
		}
		f.ends, f.answered, f.claims = f.ends[:keep], f.answered[:keep], f.claims[:keep]
		if f.durable > 0 {
			known = append(known, tailer.Position{ID: id(n), Offset: f.durable})
		}
	}
	return NewTracker(TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: limit, Known: known, Wake: func() {}})
}

func modelCompare(t *testing.T, tr *Tracker, files []*modelFile) {
	var inFlight int64
	for _, f := range files {
		inFlight += f.read() - f.durable
	}
	if got := tr.InFlight(); got != inFlight {
		t.Fatalf("%d bytes in flight, the model has %d", got, inFlight)
	}
}

func BenchmarkClaim(b *testing.B) {
	tr := newTracker(16 << 20)
	blk := block(1, 0, 256<<10)
	b.ReportAllocs()
	b.SetBytes(int64(len(blk.Data)))
	for b.Loop() {
		c, err := tr.Claim(b.Context(), blk)
		if err != nil {
			b.Fatal(err)
		}
		c.Release()
		if tr.InFlight() > 8<<20 {
			tr.Saved(tr.Pending())
		}
	}
}

// BenchmarkClaimLimit is the floor: one uncontended lock for a claim and one for its release.
func BenchmarkClaimLimit(b *testing.B) {
	tr := newTracker(1)
	b.ReportAllocs()
	b.SetBytes(256 << 10)
	for b.Loop() {
		tr.InFlight()
		tr.InFlight()
	}
}

// TestVolatile is about named pipes: in flight until they are acknowledged, and never saved.
func TestVolatile(t *testing.T) {
	pipe := func(from, to int64) *tailer.Block {
		b := block(7, from, to)
		b.Volatile = true
		return b
	}
	tr := newTracker(100)
	first, second, file := mustClaim(t, tr, pipe(0, 30)), mustClaim(t, tr, pipe(30, 70)), mustClaim(t, tr, block(1, 0, 20))
	if tr.InFlight() != 90 || tr.Volatile() != 70 {
		t.Fatalf("%d bytes in flight, %d of pipes", tr.InFlight(), tr.Volatile())
	}
	second.Release()
	if tr.InFlight() != 50 || tr.Volatile() != 30 {
		t.Errorf("%d bytes in flight, %d of pipes", tr.InFlight(), tr.Volatile())
	}
	if p := tr.Pending(); !p.Empty() {
		t.Errorf("to save: %+v", p.Batch)
	}
	waiting := make(chan *Claim)
	go func() {
		c, _ := tr.Claim(t.Context(), pipe(70, 160))
		waiting <- c
	}()
	first.Release()
	file.Release()
	p := tr.Pending()
	if got := offsets(p); len(got) != 1 || got[id(1)] != 20 {
		t.Errorf("to save: %v", got)
	}
	tr.Saved(p) // room for what waits
	third := <-waiting
	if acknowledged, saved := tr.Offsets(id(7)); acknowledged != 70 || saved != -1 {
		t.Errorf("acknowledged %d, saved %d", acknowledged, saved)
	}
	third.Abandon()
	if tr.InFlight() != 0 || tr.Volatile() != 0 || !tr.Idle() {
		t.Errorf("%d bytes in flight, %d of pipes", tr.InFlight(), tr.Volatile())
	}
	last := mustClaim(t, tr, pipe(70, 80))
	tr.Forget(id(7))
	if acknowledged, _ := tr.Offsets(id(7)); acknowledged != 70 {
		t.Errorf("forgotten before all of it was acknowledged: %d", acknowledged)
	}
	last.Release()
	if acknowledged, _ := tr.Offsets(id(7)); acknowledged != -1 || !tr.Idle() {
		t.Errorf("not forgotten: %d", acknowledged)
	}
	if p := tr.Pending(); !p.Empty() {
		t.Errorf("to save: %+v", p.Batch)
	}
}

// TestBury: what is not acknowledged of a deleted file is given up and its position removed; answers that still come mean nothing.
func TestBury(t *testing.T) {
	tr := newTracker(1 << 20)
	first, second, third := mustClaim(t, tr, block(1, 0, 10)), mustClaim(t, tr, block(1, 10, 30)), mustClaim(t, tr, block(1, 30, 35))
	other := mustClaim(t, tr, block(2, 0, 7))
	first.Release()
	third.Release()
	tr.Saved(tr.Pending())
	tr.Forget(id(1))
	if got := tr.Bury(); len(got) != 1 || got[0] != (Loss{Path: "/var/log/x.log", Offset: 10, Bytes: 20}) {
		t.Errorf("Bury = %+v, want the 20 bytes of the second block", got)
	}
	if p := tr.Pending(); len(p.Batch.Gone) != 1 || p.Batch.Gone[0] != id(1) {
		t.Errorf("to be removed: %v, want file 1", p.Batch.Gone)
	} else {
		tr.Saved(p)
	}
	second.Release()
	if n := tr.InFlight(); n != 7 {
		t.Errorf("%d bytes in flight, want those of the other file", n)
	}
	other.Release()
	tr.Saved(tr.Pending())
	if n := tr.InFlight(); n != 0 || !tr.Idle() {
		t.Errorf("%d bytes in flight, idle %v", n, tr.Idle())
	}
	if got := tr.Bury(); got != nil {
		t.Errorf("Bury again = %+v", got)
	}
}
