package producer

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/sink/kpl"
)

// lane is where entries wait for company, and the queue of the requests made of them.
type lane struct {
	producer *Producer
	queue    chan *request // as long as there are requests at all, so that sealing never waits
	width    atomic.Int32  // requests in flight at most
	busy     atomic.Int32  // requests sealed and not answered

	// Guarded by the producer's lock.
	open  kpl.Aggregate
	owner string // the key of the entries in open; empty if it was drawn
	key   string // of open
	runs  []run  // of the entries in open
	bytes int    // of the data in open
	req   *request
	due   time.Time // when what waits has waited long enough; zero if nothing waits
}

// maxOpenRuns bounds the tokens that one aggregate keeps.
const maxOpenRuns = 1024

// put adds an entry. It returns an error, of ctx or ErrClosed, if it has to wait for room and that ends first.
func (l *lane) put(ctx context.Context, t *token, key string, e *sink.Entry) error {
	p, data := l.producer, e.Data
	if !p.cfg.Aggregate {
		return l.single(ctx, t, key, e)
	}
	if l.open.Len() > 0 && (key != l.owner || len(l.runs) >= maxOpenRuns ||
		l.open.SizeWith(l.key, nil, len(data)) > p.cfg.AggregateSize) {
		if err := l.closeAggregate(ctx, p.quit); err != nil {
			return err
		}
	}
	if l.open.Len() == 0 {
		l.owner, l.key = key, key
		if key == "" {
			drawn := p.random.key()
			l.key = string(drawn[:])
		}
		if l.open.SizeWith(l.key, nil, len(data)) > p.cfg.AggregateSize {
			return l.single(ctx, t, l.key, e)
		}
	}
	l.open.Add(l.key, nil, data)
	l.runs = addRun(l.runs, 0, t)
	l.bytes += len(data)
	p.state.pending.Add(1)
	return nil
}

// single adds an entry that becomes a record of its own.
func (l *lane) single(ctx context.Context, t *token, key string, e *sink.Entry) error {
	data, records := e.Data, e.Count()
	if key == "" && l.producer.target.keyed {
		drawn := l.producer.random.key()
		key = string(drawn[:]) // short and kept by nobody: no allocation
	}
	if err := l.room(ctx, l.producer.quit, key, len(data), 1); err != nil {
		return err
	}
	start := len(l.req.runs)
	l.req.runs = addRun(l.req.runs, start, t)
	l.producer.state.pending.Add(int64(records))
	l.add(key, data, record{bytes: int32(len(data)), members: int32(records)}, start)
	return nil
}

// closeAggregate moves the open aggregate into the open request. If it fails, the aggregate stays as it is.
func (l *lane) closeAggregate(ctx context.Context, quit <-chan struct{}) error {
	if err := l.room(ctx, quit, l.key, l.open.Size(), len(l.runs)); err != nil {
		return err
	}
	rec := record{bytes: int32(l.bytes), members: int32(l.open.Len())}
	data, lone := l.open.Lone()
	if !lone {
		data = l.open.Bytes()
		rec.aggregate = true
	}
	start := len(l.req.runs)
	l.req.runs = append(l.req.runs, l.runs...)
	l.add(l.key, data, rec, start)
	l.open.Reset()
	clear(l.runs)
	l.runs, l.bytes = l.runs[:0], 0
	return nil
}

// room makes l.req a request into which a record fits.
func (l *lane) room(ctx context.Context, quit <-chan struct{}, key string, data, runs int) error {
	if l.req != nil && !l.req.fits(key, data, runs) {
		l.seal()
	}
	if l.req == nil {
		r, err := l.producer.take(ctx, quit, l)
		if err != nil {
			return err
		}
		l.req = r
	}
	return nil
}

func (l *lane) add(key string, data []byte, rec record, start int) {
	l.req.add(key, data, rec, start)
	if l.req.full() {
		l.seal()
	}
}

// seal hands the open request to the workers.
func (l *lane) seal() {
	l.req.seal()
	l.busy.Add(1)
	l.queue <- l.req
	l.req = nil
	l.due = time.Time{}
}

// flush sends all that waits.
func (l *lane) flush(ctx context.Context, quit <-chan struct{}) error {
	if l.open.Len() > 0 {
		if err := l.closeAggregate(ctx, quit); err != nil {
			return err
		}
	}
	if l.req != nil {
		l.seal()
	}
	l.due = time.Time{}
	return nil
}

// waiting reports whether the lane holds entries that no worker has.
func (l *lane) waiting() bool { return l.open.Len() > 0 || l.req != nil }

// arm sets the time by which what waits now is sent. The caller holds the lock.
func (p *Producer) arm() {
	if now := time.Now(); p.setDue(now) {
		p.setTimer(now)
	}
}

// setDue gives lanes that hold something the time by which it is sent, and reports whether there were any without one.
func (p *Producer) setDue(now time.Time) (any bool) {
	for i := range p.lanes {
		if l := &p.lanes[i]; l.waiting() && l.due.IsZero() {
			l.due, any = now.Add(max(p.cfg.Linger, 0)), true
		}
	}
	return any
}

// setTimer sets the timer for the lane that has to be looked at next. One that has to wait for a worker is not among
// those: the worker will kick.
func (p *Producer) setTimer(now time.Time) {
	wait := time.Duration(-1)
	for i := range p.lanes {
		l := &p.lanes[i]
		if l.due.IsZero() || !l.due.After(now) && l.busy.Load() >= l.width.Load() {
			continue
		}
		if left := max(l.due.Sub(now), 0); wait < 0 || left < wait {
			wait = left
		}
	}
	if wait >= 0 {
		p.timer.Reset(wait)
	}
}

// linger sends what has waited long enough. While as many requests are in flight as may be, it lets the open one grow: a
// slow service gets fuller requests instead of more.
func (p *Producer) linger() {
	defer p.timer.Stop()
	pause := time.NewTicker(restAfter)
	defer pause.Stop()
	for taken := int64(0); ; {
		select {
		case <-pause.C:
			taken = p.rest(taken)
			continue
		case <-p.timer.C:
		case <-p.kick:
		case <-p.quit:
			return
		}
		select {
		case p.lock <- struct{}{}:
		case <-p.quit:
			return
		}
		p.flushDue()
		<-p.lock
	}
}

// flushDue sends what is due and sets the timer for what is not. The caller holds the lock.
func (p *Producer) flushDue() {
	now := time.Now()
	for i := range p.lanes {
		l := &p.lanes[i]
		if !l.due.IsZero() && !l.due.After(now) && l.busy.Load() < l.width.Load() {
			_ = l.flush(p.ctx, p.quit) // fails only when all ends, and Close flushes
		}
	}
	p.setDue(now) // of a lane whose request had to make room for another lane's, but not what else it holds
	p.setTimer(now)
}
