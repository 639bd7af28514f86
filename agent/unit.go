package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/tailer"
)

// unit is one flow with everything that belongs to it alone.
type unit struct {
	cfg     *config.Flow
	log     *slog.Logger
	tailer  *tailer.Tailer
	tracker *checkpoint.Tracker
	letters *flow.DeadLetters
	flow    *flow.Flow
	clock   *scanClock
	failed  outcome                     // why the flow has ended
	saved   map[tailer.FileID]time.Time // when the positions of earlier runs last moved; read only
	letter  outcome                     // of the dead letters, for the log
	buried  time.Time                   // when the log last spoke of dead letters; belongs to their writer
}

// keepVanished is how long the position of a file is kept that no run finds any more. Its folder may be on a disk that comes back.
const keepVanished = 7 * 24 * time.Hour

// minBlock is the least that the tailer reads at once.
const minBlock = 4 << 10

// newUnit makes a flow. It starts nothing.
func (a *Agent) newUnit(f *config.Flow, host string) (*unit, error) {
	wrap := func(err error) error { return fmt.Errorf("agent: flow %s: %w", f.Name, err) }
	u := &unit{cfg: f, log: a.log.With("flow", f.Name), clock: newScanClock(), saved: make(map[tailer.FileID]time.Time)}
	var names []string
	for _, send := range f.Send {
		names = append(names, send.Destination())
	}
	resume, err := a.store.Adopt(f.Name, f.Was, names)
	if err != nil {
		return nil, wrap(err)
	}
	since, err := a.store.Follow(f.Name, f.Was, f.Read.Paths)
	if err != nil {
		return nil, wrap(err)
	}
	for i := range resume.Positions {
		u.saved[resume.Positions[i].ID] = resume.Saved[i]
	}
	u.tracker = checkpoint.NewTracker(checkpoint.TrackerConfig{
		Flow: f.Name, Destinations: names, InFlight: f.InFlight, Known: resume.Positions, First: resume.First, Wake: a.saver.Wake,
	})
	dir := f.DeadLetter.Dir
	if dir == "" {
		dir = filepath.Join(a.opt.Config.StateDir, "dead-letter")
	}
	u.letters = flow.NewDeadLetters(flow.DeadLetterConfig{
		Flow: f.Name, Dir: dir, Prefix: a.opt.LetterPrefix, MaxSize: f.DeadLetter.MaxSize, Observe: u.lettersWritten,
	})
	sends, err := a.sends(f, host)
	if err != nil {
		return nil, wrap(err)
	}
	if u.flow, err = flow.New(flow.Config{Name: f.Name, Parse: f.Parse, Encode: f.Encode, Sends: sends, Tracker: u.tracker,
		Letters: u.letters, ChunkBytes: a.memory.shape.chunk}); err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if u.tailer, err = tailer.New(a.tailerConfig(u, resume, since)); err != nil {
		return nil, wrap(err)
	}
	return u, nil
}

func (a *Agent) sends(f *config.Flow, host string) ([]flow.Send, error) {
	var sends []flow.Send
	for _, send := range f.Send {
		rule := send.PartitionKey
		if send.DeliveryStream != "" {
			rule = ""
		}
		key, err := flow.ParseKey(rule, host)
		if err != nil {
			return nil, err
		}
		sends = append(sends, flow.Send{Name: send.Destination(), Key: key, Destination: a.destination(send)})
	}
	return sends, nil
}

func (a *Agent) tailerConfig(u *unit, resume checkpoint.Resume, since time.Time) tailer.Config {
	read := &u.cfg.Read
	block := min(int64(a.memory.shape.block), max(u.cfg.InFlight/2, minBlock)) // so that the cap is kept, and reading goes on while one block waits
	return tailer.Config{
		Paths: read.Paths, Exclude: read.Exclude, Start: tailer.Start(read.Start), FirstStart: resume.First, Known: resume.Positions, Since: since,
		Once: a.opt.Once, MaxRecord: read.MaxRecord, BlockSize: int(block), Workers: a.memory.shape.workers,
		ScanInterval: read.ScanInterval, PartialTimeout: read.PartialTimeout, Clock: u.clock, Observe: u.observe,
		Handle: func(ctx context.Context, b *tailer.Block) error { return u.flow.Handle(ctx, a.hard, b) },
	}
}

// warnMissing says which folders of the flow's paths are not there: most often a slip of the pen.
func (u *unit) warnMissing() {
	for _, path := range u.cfg.Read.Paths {
		dir := fixedDir(path)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			u.log.Warn("the folder of a path does not exist (yet); files are read as soon as it does", "path", path, "folder", dir)
		}
	}
}

// fixedDir returns the folder that a glob begins with, up to the first part that has something special in it.
func fixedDir(glob string) string {
	dir, _ := filepath.Split(glob)
	if i := strings.IndexAny(dir, `*?[{\`); i >= 0 {
		dir, _ = filepath.Split(dir[:i])
	}
	return filepath.Clean(dir)
}

// started tells the tracker when the flow's first start is over: that is when the positions of all files of the first scan are known,
// so that no later start takes one of them for new. It returns when that is done or ctx ends.
func (u *unit) started(ctx context.Context, save func()) {
	select {
	case <-u.clock.scanned:
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for u.cfg.Read.Start == config.StartEnd && !u.allKnown() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	u.tracker.Started()
	save()
	u.log.Debug("all files of the first scan are known")
}

// allKnown reports whether each file has a position. One that cannot be read is not waited for: it would make every later start a first
// one, that jumps over what was written in between. Such a later start reads it from its beginning.
func (u *unit) allKnown() bool {
	for _, f := range u.tailer.Files() {
		if f.Error != "" {
			continue
		}
		if acknowledged, _ := u.tracker.Offsets(f.ID); acknowledged < 0 {
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
