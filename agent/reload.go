package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/status"
)

// beginTime is how long a reload waits for a new flow to begin to read.
const beginTime = 10 * time.Second

// resizer is a destination whose memory can be changed.
type resizer interface{ Resize(memory int64) }

// Reload reads the configuration anew and makes the agent run it, without touching the flows that have not changed. It returns when that is
// done, which takes at most about Options.DrainTimeout if a destination is down, or refused. Reloads wait for one another. It may be called
// at any time; ctx ends the wait for Run and for others, but nothing that has begun.
func (a *Agent) Reload(ctx context.Context) status.Reload {
	result := status.Reload{Time: time.Now(), Config: a.opt.Config.File}
	over := func(*config.Config) {}
	reading, done, err := a.mayReload(ctx)
	if err == nil {
		defer done()
		if a.opt.Reloading != nil {
			over = a.opt.Reloading()
		}
		err = a.reload(reading, &result)
	}
	result.Took = time.Since(result.Time).Milliseconds()
	var refused *refusal
	switch {
	case err == nil:
		result.Outcome = status.ReloadDone
	case errors.As(err, &refused):
		result.Outcome = status.ReloadRefused
	default:
		result.Outcome = status.ReloadFailed
	}
	if err != nil {
		result.Error = err.Error()
	}
	a.logReload(&result)
	a.reloaded.Store(&result)
	if l := a.now.Load(); l != nil {
		over(l.config)
	}
	return result
}

