package tailer

import "time"

// Clock is the time that a Tailer lives in. Tests pass one that they step.
type Clock interface {
	Now() time.Time
	// NewTimer returns a channel that gets a value once d has passed, and a function that gives the timer up.
	NewTimer(d time.Duration) (c <-chan time.Time, stop func() bool)
}

// systemClock is the Clock of real time.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	timer := time.NewTimer(d)
	return timer.C, timer.Stop
}

func nanos(d time.Duration) int64 { return int64(d) }
