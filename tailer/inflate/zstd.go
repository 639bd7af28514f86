package inflate

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// A zstd file (RFC 8878) is frames. A frame is
//
//	magic      4 bytes, 28 b5 2f fd
//	header     2 to 14 bytes: the window, and perhaps the size of the content
//	blocks     each 3 bytes, little endian: bit 0 last, bits 1-2 type, bits 3-23 size; then size bytes, 1 for an RLE block
//	checksum   4 bytes, if the header says so
//
// and a skippable one is 5x 2a 4d 18, 4 bytes size, and so many bytes of no content. Frames are told apart here and not in
// the decoder, which takes a file that ends within a magic number for complete.
const (
	zstdMagic      = "\x28\xb5\x2f\xfd"
	skippableMagic = "\x2a\x4d\x18"
)

// blockHeaderSize is the size of a block's header, rleBlock the type of a block that is one byte, repeated.
const (
	blockHeaderSize = 3
	rleBlock        = 1
)

// blockHeader returns how many bytes follow the header b of a block, and whether the block is the last of its frame.
func blockHeader(b []byte) (size int64, last bool) {
	v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	size = int64(v >> 3)
	if v>>1&3 == rleBlock {
		size = 1
	}
	return size, v&1 == 1
}

// zstdDecoder decodes one frame at a time.
type zstdDecoder struct {
	maxWindow uint64
	dec       *zstd.Decoder
	in        *input
	header    zstd.Header
	frame     zstdFrame
}

func (d *zstdDecoder) open(in *input) error {
	d.in = in
	head, err := in.buf.Peek(zstd.HeaderMaxSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := d.header.Decode(head); err != nil {
		return err
	}
	if d.header.Skippable {
		return in.skip(int64(d.header.HeaderSize) + int64(d.header.SkippableSize))
	}
	if err := d.fits(); err != nil {
		return err
	}
	d.frame = zstdFrame{in: in, part: int64(d.header.HeaderSize), checksum: d.header.HasCheckSum}
	if d.dec == nil {
		// In the caller's goroutine, one block after the other. The decoder has a rule of its own for frames without a window.
		d.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(d.maxWindow), zstd.WithDecoderMaxMemory(d.maxWindow))
		if err != nil {
			return err
		}
	}
	return d.dec.Reset(&d.frame)
}

// fits tells whether the frame can be decoded here.
func (d *zstdDecoder) fits() error {
	window := d.header.WindowSize
	if d.header.SingleSegment {
		window = d.header.FrameContentSize
	}
	switch {
	case d.header.DictionaryID != 0:
		return &UnsupportedError{Zstd, fmt.Sprintf("it was compressed with dictionary %d: unpack it with zstd -d -D DICTIONARY and read that", d.header.DictionaryID)}
	case window > d.maxWindow:
		return &UnsupportedError{Zstd, fmt.Sprintf("decoding takes a window of %d bytes, of which at most %d are allowed: unpack it with zstd -d --long=31 and read that, or compress without --long and --ultra, or give weir more memory", window, d.maxWindow)}
	}
	return nil
}

func (d *zstdDecoder) Read(p []byte) (int, error) {
	if d.header.Skippable {
		return 0, io.EOF
	}
	n, err := d.dec.Read(p)
	switch {
	case err == nil:
		return n, nil
	case d.frame.cut:
		return n, io.ErrUnexpectedEOF
	case err == io.EOF && !d.frame.done:
		return n, errors.New("the frame is longer than what it holds")
	case err == io.ErrUnexpectedEOF:
		return n, errors.New("the frame ends within a block")
	}
	return n, err
}

func (d *zstdDecoder) close() {
	if d.dec != nil {
		d.dec.Close()
	}
}

// zstdFrame hands out the bytes of one frame and ends where it ends.
type zstdFrame struct {
	in       *input
	part     int64 // bytes to come of the header, the block or the checksum
	last     bool  // it is the last block
	checksum bool  // a checksum is to come
	done     bool
	cut      bool // the file ended first
}

// Read returns the next bytes of the frame.
func (f *zstdFrame) Read(p []byte) (int, error) {
	if f.part == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n, err := f.in.buf.Read(p[:min(int64(len(p)), f.part)])
	f.part -= int64(n)
	f.done = f.part == 0 && f.last && !f.checksum
	f.cut = f.cut || err == io.EOF
	return n, cut(err)
}

// next begins the next part.
func (f *zstdFrame) next() error {
	switch {
	case f.last && f.checksum:
		f.checksum, f.part = false, 4
	case f.last:
		return io.EOF
	default:
		b, err := f.in.buf.Peek(blockHeaderSize)
		if err != nil {
			f.cut = f.cut || err == io.EOF
			return cut(err)
		}
		size, last := blockHeader(b)
		f.part, f.last = blockHeaderSize+size, last
	}
	return nil
}
