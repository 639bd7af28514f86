package tailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/weir-logs/weir/tailer/inflate"
)

// packed is what a compressed file has beside the others. Its position is one in the content; its size and times are those of
// the file itself. Fields are guarded as those of file are.
type packed struct {
	format inflate.Format
	src    *inflate.Source // while it is worked on; belongs to the owner of the file, as the descriptor does
	length int64           // of the content; -1: not known
	done   int64           // about so many bytes of the file hold what is before the position
	hint   int64           // what the file says of the length of its content
	kind   inflate.SizeKind
}

// skipShare is how many bytes of content a turn passes over at most on its way to the position.
const skipShare = 16 << 20

// unpack lets w.src be the content of the file. It returns more if the turn goes on with that. With Once every compressed file is read;
// otherwise those are that go on from a file that was followed, and only a name like theirs makes a file one of them.
func (w *worker) unpack() verdict {
	w.src = w.fd
	if w.fresh && w.f.packed == nil && (w.t.cfg.Once || Compressed(w.path)) {
		format, err := FormatOf(w.path, w.fd)
		if w.must && (err != nil || format == inflate.Plain && w.st.size == 0) {
			return w.unfit()
		}
		if err != nil {
			return w.trouble(err)
		}
		if format != inflate.Plain {
			p := &packed{format: format, length: -1}
			if p.hint, p.kind, err = inflate.SizeHint(w.fd, w.st.size, format); err != nil {
				return w.trouble(err)
			}
			w.t.mu.Lock()
			w.f.packed = p
			w.t.mu.Unlock()
		}
	}
	p := w.f.packed
	if p == nil {
		return more
	}
	if !w.t.admit(w.f) {
		return crowded
	}
	if p.src == nil {
		var r io.ReaderAt = w.fd
		if w.t.cfg.Once {
			r = io.NewSectionReader(w.fd, 0, w.limit)
		}
		var err error
		window := beforeSize + max(w.t.cfg.BlockSize, w.t.rules.Window())
		if p.src, err = inflate.New(r, p.format, inflate.Config{Window: window, MaxMemory: w.t.cfg.InflateMemory}); err != nil {
			return w.trouble(err)
		}
	}
	c := content{w.turnCtx, p.src, w.path}
	w.src, w.limit, w.seen = c, math.MaxInt64, max(p.length, 0)
	return w.approach(c)
}

// approach goes on towards the place that the turn needs first.
func (w *worker) approach(c content) verdict {
	to := w.pos.Offset
	if w.fresh {
		head, err := w.head()
		if err != nil {
			return w.trouble(err)
		}
		to = w.t.farthest(w, head)
	}
	done, err := c.src.Advance(max(to-beforeSize, 0), skipShare)
	switch {
	case errors.Is(err, io.EOF) || done:
		return more // a content that is too short is not what the position is about, as everybody finds out who looks
	case err != nil:
		return w.trouble(c.explain(err))
	}
	return skipping
}

// size is that of the content. One that is not known yet is larger than any offset.
func (w *worker) size() int64 {
	if p := w.f.packed; p != nil && p.src != nil {
		n, known := p.src.Size()
		switch {
		case known:
			return n
		case w.spent():
			return w.pos.Offset
		}
		return math.MaxInt64
	}
	return w.st.size
}

// noteSize lets positions say how large the content is.
func (w *worker) noteSize() {
	if w.pos.Size = w.size(); w.pos.Size == math.MaxInt64 {
		w.pos.Size = 0
	}
}

// noteContent notes how far a compressed file was inflated. Callers hold Tailer.mu.
func (w *worker) noteContent() {
	p := w.f.packed
	if p == nil || p.src == nil {
		return
	}
	if n, known := p.src.Size(); known {
		p.length = n
	} else if w.spent() {
		p.length = w.pos.Offset
	}
	if decoded, in := p.src.Decoded(); decoded > 0 {
		p.done = int64(float64(in) * float64(w.pos.Offset) / float64(decoded))
	}
}

// content is a source that gives up when the run ends: the way to an offset may be long.
type content struct {
	ctx  context.Context
	src  *inflate.Source
	path string // for messages
}

