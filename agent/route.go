package agent

import (
	"context"
	"fmt"
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

	share   portion // of the memory, for each reading
	files   int     // that each reading may keep open
	earlier *route  // in whose place it comes, which has ended when this one runs; nil: none
	opened  bool    // the readings are from what the store says

	writing     sync.WaitGroup  // of the dead letters
	giveUp      context.Context // ends the writing of dead letters
	stopWriting context.CancelFunc

	registering sync.Mutex // one reading at a time notes the files of all of them
	letter      outcome    // of the dead letters, for the log
	buried      time.Time  // when the log last spoke of dead letters; belongs to their writer
}

// newRoute makes what a flow has beside its readings, in place of one that may be nil.
func (a *Agent) newRoute(l *lineup, f *config.Flow, earlier *route) *route {
	r := &route{agent: a, cfg: f, log: a.log.With("flow", f.Name), earlier: earlier,
		share: portion{l.memory.shape, l.memory.inflate}, files: maxOpen(readings(l.config))}
	r.giveUp, r.stopWriting = context.WithCancel(a.hard)
	dir := f.DeadLetter.Dir
	if dir == "" {
		dir = filepath.Join(l.config.StateDir, "dead-letter")
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

// assemble makes the readings, which know nothing of the store yet: it shows what can be wrong with the configuration.
func (r *route) assemble(l *lineup) error {
	for i, reading := range r.cfg.Readings() {
		u, err := r.newUnit(l, i, reading)
		if err != nil {
			return err
		}
		r.units = append(r.units, u)
	}
	return nil
}

// open has the readings go on from what the store says. It starts nothing.
func (r *route) open() error {
	f := r.cfg
	resume, err := r.agent.store.Adopt(f.Name, f.Was, r.readings...)
	if err != nil {
		return err
	}
	if r.ids != nil { // before anybody meets a file, all know which there are
		for i := range resume {
			r.ids.Join(i, resume[i].Positions)
		}
	}
	for i, u := range r.units {
		reader, err := u.newReader(u.reader.Load(), resume[i])
		if err != nil {
			return err
		}
		u.reader.Load().end()
		u.reader.Store(reader)
	}
	r.opened = true
	return nil
}

// run starts the flow; it ends with reading. The caller is of the crew.
func (r *route) run(reading context.Context) {
	if r.earlier != nil {
		r.letters.Continue(r.earlier.letters)
		r.earlier = nil // it is not to be kept in memory
	}
	r.units[0].warnMissing()
	r.writing.Go(func() { r.letters.Run(r.giveUp) }) // its only error is the context's: what waits stays unacknowledged
	r.agent.crew.work(func() {
		if !r.opened && !r.units[0].try(reading, r.open) {
			for _, u := range r.units {
				close(u.over)
			}
			return
		}
		for _, u := range r.units {
			r.agent.crew.work(func() { u.supervise(reading) })
		}
	})
}

// retire ends a flow in order: what was read is answered and saved. If that does not come within Options.DrainTimeout it ends all the same; what was in
// flight then is read again by whoever goes on from its positions. It returns what is to be said of that.
func (r *route) retire(reading context.Context) (note string) {
	ctx, cancel := context.WithTimeout(reading, r.agent.opt.DrainTimeout)
	defer cancel()
	var group sync.WaitGroup
	for _, u := range r.units {
		group.Go(func() { u.retire(ctx, reading) })
	}
	group.Wait()
	if reading.Err() != nil {
		return "" // the end of the run takes care of it
	}
	r.letters.Close()
	r.writing.Wait()
	r.stopWriting()
	var left int64
	for _, u := range r.units {
		tracker := u.reader.Load().tracker
		left += tracker.InFlight()
		u.settle()
		r.agent.saver.Save() // what fails here is said by whoever saves next
		r.agent.saver.Leave(tracker)
	}
	if left > 0 {
		note = fmt.Sprintf("it was stopped before %d bytes that it had read were acknowledged: they are read again, and what had arrived arrives twice", left)
	}
	return note
}

// retire ends a reading in order until ctx ends, and then all the same.
func (u *unit) retire(ctx, reading context.Context) {
	err := u.while(pause{ctx: ctx, last: true, done: make(chan error, 1)})
	if err == nil || reading.Err() != nil {
		return
	}
	u.while(pause{ctx: reading, force: true, last: true, done: make(chan error, 1)})
	u.route.stopWriting()
	select {
	case <-u.over:
	case <-reading.Done():
	}
}

// discard ends what is left of a flow that never ran.
func (r *route) discard() {
	r.stopWriting()
	for _, u := range r.units {
		u.reader.Load().end()
	}
}

// ended tells whether one of the readings has.
func (r *route) ended() bool {
	return slices.ContainsFunc(r.units, func(u *unit) bool {
		select {
		case <-u.over:
			return true
		default:
			return false
		}
	})
}

// others returns the destinations of the readings but one.
func (r *route) others(reading int) []string {
	return slices.Concat(append(slices.Clone(r.readings[:reading]), r.readings[reading+1:]...)...)
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
