package producer

import (
	"fmt"
	"time"

	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/sink/kpl"
)

// worker sends the requests of one lane, one after the other, each until all of its records are answered.
type worker struct {
	producer *Producer
	lane     *lane
	x        exchange
	before   int64 // records acknowledged when the current request began
	brief    bool  // this round looks for one doubtful record, not for all: see alone
}

func (w *worker) run() {
	p := w.producer
	for {
		select {
		case r, more := <-w.lane.queue:
			if !more || !w.deliver(r) {
				return
			}
			clear(w.x.parts[:cap(w.x.parts)]) // they would keep the memory of the request
			p.release(r)
			w.lane.busy.Add(-1)
			select {
			case p.kick <- struct{}{}:
			default: // it is awake already
			}
		case <-p.ctx.Done():
			return
		}
	}
}

// deliver sends r until nothing of it is left. It returns false if the producer was stopped before.
func (w *worker) deliver(r *request) bool {
	p := w.producer
	w.before = p.state.records.Load()
	view := r.live
	for tries := 0; ; {
		size := len(view)
		w.brief = tries%thorough != 0
		left, worst := w.round(r, view)
		if len(left) == 0 {
			return true
		}
		if gone, ok := w.giveUp(r, left, worst); gone || !ok {
			return ok
		}
		// A round that got rid of half is a service at work, which needs no longer pause than the first.
		if 2*len(left) <= size {
			tries = 0
		}
		if !w.pause(worst, tries) {
			return false
		}
		tries++
		view = left
	}
}

// thorough is how often a round that found no good record at all is repeated in full: taking a request apart costs twice as
// many requests as it has records.
const thorough = 8

// round sends the records in view once, in ever smaller pieces as long as the service says that one of a piece is not valid.
// It returns those that have to be sent again, which it keeps in the memory of view, and the worst reason why.
func (w *worker) round(r *request, view []int32) (left []int32, worst *sink.Failure) {
	failure := w.try(r, view)
	switch {
	case failure == nil:
		return w.settle(r, view)
	case w.producer.ctx.Err() != nil:
		return view, failure
	case failure.Class != sink.Poison:
		w.again(r, view, failure)
		return view, failure
	case len(view) == 1:
		return w.alone(r, view, failure)
	}
	w.again(r, view, failure)
	half := len(view) / 2
	left, worst = w.round(r, view[:half])
	if w.brief && len(left) == half && worst.Class == sink.Blocked {
		return view, worst
	}
	more, other := w.round(r, view[half:])
	return append(left, more...), worse(worst, other)
}

