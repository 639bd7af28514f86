package inflate

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// headKept is how much of the front is kept beside the window.
const headKept = 1 << 10

// stepSize is how much is decoded at once.
const stepSize = 64 << 10

// Config bounds a Source. Zero values mean the defaults.
type Config struct {
	Window    int   // bytes of content kept behind the place that was read to; default 512 KiB. Reads that reach back further begin at the front
	MaxMemory int64 // bytes that the window of a zstd frame may take; default 8 MiB, what every level up to 19 keeps to
}

const (
	defaultWindow    = 512 << 10
	defaultMaxMemory = 8 << 20
	leastMemory      = 1 << 10 // of a zstd window
)

// Source is the content of a compressed file. It is for one goroutine at a time. Make it with New.
type Source struct {
	format Format
	cfg    Config
	m      members

	ring []byte // the content from start to end: byte i lies at i % len(ring)
	head []byte // its first headKept bytes
	end  int64  // what was decoded so far
	err  error  // why there is no more; io.EOF: a member ends there
	told bool   // err was answered once
	gone bool   // closed
}

// New returns the content of r, whose format is one that is readable. r must stay what it is, but may grow; the Source
// reads it only when it is asked for something, and does not close it.
func New(r io.ReaderAt, f Format, cfg Config) (*Source, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if cfg.Window == 0 {
		cfg.Window = defaultWindow
	}
	if cfg.MaxMemory == 0 {
		cfg.MaxMemory = defaultMaxMemory
	}
	if cfg.Window < 0 || cfg.MaxMemory < leastMemory {
		return nil, fmt.Errorf("inflate: Window %d and MaxMemory %d: want more than 0 and at least %d", cfg.Window, cfg.MaxMemory, leastMemory)
	}
	return &Source{format: f, cfg: cfg, m: members{in: newInput(r), dec: newDecoder(f, cfg.MaxMemory)}}, nil
}

// ReadAt fills p with the content from off on; less than all of p comes with an error. io.EOF is the end of a complete
// file; an UnfinishedError, a CorruptError and an UnsupportedError stand for what their names say; others are those of r.
// It decodes all that lies between what was decoded before and off, however far: see Advance.
func (s *Source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > math.MaxInt64-int64(len(p)) {
		return 0, fmt.Errorf("inflate: offset %d is no place in a file", off)
	}
	if s.gone {
		return 0, ErrClosed
	}
	if off+int64(len(p)) <= int64(len(s.head)) {
		return copy(p, s.head[off:]), nil
	}
	for n := 0; ; {
		n += s.copyOut(p[n:], off+int64(n))
		if n == len(p) {
			return n, nil
		}
		if err := s.near(off+int64(n), off+int64(len(p))); err != nil {
			return n, err
		}
	}
}

// near does one step on the way to the content between off and to.
func (s *Source) near(off, to int64) error {
	if off < s.start() {
		s.rewind()
	}
	return s.step(to - s.end)
}

// Advance goes on towards an offset, decoding about budget bytes at most, input or output, whichever is more. It returns
// true when a ReadAt there decodes nothing before it, false when it is to be called again. An end of the content before
// the offset, and whatever else stops the way, is an error as with ReadAt.
func (s *Source) Advance(to, budget int64) (done bool, err error) {
	if s.gone {
		return false, ErrClosed
	}
	for to < s.start() || to > s.end {
		if budget <= 0 {
			return false, nil
		}
		if to < s.start() {
			s.rewind()
		}
		end, in := s.end, s.m.in.consumed()
		if err := s.step(min(to-s.end, budget)); err != nil {
			return false, err
		}
		budget -= max(s.end-end, s.m.in.consumed()-in, 1)
	}
	return true, nil
}

// Decoded returns how far the content was decoded, and how many bytes of the file that took: what a report of progress needs.
func (s *Source) Decoded() (content, compressed int64) { return s.end, s.m.in.consumed() }

// Size returns the size of the content once it was decoded to the end. A file that grows makes it larger.
func (s *Source) Size() (size int64, known bool) { return s.end, s.err == io.EOF }

// Close gives the memory back. The Source cannot be used any more.
func (s *Source) Close() {
	if s.gone {
		return
	}
	s.m.dec.close()
	s.m = members{in: newInput(nil)}
	s.ring, s.head, s.end, s.err, s.gone = nil, nil, 0, nil, true
}

// start is the first offset of the window.
func (s *Source) start() int64 { return max(s.end-int64(s.cfg.Window), 0) }

// copyOut fills p with what the window has from off on.
func (s *Source) copyOut(p []byte, off int64) (n int) {
	if off < s.start() || off >= s.end {
		return 0
	}
	p = p[:min(int64(len(p)), s.end-off)]
	for n < len(p) {
		n += copy(p[n:], s.ring[(off+int64(n))%int64(len(s.ring)):])
	}
	return n
}

// rewind goes back to the front.
func (s *Source) rewind() {
	s.m.rewind()
	s.end, s.err, s.head = 0, nil, s.head[:0]
}

// step decodes some more, at most limit bytes. It may do nothing but go back to the front, after an error that has passed.
func (s *Source) step(limit int64) error {
	if s.err != nil && !s.told {
		s.told = true
		return s.err
	}
	if s.err != nil && s.err != io.EOF {
		if !s.passed() {
			return s.err
		}
		s.rewind()
		return nil
	}
	if s.ring == nil {
		s.ring = make([]byte, s.cfg.Window)
	}
	room := s.ring[s.end%int64(len(s.ring)):]
	room = room[:max(min(int64(len(room)), limit, stepSize), 1)]
	n, err := s.m.Read(room)
	s.head = append(s.head, room[:min(n, headKept-len(s.head))]...)
	s.end += int64(n)
	s.err = nil
	if err != nil {
		s.err = s.explain(err)
	}
	if s.told = n == 0; s.told {
		return s.err
	}
	return nil // an error comes with the next step
}

// passed tells whether an error may have gone.
func (s *Source) passed() bool {
	var unfinished *UnfinishedError
	if errors.As(s.err, &unfinished) {
		return s.m.in.grown()
	}
	return s.m.in.err != nil
}

// explain gives an error of the decoder its meaning.
func (s *Source) explain(err error) error {
	var unsupported *UnsupportedError
	switch at := s.m.in.consumed(); {
	case err == io.EOF || errors.As(err, &unsupported):
		return err
	case s.m.in.err != nil:
		return fmt.Errorf("inflate: read at byte %d of the file: %w", at, s.m.in.err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &UnfinishedError{s.format, s.end, at}
	default:
		return &CorruptError{s.format, s.end, at, err}
	}
}
