package inflate

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// SizeKind says what is known of the size of a content.
type SizeKind uint8

const (
	// SizeUnknown is nothing.
	SizeUnknown SizeKind = iota
	// SizeLowBits is what the end of a gzip file says: the size of its last member modulo 2^32. It is that of the content if the
	// file has one member and holds less than 4 GiB, and a hint otherwise: whoever would lose something by it inflates.
	SizeLowBits
	// SizeDeclared is the sum of what the headers of all zstd frames say. It is exact unless the file is damaged.
	SizeDeclared
	// SizeExact was found by inflating to the end.
	SizeExact
)

// maxBlocks bounds how many zstd blocks SizeHint looks at, a read of a few bytes each; a block holds up to 128 KiB.
const maxBlocks = 16 << 10

// gzipLeast is the size of a gzip file without content: header, an empty block, checksum and size.
const gzipLeast = 10 + 2 + 8

// SizeHint says what can be known of the size of the content without inflating it; size is that of the compressed file r.
func SizeHint(r io.ReaderAt, size int64, f Format) (int64, SizeKind, error) {
	switch f {
	case Gzip:
		if size < gzipLeast {
			return 0, SizeUnknown, nil
		}
		var b [4]byte
		if _, err := readFull(r, b[:], size-4); err != nil {
			return 0, SizeUnknown, err
		}
		return int64(binary.LittleEndian.Uint32(b[:])), SizeLowBits, nil
	case Zstd:
		total, known, err := zstdSize(r, size)
		if err != nil || !known {
			return 0, SizeUnknown, err
		}
		return total, SizeDeclared, nil
	}
	return 0, SizeUnknown, nil
}

// zstdSize adds up what the frames say they hold. known means that each says it, and that they make up the whole file.
func zstdSize(r io.ReaderAt, size int64) (total int64, known bool, err error) {
	blocks := 0
	for off := int64(0); off < size; {
		var b [zstd.HeaderMaxSize]byte
		n, err := readFull(r, b[:], off)
		if err != nil {
			return 0, false, err
		}
		var h zstd.Header
		if h.Decode(b[:n]) != nil {
			return 0, false, nil
		}
		off += int64(h.HeaderSize)
		if h.Skippable {
			off += int64(h.SkippableSize)
			blocks++
		} else {
			if total += int64(h.FrameContentSize); !h.HasFCS || total < 0 || int64(h.FrameContentSize) < 0 {
				return 0, false, nil
			}
			if off, err = zstdFrameEnd(r, off, &blocks); err != nil {
				return 0, false, err
			}
			if h.HasCheckSum {
				off += 4
			}
		}
		if off > size || blocks > maxBlocks {
			return 0, false, nil
		}
	}
	return total, size > 0, nil
}

// zstdFrameEnd returns where the blocks end that begin at off, and counts them. Beyond maxBlocks it stops early.
func zstdFrameEnd(r io.ReaderAt, off int64, blocks *int) (int64, error) {
	var b [blockHeaderSize]byte
	for last := false; !last && *blocks <= maxBlocks; *blocks++ {
		n, err := readFull(r, b[:], off)
		if err != nil {
			return 0, err
		}
		if n < len(b) {
			return off + blockHeaderSize, nil // beyond the end of the file, which says that it is cut off
		}
		var size int64
		size, last = blockHeader(b[:])
		off += blockHeaderSize + size
	}
	return off, nil
}

// readFull fills b from off as far as the file goes.
func readFull(r io.ReaderAt, b []byte, off int64) (int, error) {
	n, err := r.ReadAt(b, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
