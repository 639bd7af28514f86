package tailer

import (
	"errors"
	"fmt"
	"io"

	"github.com/weir-logs/weir/tailer/framing"
)

// Frame frames all that r gives as if it were a file called path, which ends there, and hands the blocks to do, whose memory is valid
// until it returns. Their positions have no identity. It needs as much memory as a Tailer for one file.
func Frame(r io.Reader, path string, cfg framing.Config, do func(*Block) error) error {
	rules, err := framing.Compile(cfg)
	if err != nil {
		return err
	}
	f := &stream{r: r, path: path, do: do, rules: rules, framer: rules.NewFramer(), buf: make([]byte, 0, firstBuffer)}
	for {
		if err := f.fill(); err != nil {
			return err
		}
		if err := f.step(); err != nil || f.end && len(f.buf) == 0 {
			return err
		}
	}
}

// firstBuffer is how many bytes Frame reads at first. The buffer grows up to a window where that is not enough.
const firstBuffer = 64 << 10

// stream is a run of Frame.
type stream struct {
	r      io.Reader
	path   string
	do     func(*Block) error
	rules  *framing.Rules
	framer *framing.Framer
	buf    []byte // bytes that wait
	at     int64  // offset of buf
	big    bool
	end    bool // r gives no more
}

// fill reads until the buffer is full or r is at its end.
func (s *stream) fill() error {
	for !s.end && len(s.buf) < cap(s.buf) {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if errors.Is(err, io.EOF) {
			s.end = true
		} else if err != nil {
			return fmt.Errorf("read %s: %w", s.path, err)
		}
	}
	if s.at == 0 {
		s.big = s.rules.NeedsHead() && s.rules.BigEndian(s.buf)
	}
	return nil
}

// step hands out what the buffer holds.
func (s *stream) step() error {
	in := framing.Input{Data: s.buf, At: s.at, Big: s.big}
	if s.end {
		in.Close = framing.EndOfFile
	}
	if s.at == 0 && s.rules.HasPreamble(s.buf) {
		n, ok := s.framer.Preamble(in)
		s.drop(n)
		if !ok {
			s.grow()
		}
		if n > 0 || !ok {
			return nil
		}
	}
	res := s.framer.Frame(in)
	if err := s.do(&Block{Path: s.path, Offset: s.at, Data: res.Data, Ends: res.Ends, Starts: res.Starts, Meta: res.Meta, Skipped: res.Dropped,
		Next: Position{Path: s.path, Offset: s.at + int64(res.Taken)}}); err != nil {
		return err
	}
	if res.Long {
		return s.skipLine()
	}
	if res.Taken == 0 {
		s.grow()
	}
	s.drop(res.Taken)
	return nil
}

// grow makes room for more bytes.
func (s *stream) grow() {
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, 4*cap(s.buf)), s.buf...)
	}
}

// skipLine leaves out the rest of a line that is longer than the buffer.
func (s *stream) skipLine() error {
	overlap := s.rules.Overlap()
	for {
		if i := s.framer.FindEnd(s.buf, s.at, s.big); i >= 0 {
			s.drop(i)
			return nil
		}
		if s.end {
			s.drop(len(s.buf))
			return nil
		}
		s.drop(max(len(s.buf)-overlap, 0))
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// drop takes n bytes off the front of the buffer.
func (s *stream) drop(n int) {
	s.at += int64(n)
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
}
