package flow

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a destination in memory. Without hold it answers each Put before it returns.
type fake struct {
	limit   int
	hold    bool                   // answers wait for answer
	refuse  func(data []byte) bool // may be nil
	failing error                  // of Put
	blocked chan struct{}          // if not nil, Put waits until it is closed

	mu      sync.Mutex
	data    [][]byte
	keys    []string
	puts    int
	waiting []func()
}

func newFake() *fake { return &fake{limit: 1 << 20} }

func (d *fake) Put(ctx context.Context, entries []sink.Entry, done func(sink.Result)) error {
	if d.blocked != nil {
		select {
		case <-d.blocked:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failing != nil {
		return d.failing
	}
	d.puts++
	var result sink.Result
	for _, e := range entries {
		if d.refuse != nil && d.refuse(e.Data) {
			result.Refused = append(result.Refused, sink.Refusal{Data: bytes.Clone(e.Data), Records: e.Records, Err: errors.New("will not have it")})
			continue
		}
		d.data = append(d.data, bytes.Clone(e.Data))
		d.keys = append(d.keys, e.PartitionKey)
	}
	if d.hold {
		d.waiting = append(d.waiting, func() { done(result) })
	} else {
		done(result)
	}
	return nil
}

// answer answers the nth of the Puts that wait.
func (d *fake) answer(n int) {
	d.mu.Lock()
	done := d.waiting[n]
	d.waiting = append(d.waiting[:n:n], d.waiting[n+1:]...)
	d.mu.Unlock()
	done()
}

func (d *fake) Limits() sink.Limits         { return sink.Limits{Record: d.limit} }
func (d *fake) Stats() sink.Stats           { return sink.Stats{} }
func (d *fake) Close(context.Context) error { return nil }

// records returns what was delivered.
func (d *fake) records() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, len(d.data))
	for i, b := range d.data {
		out[i] = string(b)
	}
	return out
}

// rig is a flow with fakes around it.
type rig struct {
	*Flow
	tracker *checkpoint.Tracker
	letters *DeadLetters
	offset  int64 // where the next block of the one file begins
}

// newRig makes a flow; change may edit its configuration first.
func newRig(t testing.TB, change func(*Config), dests ...*fake) *rig {
	t.Helper()
	tracker := checkpoint.NewTracker(checkpoint.TrackerConfig{Flow: "web", Destinations: []string{"d"}, InFlight: 1 << 30, Wake: func() {}})
	letters := NewDeadLetters(DeadLetterConfig{Flow: "web", Dir: t.TempDir(), MaxSize: 1 << 20, Retry: time.Millisecond})
	cfg := Config{Name: "web", Encode: config.Encode{Newline: true}, Tracker: tracker, Letters: letters}
	for i, d := range dests {
		cfg.Sends = append(cfg.Sends, Send{Name: "stream/" + string(rune('a'+i)), Destination: d})
	}
	if change != nil {
		change(&cfg)
	}
	f, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); letters.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return &rig{Flow: f, tracker: tracker, letters: letters}
}

var fileID = tailer.FileID{1, 2, 3}

// block makes the next block of the file out of its records.
func (r *rig) block(records ...string) *tailer.Block {
	b := &tailer.Block{ID: fileID, Path: "/var/log/a.log", Offset: r.offset}
	for _, rec := range records {
		b.Data = append(b.Data, rec...)
		b.Ends = append(b.Ends, len(b.Data))
	}
	r.offset += int64(len(b.Data))
	b.Next = tailer.Position{ID: fileID, Path: b.Path, Offset: r.offset}
	return b
}

func (r *rig) handle(t testing.TB, records ...string) {
	t.Helper()
	if err := r.Handle(t.Context(), t.Context(), r.block(records...)); err != nil {
		t.Fatalf("Handle: %v", err)
	}
}

// frontier returns how far the file is acknowledged.
func (r *rig) frontier() int64 {
	acknowledged, _ := r.tracker.Offsets(fileID)
	return acknowledged
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("not in 10 s: %s", what)
		}
		time.Sleep(time.Millisecond) // between two looks at the condition
	}
}

// readLetters reads a dead-letter file.
func readLetters(t testing.TB, path string) []Letter {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var letters []Letter
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l Letter
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		letters = append(letters, l)
	}
	return letters
}
