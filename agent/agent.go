// Package agent runs the flows of a configuration: it joins tailer, parsers and sink, brings the positions to disk, shows its state,
// and stops in two stages.
//
//	tailer per reading -> flow -> producer per destination, shared by all flows
//	      ^                |          |
//	      |                v          v
//	 checkpoint.Store <- Saver <- Tracker per reading
//
// A flow is a route with one reading of its files for all of its destinations, and one more for each that lags on its own. A reading is a unit, which one
// goroutine supervises. What reads for it, tailer and tracker, is its reader; to change something while nothing
// is in flight the unit stops its reader in order, and starts another from what the store says then. Other units do not notice.
//
// Routes and producers of a configuration are its lineup. A reload makes the next one: it keeps the routes of flows that have not changed, and the
// producers that they use, stops the others in order, and starts the new ones from what the store says then.
//
// A failing destination, a full disk or an unreadable file stops what needs it and nothing else; it is tried again for ever, logged at each
// change of its state, and shown in Status. The first stage of a stop ends the reading and delivers what was read; the second, after
// Options.DrainTimeout or at Kill, gives up: what was not acknowledged then is read again at the next start.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
)

// Options say what to run. Config and Log are required.
type Options struct {
	Config       *config.Config // to begin with
	Log          *slog.Logger
	Version      string
	DrainTimeout time.Duration // how long a stop may take to deliver what was read; 0 means 10 s
	Once         bool          // read all files to their present end, deliver, checkpoint, and let Run return
	Store        string        // file in Config.StateDir that keeps the positions; empty means checkpoints.db
	Fresh        bool          // begin without the positions that are there
	LetterPrefix string        // of the names of dead-letter files: two agents must not share one

	// Destination makes a destination in place of the producers for streams and delivery streams, for tests and embedding. The agent
	// closes what it makes.
	Destination func(send config.Send) (sink.Destination, error)

	// Load reads the configuration anew, for Reload. Without it nothing is reloaded.
	Load func() (*config.Config, error)
	// Reloading is told that a reload begins; what it returns, that it is over, and which configuration counts then. May be nil.
	Reloading func() (over func(*config.Config))
}

// Agent is one running configuration. Make it with New; it holds the state folder's lock until Run or Close returns.
type Agent struct {
	opt       Options
	log       *slog.Logger
	host      string // partition_key host
	store     *checkpoint.Store
	saver     *checkpoint.Saver
	now       atomic.Pointer[lineup] // what runs; replaced by reload alone, under changing
	crew      *crew
	transport *http.Transport  // of the producers; made with the first
	inflating chan struct{}    // room for one compressed file at a time, shared by all flows
	large     flow.Large       // room for one large record at a time, likewise
	metadata  *metadata.Source // of the host; asked for what the flows want of it
	server    *status.Server   // nil without a socket
	started   time.Time
	state     atomic.Value                  // string
	saving    outcome                       // of the checkpoints
	changing  chan struct{}                 // full while somebody reloads or edits positions: one at a time
	reloaded  atomic.Pointer[status.Reload] // what came of the last one; nil before

	hard context.Context // ends when waiting for answers does
	kill context.CancelCauseFunc
	once sync.Once // of release
}

// States of an agent.
const (
	stateStarting = "starting"
	stateRunning  = "running"
	stateStopping = "stopping"
	stateStopped  = "stopped"
)

const (
	defaultDrain = 10 * time.Second
	lockWait     = time.Second // for the store: weir positions may look at it just now
)

var (
	errKilled = errors.New("agent: killed")
	errDrain  = errors.New("agent: the time for draining is over")
)

// New checks the configuration against this host and prepares everything: the state folder is locked, positions are read, the socket is
// taken. Nothing is read or sent before Run.
func New(opt Options) (*Agent, error) {
	if opt.Config == nil || opt.Log == nil {
		return nil, errors.New("agent: Config and Log are required")
	}
	if opt.DrainTimeout <= 0 {
		opt.DrainTimeout = defaultDrain
	}
	memory, err := planMemory(opt.Config)
	if err != nil {
		return nil, err
	}
	a := &Agent{opt: opt, log: opt.Log, metadata: metadata.New(metadata.Config{Log: opt.Log}), inflating: make(chan struct{}, 1), changing: make(chan struct{}, 1), crew: newCrew(), started: time.Now()}
	a.state.Store(stateStarting)
	a.hard, a.kill = context.WithCancelCause(context.Background())
	if err := a.build(memory); err != nil {
		a.release()
		return nil, err
	}
	return a, nil
}

