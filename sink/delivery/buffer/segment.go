package buffer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/sink/delivery/internal/durable"
)

const (
	goodSuffix = ".seg"
	badSuffix  = ".bad"
	tempSuffix = ".tmp"
)

func segmentName(number uint64, suffix string) string { return fmt.Sprintf("%016x%s", number, suffix) }

// Seal is what was fixed when a segment was closed, and never changes.
type Seal struct {
	Object
	Records int64
	Bytes   int64 // of data
	Oldest  time.Time
	Sealed  time.Time

	segment uint64
	end     int64  // in bytes of the file; nothing beyond is a member
	crc     uint32 // of the last frame
}

// Segment is a sealed segment: one object to be.
type Segment struct {
	seal  Seal
	space int64
	path  string
	b     *Buffer
	taken bool // Next has returned it; guarded by b.mu
}

// Seal returns what was fixed when the segment was sealed.
func (s *Segment) Seal() Seal { return s.seal }

// File returns the path of the segment, for messages.
func (s *Segment) File() string { return s.path }

// WriteTo writes the data of all records, one after another, and checks them on the way: if it returns no error, exactly
// the members were written. A damaged file is an ErrCorrupt. It may be called again, and always writes the same bytes.
func (s *Segment) WriteTo(w io.Writer) (int64, error) {
	file, err := s.b.cfg.FS.Open(s.path)
	if err != nil {
		return 0, fmt.Errorf("read buffer: %w", err)
	}
	n, err := s.copyTo(w, file)
	if closeErr := file.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("read buffer %s: %w", s.path, closeErr)
	}
	return n, err
}

func (s *Segment) copyTo(w io.Writer, file io.Reader) (written int64, err error) {
	var writeErr error
	sum, err := readSegment(file, s.seal.end, func(r records) bool {
		var n int
		n, writeErr = w.Write(r.data)
		written += int64(n)
		return writeErr == nil
	})
	switch {
	case writeErr != nil:
		return written, writeErr
	case err != nil && !errors.Is(err, errTorn):
		return written, fmt.Errorf("read buffer %s at byte %d: %w", s.path, sum.end, err)
	case err != nil || !sum.matches(s.seal):
		return written, fmt.Errorf("%w: %s at byte %d of %d", ErrCorrupt, s.path, sum.end, s.seal.end)
	}
	return written, nil
}

// Delivered removes the segment: its object is durable. It may be called again after an error. Segments are delivered in
// order, since each holds the seal of the one before it.
func (s *Segment) Delivered() error {
	if err := s.b.remove(s); err != nil {
		return fmt.Errorf("buffer %s: remove delivered segment: %w", s.b.cfg.Stream, err)
	}
	return s.b.dropEmpty()
}

// remove removes a segment and waits until it is gone for good: the removal of its successor must not become durable first.
func (b *Buffer) remove(s *Segment) error {
	if err := removeFile(b.cfg.FS, s.path); err != nil {
		return err
	}
	if err := durable.Dir(b.cfg.FS, b.cfg.Dir); err != nil {
		return err
	}
	b.forget(s)
	return nil
}

// dropEmpty removes the sealed segments without records, which failed writes leave, as far as nothing older is there.
func (b *Buffer) dropEmpty() error {
	for {
		b.mu.Lock()
		if len(b.sealed) == 0 || b.sealed[0].seal.Records > 0 {
			b.mu.Unlock()
			return nil
		}
		s := b.sealed[0]
		b.mu.Unlock()
		if err := b.remove(s); err != nil {
			return fmt.Errorf("buffer %s: remove empty segment: %w", b.cfg.Stream, err)
		}
	}
}

// SetAside renames a damaged segment, so that it is out of the way and can be looked at, and reports it.
func (s *Segment) SetAside(cause error) error {
	if err := setAside(s.b.cfg.FS, s.b.cfg.Dir, s.path); err != nil {
		return err
	}
	s.b.forget(s)
	if err := s.b.dropEmpty(); err != nil {
		s.b.report(err)
	}
	s.b.report(fmt.Errorf("buffer %s: %s is set aside as %s and its %d records are not delivered: %w",
		s.b.cfg.Stream, s.path, asideName(s.path), s.seal.Records, cause))
	return nil
}

func asideName(path string) string { return strings.TrimSuffix(path, goodSuffix) + badSuffix }

// forget takes a segment out of the books.
func (b *Buffer) forget(s *Segment) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.sealed, s)
	if i < 0 {
		return
	}
	b.sealed = slices.Delete(b.sealed, i, i+1)
	b.stats.Records -= s.seal.Records
	b.stats.Bytes -= s.seal.Bytes
	b.stats.Space -= s.space
}

// summary is what a segment holds.
type summary struct {
	header    header
	previous  *Seal // of the segment before this one
	positions map[string]Position
	records   int64
	bytes     int64
	oldest    time.Time // arrival; zero without records
	first     time.Time // when the first record was received; zero without records
	end       int64     // of the last valid frame
	crc       uint32    // its checksum
	whole     bool      // the head is there
}

func (s *summary) matches(seal Seal) bool {
	return s.whole && s.end == seal.end && s.crc == seal.crc && s.records == seal.Records && s.bytes == seal.Bytes
}

// readSegment reads a segment of size bytes and shows each records frame to visit until that returns false. The summary
// says how far it came, also beside an error: errTorn where no valid frame begins, a versionError, or one of the disk.
func readSegment(r io.Reader, size int64, visit func(records) bool) (summary, error) {
	var sum summary
	f, err := newFrames(r, size)
	if err != nil {
		return sum, err
	}
	sum.end, sum.crc = f.off, f.crc
	for first := true; ; first = false {
		k, payload, err := f.next()
		if err == io.EOF {
			if !sum.whole {
				return sum, errTorn
			}
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
		if (k == kindHeader) != first {
			return sum, errTorn
		}
		more, ok := sum.add(k, payload, visit)
		if !ok {
			return sum, errTorn
		}
		sum.end, sum.crc = f.off, f.crc
		if !more {
			return sum, nil
		}
	}
}

// add takes one frame into the summary. It returns whether to go on, and whether the frame made sense there.
func (s *summary) add(k kind, payload []byte, visit func(records) bool) (more, ok bool) {
	switch k {
	case kindHeader:
		s.header, s.whole = decodeHeader(payload)
		s.positions = s.header.positions
		return true, s.whole
	case kindSeal:
		seal, valid := decodeSeal(payload)
		if !valid || s.previous != nil || s.records > 0 {
			return false, false
		}
		s.previous = &seal
		return true, true
	}
	r, valid := decodeRecords(payload)
	if !valid {
		return false, false
	}
	s.count(r.count, int64(len(r.data)), r.oldest, r.received)
	s.positions = advance(s.positions, r.positions)
	return visit == nil || visit(r), true
}

func (s *summary) count(records, bytes int64, oldest, received time.Time) {
	if records == 0 {
		return
	}
	if s.records == 0 {
		s.first, s.oldest = received, oldest
	}
	if oldest.Before(s.oldest) {
		s.oldest = oldest
	}
	s.records += records
	s.bytes += bytes
}

// advance applies the positions of a batch to all.
func advance(all, by map[string]Position) map[string]Position {
	if all == nil && len(by) > 0 {
		all = make(map[string]Position, len(by))
	}
	for shard, p := range by {
		if p == (Position{}) {
			delete(all, shard)
		} else {
			all[shard] = p
		}
	}
	return all
}

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
