package buffer

import (
	"fmt"
	"hash/crc32"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	maxGroup   = 8 << 20   // bytes that share one fsync
	smallFrame = 32 << 10  // bytes; frames below are copied together
	maxRun     = 256 << 10 // bytes of small frames in one write
	retryAfter = time.Second
	spareSpace = 4 << 10 // bytes left for seals when the space is full
)

// writer owns the open segment. All its methods run on one goroutine.
type writer struct {
	b       *Buffer
	number  uint64
	highest uint64 // number of any file
	file    vfs.File
	sum     summary    // what is durable in the open segment; positions are kept in Buffer
	space   int64      // bytes of the open segment on disk, sum.end or more
	broken  bool       // a write failed: beyond sum.end there may be anything
	next    *successor // set while the open segment waits to be sealed
	group   []byte     // reused
	timer   <-chan time.Time
	stop    func() bool // of timer; nil without one
	retry   bool        // timer is for another attempt
}

// successor is the next segment as it was decided; a second attempt to make it writes the same bytes.
type successor struct {
	seal Seal
	head []byte
	sum  summary
}

func (w *writer) run() {
	defer close(w.b.done)
	defer w.close()
	w.schedule()
	for {
		select {
		case r := <-w.b.reqs:
			w.append(w.gather(r))
		case <-w.timer:
			w.stop, w.timer = nil, nil
			if err := w.roll(); err != nil {
				w.b.report(err)
			}
		case <-w.b.quit:
			return
		}
		w.schedule()
	}
}

// gather returns a request and those that wait behind it: they share a write and an fsync.
func (w *writer) gather(first *request) []*request {
	group, size := []*request{first}, len(first.frame)
	for size < maxGroup {
		select {
		case r := <-w.b.reqs:
			group, size = append(group, r), size+len(r.frame)
		default:
			return group
		}
	}
	return group
}

// append writes and answers a group, over as many segments as it takes.
func (w *writer) append(group []*request) {
	for len(group) > 0 {
		if w.broken || w.next != nil || w.sum.bytes >= w.b.cfg.Size {
			if err := w.roll(); err != nil {
				answer(group, err)
				return
			}
		}
		n, full := w.fit(group)
		if n > 0 {
			answer(group[:n], w.commit(group[:n]))
			group = group[n:]
		} else if full {
			answer(group[:1], fmt.Errorf("buffer %s: %w (%d bytes)", w.b.cfg.Stream, ErrFull, w.b.cfg.MaxBytes))
			group = group[1:]
			w.makeRoom()
		}
	}
	if w.sum.bytes >= w.b.cfg.Size && !w.broken {
		if err := w.roll(); err != nil {
			w.b.report(err)
		}
	}
}

func answer(group []*request, err error) {
	for _, r := range group {
		r.done <- err
	}
}

// fit returns how many of a group's requests go into the open segment, and whether the first one does not for lack of space.
func (w *writer) fit(group []*request) (n int, full bool) {
	w.b.mu.Lock()
	space := w.b.stats.Space
	w.b.mu.Unlock()
	bytes := w.sum.bytes
	for n < len(group) && bytes < w.b.cfg.Size {
		space += int64(len(group[n].frame))
		if space > w.b.cfg.MaxBytes-spareSpace {
			return n, n == 0
		}
		bytes += group[n].bytes
		n++
	}
	return n, false
}

// commit makes a group durable in the open segment.
func (w *writer) commit(group []*request) error {
	crc, end, err := w.write(group)
	if err == nil {
		err = w.file.SyncData()
	}
	if err != nil {
		w.broken = true
		return fmt.Errorf("buffer %s: write %s: %w", w.b.cfg.Stream, w.path(), err)
	}
	w.sum.crc, w.sum.end = crc, end
	w.count(group)
	return nil
}

// write writes the frames of a group behind the last one: large ones as they are, runs of small ones together.
func (w *writer) write(group []*request) (crc uint32, end int64, err error) {
	crc, end = w.sum.crc, w.sum.end
	put := func(p []byte) {
		if err == nil && len(p) > 0 {
			_, err = w.file.WriteAt(p, end)
			end += int64(len(p))
		}
	}
	w.group = w.group[:0]
	for _, r := range group {
		crc = link(crc, r.frame)
		if len(r.frame) < smallFrame && len(w.group)+len(r.frame) <= maxRun {
			w.group = append(w.group, r.frame...)
			continue
		}
		put(w.group)
		w.group = w.group[:0]
		put(r.frame)
	}
	put(w.group)
	return crc, end, err
}

