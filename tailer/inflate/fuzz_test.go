package inflate

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzSource takes any bytes for a compressed file: the content is what the plain readers of the libraries make of it, and
// reading here and there gives the same bytes as reading on.
func FuzzSource(f *testing.F) {
	few := lines(20)
	for _, file := range [][]byte{
		gz(f, few), gz(f, few[:100], nil, few[100:]), fixture(f, "few.bz2"), append(fixture(f, "few.bz2"), fixture(f, "few.bz2")...),
		zst(f, few), zstStream(f, few), append(zst(f, few[:100], few[100:]), skippable(3)...), zstStream(f, bytes.Repeat(few, 400)),
	} {
		f.Add(file, uint16(500))
		f.Add(file[:len(file)/2], uint16(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, at uint16) {
		format := Detect(file)
		if size, kind, err := SizeHint(bytes.NewReader(file), int64(len(file)), format); err != nil || size < 0 || kind == SizeUnknown && size != 0 {
			t.Fatalf("SizeHint: %d, %v, %v", size, kind, err)
		}
		if format.Check() != nil {
			return
		}
		s := open(t, bytes.NewReader(file), format, Config{Window: 2000, MaxMemory: 1 << 20})
		const enough = 300 << 10
		got := make([]byte, enough)
		n, err := s.ReadAt(got, 0)
		got = got[:n]
		if n < enough && err == nil {
			t.Fatalf("%d bytes without an error", n)
		}
		// What the plain reader has, up to the place where one of the two gives up, must be the same.
		want, wantErr := plain(format, file)
		if k := min(len(want), n); !bytes.Equal(want[:k], got[:k]) {
			t.Fatalf("the content is not that of the plain reader")
		}
		if wantErr == nil && n < enough && n < len(want) {
			var unsupported *UnsupportedError
			if !errors.As(err, &unsupported) {
				t.Fatalf("%d bytes and %v where the plain reader has %d", n, err, len(want))
			}
		}
		if err == io.EOF && (wantErr != nil || n != len(want)) {
			t.Fatalf("complete with %d bytes; the plain reader: %d, %v", n, len(want), wantErr)
		}
		off := int64(at) % int64(n+1)
		part := make([]byte, 1500)
		m, _ := s.ReadAt(part, off)
		if k := min(m, n-int(off)); !bytes.Equal(part[:k], got[off:int(off)+k]) || m < min(len(part), n-int(off)) {
			t.Fatalf("at %d: other bytes, or fewer (%d)", off, m)
		}
	})
}
