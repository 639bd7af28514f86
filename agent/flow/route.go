package flow

import (
	"fmt"
	"slices"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/condition"
	"github.com/weir-logs/weir/tailer"
)

// Router says which of a flow's destinations a record goes to: those without a condition get every one, those with one the records that it
// holds for, the default one those that no condition took. It serves one goroutine.
type Router struct {
	when   []*condition.Condition // per destination; nil: none
	others int                    // the default one, or -1
	takes  []bool                 // of the record in hand, per destination
	picked [][]int                // per destination, but not those elsewhere: the entries of the chunk that it gets, if not all

	failed int   // conditions that failed on a record of the block
	first  int64 // offset of the first of them
	reason error // why
}

// NewRouter makes a Router, or returns nil if every destination gets every record. Those elsewhere take part in the decision alone: Takes numbers
// them after sends.
func NewRouter(sends []Send, elsewhere ...Send) (*Router, error) {
	all := slices.Concat(sends, elsewhere)
	if !routed(sends) {
		return nil, nil
	}
	r := &Router{when: make([]*condition.Condition, len(all)), others: -1, takes: make([]bool, len(all)), picked: make([][]int, len(sends))}
	for i, s := range all {
		if s.Default {
			r.others = i
		}
		if s.When == "" {
			continue
		}
		var err error
		if r.when[i], err = condition.Compile(s.When, condition.Options{}); err != nil {
			return nil, fmt.Errorf("%s: when: %w", s.Name, err)
		}
	}
	return r, nil
}

// routed reports whether some destination does not get every record.
func routed(sends []Send) bool {
	return slices.ContainsFunc(sends, func(s Send) bool { return s.part() })
}

// some reports whether a destination gets some records only.
func (r *Router) some(send int) bool { return r != nil && (r.when[send] != nil || send == r.others) }

// Choose decides for a record, and reports whether any destination gets it. A condition that fails does not hold; err tells of the last one.
func (r *Router) Choose(rec *parsers.Record) (any bool, err error) {
	taken := false
	for i, when := range r.when {
		switch {
		case when != nil:
			holds, failure := when.Eval(rec)
			if failure != nil {
				r.failed++
				err = fmt.Errorf("when %s: %w", when, failure)
			}
			r.takes[i] = holds
			taken = taken || holds
		case i != r.others:
			r.takes[i], any = true, true
		}
	}
	if r.others >= 0 {
		r.takes[r.others] = !taken
		any = true
	}
	return any || taken, err
}

// Takes reports whether a destination gets the record that was chosen for.
func (r *Router) Takes(send int) bool { return r == nil || r.takes[send] }

// here reports whether the record that was chosen for goes to a destination that is not elsewhere.
func (r *Router) here() bool { return slices.Contains(r.takes[:len(r.picked)], true) }

// pick notes that the record in hand is this entry of the chunk.
func (r *Router) pick(entry int) {
	for i := range r.picked {
		if r.takes[i] && r.some(i) {
			r.picked[i] = append(r.picked[i], entry)
		}
	}
}

// reset empties the chunk.
func (r *Router) reset() {
	for i := range r.picked {
		r.picked[i] = r.picked[i][:0]
	}
}

// Undecided tells of conditions that failed on records of a block.
type Undecided struct {
	Block *tailer.Block
	Times int
	First int64 // offset of the first record
	Err   error // why it failed there, and which condition
}

// route decides which destinations get the record in hand, which is record i of the block, and says what becomes of it.
func (r *run) route(i int) fate {
	router := r.scratch.router
	if router == nil {
		return encoded
	}
	before := router.failed
	any, err := router.Choose(&r.scratch.rec)
	if err != nil {
		if before == 0 {
			router.first, router.reason = r.block.Start(i), err
		}
		r.flow.counters.conditionFailed.Add(int64(router.failed - before))
	}
	switch {
	case !any:
		return unrouted
	case !router.here():
		return dropped
	}
	return encoded
}

// leave counts record i, which no destination gets, and buries it where the flow says so.
func (r *run) leave(i int) error {
	r.flow.counters.unrouted.Add(1)
	if r.flow.cfg.OnUnrouted == config.UnroutedDeadLetter {
		return r.bury(Letter{Cause: CauseUnrouted, Reason: "no destination's condition holds for the record"}, i)
	}
	return nil
}

// tellUndecided tells of the conditions that failed on the block, and forgets them.
func (r *run) tellUndecided() {
	router := r.scratch.router
	if router == nil || router.failed == 0 {
		return
	}
	if r.flow.cfg.Undecided != nil {
		r.flow.cfg.Undecided(Undecided{Block: r.block, Times: router.failed, First: router.first, Err: router.reason})
	}
	router.failed, router.reason = 0, nil
}