// build makes the parts, from the store on up.
func (a *Agent) build(memory plan) error {
	c := a.opt.Config
	var err error
	if a.store, err = checkpoint.Open(checkpoint.StoreConfig{Dir: c.StateDir, Name: a.opt.Store, Fresh: a.opt.Fresh, Wait: lockWait}); err != nil {
		return err
	}
	a.saver = checkpoint.NewSaver(checkpoint.SaverConfig{Save: a.store.Save, Observe: a.saved})
	if c.Socket != "" {
		if a.server, err = status.Listen(c.Socket); err != nil {
			return err
		}
	}
	if a.host, err = os.Hostname(); err != nil {
		a.log.Warn("this host does not know its name: partition_key host cannot be used", "error", err)
	}
	a.warnOrphans(c)
	l := &lineup{config: c, loaded: a.started, memory: memory}
	if err := a.fill(l, &lineup{}, nil); err != nil {
		return err
	}
	a.now.Store(l)
	for _, r := range l.routes { // what the store refuses is an error of the start
		if err := r.open(); err != nil {
			return err
		}
	}
	return nil
}

// fill makes the flows and destinations that a new lineup has not got from the one before, of which those in kept go on. On an error nothing of
// them is left.
func (a *Agent) fill(l, before *lineup, kept map[string]*route) error {
	for i := range l.config.Flows {
		f := &l.config.Flows[i]
		r := kept[f.Name]
		if r == nil {
			r = a.newRoute(l, f, before.route(f.Name))
		}
		l.routes = append(l.routes, r)
	}
	err := a.connect(l, before, kept)
	for i := 0; err == nil && i < len(l.routes); i++ {
		if r := l.routes[i]; kept[r.cfg.Name] == nil {
			err = r.assemble(l)
		}
	}
	if err != nil {
		a.discard(l, before)
	}
	return err
}

// discard ends what a lineup that does not come to run has not got from the one before.
func (a *Agent) discard(l, before *lineup) {
	a.closeDestinations(a.hard, without(l.destinations, before.destinations))
	for _, r := range l.routes {
		if before.route(r.cfg.Name) != r {
			r.discard()
		}
	}
}

// without returns those of all that are not among others.
func without(all, others []*destination) []*destination {
	return slices.DeleteFunc(slices.Clone(all), func(d *destination) bool { return slices.Contains(others, d) })
}

// Kill ends the wait for answers at once. What was not delivered stays unacknowledged. It may be called at any time, and again.
func (a *Agent) Kill() { a.kill(errKilled) }

// Close releases what New took, for an agent that is never run.
func (a *Agent) Close() error {
	a.Kill()
	return a.release()
}

// release closes all parts that are there, once.
func (a *Agent) release() (err error) {
	a.once.Do(func() {
		a.kill(errKilled)
		if l := a.now.Load(); l != nil {
			for _, d := range l.destinations {
				d.Close(a.hard) // of no effect where the run has closed it
			}
		}
		if a.server != nil {
			a.server.Close()
		}
		if a.transport != nil {
			a.transport.CloseIdleConnections()
		}
		if a.store != nil {
			if err = a.store.Close(); err != nil {
				err = fmt.Errorf("agent: close the checkpoints: %w", err)
			}
		}
		a.state.Store(stateStopped)
	})
	return err
}

// saved notes how a save of checkpoints ended, and logs each change.
func (a *Agent) saved(err error) {
	switch a.saving.set(err) {
	case becameBad:
		a.log.Error("cannot write checkpoints; reading stops when the flows' in_flight is reached, and goes on when writing works again. "+
			"Look at the space and the rights of the state folder", "state", a.opt.Config.StateDir, "error", err)
	case becameGood:
		a.log.Info("checkpoints are written again", "state", a.opt.Config.StateDir)
	}
}

// outcome remembers how something went the last time.
type outcome struct {
	mu  sync.Mutex
	err error
}

type change uint8

const (
	same change = iota
	becameBad
	becameGood
)

func (o *outcome) set(err error) change {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.err
	o.err = err
	switch {
	case before == nil && err != nil:
		return becameBad
	case before != nil && err == nil:
		return becameGood
	}
	return same
}

func (o *outcome) get() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
