package backfill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector is a destination that keeps what it gets. After limit records it takes nothing until the limit is raised.
type collector struct {
	mu    sync.Mutex
	lines []string
	limit int
}

func (c *collector) Put(ctx context.Context, entries []sink.Entry, done func(sink.Result)) error {
	c.mu.Lock()
	full := c.limit > 0 && len(c.lines)+len(entries) > c.limit
	if !full {
		for _, e := range entries {
			c.lines = append(c.lines, string(e.Data))
		}
	}
	c.mu.Unlock()
	if full {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	done(sink.Result{})
	return nil
}

func (c *collector) Limits() sink.Limits         { return sink.Limits{Record: 1 << 20} }
func (c *collector) Stats() sink.Stats           { return sink.Stats{} }
func (c *collector) Close(context.Context) error { return nil }

func (c *collector) sorted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.lines))
}

// rig is a folder of logs, a configuration with two flows, and where they go.
type rig struct {
	dir string
	to  *collector
	opt Options
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{dir: dir, to: new(collector)}
	flow := func(name string) config.Flow {
		return config.Flow{Name: name, Read: config.Read{Paths: []string{filepath.Join(dir, "*.log")}, Exclude: []string{"skip.log"}, MaxRecord: 4 << 10, Start: config.StartEnd},
			Parse: config.Parse{Format: "none"}, Encode: config.Encode{Format: "raw", Newline: true}, Send: []config.Send{{Stream: "s"}},
			InFlight: 16 << 10, DeadLetter: config.DeadLetter{MaxSize: 1 << 20}}
	}
	r.opt = Options{
		Config: &config.Config{File: "weir.yaml", StateDir: filepath.Join(dir, "state"), Memory: 24 << 20,
			Socket: filepath.Join(dir, "nobody-listens.sock"), Flows: []config.Flow{flow("web"), flow("db")}},
		Flow: "web", Log: slog.New(slog.DiscardHandler), DrainTimeout: time.Second,
		Destination: func(config.Send) (sink.Destination, error) { return r.to, nil },
	}
	return r
}

