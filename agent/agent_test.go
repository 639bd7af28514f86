package agent

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
)

func TestShipsAndResumes(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 2000)
	b.write("b.log", 0, 10)
	r := b.run()
	r.idle()
	b.write("a.log", 2000, 500)
	b.write("c.log", 0, 300)
	r.idle()
	b.mustHaveAll(true)
	s := r.Status()
	if f := s.Flows[0]; f.Counters.RecordsRead != 2810 || f.Counters.RecordsDelivered != 2810 || len(f.Files) != 3 || f.Lag() != 0 {
		t.Errorf("status %+v", f)
	}
	for _, f := range s.Flows[0].Files {
		if f.Acked != f.Size || f.Saved != f.Size || f.Read != f.Size {
			t.Errorf("file %+v, want everything saved", f)
		}
	}
	if len(s.Problems) != 0 || s.State != stateRunning || s.Version != "test" {
		t.Errorf("state %q, problems %q", s.State, s.Problems)
	}
	r.mustStop()
	b.write("a.log", 2500, 100) // while nobody looks
	r = b.run()
	r.idle()
	b.mustHaveAll(true)
	if got := r.Status().Flows[0].Counters.RecordsRead; got != 100 {
		t.Errorf("the second run read %d records, want the 100 new ones", got)
	}
	r.mustStop()
	if got := r.Status().State; got != stateStopped {
		t.Errorf("state %q after the stop", got)
	}
}

