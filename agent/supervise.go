package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// pause is something that is done to a flow while it stands still.
type pause struct {
	ctx   context.Context // ends the wait for rest
	force bool            // do not wait: what is in flight is sent again
	last  bool            // the flow does not read on
	do    func() error    // may be nil
	done  chan error      // with room for one
}

const (
	restPoll    = 10 * time.Millisecond // between two looks whether a flow is at rest
	renewPeriod = time.Second           // between two tries to read on
)

var (
	errStopping = errors.New("agent: it is stopping; nothing was changed")
	errEnded    = errors.New("has ended")
)

// supervise runs the flow until reading ends, or with Options.Once all is read, and makes the changes that are asked for meanwhile.
func (u *unit) supervise(reading context.Context) {
	defer close(u.over)
	if !u.begin(reading) {
		return
	}
	close(u.begun)
	for {
		r := u.reader.Load()
		select {
		case err := <-r.ended:
			if err != nil && reading.Err() == nil {
				u.failed.set(err)
				if !u.agent.opt.Once { // else the end of the run says so, and each file has said why
					u.log.Error("the flow has ended", "error", err)
				}
			}
			return
		case c := <-u.pauses:
			if !u.make(reading, c) {
				return
			}
		}
	}
}

// make brings the flow to rest, makes a change, and lets the flow read on from what the store says then, or end if the change is its last. If
// the flow does not come to rest it goes on as if nothing had been. It reports false if reading has ended.
func (u *unit) make(reading context.Context, c pause) bool {
	a, r := u.agent, u.reader.Load()
	if err := r.hold(reading, c); err != nil {
		r.gate.open()
		c.done <- err
		return true // an end of the reading shows in r.ended
	}
	r.stop()
	if c.force {
		r.kill()
	}
	<-r.ended
	r.end()
	r.bury()
	err := a.saver.Save()
	a.saver.Leave(r.tracker)
	if n := r.tracker.InFlight(); n > 0 {
		u.log.Warn("the flow was stopped before all was acknowledged; it is read again, and what had arrived arrives twice", "bytes", n)
	}
	if err == nil && c.do != nil {
		err = c.do()
	}
	if c.last {
		c.done <- err
		return false
	}
	alive := u.replace(reading, r) && u.begin(reading)
	c.done <- err
	return alive
}

// hold keeps blocks back until everything before them is answered and saved, or the change's context ends.
func (r *reader) hold(reading context.Context, c pause) error {
	r.gate.close()
	if c.force {
		return nil
	}
	tick := time.NewTicker(restPoll)
	defer tick.Stop()
	for !r.gate.empty() || !r.tracker.Idle() {
		r.unit.agent.saver.Wake()
		select {
		case <-tick.C:
		case <-reading.Done():
			return errStopping
		case <-c.ctx.Done():
			return r.restless()
		}
	}
	return nil
}

// restless says why a flow does not come to rest.
func (r *reader) restless() error {
	var reasons []string
	if err := r.unit.agent.saving.get(); err != nil {
		reasons = append(reasons, err.Error())
	}
	for _, send := range r.unit.sends {
		if e := send.Destination.Stats().LastError; e != "" {
			reasons = append(reasons, send.Name+": "+e)
		}
	}
	why := ""
	if len(reasons) > 0 {
		why = " (" + strings.Join(reasons, "; ") + ")"
	}
	return fmt.Errorf("agent: flow %s: %d bytes that were read are not acknowledged and saved yet%s; nothing was changed. "+
		"Try again when they are, or force the change: they are sent again then, and what had arrived arrives twice",
		r.unit.cfg.Name, r.tracker.InFlight(), why)
}

// begin starts the present reader, or, where files are to be registered first, one that knows them. It reports false if reading ended before.
func (u *unit) begin(reading context.Context) bool {
	for r := u.reader.Load(); !r.noted; r = u.reader.Load() {
		if !u.try(reading, func() error { return u.route.register(reading, r) }) {
			return false
		}
		r.end()
		if !u.replace(reading, r) {
			return false
		}
	}
	u.reader.Load().begin(reading)
	return true
}

// replace makes a new reader in place of one that has ended or never began. It reports false if reading ended before.
func (u *unit) replace(reading context.Context, old *reader) bool {
	return u.try(reading, func() error {
		resume, err := u.agent.store.Resume(u.cfg.Name, u.names)
		if err != nil {
			return err
		}
		r, err := u.newReader(old, resume)
		if err == nil {
			u.reader.Store(r)
		}
		return err
	})
}

// try does what a flow needs to read on, again and again until it succeeds. It reports false if reading ended before.
func (u *unit) try(reading context.Context, do func() error) bool {
	for reading.Err() == nil {
		err := do()
		if err == nil {
			u.failed.set(nil)
			return true
		}
		if reading.Err() != nil {
			return false // that is why
		}
		if u.failed.set(err) == becameBad {
			u.log.Error("the flow cannot read on; trying again", "error", err)
		}
		retry := time.NewTimer(renewPeriod)
		select {
		case <-retry.C:
		case <-reading.Done():
			retry.Stop()
		}
	}
	return false
}

// while makes a change to the flow while it stands still.
func (u *unit) while(c pause) error {
	select {
	case u.pauses <- c:
	case <-u.over:
		return fmt.Errorf("agent: flow %s %w; nothing was changed", u.cfg.Name, errEnded)
	case <-c.ctx.Done():
		return fmt.Errorf("agent: flow %s: %w; nothing was changed", u.cfg.Name, context.Cause(c.ctx))
	}
	return <-c.done
}
