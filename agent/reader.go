package agent

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/parsers/original"
	"github.com/weir-logs/weir/tailer"
)

// reader is one reading of a flow's files, from the positions in the store on. It lives once: a flow that is to read on from other
// positions gets a new one.
type reader struct {
	unit    *unit
	tailer  *tailer.Tailer
	tracker *checkpoint.Tracker
	flow    *flow.Flow
	ids     *tailer.Member // nil: the flow has no other reading
	clock   *scanClock
	gate    *gate

	hard  context.Context // ends when waiting for answers does
	kill  context.CancelFunc
	stop  context.CancelFunc // ends the reading; set by begin
	ended chan error         // gets what the tailer returned, once

	first bool      // the flow was never started
	noted bool      // the files that match its paths are registered; if not, the reader is not to begin
	since time.Time // when these paths were followed first
	left  time.Time // up to when files came to be of which the log has said that they are left out
}

// minBlock is the least that the tailer reads at once.
const minBlock = 4 << 10

// newReader prepares a reading from where the store says. Its counters go on from those of an earlier one. It starts nothing.
func (u *unit) newReader(earlier *reader, resume checkpoint.Resume) (*reader, error) {
	a, f := u.agent, u.cfg
	wrap := func(err error) error { return fmt.Errorf("agent: flow %s: %w", f.Name, err) }
	r := u.emptyReader()
	r.first = resume.First
	var err error
	if r.since, r.noted, err = a.store.Followed(f.Name, f.Was, f.Read.Paths); err != nil {
		return nil, wrap(err)
	}
	if r.left, err = a.store.Left(f.Name); err != nil {
		return nil, wrap(err)
	}
	r.tracker = u.newTracker(resume)
	if u.route.ids != nil {
		r.ids = u.route.ids.Join(u.number, resume.Positions)
	}
	if err := r.dropUnfollowed(resume.Positions); err != nil {
		return nil, wrap(err)
	}
	return r, r.assemble(resume.Positions, earlier)
}

// blankReader prepares a reading that is not to begin: all but what the store says. It shows what can be wrong with the configuration. Its
// counters go on from those of an earlier one with the same destinations.
func (u *unit) blankReader() (*reader, error) {
	r := u.emptyReader()
	r.tracker = u.newTracker(checkpoint.Resume{})
	var before *reader
	if e := u.route.earlier; e != nil {
		if i := slices.IndexFunc(e.units, func(old *unit) bool { return slices.Equal(old.names, u.names) }); i >= 0 {
			before = e.units[i].reader.Load()
		}
	}
	return r, r.assemble(nil, before)
}

func (u *unit) emptyReader() *reader {
	r := &reader{unit: u, clock: newScanClock(), gate: newGate(), ended: make(chan error, 1), stop: func() {}}
	r.hard, r.kill = context.WithCancel(u.agent.hard)
	return r
}

// assemble makes flow and tailer.
func (r *reader) assemble(known []tailer.Position, earlier *reader) (err error) {
	u := r.unit
	a, f := u.agent, u.cfg
	c := flow.Config{Name: f.Name, Container: f.Read.Container != "", Parse: u.parse(), Edit: f.Edit, Values: a.metadata.Lookup, Encode: f.Encode,
		Sends: u.sends, Elsewhere: u.elsewhere(), OnUnrouted: u.onUnrouted(), Tracker: r.tracker, Letters: u.route.letters, ChunkBytes: u.route.share.chunk, Large: &a.large,
		Mismatched: r.warnMismatched, Undecided: r.warnUndecided, Undone: r.warnUndone}
	if f.Compat {
		c.Compat = &flow.Compat{Options: f.Processing, Env: original.Env{Instance: func() *original.Instance { return Instance(a.metadata) }}}
	}
	if ttl := metadataTTL(f); ttl > 0 {
		a.metadata.Refresh(ttl)
	}
	a.metadata.Want(f.Variables()...)
	if earlier != nil {
		c.Earlier = earlier.flow
	}
	if r.flow, err = flow.New(c); err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	if r.tailer, err = tailer.New(r.tailerConfig(known)); err != nil {
		return fmt.Errorf("agent: flow %s: %w", f.Name, err)
	}
	return nil
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

func (r *reader) tailerConfig(known []tailer.Position) tailer.Config {
	u := r.unit
	a, cfg := u.agent, u.cfg
	read := &cfg.Read
	block := min(int64(u.route.share.block), max(cfg.InFlight/2, minBlock)) // so that the cap is kept, and reading goes on while one block waits
	return tailer.Config{
		Paths: read.Paths, Exclude: read.Exclude, Known: known, Since: r.since, Left: r.left,
		Once: a.opt.Once, MaxRecord: read.MaxRecord, BlockSize: int(block), Workers: u.route.share.workers,
		Framing: cfg.Framing(), ScanInterval: read.ScanInterval, PartialTimeout: read.PartialTimeout, Clock: r.clock, Observe: r.observe, Handle: r.handle,
		RotatedTo: read.RotatedTo, MaxHeld: read.MaxHeld, MaxOpen: u.route.files, Acknowledged: r.acknowledged,
		IDs: r.ids, NoPipes: r.ids != nil, // one reading would take from the other what is in a pipe
		Inflating: a.inflating, InflateMemory: u.route.share.inflate,
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
	if !b.Volatile {
		r.ids.Learn(&b.Next)
	}
	return r.flow.Handle(ctx, r.hard, b)
}

// begin starts the reading; it ends with the context, or when all is read in a run with Once. The tracker is saved from now on.
func (r *reader) begin(reading context.Context) {
	a := r.unit.agent
	reading, r.stop = context.WithCancel(reading)
	a.saver.Follow(r.tracker)
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
