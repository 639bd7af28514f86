// Package producer sends entries to a Kinesis stream with PutRecords, or to a Firehose delivery stream with PutRecordBatch.
//
// An entry is copied twice on its way: into the open aggregate, and from there, in base64, into the body of a request. That
// body is the only copy while the request is in flight; a try that sends some of its records again reads them out of it.
//
//	Put -> lane: open aggregate -> open request -> queue -> worker: sign, send, read the answer, try again
//
// There are two lanes. Entries without a key of their own take the first: each aggregate, or each record that travels alone,
// gets a key drawn at random, so that they spread over the shards, and several requests are in flight. Entries with a key
// take the second, whose requests go one after the other, so that the records of one key stay in order; only a
// record that was refused may be overtaken, by its neighbours in the same request. Neighbours with the same key share an
// aggregate.
//
// Why no client of the AWS SDK is on this path: it takes a slice of structs that hold every record once more, has its JSON
// encoder write them into a body of its own, and starts over from them for a retry. Here a record is in memory once, and
// what is spent beside MD5, base64, SHA-256 and TLS, which nobody can leave out, is small. The SDK gives credentials,
// signatures and endpoints.
//
// Memory is a fixed number of requests. When all are in flight, Put waits.
package producer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weir-logs/weir/sink"
)

// ErrClosed is what Put returns once Close was called.
var ErrClosed = errors.New("producer is closed")

// Producer is the sink.Destination of one stream or delivery stream. It is safe for concurrent use.
type Producer struct {
	target target
	cfg    Config
	client *client
	state  state
	random source

	lock     chan struct{}   // full while somebody is at lanes and timer; a channel, so that waiting for it ends with a context
	lanes    [lanes]lane     // guarded by lock
	timer    *time.Timer     // of the lane that is due next
	ended    bool            // guarded by lock: the queues are closed
	taken    atomic.Int64    // requests so far
	free     chan *request   // those that nobody uses; together with the fresh ones and those in use they are the memory
	fresh    chan *request   // the same, which hold no memory yet: taken when no other is free
	debt     chan struct{}   // one for each request that is to go when it is free
	kick     chan struct{}   // a worker has become free
	refusing chan struct{}   // full while a worker gives records up
	quit     chan struct{}   // closed by Close
	once     sync.Once       // closes quit
	ctx      context.Context // ends when waiting for answers does
	stop     context.CancelFunc
	tasks    sync.WaitGroup
	resizing sync.Mutex    // guards slots
	slots    int           // requests that there are, without those that are to go
	done     chan struct{} // closed when all goroutines but the one that closes it have ended
}

var _ sink.Destination = (*Producer)(nil)

const (
	laneDrawn = iota // entries without a key
	laneKeyed
)

// NewStream returns a producer for the stream that c names. Its goroutines end with Close.
func NewStream(c Config) (*Producer, error) {
	t, err := streamTarget(c.Name)
	if err != nil {
		return nil, err
	}
	return start(t, c)
}

// NewDelivery returns a producer for the delivery stream that c names. Its goroutines end with Close.
func NewDelivery(c Config) (*Producer, error) {
	t, err := deliveryTarget(c.Name)
	if err != nil {
		return nil, err
	}
	return start(t, c)
}