// worse returns the failure that asks for more patience. Poison asks for none: it is the least.
func worse(a, b *sink.Failure) *sink.Failure {
	rank := func(f *sink.Failure) int {
		switch {
		case f == nil:
			return 0
		case f.Class == sink.Poison:
			return 1
		}
		return 2 + int(f.Class)
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// alone judges a record that was found not valid with no other in its request.
//
// A ValidationException is about the form of the request, in which only the record is new: it is refused. An
// InvalidArgumentException can be about the destination just as well, such as a delivery stream that takes no puts, and
// then every record would be given up. So it counts only once a record has been taken since this one's request began.
func (w *worker) alone(r *request, view []int32, failure *sink.Failure) ([]int32, *sink.Failure) {
	const doubtful = "InvalidArgumentException"
	if failure.Code != doubtful || w.producer.state.records.Load() > w.before {
		w.refuse(r, &r.records[view[0]], failure)
		return view[:0], nil
	}
	w.again(r, view, failure)
	blocked := *failure
	blocked.Class = sink.Blocked
	return view, &blocked
}

// try sends the records in view once and tells everybody about it.
func (w *worker) try(r *request, view []int32) *sink.Failure {
	p := w.producer
	start := time.Now()
	failure := p.client.post(p.ctx, &w.x, r, view)
	event := Request{Records: r.members(view), Bytes: w.x.size, Duration: time.Since(start)}
	if failure == nil {
		event.Taken = event.Records
		for _, entry := range w.x.answer.failed {
			event.Taken -= int(r.records[view[entry.index]].members)
		}
		p.state.requests.Add(1)
	} else {
		event.Err = failure
		if failure.Status != 0 {
			p.state.requests.Add(1)
		}
	}
	if p.ctx.Err() == nil {
		p.state.observe(failure, &w.x.answer, len(view))
	}
	if p.cfg.Events.Request != nil {
		p.cfg.Events.Request(event)
	}
	return failure
}

// settle answers for the records that an answer is about, and returns those that it did not take.
func (w *worker) settle(r *request, view []int32) (left []int32, worst *sink.Failure) {
	failed := w.x.answer.failed
	left = view[:0]
	for i, index := range view {
		rec := &r.records[index]
		if len(failed) == 0 || failed[0].index != i {
			w.taken(r, rec)
			continue
		}
		failure := failed[0].failure()
		failed = failed[1:]
		if failure.Class == sink.Poison {
			w.refuse(r, rec, failure)
			continue
		}
		w.again(r, view[i:i+1], failure)
		worst = worse(worst, failure)
		left = append(left, index)
	}
	return left, worst
}

// failure judges an entry that was not taken.
func (e *failedEntry) failure() *sink.Failure {
	return &sink.Failure{Class: sink.Classify(200, e.code), Status: 200, Code: e.code, Message: e.message}
}

// again counts records that go out once more, if they went out at all.
func (w *worker) again(r *request, view []int32, failure *sink.Failure) {
	switch {
	case failure.Class == sink.Unanswered:
		w.producer.state.unanswered.Add(int64(r.members(view)))
	case failure.Status != 0:
		w.producer.state.retried.Add(int64(r.members(view)))
	}
}

// taken answers for the entries of a record that was acknowledged.
func (w *worker) taken(r *request, rec *record) {
	s := &w.producer.state
	s.records.Add(int64(rec.members))
	s.bytes.Add(int64(rec.bytes))
	s.pending.Add(-int64(rec.members))
	for _, run := range r.runs[rec.runs:rec.last] {
		run.token.release()
	}
}

// refuse gives the entries of a record back that the service will never take.
func (w *worker) refuse(r *request, rec *record, failure *sink.Failure) {
	s := &w.producer.state
	err := fmt.Errorf("%s %s refuses the record: %w", w.producer.target.kind, w.producer.target.name, failure)
	s.refused.Add(int64(rec.members))
	w.giveBack(r, rec, err)
}

// giveBack answers for the entries of a record that is not sent again.
func (w *worker) giveBack(r *request, rec *record, err error) {
	data := r.decoded(rec)
	var members kpl.Reader
	if rec.aggregate && !members.Open(data) {
		panic("producer: the body holds an aggregate that is none")
	}
	w.producer.state.pending.Add(-int64(rec.members))
	for _, run := range r.runs[rec.runs:rec.last] {
		for range run.n {
			if rec.aggregate {
				member, _ := members.Next()
				run.token.refuse(sink.Refusal{Data: append([]byte(nil), member.Data...), Err: err})
			} else {
				run.token.refuse(sink.Refusal{Data: data, Records: joined(rec), Err: err})
			}
		}
		run.token.release()
	}
}

// joined is the Records of the entry that a record was made of, which is no aggregate.
func joined(rec *record) int {
	if rec.members == 1 {
		return 0
	}
	return int(rec.members)
}

// pause waits before the next try. It returns false if the producer was stopped.
func (w *worker) pause(why *sink.Failure, tries int) bool {
	b, random := &w.producer.cfg.Backoff, w.producer.random.draw()
	short, long := b.wait(why.Class, 0, random), max(b.wait(why.Class, tries, random), why.RetryAfter)
	long = w.patience(long)
	short = min(short, long)
	if why.Class == sink.Blocked || why.Class == sink.Transient && why.Status == 0 {
		// What is mended for another worker is mended for this one: then the first, short wait is enough.
		return w.sleep(short, nil) && w.sleep(long-short, w.producer.state.recovery())
	}
	return w.sleep(long, nil)
}

// sleep returns after d or when wake is closed, and false if the producer was stopped.
func (w *worker) sleep(d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-w.producer.ctx.Done():
	}
	return w.producer.ctx.Err() == nil
}

// wait returns how long to wait after so many tries: jitter spreads those who failed together.
func (b *Backoff) wait(class sink.Class, tries int, random uint64) time.Duration {
	most := b.Most
	if class == sink.Blocked {
		most = b.Blocked
	}
	wait := b.First
	for ; tries > 0 && wait < most; tries-- {
		wait *= 2
	}
	wait = min(wait, most)
	return wait/2 + time.Duration(random%uint64(wait/2+1))
}
