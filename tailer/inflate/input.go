package inflate

import (
	"bufio"
	"io"
)

// input is a compressed file, read from its front. It is both the reader under the buffer, and its owner.
type input struct {
	r   io.ReaderAt
	off int64 // of the byte after what the buffer has had
	buf *bufio.Reader
	err error // what r answered last, other than io.EOF
}

// inputSize is the buffer: the block size of a disk that reads ahead.
const inputSize = 32 << 10

func newInput(r io.ReaderAt) *input {
	in := &input{r: r}
	in.buf = bufio.NewReaderSize(in, inputSize)
	return in
}

// Read fills the buffer.
func (in *input) Read(p []byte) (int, error) {
	n, err := in.r.ReadAt(p, in.off)
	in.off += int64(n)
	if n > 0 {
		return n, nil // a lasting error comes again
	}
	if err != nil && err != io.EOF {
		in.err = err
	}
	return 0, err
}

// rewind goes back to the front.
func (in *input) rewind() {
	in.off, in.err = 0, nil
	in.buf.Reset(in)
}

// consumed is how many bytes the decoder has had.
func (in *input) consumed() int64 { return in.off - int64(in.buf.Buffered()) }

// grown tells whether the file has bytes that the buffer has not had.
func (in *input) grown() bool {
	var b [1]byte
	n, _ := in.r.ReadAt(b[:], in.off)
	return n > 0
}

// skip passes over n bytes without reading them, but the last.
func (in *input) skip(n int64) error {
	if n == 0 {
		return nil
	}
	have := min(n-1, int64(in.buf.Buffered()))
	if _, err := in.buf.Discard(int(have)); err != nil {
		return err
	}
	if have < n-1 {
		in.off += n - 1 - have
		in.buf.Reset(in)
	}
	_, err := in.buf.ReadByte()
	return err
}
