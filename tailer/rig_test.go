package tailer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/tailer/pipe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stepClock is a Clock that stands still until it is set.
type stepClock struct{ now time.Time }

func (c *stepClock) Now() time.Time { return c.now }
func (c *stepClock) NewTimer(time.Duration) (<-chan time.Time, func() bool) {
	panic("a stepped tailer never waits")
}

// rig is a Tailer that a test steps by hand: the scanner's steps and the workers' turns happen in the test's goroutine,
// so the same actions always have the same outcome. It keeps what was delivered, as the agent would.
type rig struct {
	t      testing.TB
	dir    string
	clock  *stepClock
	cfg    Config
	tailer *Tailer
	worker *worker

	ever    bool                // a run began before
	from    int64               // where the first one reads the files from that are there: 0 or End
	since   time.Time           // when the first one did
	acked   map[FileID]Position // what a checkpoint store would hold
	order   []FileID            // of acked, oldest first
	reached map[FileID]int64    // where the next block of a file must begin, in this run
	records []string
	meta    bool // records show what is known of them
	events  []Event
	turns   int // of the worker
	left    time.Time
	refuse  func(*Block) error
	taken   func(*Block) // sees each block that is taken
	watch   func(Event)
	made    func(*Tailer) // sees each Tailer before it begins
}

func newRig(t testing.TB, dir string) *rig {
	return &rig{
		t: t, dir: dir, clock: &stepClock{time.Now()}, acked: map[FileID]Position{},
		cfg: Config{PollOnly: true, Paths: []string{filepath.Join(dir, "app.log")}},
	}
}

// start begins a run and looks at everything once.
func (r *rig) start() {
	r.t.Helper()
	r.begin()
	r.drain()
}

// begin begins a run and looks at all names once.
func (r *rig) begin() {
	r.t.Helper()
	cfg := r.cfg
	cfg.Clock, cfg.Handle, cfg.Observe = r.clock, r.handle, r.observe
	if !r.ever {
		r.since = time.Now()
		for range 2 {
			r.tick("no such name") // the clock of the file system lags behind: what is born from now on is born after since
		}
		r.clock.now = time.Now() // later than what was written before the first start
	}
	cfg.Since, cfg.Left = r.since, r.left
	if !r.ever && !cfg.Once {
		r.survey(cfg)
	}
	for _, id := range r.order {
		cfg.Known = append(cfg.Known, r.acked[id])
	}
	t, err := New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.ever, r.tailer, r.reached = true, t, map[FileID]int64{}
	r.worker = &worker{t: t, ctx: context.Background()}
	if r.made != nil {
		r.made(t)
	}
	t.tick()
}

// survey keeps where the first run begins.
func (r *rig) survey(cfg Config) {
	r.t.Helper()
	for _, id := range r.order {
		cfg.Known = append(cfg.Known, r.acked[id])
	}
	t, err := New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	found, err := t.Survey(r.t.Context(), r.from)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range found {
		r.order, r.acked[p.ID] = append(r.order, p.ID), p
	}
}

// stop ends the run, as a kill does: only what was acknowledged is kept.
func (r *rig) stop() {
	if r.tailer == nil {
		return
	}
	for f := range r.tailer.opened {
		f.fd.Close()
	}
	for _, p := range r.tailer.pipes.open {
		r.tailer.endPipe(p)
	}
	r.tailer.stopWatching()
	r.tailer = nil
}

// stepPipes does what the goroutines of the pipes have to do, and tells whether that was anything.
func (r *rig) stepPipes() (moved bool) {
	t := r.tailer
	for _, p := range t.pipes.open {
		before := p.offset
		state, err := t.readPipe(context.Background(), p, 0)
		if err != nil {
			r.t.Fatal(err)
		}
		if state == pipe.Ended && !p.r.Named() {
			t.endPipe(p)
			t.touch(p.path)
			moved = true
		}
		moved = moved || state == pipe.Data || p.offset != before
	}
	return moved
}

// drain does what the scanner and the workers have to do at this moment.
func (r *rig) drain() {
	t := r.tailer
	for range 20_000 {
		if t.ready.length > 0 {
			r.worker.next()
			r.worker.commit(r.worker.turn())
			r.turns++
			continue
		}
		select {
		case <-t.poke:
			t.step()
			continue
		default:
		}
		if t.nextWake() <= t.now() {
			t.step()
			continue
		}
		if r.stepPipes() {
			continue
		}
		return
	}
	r.t.Fatal("the tailer never comes to rest")
}

// tick waits until files are born later than any before, if name is not there yet: file systems date files by a clock
// of a few milliseconds, and real rotations are farther apart.
func (r *rig) tick(name string) {
	if _, err := os.Lstat(filepath.Join(r.dir, name)); err == nil {
		return
	}
	probe := filepath.Join(r.t.TempDir(), "probe")
	var first int64
	eventually(r.t, "the clock of the file system moves", func() bool {
		os.Remove(probe)
		appendTo(r.t, probe, "")
		st, err := statPath(probe)
		if first == 0 {
			first = st.born()
		}
		return err != nil || st.born() > first
	})
}