// mayReload waits for its turn. The returned func ends the turn.
func (a *Agent) mayReload(ctx context.Context) (reading context.Context, done func(), err error) {
	if a.opt.Load == nil || a.opt.Once {
		return nil, nil, errors.New("agent: this run does not reload its configuration")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(a.hard, func() { cancel(errStopping) })()
	next, err := a.change(ctx)
	if err != nil {
		return nil, nil, err
	}
	if reading, err = a.crew.join(ctx); err != nil {
		next()
		return nil, nil, err
	}
	return reading, func() { a.crew.leave(); next() }, nil
}

// refusal is a configuration that cannot be taken over.
type refusal struct{ err error }

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// reload loads the configuration and puts its lineup in place of the present one. Up to the commit nothing changes.
func (a *Agent) reload(reading context.Context, result *status.Reload) error {
	before := a.now.Load()
	c, err := a.opt.Load()
	if err == nil {
		result.Config = c.File
		err = immutable(before.config, c)
	}
	if err != nil {
		return &refusal{err}
	}
	result.Warnings = a.warnOrphans(c)
	s := step{agent: a, before: before, result: result}
	if err := s.prepare(c); err != nil {
		return &refusal{err}
	}
	return s.commit(reading)
}

// immutable says what only a restart can change.
func immutable(was, c *config.Config) error {
	var changed []string
	if was.StateDir != c.StateDir {
		changed = append(changed, fmt.Sprintf("state_dir (it runs with %s, the file has %s)", was.StateDir, c.StateDir))
	}
	if was.Socket != c.Socket {
		changed = append(changed, fmt.Sprintf("socket (it runs with %s, the file has %s)", was.Socket, c.Socket))
	}
	if len(changed) == 0 {
		return nil
	}
	return fmt.Errorf("%s: a restart is needed to change %s; nothing was changed", c.File, strings.Join(changed, " and "))
}

// step is one change of the lineup.
type step struct {
	agent         *Agent
	before, after *lineup
	kept          map[string]*unit // units that go on
	result        *status.Reload
}

// prepare makes the new lineup, with all that can be refused. Nothing of it runs.
func (s *step) prepare(c *config.Config) error {
	s.keep(c)
	shares := make(map[string]portion)
	for name, u := range s.kept {
		shares[name] = u.share
	}
	memory, err := planAround(c, shares)
	if err != nil {
		s.kept = nil // all begin anew, with smaller shares
		memory, err = planMemory(c)
	}
	if err != nil {
		return err
	}
	s.after = &lineup{config: c, loaded: time.Now(), memory: memory}
	for _, u := range s.kept {
		s.after.units = append(s.after.units, u)
	}
	return s.agent.fill(s.after, s.before)
}

// keep finds the units that go on as they are: those whose flows are the same, and read.
func (s *step) keep(c *config.Config) {
	s.kept = make(map[string]*unit)
	if c.Memory != s.before.config.Memory {
		return
	}
	for i := range c.Flows {
		u := s.before.unit(c.Flows[i].Name)
		if u == nil || !sameFlow(s.before.config, u.cfg, c, &c.Flows[i]) {
			continue
		}
		select {
		case <-u.over: // it has failed: this is the way to start it again
		default:
			s.kept[u.cfg.Name] = u
		}
	}
}

// commit stops what is not in the new lineup, and starts what is new in it.
func (s *step) commit(reading context.Context) error {
	a := s.agent
	notes := s.retire(reading)
	if reading.Err() != nil {
		a.discard(s.after, s.before)
		return errStopping
	}
	for _, d := range s.after.destinations {
		if r, ok := d.Destination.(resizer); ok {
			r.Resize(s.after.memory.producer[d.key])
		}
	}
	a.now.Store(s.after)
	var begun []*unit
	for _, u := range s.after.units {
		if s.kept[u.cfg.Name] == nil {
			u.run(reading)
			begun = append(begun, u)
		}
	}
	s.closeUnused()
	for name, text := range awaitBegin(reading, begun) {
		notes[name] = append(notes[name], text)
	}
	s.describe(notes)
	return nil
}

// retire stops the units that are not kept, all at a time, and returns what is to be said of them, by their names.
func (s *step) retire(reading context.Context) map[string][]string {
	var mu sync.Mutex
	var group sync.WaitGroup
	notes := make(map[string][]string)
	for _, u := range s.before.units {
		if s.kept[u.cfg.Name] != nil {
			continue
		}
		group.Go(func() {
			if note := u.retire(reading); note != "" {
				mu.Lock()
				defer mu.Unlock()
				notes[u.cfg.Name] = append(notes[u.cfg.Name], note)
			}
		})
	}
	group.Wait()
	return notes
}

// closeUnused ends the producers that nobody sends to any more. What they still held is not waited for: their flows have done that.
func (s *step) closeUnused() {
	ctx, cancel := context.WithTimeout(s.agent.hard, time.Second)
	defer cancel()
	s.agent.closeDestinations(ctx, without(s.before.destinations, s.after.destinations))
}

// awaitBegin waits until the flows read, and says of those that do not soon why.
func awaitBegin(reading context.Context, units []*unit) map[string]string {
	ctx, cancel := context.WithTimeout(reading, beginTime)
	defer cancel()
	notes := make(map[string]string)
	for _, u := range units {
		select {
		case <-u.begun:
		case <-u.over:
		case <-ctx.Done():
		}
		if err := u.failed.get(); err != nil {
			notes[u.cfg.Name] = "it does not read yet: " + err.Error()
		}
	}
	return notes
}

// describe says what became of each flow.
func (s *step) describe(notes map[string][]string) {
	add := func(name, change string) {
		s.result.Flows = append(s.result.Flows, status.FlowReload{Name: name, Change: change, Note: strings.Join(notes[name], "; ")})
	}
	for _, u := range s.after.units {
		old := s.before.unit(u.cfg.Name)
		switch {
		case old == u:
			add(u.cfg.Name, status.FlowUnchanged)
		case old != nil:
			if sameFlow(s.before.config, old.cfg, s.after.config, u.cfg) {
				notes[u.cfg.Name] = append(notes[u.cfg.Name], "its own configuration is the same; it was started again because its share of memory is another, or because it had ended")
			}
			add(u.cfg.Name, status.FlowChanged)
		default:
			if u.cfg.Was != "" {
				notes[u.cfg.Name] = append(notes[u.cfg.Name], "was "+u.cfg.Was)
			}
			add(u.cfg.Name, status.FlowAdded)
		}
	}
	for _, u := range s.before.units {
		if s.after.unit(u.cfg.Name) == nil {
			add(u.cfg.Name, status.FlowRemoved)
		}
	}
}

// logReload says in the log what came of a reload: once for each problem, and for each flow that was not left alone.
func (a *Agent) logReload(r *status.Reload) {
	if r.Outcome != status.ReloadDone {
		for line := range strings.SplitSeq(r.Error, "\n") {
			a.log.Error("the configuration was not reloaded; the one that was loaded before goes on", "outcome", r.Outcome, "config", r.Config, "problem", line)
		}
		return
	}
	count := make(map[string]int)
	for _, f := range r.Flows {
		if count[f.Change]++; f.Change == status.FlowUnchanged {
			continue
		}
		log := a.log.With("flow", f.Name, "change", f.Change)
		if f.Note != "" {
			log = log.With("note", f.Note)
		}
		log.Info("reloaded flow")
	}
	a.log.Info("reloaded", "config", r.Config, "unchanged", count[status.FlowUnchanged], "changed", count[status.FlowChanged],
		"added", count[status.FlowAdded], "removed", count[status.FlowRemoved], "took", (time.Duration(r.Took) * time.Millisecond).String())
}

// retire ends a flow in order: what was read is answered and saved. If that does not come within Options.DrainTimeout it ends all the same; what was in
// flight then is read again by whoever goes on from its positions. It returns what is to be said of that.
func (u *unit) retire(reading context.Context) (note string) {
	ctx, cancel := context.WithTimeout(reading, u.agent.opt.DrainTimeout)
	defer cancel()
	err := u.while(pause{ctx: ctx, last: true, done: make(chan error, 1)})
	if err != nil && reading.Err() == nil {
		err = u.while(pause{ctx: reading, force: true, last: true, done: make(chan error, 1)})
		u.stopWriting()
	}
	if reading.Err() != nil {
		return "" // the end of the run takes care of it
	}
	<-u.over
	tracker := u.reader.Load().tracker
	if n := tracker.InFlight(); n > 0 {
		note = fmt.Sprintf("it was stopped before %d bytes that it had read were acknowledged: they are read again, and what had arrived arrives twice", n)
	} else if err != nil && !errors.Is(err, errEnded) {
		note = err.Error()
	}
	u.letters.Close()
	u.writing.Wait()
	u.stopWriting()
	u.settle()
	u.agent.saver.Save() // what fails here is said by whoever saves next
	u.agent.saver.Leave(tracker)
	return note
}
