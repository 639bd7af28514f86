package inflate

import (
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// decoder decodes one member after the other: what each format calls by a name of its own.
type decoder interface {
	// open begins the member that in stands at. Meeting the end of the file is io.EOF or io.ErrUnexpectedEOF.
	open(in *input) error
	// Read returns the content of the member. io.EOF means that it is complete, and that in stands behind it.
	io.Reader
	// close gives memory back.
	close()
}

// newDecoder returns the decoder of a format that is readable.
func newDecoder(f Format, maxMemory int64) decoder {
	switch f {
	case Gzip:
		return new(gzipDecoder)
	case Zstd:
		return &zstdDecoder{maxWindow: uint64(maxMemory)}
	default:
		return new(bzip2Decoder)
	}
}

// members is the content of a file: that of its members, joined.
type members struct {
	in   *input
	dec  decoder
	open bool // a member is begun
}

// Read returns io.EOF between members only; asked again, it goes on if the file has grown. It may return no byte and no error.
func (m *members) Read(p []byte) (int, error) {
	if !m.open {
		if _, err := m.in.buf.Peek(1); err != nil {
			return 0, err
		}
		if err := m.dec.open(m.in); err != nil {
			return 0, cut(err)
		}
		m.open = true
	}
	n, err := m.dec.Read(p)
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		m.open = false
		return n, nil
	}
	return n, err
}

// rewind goes back to the front.
func (m *members) rewind() {
	m.in.rewind()
	m.open = false
}

// cut makes the end of the file what it is within a member.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

type gzipDecoder struct{ gzip.Reader }

func (d *gzipDecoder) open(in *input) error {
	if err := d.Reset(in.buf); err != nil {
		return err
	}
	d.Multistream(false)
	return nil
}

func (d *gzipDecoder) close() {}

// bzip2Decoder reads all the streams that there are as one member.
type bzip2Decoder struct{ io.Reader }

func (d *bzip2Decoder) open(in *input) error {
	d.Reader = bzip2.NewReader(in.buf)
	return nil
}

func (d *bzip2Decoder) close() {}