func (r *rig) write(t *testing.T, name string, from, n int) []string {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(r.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for i := from; i < from+n; i++ {
		lines = append(lines, fmt.Sprintf("%s %06d\n", name, i))
	}
	if _, err := f.WriteString(strings.Join(lines, "")); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestShipsTheFlowsFiles(t *testing.T) {
	r := newRig(t)
	want := append(r.write(t, "a.log", 0, 2000), r.write(t, "b.log", 0, 10)...)
	r.write(t, "skip.log", 0, 5)
	r.write(t, "c.txt", 0, 5)
	var seen []Progress
	r.opt.Progress = func(p Progress) { seen = append(seen, p) }
	got, err := Run(t.Context(), r.opt)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if !slices.Equal(r.to.sorted(), want) {
		t.Errorf("%d lines arrived, want %d", len(r.to.lines), len(want))
	}
	if got.Records != 2010 || got.BytesDone != got.BytesTotal || got.FilesDone != 2 || got.FilesTotal != 2 || got.Resumed != 0 {
		t.Errorf("result %+v", got)
	}
	if last := seen[len(seen)-1]; last.BytesDone != got.BytesTotal || last.Started.IsZero() {
		t.Errorf("last progress %+v", last)
	}
}

func TestAskedAgain(t *testing.T) {
	r := newRig(t)
	r.write(t, "a.log", 0, 100)
	for i, step := range []struct {
		add     int
		restart bool
		want    int64 // records of this run
	}{{0, false, 100}, {0, false, 0}, {7, false, 7}, {0, true, 107}} {
		r.write(t, "a.log", 1000*i, step.add)
		r.opt.Restart = step.restart
		got, err := Run(t.Context(), r.opt)
		if err != nil || got.Records != step.want {
			t.Errorf("step %d: %d records, %v; want %d", i, got.Records, err, step.want)
		}
		if whole := got.BytesDone == got.BytesTotal; !whole {
			t.Errorf("step %d: %+v is not complete", i, got)
		}
	}
}

// TestResumes interrupts a run; the next ships the rest, and nothing twice.
func TestResumes(t *testing.T) {
	for _, kill := range []bool{false, true} {
		t.Run(fmt.Sprintf("kill %v", kill), func(t *testing.T) {
			r := newRig(t)
			want := r.write(t, "a.log", 0, 5000)
			r.to.limit = 2000
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stop := make(chan struct{})
			r.opt.Kill = stop
			if kill {
				r.opt.DrainTimeout = time.Hour
			} else {
				r.opt.DrainTimeout = 20 * time.Millisecond
			}
			stopped := false
			r.opt.Progress = func(p Progress) {
				if p.Records > 0 && !stopped {
					stopped = true
					cancel()
					if kill {
						close(stop)
					}
				}
			}
			got, err := Run(ctx, r.opt)
			if !errors.Is(err, ErrIncomplete) || got.BytesDone == 0 || got.BytesDone >= got.BytesTotal {
				t.Fatalf("Run: %v with %+v, want a part of it and ErrIncomplete", err, got)
			}
			r.to.limit = 0
			r.opt.Kill, r.opt.Progress = nil, nil
			rest, err := Run(t.Context(), r.opt)
			if err != nil || rest.Resumed != got.BytesDone || rest.Records+got.Records != 5000 {
				t.Errorf("second Run: %+v, %v; want to resume at %d", rest, err, got.BytesDone)
			}
			if !slices.Equal(r.to.sorted(), want) {
				t.Errorf("%d lines arrived, want each of %d once", len(r.to.lines), len(want))
			}
		})
	}
}

func TestNamedPaths(t *testing.T) {
	r := newRig(t)
	r.write(t, "a.log", 0, 1)
	want := append(append(r.write(t, "b[1].txt", 0, 2), r.write(t, "skip.log", 0, 3)...), r.write(t, "x1.old", 0, 1)...)
	r.opt.Paths = []string{filepath.Join(r.dir, "b[1].txt"), filepath.Join(r.dir, "skip.log"), filepath.Join(r.dir, "x?.old")}
	if _, err := Run(t.Context(), r.opt); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if !slices.Equal(r.to.sorted(), want) {
		t.Errorf("got %q, want %q", r.to.sorted(), want)
	}
}

func TestFlowsDoNotShareTheirStores(t *testing.T) {
	r := newRig(t)
	r.write(t, "a.log", 0, 10)
	for _, flow := range []string{"web", "db"} {
		r.opt.Flow = flow
		if got, err := Run(t.Context(), r.opt); err != nil || got.Records != 10 {
			t.Errorf("flow %s: %d records, %v; want 10", flow, got.Records, err)
		}
	}
	if _, err := os.Stat(filepath.Join(r.opt.Config.StateDir, "checkpoints.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the daemon's checkpoints were touched: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	tests := []struct {
		name  string
		flow  string
		paths []string // in the folder
		want  string
	}{
		{"no such flow", "wbe", nil, "it has web, db"},
		{"everything at once", "web", []string{"missing.log", ".", "*.missing"}, "3 problems"},
		{"one of two globs", "web", []string{"old*", "*.missing"}, "no file matches"},
		{"every file", "web", []string{"old*"}, "2 problems"},
		{"no file", "web", []string{"missing.log"}, "no such file"},
		{"no match", "web", []string{"*.missing"}, "no file matches"},
		{"folder", "web", []string{"."}, "is a folder"},
		{"compressed by its name alone", "web", []string{"old.gz"}, "old.gz is compressed by its name, but not by its content"},
		{"xz by its bytes", "web", []string{"old.log"}, "unxz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			for name, head := range map[string]string{"old.gz": "a line\n", "old.log": "\xfd7zXZ\x00xyz"} {
				if err := os.WriteFile(filepath.Join(r.dir, name), []byte(head), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r.opt.Flow = tt.flow
			for _, p := range tt.paths {
				r.opt.Paths = append(r.opt.Paths, filepath.Join(r.dir, p))
			}
			var refused *RefusedError
			if _, err := Run(t.Context(), r.opt); !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run: %v, want %q", err, tt.want)
			}
			if len(r.to.lines) != 0 {
				t.Errorf("%d lines were sent", len(r.to.lines))
			}
		})
	}
}

func FuzzLiteral(f *testing.F) {
	f.Add("/a/b[1].log")
	f.Add(`/a/\*{x}?`)
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || strings.ContainsAny(name, "/\x00") {
			return
		}
		path := "/dir/" + name
		if ok, err := filepath.Match(tailer.Literal(path), path); strings.ToValidUTF8(name, "") == name && (!ok || err != nil) {
			t.Errorf("Literal(%q) = %q does not match it: %v", path, tailer.Literal(path), err)
		}
	})
}
