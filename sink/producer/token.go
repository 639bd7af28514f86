package producer

import (
	"sync"
	"sync/atomic"

	"github.com/weir-logs/weir/sink"
)

// token stands for one Put until all of its entries are answered.
type token struct {
	open atomic.Int64 // runs not answered yet, and one more while Put is at work
	done func(sink.Result)

	mu      sync.Mutex
	refused []sink.Refusal // guarded by mu
}

// run is a number of consecutive entries of one Put inside one record of a request.
type run struct {
	token *token
	n     int
}

func newToken(done func(sink.Result)) *token {
	t := &token{done: done}
	t.open.Store(1)
	return t
}

// addRun counts one more entry of t at the end of runs. floor is the first run that may take it.
func addRun(runs []run, floor int, t *token) []run {
	if last := len(runs) - 1; last >= floor && runs[last].token == t {
		runs[last].n++
		return runs
	}
	t.open.Add(1)
	return append(runs, run{t, 1})
}

// refuse keeps an entry that will never be taken.
func (t *token) refuse(r sink.Refusal) {
	t.mu.Lock()
	t.refused = append(t.refused, r)
	t.mu.Unlock()
}

// release ends one run, or Put's own share. The last one calls done.
func (t *token) release() {
	if t.open.Add(-1) == 0 && t.done != nil {
		t.done(sink.Result{Refused: t.refused})
	}
}

// abandon ends Put's own share after an error: done will not be called. Put's share is still open, so nobody else can
// have come to the end, nor will before the write.
func (t *token) abandon() {
	t.done = nil
	t.release()
}
