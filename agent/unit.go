package agent

import (
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
	letters *flow.DeadLetters
	sends   []flow.Send
	reader  atomic.Pointer[reader] // the present one; never nil
	pauses  chan pause             // asks supervise to change something while nothing is read
	over    chan struct{}          // closed when supervise has returned
	failed  outcome                // why the flow does not read
	letter  outcome                // of the dead letters, for the log
	notes   sync.WaitGroup         // of those who write down what the log has said
	buried  time.Time              // when the log last spoke of dead letters; belongs to their writer

	mismatched spoken // when the log last spoke of lines without the flow's format
	undecided  spoken // and of conditions that failed
}

// newUnit makes a flow. It starts nothing.
func (a *Agent) newUnit(f *config.Flow, host string) (*unit, error) {
	u := &unit{agent: a, cfg: f, log: a.log.With("flow", f.Name), pauses: make(chan pause), over: make(chan struct{})}
	dir := f.DeadLetter.Dir
	if dir == "" {
		dir = filepath.Join(a.opt.Config.StateDir, "dead-letter")
	}
	u.letters = flow.NewDeadLetters(flow.DeadLetterConfig{
		Flow: f.Name, Dir: dir, Prefix: a.opt.LetterPrefix, MaxSize: f.DeadLetter.MaxSize, Observe: u.lettersWritten,
	})
	var err error
	if u.sends, err = a.sends(f, host); err != nil {
		return nil, fmt.Errorf("agent: flow %s: %w", f.Name, err)
	}
	r, err := u.newReader(nil)
	if err != nil {
		return nil, err
	}
	u.reader.Store(r)
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
		sends = append(sends, flow.Send{Name: send.Destination(), Key: key, When: send.When, Default: send.Default, Destination: a.destination(send)})
	}
	return sends, nil
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