// wait lets time pass, from one thing that is due to the next.
func (r *rig) wait(d time.Duration) {
	end := r.clock.now.Add(d)
	for {
		next := min(r.tailer.nextWake(), end.UnixNano())
		r.clock.now = time.Unix(0, max(next, r.clock.now.UnixNano()))
		r.drain()
		if next >= end.UnixNano() {
			return
		}
	}
}

// look lets so much time pass that everything is looked at once.
func (r *rig) look() { r.wait(fullEvery * r.tailer.cfg.ScanInterval) }

// observe forgets the positions of content that was cut away and is found nowhere, as the agent does.
func (r *rig) observe(e Event) {
	r.events = append(r.events, e)
	if e.Left.After(r.left) {
		r.left = e.Left
	}
	if r.watch != nil {
		r.watch(e)
	}
	if e.NewID != (FileID{}) && (e.Kind == FileEnded || e.Kind == FileGone) {
		delete(r.acked, e.ID)
		r.order = slices.DeleteFunc(r.order, func(id FileID) bool { return id == e.ID })
	}
}

func (r *rig) handle(_ context.Context, b *Block) error {
	if err := checkBlock(b); err != nil {
		r.t.Error(err)
	}
	if at, seen := r.reached[b.ID]; seen && at != b.Offset {
		r.t.Errorf("file %s (%s): a block at %d follows one that ended at %d", b.ID, b.Path, b.Offset, at)
	}
	if known, ok := r.acked[b.ID]; ok && b.Offset < known.Offset {
		r.t.Errorf("file %s (%s): a block at %d, but %d was acknowledged", b.ID, b.Path, b.Offset, known.Offset)
	}
	if r.refuse != nil {
		if err := r.refuse(b); err != nil {
			return err
		}
	}
	for i := range b.Ends {
		text := string(b.Record(i))
		if r.meta && b.Meta != nil {
			text += strings.TrimSpace(fmt.Sprintf("@%s %s %s", b.Meta[i].Stream.Text(), b.Meta[i].Time, b.Meta[i].Cut.Text()))
		}
		r.records = append(r.records, text)
	}
	r.reached[b.ID] = b.Next.Offset
	if _, ok := r.acked[b.ID]; !ok && !b.Volatile {
		r.order = append(r.order, b.ID)
	}
	if !b.Volatile {
		r.acked[b.ID] = b.Next
	}
	if r.taken != nil {
		r.taken(b)
	}
	return nil
}

// checkBlock tells what is wrong with a block by itself.
func checkBlock(b *Block) error {
	switch {
	case b.ID == FileID{} || b.ID != b.Next.ID:
		return fmt.Errorf("block of file %s leads to file %s", b.ID, b.Next.ID)
	case b.Starts == nil && b.Next.Offset != b.Offset+int64(len(b.Data))+b.Skipped:
		return fmt.Errorf("block at %d of %d bytes and %d skipped leads to %d", b.Offset, len(b.Data), b.Skipped, b.Next.Offset)
	case lastEnd(b.Ends) != len(b.Data):
		return fmt.Errorf("records end at %d of %d bytes", lastEnd(b.Ends), len(b.Data))
	case b.Starts != nil && len(b.Starts) != len(b.Ends) || b.Meta != nil && len(b.Meta) != len(b.Ends):
		return fmt.Errorf("%d records, %d starts, %d of meta", len(b.Ends), len(b.Starts), len(b.Meta))
	case slices.ContainsFunc(b.Starts, func(at int64) bool { return at < b.Offset || at >= b.Next.Offset }):
		return fmt.Errorf("records start at %v, the block goes from %d to %d", b.Starts, b.Offset, b.Next.Offset)
	case !slices.IsSorted(b.Ends):
		return fmt.Errorf("ends %v are not in order", b.Ends)
	case !b.Next.valid():
		return fmt.Errorf("position %+v is not valid", b.Next)
	case !b.Volatile && b.Next.Before.Len != int(min(b.Next.Offset, beforeSize)):
		return fmt.Errorf("at offset %d only %d bytes before it are hashed", b.Next.Offset, b.Next.Before.Len)
	}
	return nil
}

// lastEnd is how many bytes the records take.
func lastEnd(ends []int) int {
	if len(ends) == 0 {
		return 0
	}
	return ends[len(ends)-1]
}

// recorder collects records from a running Tailer.
type recorder struct {
	mu      sync.Mutex
	records []string
	events  []Event
	at      map[FileID]int64
	err     error
}

func (r *recorder) handle(_ context.Context, b *Block) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil {
		r.at = map[FileID]int64{}
	}
	if at, seen := r.at[b.ID]; seen && at != b.Offset {
		r.err = errors.Join(r.err, fmt.Errorf("file %s: a block at %d follows one that ended at %d", b.ID, b.Offset, at))
	}
	r.at[b.ID] = b.Next.Offset
	r.err = errors.Join(r.err, checkBlock(b))
	for i := range b.Ends {
		r.records = append(r.records, string(b.Record(i)))
	}
	return nil
}

func (r *recorder) observe(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.records)
}

// run runs a Tailer until the test ends or the returned function is called.
func run(t testing.TB, cfg Config) (tl *Tailer, stop func()) {
	t.Helper()
	tl, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tl.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return tl, stop
}

// eventually waits until ok holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20s: %s", what)
		}
		time.Sleep(time.Millisecond) // a poll with a deadline, nothing depends on its length
	}
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
