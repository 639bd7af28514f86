package checkpoint

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// recorder stands for the store.
type recorder struct {
	fail  atomic.Bool
	calls atomic.Int32
	last  atomic.Pointer[[]Batch]
}

func (r *recorder) save(batches ...Batch) error {
	r.calls.Add(1)
	if r.fail.Load() {
		return errors.New("no space left on device")
	}
	r.last.Store(&batches)
	return nil
}

func runSaver(t *testing.T, s *Saver) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	return func() { cancel(); <-done }
}

func TestSaverSavesEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		one, two := newTracker(1<<20), newTracker(1<<20)
		s := NewSaver(SaverConfig{Save: r.save, Trackers: []*Tracker{one}})
		s.Follow(two)
		defer runSaver(t, s)()
		mustClaim(t, one, block(1, 0, 10)).Release()
		mustClaim(t, two, block(2, 0, 20)).Release()
		time.Sleep(999 * time.Millisecond)
		if got := r.calls.Load(); got != 0 {
			t.Errorf("%d saves within the first second", got)
		}
		time.Sleep(5 * time.Second)
		if got := r.calls.Load(); got != 1 {
			t.Errorf("%d saves, want 1: both flows in one transaction, and none when nothing moved", got)
		}
		if got := len(*r.last.Load()); got != 2 {
			t.Errorf("the transaction had %d batches, want 2", got)
		}
		if !one.Idle() || !two.Idle() {
			t.Error("a tracker was not told")
		}
	})
}

func TestSaverAtTheCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		s := NewSaver(SaverConfig{Save: r.save})
		tr := NewTracker(TrackerConfig{Flow: "f", Destinations: []string{"d"}, InFlight: 100, Wake: s.Wake})
		s.Follow(tr)
		defer runSaver(t, s)()
		start := time.Now()
		for i := range 50 {
			mustClaim(t, tr, block(1, int64(i)*80, int64(i+1)*80)).Release()
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("reading waited %v for saves that should come at once", took)
		}
	})
}

func TestSaverKeepsTryingWithoutSpinning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		r.fail.Store(true)
		var outcomes []error
		s := NewSaver(SaverConfig{Save: r.save, Observe: func(err error) { outcomes = append(outcomes, err) }})
		tr := NewTracker(TrackerConfig{Flow: "f", Destinations: []string{"d"}, InFlight: 100, Wake: s.Wake})
		s.Follow(tr)
		stop := runSaver(t, s)
		mustClaim(t, tr, block(1, 0, 90)).Release()
		blocked := make(chan error, 1)
		go func() {
			_, err := tr.Claim(t.Context(), block(1, 90, 180))
			blocked <- err
		}()
		for range 100 {
			s.Wake()
			time.Sleep(100 * time.Millisecond)
		}
		if got := r.calls.Load(); got < 9 || got > 12 {
			t.Errorf("%d attempts in 10 s of a full disk, want about one a second", got)
		}
		select {
		case err := <-blocked:
			t.Fatalf("reading went on past the cap without a checkpoint: %v", err)
		default:
		}
		r.fail.Store(false)
		time.Sleep(2 * time.Second)
		if err := <-blocked; err != nil {
			t.Errorf("Claim: %v", err)
		}
		stop()
		if outcomes[0] == nil || outcomes[len(outcomes)-1] != nil {
			t.Errorf("outcomes begin with %v and end with %v, want an error and nil", outcomes[0], outcomes[len(outcomes)-1])
		}
	})
}

func TestSaveSaysWhatFailed(t *testing.T) {
	var r recorder
	r.fail.Store(true)
	tr := newTracker(100)
	s := NewSaver(SaverConfig{Save: r.save, Trackers: []*Tracker{tr}})
	if err := s.Save(); err != nil {
		t.Errorf("Save with nothing to save: %v", err)
	}
	mustClaim(t, tr, block(1, 0, 10)).Release()
	if err := s.Save(); err == nil {
		t.Error("Save: nil, want the store's error")
	}
	if tr.Idle() {
		t.Error("the tracker believes in a save that failed")
	}
}

// TestSaverSavesManyFilesInParts: none is left out, not after a part has failed and not if it goes on meanwhile, and none is saved for ever.
func TestSaverSavesManyFilesInParts(t *testing.T) {
	const files = 2*maxPending + 10
	tr := newTracker(1 << 20)
	write := func(from, to int64) {
		for i := range files {
			mustClaim(t, tr, block(i, from, to)).Release()
		}
	}
	saved := map[tailer.FileID]int64{}
	calls, failing := 0, 2
	s := NewSaver(SaverConfig{Trackers: []*Tracker{tr}, Save: func(batches ...Batch) error {
		if calls++; calls == failing {
			return errors.New("no space left on device")
		}
		if n := len(batches[0].Positions); n > maxPending {
			t.Errorf("%d positions in one transaction, want at most %d", n, maxPending)
		}
		for _, p := range batches[0].Positions {
			saved[p.ID] = p.Offset
		}
		mustClaim(t, tr, block(0, saved[id(0)], saved[id(0)]+1)).Release() // a busy file
		return nil
	}})
	write(0, 10)
	if err := s.Save(); err == nil {
		t.Fatal("a failed part is no error")
	}
	if got := len(saved); got != maxPending {
		t.Errorf("%d files saved before the failure, want %d", got, maxPending)
	}
	if err := s.Save(); err != nil || len(saved) != files {
		t.Fatalf("Save = %v, %d files saved; want %d", err, len(saved), files)
	}
	if calls != 4 {
		t.Errorf("%d transactions, want 2 and, for the others, 2", calls)
	}
}
