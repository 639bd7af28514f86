package tailer

import (
	"bytes"
	"errors"
	"slices"

	"github.com/weir-logs/weir/tailer/inflate"
)

// errRewritten says that the bytes before the position are not those that were read.
var errRewritten = errors.New("the bytes before the position have changed")

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

// read hands out one block.
func (w *worker) read() verdict {
	if w.spent() {
		return rest
	}
	if w.barren > 0 && !w.flush {
		if v, done := w.probe(); done {
			return v
		}
	}
	c, err := w.fill(w.buffer())
	if errors.Is(err, errRewritten) {
		if err = w.truncated(); err == nil {
			return more
		}
	}
	if err != nil {
		return w.trouble(err)
	}
	var pieces int
	w.ends, pieces = frame(c.data(), w.t.cfg.MaxRecord, w.ends[:0])
	switch {
	case len(w.ends) > 0 || c.end:
		return w.hand(&c, pieces)
	case c.err != nil:
		return w.broken(&c)
	}
	return w.readLong()
}

// broken deals with a file that cannot be read on, once all whole lines before that are handed out. Where the bytes are damaged
// for good, the rest of the line before them is handed out, too.
func (w *worker) broken(c *chunk) verdict {
	var corrupt *inflate.CorruptError
	if len(c.data()) == 0 || !errors.As(c.err, &corrupt) {
		return w.trouble(c.err)
	}
	c.end, w.flush, w.asked = true, true, w.pos.Offset+int64(len(c.data()))
	if v := w.hand(c, 0); v != rest {
		return v
	}
	return more // the next turn meets the damage
}

// readLong reads with a buffer that has room for the longest line.
func (w *worker) readLong() verdict {
	buf, _ := w.t.large.Get().(*[]byte)
	if buf == nil {
		b := make([]byte, beforeSize+w.t.cfg.MaxRecord+lineEnd)
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
	var pieces int
	w.ends, pieces = frame(c.data(), w.t.cfg.MaxRecord, w.ends[:0])
	if len(w.ends) == 0 && c.err != nil {
		return w.broken(&c)
	}
	return w.hand(&c, pieces)
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
	return chunk{buf[:n], lead, err == nil && n < len(buf), err}, nil
}

// probe searches only what was added to an unfinished line. It tells whether the turn is done with that.
func (w *worker) probe() (verdict, bool) {
	buf := w.buffer()
	n, err := readAt(w.src, buf, w.pos.Offset+w.barren)
	if err != nil {
		return w.trouble(err), true
	}
	if bytes.IndexByte(buf[:n], '\n') >= 0 || w.barren+int64(n) >= int64(w.t.cfg.MaxRecord+lineEnd) {
		return rest, false
	}
	w.barren += int64(n)
	if n < len(buf) {
		return rest, true
	}
	return more, true
}

// hand gives the records that frame found in c to the Handler, and what is after them if that is to go out, too.
func (w *worker) hand(c *chunk, pieces int) verdict {
	data := c.data()
	c.end = c.end && len(w.ends) < maxRecords
	atLimit := w.t.cfg.Once && w.cutAtLimit(c)
	partial := 0
	if c.end && !atLimit && w.flushes(len(data)) {
		var cut int
		partial = len(data) - lastEnd(w.ends)
		w.ends, cut = frameRest(data, w.t.cfg.MaxRecord, w.ends)
		pieces += cut
	}
	taken := lastEnd(w.ends)
	if taken > 0 {
		if err := w.deliver(c, taken); err != nil {
			return w.refuse(err)
		}
		w.report(pieces, partial)
		w.pos = w.block.Next
	}
	w.barren = 0
	if c.end {
		w.barren = int64(len(data) - taken)
	}
	if c.end || atLimit {
		return rest
	}
	return more
}

// cutAtLimit drops the records that begin where a run with Once ends or later, and tells whether the rest ends there.
func (w *worker) cutAtLimit(c *chunk) bool {
	left := int(min(w.limit-w.pos.Offset, int64(len(c.data())+1)))
	if left <= 0 {
		w.ends = w.ends[:0]
		return true
	}
	i, _ := slices.BinarySearch(w.ends, left)
	if i == len(w.ends) {
		return false
	}
	w.ends = w.ends[:i+1]
	return true
}

// flushes tells whether an unfinished last line goes out, if the file ends n bytes after the position.
func (w *worker) flushes(n int) bool {
	return w.flush && (w.t.cfg.Once || w.pos.Offset+int64(n) == w.asked)
}

// deliver calls the Handler.
func (w *worker) deliver(c *chunk, taken int) error {
	next := w.pos
	next.Offset += int64(taken)
	next.Before = c.before(taken)
	w.block = Block{
		ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset,
		Data: c.data()[:taken:taken], Ends: w.ends, Next: next,
	}
	return w.t.cfg.Handle(w.ctx, &w.block)
}

// report tells about lines that are not whole, once they are delivered.
func (w *worker) report(pieces, partial int) {
	if pieces > 0 {
		w.t.emit(Event{Kind: LineSplit, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Count: pieces})
	}
	if partial > 0 {
		w.t.emit(Event{
			Kind: PartialSent, ID: w.pos.ID, Path: w.path,
			Offset: w.block.Next.Offset - int64(partial), Bytes: int64(partial),
		})
	}
}

// refuse says that the Handler did not take a block.
func (w *worker) refuse(err error) verdict {
	w.err = err
	if w.ctx.Err() == nil {
		w.t.emitSometimes(Event{Kind: BlockRefused, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Err: err})
	}
	return refused
}
