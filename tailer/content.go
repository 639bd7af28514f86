package tailer

import (
	"context"
	"errors"
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
}

// skipShare is how many bytes of content a turn passes over at most on its way to the position.
const skipShare = 16 << 20

// inflates tells whether compressed files are read at all.
func (t *Tailer) inflates() bool { return t.cfg.Once }

// unpack lets w.src be the content of the file. It returns more if the turn goes on with that.
func (w *worker) unpack() verdict {
	w.src = w.fd
	if !w.t.inflates() {
		return more
	}
	if w.fresh && w.f.packed == nil {
		format, err := FormatOf(w.path, w.fd)
		if err != nil {
			return w.trouble(err)
		}
		if format != inflate.Plain {
			w.t.mu.Lock()
			w.f.packed = &packed{format: format, length: -1}
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
		window := beforeSize + max(w.t.cfg.BlockSize, w.t.cfg.MaxRecord+lineEnd)
		if p.src, err = inflate.New(r, p.format, inflate.Config{Window: window}); err != nil {
			return w.trouble(err)
		}
	}
	w.src, w.limit, w.seen = content{w.ctx, p.src}, math.MaxInt64, max(p.length, 0)
	return w.approach(p.src)
}

// approach goes on towards the place that the turn needs first.
func (w *worker) approach(src *inflate.Source) verdict {
	to := w.pos.Offset
	if w.fresh {
		to = w.t.farthest(&w.st)
	}
	done, err := src.Advance(max(to-beforeSize, 0), skipShare)
	switch {
	case errors.Is(err, io.EOF) || done:
		return more // a content that is too short is not what the position is about, as everybody finds out who looks
	case err != nil:
		return w.trouble(err)
	}
	return skipping
}

// size is that of the content. One that is not known yet is larger than any offset.
func (w *worker) size() int64 {
	if p := w.f.packed; p != nil && p.src != nil {
		if n, known := p.src.Size(); known {
			return n
		}
		return math.MaxInt64
	}
	return w.st.size
}

// whole returns where reading ends at present. The content of a compressed file is inflated to its end for that.
func (w *worker) whole() (int64, error) {
	p := w.f.packed
	if p == nil {
		return min(w.limit, w.st.size), nil
	}
	var b [1]byte
	if _, err := w.src.ReadAt(b[:], math.MaxInt64-1); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return w.size(), nil
}

// noteContent notes how far a compressed file was inflated. Callers hold Tailer.mu.
func (w *worker) noteContent() {
	p := w.f.packed
	if p == nil || p.src == nil {
		return
	}
	if n, known := p.src.Size(); known {
		p.length = n
	}
	if decoded, in := p.src.Decoded(); decoded > 0 {
		p.done = int64(float64(in) * float64(w.pos.Offset) / float64(decoded))
	}
}

// content is a source that gives up when the run ends: the way to an offset may be long.
type content struct {
	ctx context.Context
	src *inflate.Source
}

// ReadAt implements io.ReaderAt.
func (c content) ReadAt(p []byte, off int64) (int, error) {
	for done := false; !done; {
		if c.ctx.Err() != nil {
			return 0, context.Cause(c.ctx)
		}
		var err error
		if done, err = c.src.Advance(off, skipShare); err != nil {
			return 0, err
		}
	}
	return c.src.ReadAt(p, off)
}

// admit tells whether a compressed file may be inflated now: one at a time, since that is what takes memory.
func (t *Tailer) admit(f *file) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.inflating == nil {
		t.inflating = f
	}
	return t.inflating == f
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
	if next := t.crowd.pop(); next != nil {
		t.ready.push(next)
		t.work.Signal()
	}
}

// farthest returns the highest offset that an earlier run may have reached in the file.
func (t *Tailer) farthest(st *fileStat) (offset int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.known[st.inode] {
		if k.Identity.matches(st) {
			offset = max(offset, k.Offset)
		}
	}
	return offset
}

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
