package buffer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	magic        = "weirBUF"
	version      = 1
	preambleSize = len(magic) + 1
	frameHeader  = 9
	maxPayload   = 16 << 20
)

type kind uint8

const (
	kindHeader kind = 1 + iota
	kindRecords
	kindSeal
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that the bytes at a place are no frame: the end of what is valid.
var errTorn = errors.New("no valid frame")

func preamble() []byte { return append([]byte(magic), version) }

// beginFrame appends the head of a frame, to be filled in by finishFrame and link.
func beginFrame(buf []byte, k kind) []byte {
	return append(buf, 0, 0, 0, 0, 0, 0, 0, 0, byte(k))
}

// finishFrame fills in the length of the one frame in buf.
func finishFrame(frame []byte) error {
	n := len(frame) - frameHeader
	if n > maxPayload {
		return fmt.Errorf("a frame of %d bytes is over the limit of %d", n, maxPayload)
	}
	binary.LittleEndian.PutUint32(frame, uint32(n))
	return nil
}

// link fills in the checksum of a finished frame that follows one with the checksum prev, and returns it.
func link(prev uint32, frame []byte) uint32 {
	crc := checksum(prev, frame)
	binary.LittleEndian.PutUint32(frame[4:], crc)
	return crc
}

func checksum(prev uint32, frame []byte) uint32 {
	crc := crc32.Update(prev, castagnoli, frame[:4])
	return crc32.Update(crc, castagnoli, frame[8:])
}

// frames reads the frames of a segment in order.
type frames struct {
	r   *bufio.Reader
	end int64 // nothing is read beyond it
	off int64 // of the next frame
	crc uint32
	buf []byte
}

// newFrames checks the first bytes of a segment of end bytes. A newer version is a versionError, anything else errTorn.
func newFrames(r io.Reader, end int64) (*frames, error) {
	f := &frames{r: bufio.NewReaderSize(r, 64<<10), end: end}
	head := make([]byte, preambleSize)
	if end < int64(preambleSize) {
		return nil, errTorn
	}
	if _, err := io.ReadFull(f.r, head); err != nil {
		return nil, readError(err)
	}
	if string(head[:len(magic)]) != magic || head[len(magic)] == 0 {
		return nil, errTorn
	}
	if head[len(magic)] > version {
		return nil, versionError(head[len(magic)])
	}
	f.off = int64(preambleSize)
	f.crc = crc32.Checksum(head, castagnoli)
	return f, nil
}

// next returns the next frame's payload, valid until the next call; io.EOF at the end, errTorn where no valid frame begins.
func (f *frames) next() (kind, []byte, error) {
	left := f.end - f.off
	if left == 0 {
		return 0, nil, io.EOF
	}
	if left < frameHeader {
		return 0, nil, errTorn
	}
	f.buf = append(f.buf[:0], make([]byte, frameHeader)...)
	if _, err := io.ReadFull(f.r, f.buf); err != nil {
		return 0, nil, readError(err)
	}
	n := int64(binary.LittleEndian.Uint32(f.buf))
	k := kind(f.buf[8])
	if n > maxPayload || n > left-frameHeader || k < kindHeader || k > kindSeal {
		return 0, nil, errTorn
	}
	f.buf = grow(f.buf, frameHeader+int(n))
	if _, err := io.ReadFull(f.r, f.buf[frameHeader:]); err != nil {
		return 0, nil, readError(err)
	}
	crc := checksum(f.crc, f.buf)
	if crc != binary.LittleEndian.Uint32(f.buf[4:]) {
		return 0, nil, errTorn
	}
	f.crc = crc
	f.off += frameHeader + n
	return k, f.buf[frameHeader:], nil
}

func grow(b []byte, n int) []byte {
	if cap(b) >= n {
		return b[:n]
	}
	grown := make([]byte, n, n+n/4)
	copy(grown, b)
	return grown
}

// readError keeps a file that is shorter than it said apart from a disk that cannot read.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

// versionError is the version of a file that a newer program wrote.
type versionError uint8

func (v versionError) Error() string {
	return fmt.Sprintf("buffer format version %d is newer than the %d that this program knows: use the program that wrote it", uint8(v), version)
}
