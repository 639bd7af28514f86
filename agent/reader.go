package agent

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/tailer"
)

// reader is one reading of a flow's files, from the positions in the store on. It lives once: a flow that is to read on from other
// positions gets a new one.
type reader struct {
	unit    *unit
	tailer  *tailer.Tailer
	tracker *checkpoint.Tracker
	flow    *flow.Flow
	clock   *scanClock
	gate    *gate

	hard   context.Context // ends when waiting for answers does
	kill   context.CancelFunc
	stop   context.CancelFunc // ends the reading; set by begin
	ended  chan error         // gets what the tailer returned, once
	helper sync.WaitGroup     // of started
}

// minBlock is the least that the tailer reads at once.
const minBlock = 4 << 10

// newReader prepares a reading from what the store says. Its counters go on from those of an earlier one. It starts nothing.
func (u *unit) newReader(earlier *reader) (*reader, error) {
	a, f := u.agent, u.cfg
	wrap := func(err error) error { return fmt.Errorf("agent: flow %s: %w", f.Name, err) }
	r := &reader{unit: u, clock: newScanClock(), gate: newGate(), ended: make(chan error, 1)}
	var names []string
	for _, send := range u.sends {
		names = append(names, send.Name)
	}
	resume, err := a.store.Adopt(f.Name, f.Was, names)
	if err != nil {
		return nil, wrap(err)
	}
	since, err := a.store.Follow(f.Name, f.Was, f.Read.Paths)
	if err != nil {
		return nil, wrap(err)
	}
	r.tracker = checkpoint.NewTracker(checkpoint.TrackerConfig{Flow: f.Name, Destinations: names, InFlight: f.InFlight,
		Known: resume.Positions, Vanished: resume.Vanished, First: resume.First, Wake: a.saver.Wake})
	if err := r.dropUnfollowed(resume.Positions); err != nil {
		return nil, wrap(err)
	}
	c := flow.Config{Name: f.Name, Container: f.Read.Container != "", Parse: f.Parse, Encode: f.Encode, Sends: u.sends, Tracker: r.tracker, Letters: u.letters, ChunkBytes: a.memory.shape.chunk}
	if earlier != nil {
		c.Earlier = earlier.flow
	}
	if r.flow, err = flow.New(c); err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if r.tailer, err = tailer.New(r.tailerConfig(resume, since)); err != nil {
		return nil, wrap(err)
	}
	r.hard, r.kill = context.WithCancel(a.hard)
	return r, nil
}

// dropUnfollowed notes which of the positions nobody will ask for: those of files that no path matches any more and that are not where
// they were.
func (r *reader) dropUnfollowed(known []tailer.Position) error {
	read := &r.unit.cfg.Read
	match, err := tailer.NewMatcher(read.Paths, read.Exclude)
	if err != nil {
		return err
	}
	for i := range known {
		k := &known[i]
		if match.Follows(k.Path) {
			continue // the tailer looks for it, and says if it is nowhere
		}
		if now, _, err := tailer.Look(k.Path); err != nil && os.IsNotExist(err) || err == nil && !now.SameFile(k.Identity) {
			r.tracker.Vanished(k.ID)
		}
	}
	return nil
}

func (r *reader) tailerConfig(resume checkpoint.Resume, since time.Time) tailer.Config {
	a, cfg := r.unit.agent, r.unit.cfg
	read := &cfg.Read
	block := min(int64(a.memory.shape.block), max(cfg.InFlight/2, minBlock)) // so that the cap is kept, and reading goes on while one block waits
	return tailer.Config{
		Paths: read.Paths, Exclude: read.Exclude, Start: tailer.Start(read.Start), FirstStart: resume.First, Known: resume.Positions, Since: since,
		Once: a.opt.Once, MaxRecord: read.MaxRecord, BlockSize: int(block), Workers: a.memory.shape.workers,
		Framing: cfg.Framing(), ScanInterval: read.ScanInterval, PartialTimeout: read.PartialTimeout, Clock: r.clock, Observe: r.observe, Handle: r.handle,
		RotatedTo: read.RotatedTo, MaxHeld: read.MaxHeld, MaxOpen: maxOpen(len(a.opt.Config.Flows)), Acknowledged: r.acknowledged, Inflating: a.inflating,
	}
}

// acknowledged is how far all destinations have a file.
func (r *reader) acknowledged(id tailer.FileID) int64 {
	offset, _ := r.tracker.Offsets(id)
	return max(offset, 0)
}

// handle takes a block to the flow, unless the reader is held.
func (r *reader) handle(ctx context.Context, b *tailer.Block) error {
	if err := r.gate.enter(ctx); err != nil {
		return err
	}
	defer r.gate.leave()
	return r.flow.Handle(ctx, r.hard, b)
}

// begin starts the reading; it ends with the context, or when all is read in a run with Once. The tracker is saved from now on.
func (r *reader) begin(reading context.Context) {
	a := r.unit.agent
	reading, r.stop = context.WithCancel(reading)
	a.saver.Follow(r.tracker)
	r.helper.Go(func() { r.started(r.hard, a.saver.Wake) })
	go func() {
		err := r.tailer.Run(reading)
		r.clock.done()
		r.ended <- err
	}()
}

// end ends what is left of a reader whose tailer has ended. Its tracker is still saved.
func (r *reader) end() {
	r.stop()
	r.kill()
	r.helper.Wait()
}

// started tells the tracker when the flow's first start is over: that is when the positions of all files of the first scan are known,
// so that no later start takes one of them for new. It returns when that is done or ctx ends.
func (r *reader) started(ctx context.Context, save func()) {
	select {
	case <-r.clock.scanned:
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for r.unit.cfg.Read.Start == config.StartEnd && !r.allKnown() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	r.tracker.Started()
	save()
	r.unit.log.Debug("all files of the first scan are known")
}

// allKnown reports whether each file has a position. A named pipe never has one. One that cannot be read is not waited for: it would make every later start a first
// one, that jumps over what was written in between. Such a later start reads it from its beginning.
func (r *reader) allKnown() bool {
	for _, f := range r.tailer.Files() {
		if f.Error != "" || f.State == tailer.StatePipe {
			continue
		}
		if acknowledged, _ := r.tracker.Offsets(f.ID); acknowledged < 0 {
			return false
		}
	}
	return true
}

// scanClock is real time that notices when the tailer waits for the first time: then its first scan is done.
type scanClock struct {
	scanned chan struct{}
	once    sync.Once
}

func newScanClock() *scanClock { return &scanClock{scanned: make(chan struct{})} }

// Now implements tailer.Clock.
func (*scanClock) Now() time.Time { return time.Now() }

// NewTimer implements tailer.Clock.
func (c *scanClock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	c.done()
	t := time.NewTimer(d)
	return t.C, t.Stop
}

func (c *scanClock) done() { c.once.Do(func() { close(c.scanned) }) }
