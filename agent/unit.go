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
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
)

// unit is one flow with everything that belongs to it alone. Its reader can be stopped and replaced while the agent runs; supervise owns it.
type unit struct {
	agent   *Agent
	cfg     *config.Flow
	log     *slog.Logger
	share   portion // of the memory
	open    int     // files that it may keep open
	letters *flow.DeadLetters
	sends   []flow.Send
	uses    []*destination         // of sends
	earlier *unit                  // in whose place it comes, which has ended when this one runs; nil: none
	reader  atomic.Pointer[reader] // the present one; never nil
	pauses  chan pause             // asks supervise to change something while nothing is read
	begun   chan struct{}          // closed when it has begun to read
	over    chan struct{}          // closed when supervise has returned
	failed  outcome                // why the flow does not read
	letter  outcome                // of the dead letters, for the log
	notes   sync.WaitGroup         // of those who write down what the log has said
	buried  time.Time              // when the log last spoke of dead letters; belongs to their writer

	writing     sync.WaitGroup  // of the dead letters
	giveUp      context.Context // ends the writing of dead letters
	stopWriting context.CancelFunc

	mismatched atomic.Int64 // when the log last spoke of lines without the flow's format, in nanoseconds of the wall clock
}

// newUnit makes a flow for a lineup, with a reader that has not asked the store yet, in place of one that may be nil. It starts nothing.
func (a *Agent) newUnit(l *lineup, f *config.Flow, earlier *unit) (*unit, error) {
	u := &unit{agent: a, cfg: f, earlier: earlier, share: portion{l.memory.shape, l.memory.inflate}, open: maxOpen(len(l.config.Flows)),
		log: a.log.With("flow", f.Name), pauses: make(chan pause), begun: make(chan struct{}), over: make(chan struct{})}
	u.giveUp, u.stopWriting = context.WithCancel(a.hard)
	dir := f.DeadLetter.Dir
	if dir == "" {
		dir = filepath.Join(a.opt.Config.StateDir, "dead-letter")
	}
	u.letters = flow.NewDeadLetters(flow.DeadLetterConfig{
		Flow: f.Name, Dir: dir, Prefix: a.opt.LetterPrefix, MaxSize: f.DeadLetter.MaxSize, Observe: u.lettersWritten,
	})
	var err error
	if err = u.connect(l); err != nil {
		u.stopWriting()
		return nil, fmt.Errorf("agent: flow %s: %w", f.Name, err)
	}
	r, err := u.blankReader(earlier)
	if err != nil {
		u.stopWriting()
		r.end()
		return nil, err
	}
	u.reader.Store(r)
	return u, nil
}

// connect finds the flow's destinations.
func (u *unit) connect(l *lineup) error {
	for _, send := range u.cfg.Send {
		rule := send.PartitionKey
		if send.DeliveryStream != "" {
			rule = ""
		}
		key, err := flow.ParseKey(rule, u.agent.host)
		if err != nil {
			return err
		}
		d := l.destination(send, targetOf(l.config, send))
		u.uses = append(u.uses, d)
		u.sends = append(u.sends, flow.Send{Name: send.Destination(), Key: key, Destination: d})
	}
	return nil
}

// destinations are the names under which the flow's positions are kept.
func (u *unit) destinations() []string {
	names := make([]string, 0, len(u.sends))
	for _, send := range u.sends {
		names = append(names, send.Name)
	}
	return names
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

// run starts the flow; it ends with reading. The caller is of the crew.
func (u *unit) run(reading context.Context) {
	if u.earlier != nil {
		u.letters.Continue(u.earlier.letters)
		u.earlier = nil // it is not to be kept in memory
	}
	u.warnMissing()
	u.writing.Go(func() { u.letters.Run(u.giveUp) }) // its only error is the context's: what waits stays unacknowledged
	u.agent.crew.work(func() { u.supervise(reading) })
}

// settle ends what is left of a flow that does not read any more.
func (u *unit) settle() {
	r := u.reader.Load()
	r.end()
	u.notes.Wait()
	r.bury()
}