// count puts a durable group into the books.
func (w *writer) count(group []*request) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	for _, r := range group {
		w.sum.count(r.records, r.bytes, r.oldest, r.received)
		w.b.positions = advance(w.b.positions, r.positions)
		w.b.stats.Records += r.records
		w.b.stats.Bytes += r.bytes
	}
	w.b.stats.Space += max(w.sum.end-w.space, 0)
	w.space = max(w.space, w.sum.end)
}

// makeRoom lets the open segment be delivered if nothing else is on its way to be.
func (w *writer) makeRoom() {
	w.b.mu.Lock()
	waiting := len(w.b.sealed)
	w.b.mu.Unlock()
	if waiting > 0 || w.sum.records == 0 {
		return
	}
	if err := w.roll(); err != nil {
		w.b.report(err)
	}
}

// roll seals the open segment and opens the next one.
func (w *writer) roll() error {
	if w.next == nil {
		next, err := w.decide()
		if err != nil {
			return err
		}
		w.next = next
	}
	file, err := createFile(w.b.cfg.FS, w.b.cfg.Dir, w.next.sum.header.number, w.next.head)
	if err != nil {
		return fmt.Errorf("buffer %s: seal segment: %w", w.b.cfg.Stream, err)
	}
	sealed := &Segment{seal: w.next.seal, space: w.space, path: w.path(), b: w.b}
	w.close()
	w.file, w.sum, w.number = file, w.next.sum, w.next.sum.header.number
	w.highest = w.number
	w.space = w.sum.end
	w.broken, w.next = false, nil
	w.b.mu.Lock()
	w.b.stats.Space += w.space
	w.b.mu.Unlock()
	w.b.enqueue(sealed)
	if err := w.b.dropEmpty(); err != nil {
		w.b.report(err) // it goes with the next one that is delivered
	}
	return nil
}

// decide fixes the seal of the open segment and the head of the one after it.
func (w *writer) decide() (*successor, error) {
	now := w.b.cfg.Clock.Now()
	seal := Seal{
		Records: w.sum.records, Bytes: w.sum.bytes, Oldest: w.sum.oldest, Sealed: now,
		segment: w.number, end: w.sum.end, crc: w.sum.crc,
	}
	if seal.Records > 0 {
		seal.Object = w.b.cfg.Object(seal.Oldest)
	}
	h := header{stream: w.b.cfg.Stream, number: w.highest + 1, made: now, positions: w.b.Positions()}
	head, sum, err := makeHead(h, &seal)
	if err != nil {
		return nil, fmt.Errorf("buffer %s: seal segment %d: %w", w.b.cfg.Stream, w.number, err)
	}
	return &successor{seal: seal, head: head, sum: sum}, nil
}

// makeHead returns the first bytes of a segment and what they hold.
func makeHead(h header, seal *Seal) ([]byte, summary, error) {
	head := preamble()
	crc := crc32.Checksum(head, castagnoli)
	frame := h.appendTo(beginFrame(nil, kindHeader))
	if err := finishFrame(frame); err != nil {
		return nil, summary{}, err
	}
	crc = link(crc, frame)
	head = append(head, frame...)
	if seal != nil {
		frame = seal.appendTo(beginFrame(frame[:0], kindSeal))
		if err := finishFrame(frame); err != nil {
			return nil, summary{}, err
		}
		crc = link(crc, frame)
		head = append(head, frame...)
	}
	return head, summary{header: h, previous: seal, end: int64(len(head)), crc: crc, whole: true}, nil
}

// schedule sets the timer that seals the open segment when its time has come, or tries again what failed.
func (w *writer) schedule() {
	retry := w.next != nil || w.broken || w.sum.bytes >= w.b.cfg.Size
	if !retry && w.sum.records == 0 {
		w.unschedule()
		return
	}
	if w.stop != nil && w.retry == retry {
		return
	}
	w.unschedule()
	wait := retryAfter
	if !retry {
		wait = w.b.cfg.Interval - w.b.cfg.Clock.Now().Sub(w.sum.first)
		wait = min(max(wait, 0), w.b.cfg.Interval) // a clock that was set back must not hold records for ever
	}
	w.timer, w.stop = w.b.cfg.Clock.Timer(wait)
	w.retry = retry
}

func (w *writer) unschedule() {
	if w.stop != nil {
		w.stop()
	}
	w.timer, w.stop = nil, nil
}

func (w *writer) path() string {
	return w.b.cfg.FS.PathJoin(w.b.cfg.Dir, segmentName(w.number, goodSuffix))
}

func (w *writer) close() {
	w.unschedule()
	if w.file != nil {
		_ = w.file.Close() // everything that counts was synced
		w.file = nil
	}
}
