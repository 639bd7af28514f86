package agent

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/sink"
)

// lineup is what an agent runs: a configuration, and the parts that were made for it. It never changes: a reload puts another one in its
// place, which has those parts of the one before that go on.
type lineup struct {
	config       *config.Config
	loaded       time.Time
	memory       plan
	routes       []*route       // in the order of the configuration's flows
	destinations []*destination // of all of them
}

// route returns the flow with a name, or nil.
func (l *lineup) route(name string) *route {
	i := slices.IndexFunc(l.routes, func(r *route) bool { return r.cfg.Name == name })
	if i < 0 {
		return nil
	}
	return l.routes[i]
}

// units are all readings of all flows.
func (l *lineup) units() (all []*unit) {
	for _, r := range l.routes {
		all = append(all, r.units...)
	}
	return all
}

// users are the names of the flows that send to d.
func (l *lineup) users(d *destination) (names []string) {
	for _, r := range l.routes {
		if slices.ContainsFunc(r.units, func(u *unit) bool {
			return slices.ContainsFunc(u.sends, func(s flow.Send) bool { return s.Destination == sink.Destination(d) })
		}) {
			names = append(names, r.cfg.Name)
		}
	}
	return names
}

// sameFlow reports whether f in the configuration c is what old is in was: then it can go on as it is. The name that it had before was of
// use when it began.
func sameFlow(was *config.Config, old *config.Flow, c *config.Config, f *config.Flow) bool {
	a, b := *old, *f
	a.Was, b.Was = "", ""
	if !reflect.DeepEqual(a, b) {
		return false
	}
	for i := range f.Send {
		if was.Target(old, &old.Send[i]) != c.Target(f, &f.Send[i]) {
			return false
		}
	}
	return true
}

// units returns the readings that run now.
func (a *Agent) units() []*unit { return a.now.Load().units() }

// crew are those who work while the agent reads: its flows, and whoever adds and removes some. The agent reads until the last has left; nobody
// joins after that.
type crew struct {
	opened chan struct{} // closed by open
	empty  chan struct{} // closed when the last has left

	mu      sync.Mutex
	reading context.Context // of the run; set by open
	n       int
}

func newCrew() *crew { return &crew{opened: make(chan struct{}), empty: make(chan struct{})} }

// open begins the work, with the caller as the first of the crew.
func (c *crew) open(reading context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.n = reading, 1
	close(c.opened)
}

// join adds one to the crew, once it is open, and returns the context of its work. It returns errStopping if all have left.
func (c *crew) join(ctx context.Context) (context.Context, error) {
	select {
	case <-c.opened:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == 0 || c.reading.Err() != nil {
		return nil, errStopping
	}
	c.n++
	return c.reading, nil
}

// work lets f work in a goroutine of its own. The caller is of the crew.
func (c *crew) work(f func()) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	go func() {
		defer c.leave()
		f()
	}()
}

func (c *crew) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 {
		close(c.empty)
	}
}