func start(t target, c Config) (*Producer, error) {
	if err := c.prepare(&t); err != nil {
		return nil, err
	}
	p := &Producer{
		target: t, cfg: c, random: source{next: c.Rand},
		lock: make(chan struct{}, 1), timer: time.NewTimer(time.Hour),
		refusing: make(chan struct{}, 1), kick: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	var err error
	if p.client, err = newClient(&p.target, &p.cfg); err != nil {
		return nil, err
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.state.init(&p.target, &c)

	most := c.Concurrency + lanes
	p.free, p.fresh, p.debt = make(chan *request, most), make(chan *request, most), make(chan struct{}, most)
	for i, workers := range [lanes]int{laneDrawn: c.Concurrency, laneKeyed: 1} {
		l := &p.lanes[i]
		l.producer, l.queue = p, make(chan *request, most)
		l.width.Store(int32(workers))
		for range workers {
			p.tasks.Go((&worker{producer: p, lane: l}).run)
		}
	}
	p.Resize(c.Memory)
	p.tasks.Go(p.linger)
	go func() {
		p.tasks.Wait()
		close(p.done)
	}()
	return p, nil
}

// Put implements sink.Destination.
func (p *Producer) Put(ctx context.Context, entries []sink.Entry, done func(sink.Result)) error {
	select {
	case p.lock <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-p.quit:
		return ErrClosed
	}
	t := newToken(done)
	err := p.put(ctx, t, entries)
	<-p.lock
	if err != nil {
		t.abandon()
		return err
	}
	t.release()
	return nil
}

func (p *Producer) put(ctx context.Context, t *token, entries []sink.Entry) error {
	select {
	case <-p.quit:
		return ErrClosed
	default:
	}
	defer p.arm()
	for i := range entries {
		key, data := entries[i].PartitionKey, entries[i].Data
		if err := p.check(key, data); err != nil {
			t.refuse(sink.Refusal{Data: append([]byte(nil), data...), Records: entries[i].Records, Err: err})
			p.state.refused.Add(int64(entries[i].Count()))
			continue
		}
		l := &p.lanes[laneDrawn]
		if key != "" && p.target.keyed {
			l = &p.lanes[laneKeyed]
			if !utf8.ValidString(key) {
				key = strings.ToValidUTF8(key, "\uFFFD") // as JSON has no other way to say it
			}
		}
		if err := l.put(ctx, t, key, &entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// check returns why an entry would never be taken.
func (p *Producer) check(key string, data []byte) error {
	size := len(data)
	if p.target.keyed {
		size += max(len(key), drawnKey)
		if len(key) > maxKey {
			if units := len(utf16.Encode([]rune(key))); units > maxKey {
				return p.refusal("a partition key of %d characters: the most is %d", units, maxKey)
			}
		}
	}
	if size > p.target.record {
		return p.refusal("a record of %d bytes, its key included: the most is %d", size, p.target.record)
	}
	return nil
}

func (p *Producer) refusal(format string, args ...any) error {
	return &sink.Failure{Class: sink.Poison, Message: p.target.kind + " " + p.target.name + ": " + fmt.Sprintf(format, args...)}
}

// Limits implements sink.Destination. For a stream they leave room for a key that the producer draws.
func (p *Producer) Limits() sink.Limits {
	if p.target.keyed {
		return sink.Limits{Record: p.target.record - drawnKey}
	}
	return sink.Limits{Record: p.target.record}
}

// Stats implements sink.Destination.
func (p *Producer) Stats() sink.Stats { return p.state.stats() }

// Close implements sink.Destination. A Put that waits for room returns ErrClosed.
func (p *Producer) Close(ctx context.Context) error {
	p.once.Do(func() { close(p.quit) })
	err := p.drain(ctx)
	p.stop()
	<-p.done
	if owned, ok := p.client.transport.(*http.Transport); ok && p.cfg.Transport == nil {
		owned.CloseIdleConnections()
	}
	return err
}

// drain sends what waits and returns when all is answered.
func (p *Producer) drain(ctx context.Context) error {
	select {
	case p.lock <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := p.end(ctx)
	<-p.lock
	if err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// end flushes the lanes and closes their queues. The caller holds the lock.
func (p *Producer) end(ctx context.Context) error {
	if p.ended {
		return nil
	}
	for i := range p.lanes {
		if err := p.lanes[i].flush(ctx, nil); err != nil {
			return err
		}
	}
	for i := range p.lanes {
		close(p.lanes[i].queue)
	}
	p.ended = true
	return nil
}

// take returns an empty request for l, waiting until there is one. The caller holds the lock. What the other lane has begun
// to fill is sent, since it may be what is waited for.
func (p *Producer) take(ctx context.Context, quit <-chan struct{}, l *lane) (*request, error) {
	p.taken.Add(1)
	for _, from := range []chan *request{p.free, p.fresh} {
		select {
		case r := <-from:
			return r, nil
		default:
		}
	}
	for i := range p.lanes {
		if other := &p.lanes[i]; other != l && other.req != nil {
			other.seal()
		}
	}
	select {
	case r := <-p.free:
		return r, nil
	case r := <-p.fresh:
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-quit:
		return nil, ErrClosed
	case <-p.ctx.Done():
		return nil, ErrClosed
	}
}

// release gives a request back that is answered.
func (p *Producer) release(r *request) {
	select {
	case <-p.debt:
		return
	default:
	}
	r.reset()
	p.free <- r
}

// restAfter is how long a producer that gets nothing keeps its memory.
const restAfter = 5 * time.Second

// rest gives the memory of the requests that nobody uses back if none was asked for since it was called last, when so many had been. It
// returns how many were.
func (p *Producer) rest(before int64) (taken int64) {
	if taken = p.taken.Load(); taken != before {
		return taken
	}
	for range len(p.free) {
		select {
		case r := <-p.free:
			p.fresh <- newRequest(r.target, r.maxData)
		default:
			return taken
		}
	}
	return taken
}

// source is a source of random numbers for several goroutines.
type source struct {
	mu   sync.Mutex
	next func() uint64
}

func (s *source) draw() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next()
}

// key draws a partition key: hexadecimal digits.
func (s *source) key() (key [drawnKey]byte) {
	n := s.draw()
	for i := range key {
		key[i] = hexDigits[n>>(4*i)&15]
	}
	return key
}
