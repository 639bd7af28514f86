package checkpoint

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// SaverConfig says what a Saver carries where.
type SaverConfig struct {
	Save     func(...Batch) error // the Store's; durable when it returns nil
	Trackers []*Tracker
	Interval time.Duration // between two saves; 0 means a second
	Observe  func(error)   // called after each save that had something to do, with its outcome; may be nil
}

// Saver brings the frontiers of many flows to disk, in one transaction for all of them, or in several if there are many.
type Saver struct {
	cfg  SaverConfig
	wake chan struct{}
	mu   sync.Mutex // one save at a time
}

// NewSaver makes a Saver. The trackers may be given later with Follow, since they need its Wake first.
func NewSaver(cfg SaverConfig) *Saver {
	if cfg.Interval <= 0 {
		cfg.Interval = time.Second
	}
	if cfg.Observe == nil {
		cfg.Observe = func(error) {}
	}
	cfg.Trackers = slices.Clone(cfg.Trackers)
	return &Saver{cfg: cfg, wake: make(chan struct{}, 1)}
}

// Follow adds a tracker. It may be called at any time.
func (s *Saver) Follow(t *Tracker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Trackers = append(s.cfg.Trackers, t)
}

// Leave takes a tracker away; when it returns no save of it is going on, and none comes. What it has to save then stays unsaved.
func (s *Saver) Leave(t *Tracker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Trackers = slices.DeleteFunc(s.cfg.Trackers, func(other *Tracker) bool { return other == t })
}

// Wake asks Run for a save at once. It never blocks.
func (s *Saver) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run saves each interval and at each Wake until ctx ends. It does not save at the end: what is still on its way then belongs into a
// last call of Save. After a save that failed, wakes are not heard until the interval is over.
func (s *Saver) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Interval)
	defer tick.Stop()
	wake := s.wake
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
		if err := s.Save(); err != nil {
			wake = nil
		} else {
			wake = s.wake
		}
	}
}

// Save saves what there is to save now. If it fails nothing is lost: the next call tries again.
func (s *Saver) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if more, err := s.part(); err != nil || !more {
			return err
		}
	}
}

// part saves one part of what each tracker has. It reports whether there is more.
func (s *Saver) part() (more bool, err error) {
	var batches []Batch
	pending := make([]Pending, len(s.cfg.Trackers))
	for i, t := range s.cfg.Trackers {
		if pending[i] = t.Pending(); !pending[i].Empty() {
			batches = append(batches, pending[i].Batch)
		}
		more = more || pending[i].More
	}
	if len(batches) == 0 {
		return false, nil
	}
	err = s.cfg.Save(batches...)
	s.cfg.Observe(err)
	if err != nil {
		return false, errors.Join(errors.New("checkpoint: nothing was saved"), err)
	}
	for i, t := range s.cfg.Trackers {
		if !pending[i].Empty() {
			t.Saved(pending[i])
		}
	}
	return more, nil
}
