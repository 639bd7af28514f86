package tailer

import (
	"bytes"
	"errors"

	"github.com/weir-logs/weir/tailer/framing"
	"github.com/weir-logs/weir/tailer/inflate"
)

// errRewritten says that the bytes before the position are not those that were read.
var errRewritten = errors.New("the bytes before the position have changed")

// dear is from how many bytes on the search of what waits for its end is not repeated for every few bytes more.
const dear = 64 << 10

// chunk is a run of a file's bytes around the position: those before it, by which it is proven, and those after it.
type chunk struct {
	buf  []byte
	lead int   // bytes before the position
	end  bool  // there is nothing after the chunk
	err  error // why there is nothing more, if it is not the end
}

func (c *chunk) data() []byte { return c.buf[c.lead:] }

// before is the digest of the bytes that end n bytes after the position.
func (c *chunk) before(n int) Digest {
	end := c.lead + n
	return digestOf(c.buf[max(end-beforeSize, 0):end])
}

// buffer returns the worker's buffer: a block and the bytes before it.
func (w *worker) buffer() []byte {
	if w.buf == nil {
		w.buf = w.t.buffers.Get().(*[]byte)
	}
	return *w.buf
}

// frames returns the worker's framer.
func (w *worker) frames() *framing.Framer {
	if w.framer == nil {
		w.framer = w.t.rules.NewFramer()
	}
	return w.framer
}

// read hands out one block.
func (w *worker) read() verdict {
	if w.spent() {
		return rest
	}
	w.frames()
	if w.barren > 0 && (w.flush == framing.Nothing || w.overlong()) {
		if v, done := w.probe(); done {
			return v
		}
	}
	c, err := w.fill(w.buffer())
	if errors.Is(err, errRewritten) {
		if err = w.truncated(); err == nil {
			return more
		}
		return w.unproven(err)
	}
	if err != nil {
		return w.trouble(err)
	}
	v, done := w.hand(&c)
	switch {
	case done:
		return v
	case c.err != nil:
		return w.broken(&c)
	}
	return w.readLong()
}

// broken deals with a file that cannot be read on, once all whole records before that are handed out. Where the bytes are damaged
// for good, what is open before them is handed out, too.
func (w *worker) broken(c *chunk) verdict {
	var corrupt *inflate.CorruptError
	if len(c.data()) == 0 || !errors.As(c.err, &corrupt) {
		return w.trouble(c.err)
	}
	c.end, w.flush, w.asked = true, framing.EndOfFile, w.pos.Offset+int64(len(c.data()))
	if v, _ := w.hand(c); v != rest {
		return v
	}
	return more // the next turn meets the damage
}

// readLong reads with a buffer that holds a window of the framing.
func (w *worker) readLong() verdict {
	buf, _ := w.t.large.Get().(*[]byte)
	if buf == nil {
		b := make([]byte, beforeSize+w.t.rules.Window())
		buf = &b
	}
	defer w.t.large.Put(buf)
	c, err := w.fill(*buf)
	if errors.Is(err, errRewritten) {
		return more // the next turn finds that, too, and deals with it
	}
	if err != nil {
		return w.trouble(err)
	}
	v, done := w.hand(&c)
	if !done && c.err != nil {
		return w.broken(&c)
	}
	return v
}

// fill reads from shortly before the position on, and checks that this is still the file that was read so far.
func (w *worker) fill(buf []byte) (chunk, error) {
	lead := int(min(w.pos.Offset, beforeSize))
	buf = buf[:lead+len(buf)-beforeSize]
	n, err := readAt(w.src, buf, w.pos.Offset-int64(lead))
	if err != nil && n <= lead {
		return chunk{}, err
	}
	if n < lead || !w.pos.Before.endsWith(buf[:lead]) {
		return chunk{}, errRewritten
	}
	head := &w.pos.Identity.Head
	if fromStart := w.pos.Offset == int64(lead); fromStart && (err == nil || n >= head.Len) && !head.covers(buf[:n]) {
		return chunk{}, errRewritten // so little was read that the bytes before the position prove next to nothing
	}
	return chunk{buf[:n], lead, err == nil && n < len(buf), err}, nil
}

// overlong tells whether the line at the position is known to be longer than a window: only its end is searched for.
func (w *worker) overlong() bool { return w.barren >= int64(w.t.rules.Window()) }

// probe searches only what was added to what holds no record. It tells whether the turn is done with that.
func (w *worker) probe() (verdict, bool) {
	buf := w.buffer()
	from := max(w.barren-int64(w.t.rules.Overlap()), 0)
	n, err := readAt(w.src, buf, w.pos.Offset+from)
	if err != nil {
		var corrupt *inflate.CorruptError
		switch {
		case !w.overlong():
			return rest, false // reading says what is wrong
		case !errors.As(err, &corrupt):
			return w.trouble(err), true
		}
		w.found = max(w.barren, from+int64(n)) // no more of the line will ever come
		return rest, false
	}
	searched := from + int64(n)
	if i := w.framer.FindEnd(buf[:n], w.pos.Offset+from, w.big); i >= 0 {
		if w.overlong() {
			w.found = from + int64(i)
			return rest, false
		}
		if !w.t.rules.Plain() && w.barren >= dear && searched-w.barren < w.barren/8 && w.t.now()-w.framed < soonBackOff {
			return soon, true
		}
		return rest, false
	}
	if !w.overlong() && (searched >= int64(w.t.rules.Window()) || len(written(buf[:n], w.t.rules)) < n) {
		return rest, false
	}
	w.barren = max(w.barren, searched)
	switch {
	case n == len(buf):
		return more, true
	case w.t.cfg.Once || w.flush > framing.Nothing && w.pos.Offset+w.barren == w.asked:
		w.closed = w.flush
		if w.flush >= framing.Lines {
			w.foundEnd()
			return rest, false
		}
	}
	return rest, true
}

