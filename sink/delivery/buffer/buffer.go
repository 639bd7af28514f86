package buffer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Errors of a buffer. Any other error of Append is one of the disk; a later Append may succeed again.
var (
	ErrFull    = errors.New("the buffer's space is full") // until a segment has been delivered
	ErrClosed  = errors.New("the buffer is closed")
	ErrCorrupt = errors.New("the buffer file is damaged")
)

// Config describes the buffer of one delivery stream.
type Config struct {
	FS       vfs.FS // default: the disk
	Dir      string // made if it is not there; one buffer each
	Stream   string // the delivery stream's name
	Size     int64  // bytes of data that seal a segment
	Interval time.Duration
	MaxBytes int64 // on disk, in all; default 1 GiB. Damaged files that were set aside do not count
	Clock    Clock // default: SystemClock

	// Object names the object of a segment, once, when it is sealed; oldest is the arrival of its oldest record. It runs on
	// the goroutine that writes, and must not block.
	Object func(oldest time.Time) Object

	// Report is told what nobody waits for: a damaged file, a torn end, a segment that cannot be sealed. It may run on any
	// of the buffer's goroutines, and must not block. nil means that nobody listens.
	Report func(error)
}

// Clock is where the time comes from.
type Clock interface {
	Now() time.Time
	// Timer returns a channel that gets the time once d has passed, and a function that ends the wait.
	Timer(d time.Duration) (fired <-chan time.Time, stop func() bool)
}

// SystemClock is the machine's time.
type SystemClock struct{}

// Now returns the time.
func (SystemClock) Now() time.Time { return time.Now() }

// Timer waits for d of real time.
func (SystemClock) Timer(d time.Duration) (<-chan time.Time, func() bool) {
	t := time.NewTimer(d)
	return t.C, t.Stop
}

// Record is one record on its way to an object.
type Record struct {
	Data    []byte
	Arrival time.Time // in milliseconds; earlier than now if it waited in a stream
}

// Position is how far a shard of the source has been read. The zero value in a Batch forgets the shard.
type Position struct {
	Sequence string // of the last record
	Ended    bool   // the shard is closed and was read to its end
}

// Batch is what Append keeps as a whole: records, and the read positions of the source that they bring it to.
type Batch struct {
	Records   []Record
	Positions map[string]Position // by shard; nil without a source
}

// Object is where a segment goes, and how.
type Object struct {
	Bucket      string
	Key         string
	Compression string // a name that the buffer only keeps
}

// Stats says what a buffer holds.
type Stats struct {
	Records int64 // not delivered yet
	Bytes   int64 // of their data
	Space   int64 // bytes on disk
	Sealed  int   // segments that wait for delivery
}

// Buffer keeps the records of one delivery stream until they are delivered. All methods may be called at the same time,
// but for Next, which has one caller. One goroutine of its own, ended by Close, does all the writing.
type Buffer struct {
	cfg  Config
	reqs chan *request
	quit chan struct{}
	done chan struct{} // closed when the writer has ended
	once sync.Once

	mu        sync.Mutex
	positions map[string]Position
	sealed    []*Segment    // in order, until delivered
	stats     Stats         // of everything, Sealed left out
	wake      chan struct{} // closed and replaced when there is something new for Next
}

// request is one batch on its way to the writer.
type request struct {
	frame     []byte
	positions map[string]Position
	records   int64
	bytes     int64
	oldest    time.Time
	received  time.Time
	done      chan error // buffered: the writer never waits
}

// Append keeps a batch and returns when it is on disk. It copies what it needs before it returns. After an error nothing
// of the batch is kept: it can be appended again without becoming two. (A ctx that ends while the batch waits for its turn
// is such an error; once the writing has begun, Append waits for its end.)
func (b *Buffer) Append(ctx context.Context, batch Batch) error {
	r := &request{positions: batch.Positions, records: int64(len(batch.Records)), received: b.cfg.Clock.Now(), done: make(chan error, 1)}
	room := 64
	for i, record := range batch.Records {
		r.bytes += int64(len(record.Data))
		if i == 0 || record.Arrival.Before(r.oldest) {
			r.oldest = record.Arrival
		}
		room += len(record.Data) + 8
	}
	r.frame = appendBatch(beginFrame(make([]byte, 0, room), kindRecords), batch, r.received)
	if err := finishFrame(r.frame); err != nil {
		return fmt.Errorf("buffer %s: %w", b.cfg.Stream, err)
	}
	select {
	case b.reqs <- r:
		return <-r.done
	case <-ctx.Done():
		return ctx.Err()
	case <-b.quit:
		return ErrClosed
	}
}

// Next returns the sealed segments, each once, oldest first; it waits for one until ctx ends or the buffer is closed. After a
// restart it returns those again that were sealed and not delivered.
func (b *Buffer) Next(ctx context.Context) (*Segment, error) {
	for {
		b.mu.Lock()
		wake := b.wake
		for _, s := range b.sealed {
			if !s.taken && s.seal.Records > 0 {
				s.taken = true
				b.mu.Unlock()
				return s, nil
			}
		}
		b.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.quit:
			return nil, ErrClosed
		}
	}
}

// Positions returns a copy of the durable read positions of the source, by shard.
func (b *Buffer) Positions() map[string]Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.positions)
}

// Position returns the durable read position of a shard of the source, the zero value if there is none.
func (b *Buffer) Position(shard string) Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.positions[shard]
}

// Stats returns what the buffer holds now.
func (b *Buffer) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Sealed = len(b.sealed)
	return s
}

// Close answers the batches that are being written, refuses later ones and ends the buffer's goroutine. What the buffer holds
// stays on disk for the next Open. Closing twice is fine.
func (b *Buffer) Close() {
	b.once.Do(func() { close(b.quit) })
	<-b.done
}

func (b *Buffer) report(err error) {
	if b.cfg.Report != nil {
		b.cfg.Report(err)
	}
}

// enqueue hands a sealed segment on to Next.
func (b *Buffer) enqueue(s *Segment) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sealed = append(b.sealed, s)
	close(b.wake)
	b.wake = make(chan struct{})
}
