package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// TestStartEndWithUnreadableFile: one file that cannot be read must not make every later start a first one, which would jump
// over what was written in between.
func TestStartEndWithUnreadableFile(t *testing.T) {
	const unreadable = "/proc/self/mem" // a regular file to statx, and an error to whoever reads its beginning
	if _, err := os.Stat(unreadable); err != nil {
		t.Skip(err)
	}
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.write("old.log", 0, 10)
	if err := os.Symlink(unreadable, filepath.Join(b.logs, "bad.log")); err != nil {
		t.Fatal(err)
	}
	r := b.run()
	b.started()
	r.mustStop()
	b.write("late.log", 0, 5)
	r = b.run()
	eventually(t, "what was written while weir was down arrives", func() bool { return len(b.stream.count()) == 5 })
	r.mustStop()
	for _, f := range r.Status().Flows[0].Files {
		if strings.HasSuffix(f.Path, "bad.log") && f.Error == "" {
			t.Errorf("nothing is said about the file that cannot be read: %+v", f)
		}
	}
}

// started waits until the agent says that the flow has started.
func (b *bench) started() {
	b.t.Helper()
	eventually(b.t, "the flow has started", func() bool { return strings.Contains(b.log.String(), "starts for the first time") })
}

// TestStartEndWithoutDestination: what is written after the first start arrives, also if nothing could be delivered before a crash.
func TestStartEndWithoutDestination(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.stream.stop()
	b.write("empty.log", 0, 0)
	b.write("old.log", 0, 10)
	r := b.run()
	b.started()
	b.write("empty.log", 0, 5)
	b.write("old.log", 10, 5)
	eventually(t, "lines are read", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.Kill()
	r.wait()
	b.stream.start()
	r = b.run()
	eventually(t, "all lines after the first start arrive", func() bool { return len(b.stream.count()) == 10 })
	r.mustStop()
}

// stored returns the offsets that are saved for the flow web, by the base names of the files, while no agent runs.
func (b *bench) stored() map[string]int64 {
	b.t.Helper()
	s, err := checkpoint.Open(checkpoint.StoreConfig{Dir: b.cfg.StateDir})
	if err != nil {
		b.t.Fatal(err)
	}
	defer s.Close()
	entries, err := s.List()
	if err != nil {
		b.t.Fatal(err)
	}
	offsets := make(map[string]int64)
	for _, e := range entries {
		offsets[filepath.Base(e.Position.Path)] = e.Position.Offset
	}
	return offsets
}

// prepared is an agent that is never run, and the reader of its flow.
func (b *bench) prepared() (*Agent, *reader) {
	b.t.Helper()
	a, err := New(b.options())
	if err != nil {
		b.t.Fatal(err)
	}
	return a, a.units()[0].reader.Load()
}

func (b *bench) close(a *Agent) {
	b.t.Helper()
	if err := a.Close(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) rename(from, to string) {
	b.t.Helper()
	if err := os.Rename(filepath.Join(b.logs, from), filepath.Join(b.logs, to)); err != nil {
		b.t.Fatal(err)
	}
}

// TestKilledAfterRegistration: the agent ends right after its first start was saved, before anything is read; what is rotated out of the
// pattern then is not history.
func TestKilledAfterRegistration(t *testing.T) {
	for _, start := range []config.Start{config.StartBeginning, config.StartEnd} {
		t.Run(string(start), func(t *testing.T) {
			b := newBench(t)
			b.cfg.Flows[0].Read.Start = start
			b.write("a.log", 0, 10)
			b.write("empty.log", 0, 0)
			a, r := b.prepared()
			if err := r.register(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.close(a)
			if got := b.stored(); len(got) != 2 || (got["a.log"] == 0) != (start == config.StartBeginning) {
				t.Errorf("saved %v", got)
			}
			b.write("a.log", 10, 5)
			b.write("empty.log", 0, 5)
			b.rename("a.log", "a.log.1")
			b.rename("empty.log", "empty.log.1")
			b.write("a.log", 20, 5)
			b.write("new.log", 0, 5)
			run := b.run()
			run.idle()
			run.mustStop()
			if got, want := len(b.stream.count()), map[config.Start]int{config.StartBeginning: 30, config.StartEnd: 20}[start]; got != want {
				t.Errorf("%d lines arrived, want %d", got, want)
			}
		})
	}
}

// endsAfter is a context that ends when it was asked a few times.
type endsAfter struct {
	context.Context
	times int
}

func (c *endsAfter) Err() error {
	if c.times--; c.times < 0 {
		return errKilled
	}
	return nil
}

// TestKilledDuringRegistration: either all files are known or none; then the next start is the first.
func TestKilledDuringRegistration(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	for _, name := range []string{"a.log", "b.log", "c.log"} {
		b.write(name, 0, 10)
	}
	a, r := b.prepared()
	if err := r.register(&endsAfter{t.Context(), 2}); !errors.Is(err, errKilled) {
		t.Errorf("register: %v", err)
	}
	b.close(a)
	if got := b.stored(); len(got) != 0 {
		t.Errorf("saved %v", got)
	}
	if a, r = b.prepared(); r.noted || !r.first {
		t.Error("the flow counts as started")
	}
	b.close(a)
	run := b.run()
	b.started()
	b.write("a.log", 10, 5)
	run.idle()
	run.mustStop()
	if got := len(b.stream.count()); got != 5 {
		t.Errorf("%d lines arrived, want the 5 written after the first start", got)
	}
}

// TestNothingToRegister: a flow without a file that can be read is a started one all the same: what comes later is new, whatever start says.
func TestNothingToRegister(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	r := b.run()
	b.started()
	r.mustStop()
	b.write("late.log", 0, 5)
	r = b.run()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

// TestAddedPath: the files of a path that is added are registered like those of a new flow, from their beginning, and the others stay as they are.
func TestAddedPath(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.write("a.log", 0, 10)
	run := b.run()
	b.started()
	b.write("a.log", 10, 5)
	run.idle()
	run.mustStop()
	before := b.stored()
	b.write("b.txt", 0, 10)
	b.write("a.log", 20, 5)
	b.cfg.Flows[0].Read.Paths = append(b.cfg.Flows[0].Read.Paths, filepath.Join(b.logs, "*.txt"))
	a, r := b.prepared()
	if r.noted || r.first {
		t.Errorf("noted %v, first %v, want neither", r.noted, r.first)
	}
	if err := r.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.close(a)
	if got := b.stored(); len(got) != 2 || got["b.txt"] != 0 || got["a.log"] != before["a.log"] {
		t.Errorf("saved %v, before %v", got, before)
	}
	b.rename("b.txt", "b.txt.1")
	run = b.run()
	run.idle()
	run.mustStop()
	if got := len(b.stream.count()); got != 20 {
		t.Errorf("%d lines arrived, want 20", got)
	}
}

// TestFirstStartCannotBeSaved: nothing is read then, and the flow says why; it starts once that works.
func TestFirstStartCannotBeSaved(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	a, r := b.prepared()
	if err := a.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.register(t.Context()); err == nil {
		t.Error("no error without a store")
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan bool)
	go func() { begun <- a.units()[0].begin(ctx) }()
	eventually(t, "the status says why", func() bool { return a.Status().Flows[0].Error != "" })
	cancel()
	if <-begun {
		t.Error("it reads all the same")
	}
	a.Close()
}

// TestTwoProducersForOneStream: flows that send to one stream in different ways have a producer each, and the metrics must tell them apart.
func TestTwoProducersForOneStream(t *testing.T) {
	b := newBench(t)
	b.cfg.Socket = filepath.Join(b.cfg.StateDir, "weir.sock")
	other := b.flow("other", "*.txt")
	other.Send[0].Stream, other.Send[0].Aggregate = "web", false
	b.cfg.Flows = append(b.cfg.Flows, other)
	r := b.run()
	s := r.Status()
	if len(s.Destinations) != 2 || s.Destinations[0].Name == s.Destinations[1].Name {
		t.Errorf("destinations %+v, want two names", s.Destinations)
	}
	r.mustStop()
}

// BenchmarkRegister is the first start of a flow with 10,000 files: look at all of them, and one durable transaction.
func BenchmarkRegister(b *testing.B) {
	const files = 10_000
	logs := b.TempDir()
	for i := range files {
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%d.log", i)), fmt.Appendf(nil, "%d %2000d\n", i, i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		c := &config.Config{File: "weir.yaml", StateDir: b.TempDir(), Memory: 24 << 20, Flows: []config.Flow{(&bench{logs: logs}).flow("web", "*.log")}}
		a, err := New(Options{Config: c, Log: slog.New(slog.DiscardHandler), Destination: newFakeStream().open})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.units()[0].reader.Load().register(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLeftOutIsNamedOnce: the next start knows of which files the log has said that they are left out.
func TestLeftOutIsNamedOnce(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 1)
	r := b.run()
	r.idle()
	at := time.Unix(1_800_000_000, 1)
	r.now.Load().route("web").units[0].reader.Load().observe(tailer.Event{Kind: tailer.PathSkipped, Path: "/a.log.1.gz", Count: 1, Left: at, Err: errors.New("compressed")})
	r.mustStop()
	if n := strings.Count(b.log.String(), "not followed"); n != 1 {
		t.Errorf("the log names it %d times, want once", n)
	}
	a, err := New(b.options())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got := a.now.Load().route("web").units[0].reader.Load().left; !got.Equal(at) {
		t.Errorf("the next start knows of %v, want %v", got, at)
	}
}
