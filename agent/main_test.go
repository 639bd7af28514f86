package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStream is a destination in memory that answers later, in any order. It outlives the agents that send to it, as a real one does.
type fakeStream struct {
	limit int
	delay time.Duration // most that an answer takes

	mu     sync.Mutex
	lines  []string
	down   chan struct{} // while not nil nothing is taken
	silent bool          // takes everything and answers nothing
	refuse string        // records that hold it
	stats  sink.Stats
}

func newFakeStream() *fakeStream { return &fakeStream{limit: 1 << 20} }

// open returns the sink.Destination of one agent.
func (s *fakeStream) open(config.Send) (sink.Destination, error) {
	return &fakeClient{stream: s, quit: make(chan struct{})}, nil
}

// stop and start take the stream down and up.
func (s *fakeStream) stop() { s.mu.Lock(); s.down = make(chan struct{}); s.mu.Unlock() }
func (s *fakeStream) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.down)
	s.down = nil
}

// silence lets the stream take what comes and give no answers, or ends that for what comes later.
func (s *fakeStream) silence(on bool) { s.mu.Lock(); defer s.mu.Unlock(); s.silent = on }

// count returns how often each line arrived.
func (s *fakeStream) count() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := make(map[string]int, len(s.lines))
	for _, l := range s.lines {
		m[l]++
	}
	return m
}

type fakeClient struct {
	stream  *fakeStream
	quit    chan struct{} // closed by Close
	once    sync.Once
	pending sync.WaitGroup
}

var errClosed = errors.New("closed")

func (c *fakeClient) Put(ctx context.Context, entries []sink.Entry, done func(sink.Result)) error {
	s := c.stream
	s.mu.Lock()
	for s.down != nil {
		down := s.down
		s.mu.Unlock()
		select {
		case <-down:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c.quit:
			return errClosed
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	var result sink.Result
	for _, e := range entries {
		line := string(e.Data)
		if s.refuse != "" && strings.Contains(line, s.refuse) {
			result.Refused = append(result.Refused, sink.Refusal{Data: bytes.Clone(e.Data), Err: errors.New("not this one")})
			continue
		}
		s.lines = append(s.lines, line)
	}
	s.stats.Pending += int64(len(entries))
	var wait time.Duration
	if s.delay > 0 {
		wait = rand.N(s.delay)
	}
	if s.silent {
		wait = time.Hour
	}
	c.pending.Go(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			s.mu.Lock()
			s.stats.Pending -= int64(len(entries))
			s.stats.Records += int64(len(entries))
			s.mu.Unlock()
			done(result)
		case <-c.quit: // the answer never comes
		}
	})
	return nil
}

func (c *fakeClient) Limits() sink.Limits { return sink.Limits{Record: c.stream.limit} }

func (c *fakeClient) Stats() sink.Stats {
	c.stream.mu.Lock()
	defer c.stream.mu.Unlock()
	return c.stream.stats
}

func (c *fakeClient) Close(ctx context.Context) error {
	answered := make(chan struct{})
	go func() { c.pending.Wait(); close(answered) }()
	var err error
	select {
	case <-answered:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	c.once.Do(func() { close(c.quit) })
	<-answered
	return err
}

// bench is a folder with logs and a state folder, and the stream that all its agents send to.
type bench struct {
	t      *testing.T
	logs   string
	stream *fakeStream
	cfg    *config.Config
	log    *syncBuffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	logs := t.TempDir()
	b := &bench{t: t, logs: logs, stream: newFakeStream(), log: new(syncBuffer)}
	b.cfg = &config.Config{
		File: "/etc/weir/weir.yaml", StateDir: filepath.Join(t.TempDir(), "state"), Memory: 24 << 20,
		Flows: []config.Flow{b.flow("web", "*.log")},
	}
	return b
}

func (b *bench) flow(name, glob string) config.Flow {
	return config.Flow{
		Name:       name,
		Read:       config.Read{Paths: []string{filepath.Join(b.logs, glob)}, Start: config.StartBeginning, MaxRecord: 64 << 10, ScanInterval: 20 * time.Millisecond, PartialTimeout: time.Hour},
		Parse:      config.Parse{Format: "none"},
		Encode:     config.Encode{Format: "raw", Newline: true},
		Send:       []config.Send{{Stream: name, PartitionKey: "random", Aggregate: true}},
		InFlight:   1 << 20,
		DeadLetter: config.DeadLetter{MaxSize: 1 << 20},
	}
}

func (b *bench) options() Options {
	return Options{Config: b.cfg, Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test", Destination: b.stream.open, DrainTimeout: 10 * time.Second}
}

// running is an agent in the background.
type running struct {
	*Agent
	t    *testing.T
	stop context.CancelFunc
	done chan error
}

func (b *bench) run(change ...func(*Options)) *running {
	b.t.Helper()
	opt := b.options()
	for _, c := range change {
		c(&opt)
	}
	a, err := New(opt)
	if err != nil {
		b.t.Fatalf("New: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Agent: a, t: b.t, stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- a.Run(ctx) }()
	b.t.Cleanup(func() { a.Kill(); cancel() })
	return r
}

// wait returns what Run returned.
func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		r.stop()
		return err
	case <-time.After(30 * time.Second):
		r.t.Fatal("Run did not return in 30 s")
		return nil
	}
}

func (r *running) mustStop() {
	r.t.Helper()
	r.stop()
	if err := r.wait(); err != nil {
		r.t.Fatalf("Run: %v", err)
	}
}

func (r *running) idle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	if err := r.WaitIdle(ctx); err != nil {
		r.t.Fatalf("WaitIdle: %v; status %+v", err, r.Status())
	}
}

// write appends n numbered lines to a log.
func (b *bench) write(name string, from, n int) {
	b.t.Helper()
	f, err := os.OpenFile(filepath.Join(b.logs, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	var text []byte
	for i := from; i < from+n; i++ {
		text = fmt.Appendf(text, "%s %06d %s\n", name, i, strings.Repeat("x", i%120))
	}
	if _, err := f.Write(text); err != nil {
		b.t.Fatal(err)
	}
}

// compare returns how many lines of the log files are missing and how many bytes arrived more than once.
func (b *bench) compare() (missing int, twice int64) {
	b.t.Helper()
	got := b.stream.count()
	names, err := filepath.Glob(filepath.Join(b.logs, "*"))
	if err != nil {
		b.t.Fatal(err)
	}
	want := make(map[string]bool)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			b.t.Fatal(err)
		}
		for line := range strings.SplitAfterSeq(string(data), "\n") {
			if line != "" {
				want[line] = true
			}
		}
	}
	for line := range want {
		if got[line] == 0 {
			missing++
		}
		twice += int64(max(got[line]-1, 0) * len(line))
	}
	for line := range got {
		if !want[line] {
			b.t.Errorf("line %q arrived and was never written", line)
		}
	}
	return missing, twice
}

// mustHaveAll fails unless every line arrived, and exactly once where the test says so.
func (b *bench) mustHaveAll(once bool) {
	b.t.Helper()
	if missing, twice := b.compare(); missing > 0 || once && twice > 0 {
		b.t.Errorf("%d lines are missing, %d bytes arrived twice", missing, twice)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("not in 20 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond) // between two looks at the condition
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*syncBuffer)(nil)

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