// ReadAt implements io.ReaderAt.
func (c content) ReadAt(p []byte, off int64) (int, error) {
	decoded, _ := c.src.Decoded()
	for done := off <= decoded; !done; {
		if c.ctx.Err() != nil {
			return 0, context.Cause(c.ctx)
		}
		var err error
		if done, err = c.src.Advance(off, skipShare); err != nil {
			return 0, c.explain(err)
		}
	}
	n, err := c.src.ReadAt(p, off)
	return n, c.explain(err)
}

// explain says which file an error is about.
func (c content) explain(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return fmt.Errorf("read %s: %w", c.path, err)
}

// damaged says what to do about a compressed file that cannot be read to its end. One that nobody knows yet may still be in the making.
func (w *worker) damaged(err error) verdict {
	var unfinished *inflate.UnfinishedError
	var corrupt *inflate.CorruptError
	switch {
	case w.fresh && w.must && errors.As(err, &unfinished):
		return w.unfit()
	case w.fresh && errors.As(err, &unfinished):
		return later
	case w.fresh && w.must:
		return foreign
	case !w.fresh && errors.As(err, &corrupt):
		w.t.emit(Event{Kind: FileGone, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Bytes: -1, Err: err})
		return foreign
	}
	return failed
}

// unfit says what to do about a compressed file that may hold what is looked for, but cannot be read: the compressor may be at work.
func (w *worker) unfit() verdict {
	if w.resting() {
		return foreign
	}
	return later
}

// admit tells whether a compressed file may be inflated now: one at a time, since that is what takes memory.
func (t *Tailer) admit(f *file) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.inflating == nil && t.takeRoom() {
		t.inflating = f
	}
	return t.inflating == f
}

// takeRoom takes the room for inflating that is shared with other tailers, if there is any.
func (t *Tailer) takeRoom() bool {
	if t.cfg.Inflating == nil {
		return true
	}
	select {
	case t.cfg.Inflating <- struct{}{}:
		return true
	default:
		return false
	}
}

// pack gives back what inflating takes, and lets the next file have it. Only the owner of the file may call it; callers hold t.mu.
func (t *Tailer) pack(f *file) {
	if f.packed != nil && f.packed.src != nil {
		f.packed.src.Close()
		f.packed.src = nil
	}
	if t.inflating != f {
		return
	}
	t.inflating = nil
	if t.cfg.Inflating != nil {
		<-t.cfg.Inflating
	}
	if next := t.crowd.pop(); next != nil {
		t.ready.push(next)
		t.work.Signal()
	}
}

// farthest returns the highest offset at which the content of the file in w, which begins with head, must be looked at to find out what
// it is.
func (t *Tailer) farthest(w *worker, head []byte) (offset int64) {
	consider := func(p *Position) {
		if p.Identity.Head.covers(head) && !w.f.packed.says(p.Offset) {
			offset = max(offset, p.Offset)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.known[w.st.inode] {
		if k.Identity.matches(&w.st) {
			consider(k)
		}
	}
	for _, o := range t.orphans {
		if o.mayBe(w.path, &w.st) {
			consider(o.pos)
		}
	}
	return offset
}

// says tells whether the file says that its content has n bytes. A file that was read up to there before it was compressed holds nothing
// new, and need not be inflated to know that.
func (p *packed) says(n int64) bool {
	switch {
	case p == nil || n == 0:
		return false
	case p.kind == inflate.SizeLowBits:
		return p.hint == n&math.MaxUint32
	}
	return p.kind == inflate.SizeDeclared && p.hint == n
}

// proves tells whether the content, of which head is the first KiB, is that which p was taken from.
func (w *worker) proves(head []byte, p *Position) (bool, error) {
	if w.f.packed.says(p.Offset) && p.Identity.Head.Len > 0 && p.Identity.Head.covers(head) {
		return true, nil
	}
	return proves(w.src, head, p)
}

// spent tells whether the file says that everything in it was read.
func (w *worker) spent() bool { return !w.t.cfg.Once && w.f.packed.says(w.pos.Offset) }

// estimate is how large the content is, or as far as it is inflated seems to be: more than what was read of it.
func (p *packed) estimate(s *FileStatus) int64 {
	switch {
	case p.length >= 0:
		return max(p.length, s.Offset)
	case s.PackedRead > 0:
		return max(int64(float64(s.Offset)/float64(s.PackedRead)*float64(s.Packed)), s.Offset+1)
	}
	return max(s.Packed, s.Offset+1)
}
