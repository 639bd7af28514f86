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
	kept          map[string]*route // flows that go on
	result        *status.Reload
}

// prepare makes the new lineup, with all that can be refused. Nothing of it runs.
func (s *step) prepare(c *config.Config) error {
	s.keep(c)
	shares := make(map[string]portion)
	for name, r := range s.kept {
		shares[name] = r.share
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
	return s.agent.fill(s.after, s.before, s.kept)
}

// keep finds the flows that go on as they are: those that are the same, and read.
func (s *step) keep(c *config.Config) {
	s.kept = make(map[string]*route)
	if c.Memory != s.before.config.Memory {
		return
	}
	for i := range c.Flows {
		r := s.before.route(c.Flows[i].Name)
		if r != nil && !r.ended() && sameFlow(s.before.config, r.cfg, c, &c.Flows[i]) { // one that has ended is started again so
			s.kept[r.cfg.Name] = r
		}
	}
}

// commit stops what is not in the new lineup, and starts what is new in it.
func (s *step) commit(reading context.Context) error {
	a := s.agent
	a.metadata.Wait(reading) // of what new flows want first; those before them read on meanwhile
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
	for _, r := range s.after.routes {
		if s.kept[r.cfg.Name] == nil {
			r.run(reading)
			begun = append(begun, r.units...)
		}
	}
	s.closeUnused()
	for name, text := range awaitBegin(reading, begun) {
		notes[name] = append(notes[name], text)
	}
	s.describe(notes)
	return nil
}

// retire stops the flows that are not kept, all at a time, and returns what is to be said of them, by their names.
func (s *step) retire(reading context.Context) map[string][]string {
	var mu sync.Mutex
	var group sync.WaitGroup
	notes := make(map[string][]string)
	for _, r := range s.before.routes {
		if s.kept[r.cfg.Name] != nil {
			continue
		}
		group.Go(func() {
			if note := r.retire(reading); note != "" {
				mu.Lock()
				defer mu.Unlock()
				notes[r.cfg.Name] = append(notes[r.cfg.Name], note)
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
	for _, r := range s.after.routes {
		old := s.before.route(r.cfg.Name)
		switch {
		case old == r:
			add(r.cfg.Name, status.FlowUnchanged)
		case old != nil:
			if sameFlow(s.before.config, old.cfg, s.after.config, r.cfg) {
				notes[r.cfg.Name] = append(notes[r.cfg.Name], "its own configuration is the same; it was started again because its share of memory is another, or because it had ended")
			}
			add(r.cfg.Name, status.FlowChanged)
		default:
			if r.cfg.Was != "" {
				notes[r.cfg.Name] = append(notes[r.cfg.Name], "was "+r.cfg.Was)
			}
			add(r.cfg.Name, status.FlowAdded)
		}
	}
	for _, r := range s.before.routes {
		if s.after.route(r.cfg.Name) == nil {
			add(r.cfg.Name, status.FlowRemoved)
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
