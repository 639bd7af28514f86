package inflate

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines is text as logs are: the same in every run, because testdata/lines.* hold lines(4500), and few.bz2 lines(20), as the
// tools gzip, zstd and bzip2 -1 compressed it.
func lines(n int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		fmt.Fprintf(&b, "%06d level=info user=%x took=%dms\n", i, r.Uint32(), r.IntN(500))
	}
	return b.Bytes()
}

func gz(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	for i, p := range parts {
		w := gzip.NewWriter(&b)
		w.Name = fmt.Sprintf("part%d.log", i)
		if _, err := w.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func zst(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var b []byte
	for _, p := range parts {
		b = w.EncodeAll(p, b)
	}
	return b
}

// zstStream is one frame that does not say how long it is.
func zstStream(t testing.TB, data []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, append(opts, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(data, 1000) {
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// skippable is a zstd frame without content.
func skippable(n int) []byte {
	return append([]byte{0x53, 0x2a, 0x4d, 0x18, byte(n), byte(n >> 8), byte(n >> 16), 0}, make([]byte, n)...)
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample is a compressed file and its content.
type sample struct {
	name   string
	format Format
	file   []byte
	text   []byte
	ends   []int // where the file may be cut and is complete: between members
}

func samples(t testing.TB) []sample {
	t.Helper()
	text := lines(4500)
	a, b := text[:70_000], text[70_000:]
	gzA, gzB, zstA := gz(t, a), gz(t, b), zst(t, a)
	bz := fixture(t, "lines.bz2")
	return []sample{
		{"gzip", Gzip, gz(t, text), text, nil},
		{"gzip, the tool's", Gzip, fixture(t, "lines.gz"), text, nil},
		{"gzip, two members", Gzip, append(gzA[:len(gzA):len(gzA)], gzB...), text, []int{len(gzA)}},
		{"gzip, an empty member between", Gzip, gz(t, a, nil, b), text, []int{len(gz(t, a)), len(gz(t, a, nil))}},
		{"zstd", Zstd, zst(t, text), text, nil},
		{"zstd, the tool's", Zstd, fixture(t, "lines.zst"), text, nil},
		{"zstd, streamed", Zstd, zstStream(t, text), text, nil},
		{"zstd, no checksum", Zstd, zstStream(t, text, zstd.WithEncoderCRC(false)), text, nil},
		{"zstd, frames", Zstd, bytes.Join([][]byte{skippable(100_000), zstA, skippable(0), zst(t, b)}, nil), text,
			[]int{100_008, 100_008 + len(zstA), 100_016 + len(zstA)}},
		{"bzip2, the tool's", Bzip2, bz, text, nil},
		{"bzip2, two streams", Bzip2, append(bz[:len(bz):len(bz)], bz...), append(text[:len(text):len(text)], text...), []int{len(bz)}},
	}
}

// growing is a file that may be appended to, and may fail.
type growing struct {
	mu   sync.Mutex
	data []byte
	fail error
}

func (g *growing) ReadAt(p []byte, off int64) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fail != nil {
		return 0, g.fail
	}
	return bytes.NewReader(g.data).ReadAt(p, off)
}

func open(t testing.TB, r io.ReaderAt, f Format, cfg Config) *Source {
	t.Helper()
	s, err := New(r, f, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// readAll reads in pieces, until an error.
func readAll(s *Source, piece int) ([]byte, error) {
	var all []byte
	buf := make([]byte, piece)
	for {
		n, err := s.ReadAt(buf, int64(len(all)))
		all = append(all, buf[:n]...)
		if err != nil {
			return all, err
		}
	}
}

// plain decodes a file with the plain readers of the libraries.
func plain(f Format, file []byte) ([]byte, error) {
	var r io.Reader
	switch f {
	case Gzip:
		z, err := gzip.NewReader(bytes.NewReader(file))
		if err != nil {
			return nil, err
		}
		r = z
	case Zstd:
		z, err := zstd.NewReader(bufferless{bytes.NewReader(file)}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(defaultMaxMemory))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	case Bzip2:
		r = bzip2.NewReader(bytes.NewReader(file))
	default:
		return nil, errors.New("no format")
	}
	return io.ReadAll(io.LimitReader(r, 64<<20))
}

// bufferless hides what a reader is, which makes the zstd library take another way.
type bufferless struct{ io.Reader }
