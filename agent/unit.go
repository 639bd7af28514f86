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

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
)

// unit is one reading of a flow with everything that belongs to it alone. Its reader can be stopped and replaced while the agent runs; supervise owns it.
type unit struct {
	agent  *Agent
	route  *route
	number int // of the reading
	cfg    *config.Flow
	log    *slog.Logger
	sends  []flow.Send
	names  []string               // of the destinations, under which the positions are kept
	reader atomic.Pointer[reader] // the present one; never nil
	pauses chan pause             // asks supervise to change something while nothing is read
	begun  chan struct{}          // closed when it has begun to read
	over   chan struct{}          // closed when supervise has returned
	failed outcome                // why the flow does not read
	notes  sync.WaitGroup         // of those who write down what the log has said

	mismatched spoken // when the log last spoke of lines without the flow's format
	undecided  spoken // and of conditions that failed
	undone     spoken // and of edits that did
}

// newUnit makes one reading of a flow, with a reader that has not asked the store yet. It starts nothing.
func (r *route) newUnit(l *lineup, number int, reading config.Reading) (*unit, error) {
	u := &unit{agent: r.agent, route: r, number: number, cfg: r.cfg, log: r.log, names: r.readings[number],
		pauses: make(chan pause), begun: make(chan struct{}), over: make(chan struct{})}
	if len(r.readings) > 1 && number > 0 {
		u.log = r.log.With("reading", u.names[0])
	}
	if err := u.connect(l, reading); err != nil {
		return nil, fmt.Errorf("agent: flow %s: %w", u.cfg.Name, err)
	}
	blank, err := u.blankReader()
	if err != nil {
		blank.end()
		return nil, err
	}
	u.reader.Store(blank)
	return u, nil
}

// parse says how the reading parses lines. Of those without the flow's format the first reading alone makes dead letters.
func (u *unit) parse() config.Parse {
	p := u.cfg.Parse
	if u.number > 0 && p.OnMismatch == config.MismatchDeadLetter {
		p.OnMismatch = config.MismatchDrop
	}
	return p
}

// onUnrouted likewise: the first reading alone makes dead letters of records that no destination gets.
func (u *unit) onUnrouted() config.Unrouted {
	if u.number > 0 {
		return config.UnroutedDrop
	}
	return u.cfg.OnUnrouted
}

// elsewhere returns the entries of the flow that other readings serve.
func (u *unit) elsewhere() (others []flow.Send) {
	for number, reading := range u.cfg.Readings() {
		if number == u.number {
			continue
		}
		for _, i := range reading {
			send := &u.cfg.Send[i]
			others = append(others, flow.Send{Name: send.Destination(), When: send.When, Default: send.Default})
		}
	}
	return others
}

// connect finds the destinations of a reading.
func (u *unit) connect(l *lineup, reading config.Reading) error {
	for _, i := range reading {
		send := &u.cfg.Send[i]
		rule := send.PartitionKey
		if send.DeliveryStream != "" {
			rule = ""
		}
		key, err := flow.ParseKey(rule, u.agent.host)
		if err != nil {
			return err
		}
		u.sends = append(u.sends, flow.Send{Name: send.Destination(), Key: key, Pack: send.Pack, When: send.When, Default: send.Default, Destination: l.destination(keyOf(l.config, u.cfg, send))})
	}
	return nil
}

// settle ends what is left of a reading that has ended.
func (u *unit) settle() {
	r := u.reader.Load()
	r.end()
	u.notes.Wait()
	r.bury()
}

// warnMissing says which folders of the flow's paths are not there, most often a slip of the pen, and which pipes are not read.
func (u *unit) warnMissing() {
	for _, path := range u.cfg.Read.Paths {
		dir := fixedDir(path)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			u.log.Warn("the folder of a path does not exist (yet); files are read as soon as it does", "path", path, "folder", dir)
		}
		if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 && u.route.ids != nil {
			u.log.Error("a named pipe is not read: with on_failure: lag the files are read more than once, and a pipe cannot be; give it a flow of its own", "path", path)
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