func TestOnce(t *testing.T) {
	b := newBench(t)
	b.stream.delay = 20 * time.Millisecond
	b.write("a.log", 0, 3000)
	if err := os.WriteFile(filepath.Join(b.logs, "b.log"), []byte("whole\r\nunfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{3002, 0} {
		r := b.run(func(o *Options) { o.Once = true })
		if err := r.wait(); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if got := r.Status().Flows[0].Counters.RecordsDelivered; got != want {
			t.Errorf("delivered %d records, want %d", got, want)
		}
	}
	got := b.stream.count()
	if len(got) != 3002 || got["whole\r\n"] != 1 || got["unfinished\n"] != 1 {
		t.Errorf("%d different lines arrived, want 3002", len(got))
	}
}

// TestCrashes stops agents without draining at random moments. Nothing may be lost, and what arrives twice must have been in flight.
func TestCrashes(t *testing.T) {
	b := newBench(t)
	b.stream.delay = 15 * time.Millisecond
	b.cfg.Flows[0].InFlight = 32 << 10
	b.cfg.Memory = 8 << 20
	var window, withData int64
	lines := 0
	for crash := range 12 {
		for _, name := range []string{"a.log", "b.log", "c.log"} {
			b.write(name, lines, 700)
		}
		lines += 700
		stuck := crash%4 == 1 // no answer comes, so that something is in flight for certain
		b.stream.silence(stuck)
		r := b.run()
		wait := time.Duration(rand.N(60 * time.Millisecond))
		deadline := time.Now().Add(wait)
		eventually(t, "the moment of the crash", func() bool {
			inFlight := r.Status().Flows[0].Counters.InFlight > 0
			return time.Now().After(deadline) && (!stuck || inFlight)
		})
		if crash%3 == 0 {
			if err := os.Rename(filepath.Join(b.logs, "a.log"), filepath.Join(b.logs, "a.log."+string(rune('0'+crash)))); err != nil {
				t.Fatal(err)
			}
			b.write("a.log", lines, 10) // the new file
			lines += 10
		}
		r.Kill()
		if err := r.wait(); err != nil {
			t.Fatalf("Run: %v", err)
		}
		b.stream.silence(false)
		if inFlight := r.Status().Flows[0].Counters.InFlight; inFlight > 0 {
			window += inFlight
			withData++
		}
	}
	b.cfg.Flows[0].Read.Paths = []string{filepath.Join(b.logs, "*.log*")}
	r := b.run()
	r.idle()
	r.mustStop()
	missing, twice := b.compare()
	if missing > 0 {
		t.Errorf("%d lines are lost", missing)
	}
	if twice > window {
		t.Errorf("%d bytes arrived twice, only %d were in flight at the crashes", twice, window)
	}
	if withData == 0 {
		t.Error("no crash had data in flight: the test proves nothing")
	}
	t.Logf("%d crashes with data in flight, %d bytes of it, %d bytes arrived twice", withData, window, twice)
}

// TestStopDrains: a stop in order delivers what was read and saves it, so the next run sends nothing twice.
func TestStopDrains(t *testing.T) {
	b := newBench(t)
	b.stream.delay = 30 * time.Millisecond
	for round := range 5 {
		b.write("a.log", round*4000, 4000)
		r := b.run()
		eventually(t, "something is read", func() bool { return r.Status().Flows[0].Counters.RecordsRead > 0 })
		r.mustStop()
		if got := r.Status().Flows[0].Counters.InFlight; got != 0 {
			t.Errorf("round %d: %d bytes in flight after the stop", round, got)
		}
	}
	r := b.run()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

func TestStopGivesUpAfterDrainTimeout(t *testing.T) {
	b := newBench(t)
	b.stream.stop()
	b.write("a.log", 0, 100)
	r := b.run(func(o *Options) { o.DrainTimeout = 50 * time.Millisecond })
	eventually(t, "a block waits", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.mustStop()
	b.stream.start()
	r = b.run()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

func TestKillDuringDrain(t *testing.T) {
	b := newBench(t)
	b.stream.delay = time.Hour
	b.write("a.log", 0, 100)
	r := b.run(func(o *Options) { o.DrainTimeout = time.Hour })
	eventually(t, "records wait for an answer", func() bool { return r.Status().Destinations[0].Stats.Pending == 100 })
	r.stop()
	eventually(t, "draining", func() bool { return r.Status().State == stateStopping })
	r.Kill()
	if err := r.wait(); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if log := b.log.String(); !strings.Contains(log, "stopped before all was acknowledged") {
		t.Errorf("the log does not count what was not delivered:\n%s", log)
	}
}

func TestOnceCutShortIsAnError(t *testing.T) {
	b := newBench(t)
	b.stream.stop()
	b.write("a.log", 0, 100)
	r := b.run(func(o *Options) { o.Once = true; o.DrainTimeout = time.Millisecond })
	eventually(t, "a block waits", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.stop()
	if err := r.wait(); err == nil {
		t.Error("Run: nil, though nothing was delivered")
	}
}

func TestOneFlowStallsAlone(t *testing.T) {
	b := newBench(t)
	slow := newFakeStream()
	slow.stop()
	b.cfg.Flows = append(b.cfg.Flows, b.flow("other", "*.txt"))
	b.write("a.log", 0, 50)
	b.write("a.txt", 0, 50)
	r := b.run(func(o *Options) {
		o.Destination = func(send config.Send) (sink.Destination, error) {
			if send.Stream == "other" {
				return slow.open(send)
			}
			return b.stream.open(send)
		}
	})
	eventually(t, "the healthy flow is done", func() bool { return r.Status().Flows[0].Counters.RecordsDelivered == 50 })
	if got := r.Status().Flows[1].Counters.RecordsDelivered; got != 0 {
		t.Errorf("the stalled flow delivered %d records", got)
	}
	slow.start()
	r.idle()
	r.mustStop()
	if len(slow.count()) != 50 {
		t.Errorf("%d lines of the stalled flow arrived", len(slow.count()))
	}
}

func TestStartEnd(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.write("old.log", 0, 100)
	r := b.run()
	r.idle()
	b.write("old.log", 100, 5)
	b.write("new.log", 0, 7)
	r.idle()
	r.mustStop()
	if got := len(b.stream.count()); got != 12 {
		t.Errorf("%d lines arrived, want the 12 written after the first start", got)
	}
	b.write("late.log", 0, 3) // found by a later start: never seen, so read from its beginning
	r = b.run()
	r.idle()
	r.mustStop()
	if got := len(b.stream.count()); got != 15 {
		t.Errorf("%d lines arrived after the second start, want 15", got)
	}
}

func TestRenamedFlowKeepsPositions(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 100)
	r := b.run()
	r.idle()
	r.mustStop()
	b.cfg.Flows[0].Name, b.cfg.Flows[0].Was = "site", "web"
	r = b.run()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

func TestEndedFilesLeaveTheStore(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	b.write("b.log", 0, 10)
	r := b.run()
	r.idle()
	r.mustStop()
	if err := os.WriteFile(filepath.Join(b.logs, "b.log"), []byte("new content, shorter\n"), 0o600); err != nil { // truncates it
		t.Fatal(err)
	}
	r = b.run()
	r.idle()
	eventually(t, "the search for what b.log held ends", func() bool { return r.Status().Flows[0].Counters.Gaps == 1 })
	r.mustStop()
	s, err := checkpoint.Open(checkpoint.StoreConfig{Dir: b.cfg.StateDir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	entries, err := s.List()
	if err != nil || len(entries) != 2 {
		t.Errorf("%d entries (%v), want a.log and the new b.log: %+v", len(entries), err, entries)
	}
}

func TestRefusedRecordsDoNotStopTheFlow(t *testing.T) {
	b := newBench(t)
	b.stream.refuse = "000007"
	b.write("a.log", 0, 20)
	r := b.run()
	r.idle()
	r.mustStop()
	s := r.Status().Flows[0].Counters
	if s.Refused != 1 || s.DeadLettered != 1 || s.RecordsDelivered != 19 || s.InFlight != 0 {
		t.Errorf("counters %+v", s)
	}
	if data, err := os.ReadFile(filepath.Join(b.cfg.StateDir, "dead-letter", "web.ndjson")); err != nil || !strings.Contains(string(data), "not this one") {
		t.Errorf("dead letters %q, %v", data, err)
	}
}

func TestSecondAgentIsRefused(t *testing.T) {
	b := newBench(t)
	r := b.run()
	_, err := New(b.options())
	var locked *checkpoint.LockedError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), b.cfg.StateDir) {
		t.Errorf("New: %v, want a LockedError that names the folder", err)
	}
	r.mustStop()
	a, err := New(b.options())
	if err != nil {
		t.Fatalf("New after the stop: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := a.Run(t.Context()); err == nil {
		t.Error("Run after Close: no error")
	}
}

func TestFailedFlowDoesNotEndTheOthers(t *testing.T) {
	b := newBench(t)
	bad := b.flow("bad", "*.log")
	bad.Read.Paths = []string{filepath.Join(b.logs, "missing", "*.log")}
	b.cfg.Flows = append(b.cfg.Flows, bad)
	b.write("a.log", 0, 5)
	r := b.run()
	eventually(t, "the other flow delivers", func() bool { return r.Status().Flows[0].Counters.RecordsDelivered == 5 })
	if log := b.log.String(); !strings.Contains(log, "does not exist (yet)") || !strings.Contains(log, "missing") {
		t.Errorf("the log does not warn of the missing folder:\n%s", log)
	}
	if err := os.Mkdir(filepath.Join(b.logs, "missing"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.write(filepath.Join("missing", "x.log"), 0, 3)
	eventually(t, "the folder is found", func() bool { return r.Status().Flows[1].Counters.RecordsDelivered == 3 })
	r.mustStop()
}

// TestMismatchesAreLoggedNowAndThen: the log names the place of the first line without the format, and does not go on about the others.
func TestMismatchesAreLoggedNowAndThen(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Parse.Format = "json"
	b.write("a.log", 0, 5)
	r := b.run()
	eventually(t, "delivered", func() bool { return r.Status().Flows[0].Counters.RecordsDelivered == 5 })
	b.write("a.log", 5, 5)
	eventually(t, "delivered", func() bool { return r.Status().Flows[0].Counters.RecordsDelivered == 10 })
	if n := r.Status().Flows[0].Counters.Mismatched; n != 10 {
		t.Errorf("%d mismatched, want 10", n)
	}
	r.mustStop()
	log := b.log.String()
	if strings.Count(log, "do not have the flow's format") != 1 || !strings.Contains(log, filepath.Join(b.logs, "a.log")) || !strings.Contains(log, "offset=0") {
		t.Errorf("the log does not name the lines once:\n%s", log)
	}
}

func TestStatusOverTheSocket(t *testing.T) {
	b := newBench(t)
	b.cfg.Socket = filepath.Join(t.TempDir(), "weir.sock")
	b.write("a.log", 0, 5)
	r := b.run()
	r.idle()
	s, err := status.Get(t.Context(), b.cfg.Socket)
	if err != nil || s.Flows[0].Counters.RecordsDelivered != 5 || s.Flows[0].Files[0].Acked == 0 {
		t.Errorf("Get: %v, %+v", err, s)
	}
	r.mustStop()
	var none *status.NotRunningError
	if _, err := status.Get(t.Context(), b.cfg.Socket); !errors.As(err, &none) {
		t.Errorf("Get after the stop: %v", err)
	}
}

func TestRunTwice(t *testing.T) {
	b := newBench(t)
	r := b.run()
	r.mustStop()
	if err := r.Run(t.Context()); err == nil {
		t.Error("second Run: no error")
	}
}

// TestStopLosesDeleted: what was read of a deleted file and is not acknowledged at a stop is a gap: nobody can read it again.
func TestStopLosesDeleted(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	b.stream.silence(true)
	r := b.run(func(o *Options) { o.DrainTimeout = 50 * time.Millisecond })
	path := filepath.Join(b.logs, "a.log")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight == info.Size() })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r.mustStop()
	if c := r.Status().Flows[0].Counters; c.Gaps != 1 || c.GapBytes != info.Size() {
		t.Errorf("%d gaps of %d bytes, want one of %d", c.Gaps, c.GapBytes, info.Size())
	}
	if log := b.log.String(); strings.Contains(log, "read again at the next start") || !strings.Contains(log, "nobody can read it again") {
		t.Errorf("the log does not say what is lost:\n%s", log)
	}
	if rows := b.positions("web"); len(rows) != 0 {
		t.Errorf("positions %+v of a file that is gone for good", rows)
	}
}

// TestGoneUnread: a file of an earlier run that is gone is a gap if more of it had been seen than was acknowledged.
func TestGoneUnread(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	b.stream.stop()
	r := b.run(func(o *Options) { o.DrainTimeout = 50 * time.Millisecond })
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.mustStop()
	if err := os.Remove(filepath.Join(b.logs, "a.log")); err != nil {
		t.Fatal(err)
	}
	for start, want := range []int64{1, 0} {
		r = b.run(func(o *Options) { o.Once = true })
		if err := r.wait(); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if c := r.Status().Flows[0].Counters; c.Gaps != want || c.Vanished != 0 {
			t.Errorf("start %d: %d gaps and %d vanished files, want %d and none", start, c.Gaps, c.Vanished, want)
		}
	}
	if !strings.Contains(b.log.String(), "not all that had been seen of it was read and acknowledged") {
		t.Error("the log does not say what is lost")
	}
}
