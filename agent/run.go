package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run runs all flows until ctx ends, or with Options.Once until everything is delivered and checkpointed. It returns nil after a stop in
// order, also if draining ran out of time, which the log says. It returns an error if every flow has failed, if the last checkpoint could not
// be written, and with Once if something could not be read or delivered. It is called once.
func (a *Agent) Run(ctx context.Context) error {
	if !a.state.CompareAndSwap(stateStarting, stateRunning) {
		return errors.New("agent: Run was called twice, or after Close")
	}
	reading, stopReading := context.WithCancelCause(ctx)
	defer stopReading(nil)
	defer context.AfterFunc(a.hard, func() { stopReading(errKilled) })()

	background, endBackground := context.WithCancel(a.hard)
	defer endBackground()
	var saver, host sync.WaitGroup
	saver.Go(func() { a.saver.Run(background) })
	host.Go(func() { a.metadata.Run(background) })
	stopServer := a.serve()
	defer a.limitDrain(reading)()

	a.metadata.Wait(reading)
	a.read(reading)
	a.state.Store(stateStopping)
	if !a.opt.Once {
		stopReading(errors.New("agent: every flow has ended")) // of effect if it was not stopped from outside; starts the time of draining
	}
	a.drain()
	endBackground()
	saver.Wait()
	host.Wait()
	for _, u := range a.units() {
		u.settle()
	}
	saveErr := a.saver.Save()
	err := errors.Join(a.verdict(ctx), saveErr)
	a.state.Store(stateStopped)
	stopServer()
	return errors.Join(err, a.release())
}

// serve shows the state until the returned func is called.
func (a *Agent) serve() (stop func()) {
	if a.server == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.server.Serve(ctx, a, a); err != nil {
			a.log.Error("the admin socket has failed; status cannot be asked any more", "error", err)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// limitDrain ends the wait for answers DrainTimeout after reading has been stopped. The returned func ends its goroutine.
func (a *Agent) limitDrain(reading context.Context) (end func()) {
	stopped := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-reading.Done():
		case <-stopped:
			return
		}
		timer := time.NewTimer(a.opt.DrainTimeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			a.kill(errDrain)
		case <-stopped:
		}
	}()
	return func() {
		close(stopped)
		<-finished
	}
}

// read runs the flows, and those that a reload adds, until all of them have ended. One that fails ends alone.
func (a *Agent) read(reading context.Context) {
	a.crew.open(reading)
	for _, r := range a.now.Load().routes {
		r.run(reading)
	}
	a.crew.leave()
	<-a.crew.empty
}

// drain delivers what was read: first the producers, then the letters that their refusals have made.
func (a *Agent) drain() {
	routes := a.now.Load().routes
	a.closeDestinations(a.hard, a.now.Load().destinations)
	for _, r := range routes {
		r.letters.Close()
	}
	for _, r := range routes {
		r.writing.Wait()
	}
}

// verdict says how the run ended, once the last checkpoint is written.
func (a *Agent) verdict(ctx context.Context) error {
	var errs []error
	var undelivered int64
	for _, u := range a.units() {
		if err := u.failed.get(); err != nil {
			errs = append(errs, fmt.Errorf("agent: flow %s: %w", u.cfg.Name, err))
		}
		tracker := u.reader.Load().tracker
		lost := tracker.Volatile()
		if lost > 0 {
			u.log.Warn("stopped before all was acknowledged that named pipes have brought; it cannot be read again, and what had not arrived is lost", "bytes", lost)
		}
		if n := tracker.InFlight() - lost; n > 0 {
			undelivered += n
			u.log.Warn("stopped before all was acknowledged; it is read again at the next start, and what had arrived arrives twice", "bytes", n)
		}
	}
	if a.opt.Once {
		if undelivered > 0 {
			errs = append(errs, fmt.Errorf("agent: %d bytes that were read are not acknowledged: %w", undelivered, context.Cause(a.hard)))
		} else if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("agent: stopped before all files were read: %w", context.Cause(ctx)))
		}
		return errors.Join(errs...)
	}
	if len(errs) < len(a.units()) {
		return nil // each is in the log and was in the status
	}
	return errors.Join(errs...)
}
