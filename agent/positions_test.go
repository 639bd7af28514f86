package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

// TestEditsDisturbNothing edits the positions of a flow again and again while it is busy: what the edits are not about arrives exactly once.
func TestEditsDisturbNothing(t *testing.T) {
	b := newBench(t)
	b.stream.delay = 3 * time.Millisecond
	b.cfg.Flows[0].InFlight = 64 << 10
	b.cfg.Flows = append(b.cfg.Flows, b.flow("other", "*.txt"))
	b.write("skipped.log", 0, 1)
	r := b.run()
	r.idle()
	var writing sync.WaitGroup
	quit := make(chan struct{})
	writing.Go(func() {
		for i := 1; ; i++ {
			b.write("a.log", i*50, 50)
			b.write("b.txt", i*50, 50)
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	for range 15 {
		changes, err := r.EditPositions(t.Context(), positions.Edit{Flow: "web", Set: []positions.Place{{File: filepath.Join(b.logs, "skipped.log"), Offset: tailer.End}}})
		if err != nil {
			t.Fatalf("EditPositions: %v", err)
		}
		if len(changes) != 1 || changes[0].From != changes[0].To {
			t.Fatalf("changes %+v, want one that changes nothing", changes)
		}
	}
	close(quit)
	writing.Wait()
	r.idle()
	b.mustHaveAll(true)
	s := r.Status()
	read := s.Flows[0].Counters.RecordsRead + s.Flows[1].Counters.RecordsRead
	if want := int64(len(b.stream.count())); read != want || s.Flows[0].Counters.RecordsDelivered+s.Flows[1].Counters.RecordsDelivered != want {
		t.Errorf("counters say %d records read, want all %d of before and after the edits", read, want)
	}
	r.mustStop()
}

// TestEditTakesEffectAtOnce sets a file back, forward, and forgets all, of a running flow.
func TestEditTakesEffectAtOnce(t *testing.T) {
	b := newBench(t)
	path := filepath.Join(b.logs, "a.log")
	b.write("a.log", 0, 10)
	r := b.run()
	r.idle()
	edit := func(e positions.Edit) {
		t.Helper()
		e.Flow = "web"
		if _, err := r.EditPositions(t.Context(), e); err != nil {
			t.Fatalf("EditPositions: %v", err)
		}
		r.idle()
	}
	line := "a.log 000000 \n"
	for i, e := range []positions.Edit{{Set: []positions.Place{{File: path}}}, {Forget: []string{path}}, {All: true}} {
		edit(e)
		if got := b.stream.count()[line]; got != i+2 {
			t.Errorf("edit %d: the first line arrived %d times, want %d", i, got, i+2)
		}
	}
	edit(positions.Edit{Set: []positions.Place{{File: path, Offset: tailer.End}}})
	if got := b.stream.count()[line]; got != 4 {
		t.Errorf("after a set to the end the first line arrived %d times, want 4", got)
	}
	if _, err := r.EditPositions(t.Context(), positions.Edit{Flow: "wbe", All: true}); !refusedWith(err, `did you mean "web"`) {
		t.Errorf("edit of an unknown flow: %v", err)
	}
	r.mustStop()
	if !strings.Contains(b.log.String(), "a position was removed by hand") {
		t.Error("the log does not speak of the edits")
	}
}

func refusedWith(err error, text string) bool {
	var r *positions.RefusedError
	return errors.As(err, &r) && strings.Contains(r.Reason, text)
}

// TestEditWaitsForAnswers: a flow that does not come to rest is left as it is, and nothing is sent twice; unless the edit is forced.
func TestEditWaitsForAnswers(t *testing.T) {
	b := newBench(t)
	path := filepath.Join(b.logs, "a.log")
	b.write("a.log", 0, 10)
	r := b.run()
	r.idle()
	b.stream.stop()
	b.write("a.log", 10, 10)
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	e := positions.Edit{Flow: "web", Set: []positions.Place{{File: path, Offset: tailer.End}}}
	if _, err := r.EditPositions(short, e); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Fatalf("EditPositions = %v, want that nothing was changed", err)
	}
	b.stream.start()
	b.write("a.log", 20, 10)
	r.idle()
	b.mustHaveAll(true)

	b.stream.stop()
	b.write("a.log", 30, 10)
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	e.Force = true
	if _, err := r.EditPositions(t.Context(), e); err != nil {
		t.Fatalf("a forced edit: %v", err)
	}
	b.stream.start()
	b.write("a.log", 40, 10)
	r.idle()
	if got := b.stream.count(); got["a.log 000030 "+strings.Repeat("x", 30)+"\n"] != 0 || got["a.log 000040 "+strings.Repeat("x", 40)+"\n"] != 1 {
		t.Error("a forced set to the end did not skip what was in flight, or skipped what came after it")
	}
	r.mustStop()
}

// TestEditWhileStopping: the stop goes first.
func TestEditWhileStopping(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	b.stream.stop()
	r := b.run(func(o *Options) { o.DrainTimeout = 50 * time.Millisecond })
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	result := make(chan error, 1)
	go func() {
		_, err := r.EditPositions(context.Background(), positions.Edit{Flow: "web", All: true})
		result <- err
	}()
	eventually(t, "the flow is held", func() bool { return len(r.units()[0].pauses) == 0 && heldBack(r.units()[0]) })
	r.mustStop()
	if err := <-result; err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("EditPositions = %v, want that nothing was changed", err)
	}
}

func heldBack(u *unit) bool {
	g := u.reader.Load().gate
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// TestVanishedIsReportedOnce: a file that is nowhere keeps its position, is reported by one start, and goes on where it was when it comes back.
func TestVanishedIsReportedOnce(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 20)
	b.write("b.log", 0, 5)
	r := b.run()
	r.idle()
	r.mustStop()
	away := filepath.Join(t.TempDir(), "a.log")
	if err := os.Rename(filepath.Join(b.logs, "a.log"), away); err != nil {
		t.Skipf("the temporary folders are not on one file system: %v", err)
	}
	for start, want := range []int64{1, 0, 0} {
		r = b.run(func(o *Options) { o.Once = true })
		if err := r.wait(); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if got := r.Status().Flows[0].Counters.Vanished; got != want {
			t.Errorf("start %d: %d vanished files counted, want %d", start, got, want)
		}
	}
	if n := strings.Count(b.log.String(), "a file of an earlier run is gone"); n != 1 {
		t.Errorf("the log speaks %d times of the file, want once", n)
	}
	rows := b.positions("web")
	if len(rows) != 2 || rows[0].Vanished.IsZero() == rows[1].Vanished.IsZero() {
		t.Errorf("positions %+v, want one that says since when its file is nowhere", rows)
	}
	if err := os.Rename(away, filepath.Join(b.logs, "a.log")); err != nil {
		t.Fatal(err)
	}
	b.write("a.log", 20, 5)
	r = b.run()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
	for _, row := range b.positions("web") {
		if !row.Vanished.IsZero() {
			t.Errorf("%s is back and still said to be nowhere", row.Path)
		}
	}
}

// positions lists what the stopped agents of the bench have saved.
func (b *bench) positions(flow string) []positions.Row {
	b.t.Helper()
	a, err := New(b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	defer a.Close()
	rows, err := a.Positions(flow)
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

// TestUnfollowedVanishes: the position of a file that no path asks for any more expires once the file is not there.
func TestUnfollowedVanishes(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 3)
	b.write("b.log", 0, 3)
	r := b.run()
	r.idle()
	r.mustStop()
	b.cfg.Flows[0].Read.Paths = []string{filepath.Join(b.logs, "*.txt")}
	if err := os.Remove(filepath.Join(b.logs, "a.log")); err != nil {
		t.Fatal(err)
	}
	r = b.run()
	r.idle()
	r.mustStop()
	for _, row := range b.positions("web") {
		if gone := filepath.Base(row.Path) == "a.log"; gone == row.Vanished.IsZero() {
			t.Errorf("%s: vanished %v", row.Path, row.Vanished)
		}
	}
}