// foundEnd lets the over-long line at the position end where the file does, once all of it was searched.
func (w *worker) foundEnd() {
	w.found, w.endless = w.barren, true
	if w.flush < framing.EndOfFile {
		w.found = w.t.rules.Align(w.pos.Offset+w.barren) - w.pos.Offset
	}
}

// hand gives the records in c to the Handler. It returns false if c is not enough to tell where they end.
func (w *worker) hand(c *chunk) (v verdict, done bool) {
	reserved, err := w.trimReserved(c)
	if err != nil {
		return w.trouble(err), true
	}
	in := framing.Input{Data: c.data(), At: w.pos.Offset, Big: w.big, Close: w.closes(c, reserved)}
	if w.t.cfg.Once {
		in.Stop = max(w.limit, 1)
	}
	enough := c.end || len(in.Data) >= w.t.rules.Window()
	if in.At == 0 && w.t.rules.HasPreamble(in.Data) {
		if n, ok := w.framer.Preamble(in); n > 0 {
			return w.pass(c, n), true
		} else if !ok {
			w.barren = 0
			return rest, enough
		}
	}
	if w.t.cfg.Once && in.At >= w.limit {
		return rest, true
	}
	r := w.framer.Frame(in)
	if r.Long {
		return w.finishLong(c, &r), true
	}
	if r.Taken == 0 && !enough {
		return rest, false
	}
	if r.Taken > 0 {
		if err := w.deliver(&r, w.after(c, r.Taken)); err != nil {
			return w.refuse(err), true
		}
	}
	w.barren, w.framed = 0, w.t.now()
	if c.end {
		w.barren = int64(len(in.Data) - r.Taken)
	}
	switch {
	case reserved && w.touched():
		return soon, true
	case c.end && !r.More || w.t.cfg.Once && w.pos.Offset >= w.limit:
		return rest, true
	}
	return more, true
}

// after is the position n bytes into c.
func (w *worker) after(c *chunk, n int) Position {
	next := w.pos
	next.Offset += int64(n)
	next.Before = c.before(n)
	return next
}

// closes says what is to be closed at the end of c: what was asked for, if that is still the end of the file.
func (w *worker) closes(c *chunk, reserved bool) framing.Close {
	if reserved {
		w.closed = w.flush // there is an end to that line to come
		return framing.Nothing
	}
	if !c.end || !w.t.cfg.Once && w.pos.Offset+int64(len(c.data())) != w.asked {
		return framing.Nothing
	}
	w.closed = w.flush
	return w.flush
}

// pass hands out a block without records: n bytes at the start of the file are none.
func (w *worker) pass(c *chunk, n int) verdict {
	w.barren = 0
	if err := w.deliver(&framing.Result{Taken: n, Dropped: int64(n)}, w.after(c, n)); err != nil {
		return w.refuse(err)
	}
	return more
}

// finishLong hands out the head of a line that is longer than a window, if it is known where the line ends: there, or at the end of the file.
func (w *worker) finishLong(c *chunk, r *framing.Result) verdict {
	w.barren = max(w.barren, int64(len(c.data())))
	switch {
	case w.found > 0:
	case w.closes(c, false) >= framing.Lines:
		w.foundEnd()
	case c.end:
		return rest
	default:
		return more
	}
	for i := range r.Meta {
		r.Meta[i].Time = bytes.Clone(r.Meta[i].Time) // the buffer is needed
	}
	next := w.pos
	next.Offset += w.found
	before, err := readBefore(w.src, w.buffer(), next.Offset, beforeSize)
	if err != nil {
		return w.trouble(err)
	}
	next.Before = digestOf(before)
	r.Dropped = w.found - int64(len(r.Data))
	if w.endless {
		r.Partial = int(w.found)
	}
	if err := w.deliver(r, next); err != nil {
		return w.refuse(err)
	}
	w.barren = 0
	return more
}

// deliver calls the Handler with the records of r, after which reading goes on at next, and reports what is not whole about them.
func (w *worker) deliver(r *framing.Result, next Position) error {
	at := w.pos.Offset
	w.block = Block{
		ID: w.pos.ID, Path: w.name(), Offset: at, Data: r.Data[:len(r.Data):len(r.Data)], Ends: r.Ends, Starts: r.Starts, Meta: r.Meta,
		Skipped: max(r.Dropped, 0), Next: next, Content: w.src,
	}
	if err := w.handOut(); err != nil {
		return err
	}
	w.pos = next
	w.t.report(r, &w.block)
	return nil
}

// report tells what is not whole about the records of r, which are those of the block.
func (t *Tailer) report(r *framing.Result, b *Block) {
	for _, e := range []Event{
		{Kind: LineSplit, Count: r.Split}, {Kind: LineTruncated, Count: r.Truncated, Bytes: r.Dropped},
		{Kind: GroupForced, Count: r.Forced}, {Kind: LineForeign, Count: r.Foreign},
	} {
		if e.Count > 0 {
			e.ID, e.Path, e.Offset = b.ID, b.Path, b.Offset
			t.emit(e)
		}
	}
	if r.Partial > 0 {
		n := int64(r.Partial)
		t.emit(Event{Kind: PartialSent, ID: b.ID, Path: b.Path, Offset: b.Next.Offset - n, Bytes: n})
	}
}

// refuse says that the Handler did not take a block.
func (w *worker) refuse(err error) verdict {
	w.err = err
	if w.turnCtx.Err() == nil {
		w.t.emitSometimes(Event{Kind: BlockRefused, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Err: err})
	}
	return refused
}
