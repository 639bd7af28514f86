// Package fault makes a backend misbehave on request, so that its clients can be tried: it refuses requests or single
// records with the errors that AWS sends, lets them wait, holds answers back, and drops connections, before or after the
// request was carried out. Nothing of it is in the operations themselves; Around puts it before them:
//
//	faults, err := fault.New([]fault.Rule{{Operation: "PutRecords", Stream: "web", Records: 0.05}})
//	if err != nil { ... }
//	services = append(services, faults.Around(streams.Handlers()))
//
// Each rule draws from a random source of its own, seeded, so that the sequence of its decisions is the same in every run;
// which request meets which decision depends on the order in which requests come.
package fault

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/sink/awsapi"
)

// Faults are the rules in force. Its methods may be called from many goroutines.
type Faults struct {
	rules atomic.Pointer[[]*armed]
}

// New returns faults with the given rules in force. Wrong ones are an *Error.
func New(rules []Rule) (*Faults, error) {
	f := &Faults{}
	if err := f.Set(rules); err != nil {
		return nil, err
	}
	return f, nil
}

// Set replaces all rules, counters included. If one is wrong the error is an *Error, and nothing changes. Requests under way
// end under the rules that they began with.
func (f *Faults) Set(rules []Rule) error {
	if err := check(rules); err != nil {
		return err
	}
	list := make([]*armed, len(rules))
	for i, r := range rules {
		r.setDefaults()
		list[i] = &armed{Rule: r, number: i, random: rand.New(rand.NewPCG(r.Seed, uint64(i)))}
	}
	f.rules.Store(&list)
	return nil
}

// Report is one rule and what it has done since it was set.
type Report struct {
	Rule
	Met            int64 // requests that it applied to, its share counted
	RefusedRecords int64
	Refused        int64 // whole requests
	Dropped        int64
}

// Reports returns the rules in force with their counters.
func (f *Faults) Reports() []Report {
	rules := *f.rules.Load()
	all := make([]Report, len(rules))
	for i, a := range rules {
		all[i] = Report{Rule: a.Rule, Met: a.met.Load(), RefusedRecords: a.refusedRecords.Load(), Refused: a.refused.Load(),
			Dropped: a.dropped.Load()}
	}
	return all
}

// Around returns the service with the faults before each operation.
func (f *Faults) Around(s awsapi.Service) awsapi.Service {
	handlers := make([]awsapi.Handler, len(s.Handlers))
	for i, h := range s.Handlers {
		handlers[i] = h.Around(func(next awsapi.Call) awsapi.Call {
			return func(ctx context.Context, in any) (any, error) {
				return f.call(ctx, target{s.Signing, h.Operation.Name, in}, next)
			}
		})
	}
	s.Handlers = handlers
	return s
}

// target is what a request is for.
type target struct {
	service, operation string
	in                 any
}

// call applies each rule that meets the request, the first one outermost.
func (f *Faults) call(ctx context.Context, t target, next awsapi.Call) (any, error) {
	rules := *f.rules.Load()
	for i := len(rules) - 1; i >= 0; i-- {
		if a := rules[i]; a.meets(t) {
			inner := next
			next = func(ctx context.Context, in any) (any, error) { return a.call(ctx, in, inner) }
		}
	}
	return next(ctx, t.in)
}

// armed is a rule in force.
type armed struct {
	Rule
	number int

	mu     sync.Mutex
	random *rand.Rand // guarded by mu

	met, refusedRecords, refused, dropped atomic.Int64
}

// hit draws whether something with this probability happens.
func (a *armed) hit(share float64) bool {
	if share >= 1 {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.random.Float64() < share
}

func (a *armed) call(ctx context.Context, in any, next awsapi.Call) (any, error) {
	if !a.hit(a.Share) {
		return next(ctx, in)
	}
	a.met.Add(1)
	if err := wait(ctx, a.Delay); err != nil {
		return nil, err
	}
	if a.Drop == DropBefore {
		a.dropped.Add(1)
		panic(http.ErrAbortHandler) // how a handler asks net/http to drop the connection
	}
	out, err := a.answer(ctx, in, next)
	if werr := wait(ctx, a.Stall); werr != nil {
		return nil, werr
	}
	if a.Drop == DropAfter {
		a.dropped.Add(1)
		panic(http.ErrAbortHandler)
	}
	return out, err
}

// answer refuses the request or some of its records, and has the rest carried out.
func (a *armed) answer(ctx context.Context, in any, next awsapi.Call) (any, error) {
	if a.Records > 0 {
		return a.refuseRecords(ctx, in, next)
	}
	if a.Error != "" {
		a.refused.Add(1)
		return nil, a.refusal()
	}
	return next(ctx, in)
}

// wait waits for d, or for the end of the request or the server.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
