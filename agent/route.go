package agent

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/tailer"
)

// route is what the readings of one flow have in common. Most flows have one reading; each destination that lags on its own has one more, which
// is a unit like the first: it follows the same files, at its own pace, from its own positions.
type route struct {
	agent    *Agent
	cfg      *config.Flow
	log      *slog.Logger
	letters  *flow.DeadLetters
	readings [][]string        // the destinations of each, by the names under which their positions are kept
	ids      *tailer.Registrar // nil: there is one reading
	units    []*unit           // one for each reading

	registering sync.Mutex // one reading at a time notes the files of all of them
	letter      outcome    // of the dead letters, for the log
	buried      time.Time  // when the log last spoke of dead letters; belongs to their writer
}

// newRoute makes what a flow has beside its readings.
func (a *Agent) newRoute(f *config.Flow) *route {
	r := &route{agent: a, cfg: f, log: a.log.With("flow", f.Name)}
	dir := f.DeadLetter.Dir
	if dir == "" {
		dir = filepath.Join(a.opt.Config.StateDir, "dead-letter")
	}
	r.letters = flow.NewDeadLetters(flow.DeadLetterConfig{
		Flow: f.Name, Dir: dir, Prefix: a.opt.LetterPrefix, MaxSize: f.DeadLetter.MaxSize, Observe: r.lettersWritten,
	})
	for _, reading := range f.Readings() {
		r.readings = append(r.readings, reading.Names(f))
	}
	if len(r.readings) > 1 {
		r.ids = tailer.NewRegistrar()
	}
	return r
}

// open makes the readings. It starts nothing.
func (r *route) open(host string) error {
	a, f := r.agent, r.cfg
	resume, err := a.store.Adopt(f.Name, f.Was, r.readings...)
	if err != nil {
		return err
	}
	if r.ids != nil { // before anybody meets a file, all know which there are
		for i := range resume {
			r.ids.Join(i, resume[i].Positions)
		}
	}
	for i, reading := range f.Readings() {
		u, err := a.newUnit(r, i, reading, host, resume[i])
		if err != nil {
			return err
		}
		r.units = append(r.units, u)
	}
	return nil
}

// others returns the destinations of the readings but one.
func (r *route) others(reading int) []string {
	return slices.Concat(append(slices.Clone(r.readings[:reading]), r.readings[reading+1:]...)...)
}

// route returns the flow with a name, or nil.
func (a *Agent) route(name string) *route {
	for _, r := range a.routes {
		if r.cfg.Name == name {
			return r
		}
	}
	return nil
}

// register notes the files that match for all readings, unless another one has done it.
func (r *route) register(ctx context.Context, by *reader) error {
	r.registering.Lock()
	defer r.registering.Unlock()
	if _, noted, err := r.agent.store.Followed(r.cfg.Name, r.cfg.Was, r.cfg.Read.Paths); err != nil || noted {
		return err
	}
	return by.register(ctx)
}

// while makes a change to the flow while all its readings, or the one with a destination, stand still.
func (r *route) while(c pause, destination string) error {
	units := r.units
	if i := r.reading(destination); i >= 0 {
		units = units[i : i+1]
	}
	do := c.do
	for _, u := range units {
		inner := do
		do = func() error { return u.while(pause{ctx: c.ctx, force: c.force, do: inner, done: make(chan error, 1)}) }
	}
	return do()
}

// reading returns the number of the reading that a destination belongs to, or -1.
func (r *route) reading(destination string) int {
	return slices.IndexFunc(r.readings, func(names []string) bool { return slices.Contains(names, destination) })
}

// status joins what the readings show: the flow's counters are those of the first, with what only the destinations of others count added to them.
func (r *route) status() status.Flow {
	f := r.units[0].status()
	if len(r.units) == 1 {
		return f
	}
	for i, u := range r.units {
		own := f
		if i > 0 {
			own = u.status()
			addReading(&f, &own)
		}
		lag := status.Reading{Destinations: r.readings[i], Lag: own.Lag(), Held: own.Held(), InFlight: own.Counters.InFlight,
			RecordsRead: own.Counters.RecordsRead, BytesRead: own.Counters.BytesRead, Error: own.Error}
		if i == 0 {
			lag.InFlight = u.reader.Load().tracker.InFlight()
		} else {
			lag.Files = own.Files
		}
		f.Readings = append(f.Readings, lag)
	}
	return f
}

// addReading adds what another reading of the flow has done.
func addReading(f, other *status.Flow) {
	c, o := &f.Counters, &other.Counters
	c.Destinations = append(c.Destinations, o.Destinations...)
	c.RecordsDelivered, c.BytesDelivered = flow.Delivered(c.Destinations)
	c.ConditionFailed += o.ConditionFailed
	c.Oversize += o.Oversize
	c.Refused += o.Refused
	c.GivenUp += o.GivenUp
	c.Gaps += o.Gaps
	c.GapBytes += o.GapBytes
	c.Vanished += o.Vanished
	c.InFlight += o.InFlight
	if f.Error == "" {
		f.Error = other.Error
	}
}

// newTracker makes the books of a reading.
func (u *unit) newTracker(resume checkpoint.Resume) *checkpoint.Tracker {
	return checkpoint.NewTracker(checkpoint.TrackerConfig{Flow: u.cfg.Name, Destinations: u.names, Others: u.route.others(u.number), InFlight: u.cfg.InFlight,
		Known: resume.Positions, Vanished: resume.Vanished, Wake: u.agent.saver.Wake})
}

// buriedEvery is how often the log speaks of dead letters that go on coming.
const buriedEvery = time.Minute

// lettersWritten logs each change in how writing dead letters goes, and now and then that there are some: nothing that was
// read goes elsewhere than its destination in silence. It is called by their one writer.
func (r *route) lettersWritten(err error) {
	if now := time.Now(); err == nil && now.Sub(r.buried) >= buriedEvery {
		r.buried = now
		state := r.letters.State()
		r.log.Warn("records went to the dead-letter file; each says why", "file", state.Path, "since_start", state.Written)
	}
	switch r.letter.set(err) {
	case becameBad:
		r.log.Error("cannot write dead letters; the flow's reading waits", "error", err)
	case becameGood:
		r.log.Info("dead letters are written again")
	}
}
