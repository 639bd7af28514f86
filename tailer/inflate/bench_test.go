package inflate

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// BenchmarkSource reads 20 MB of log lines (bzip2: 192 KB) to the end in blocks of 256 KiB, each with the 256 bytes before it, as
// the tailer does.
func BenchmarkSource(b *testing.B) {
	for _, in := range benchInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			b.ReportAllocs()
			buf := make([]byte, 256+256<<10)
			for b.Loop() {
				s, err := New(bytes.NewReader(in.file), in.format, Config{})
				if err != nil {
					b.Fatal(err)
				}
				for at := int64(0); err == nil; {
					var n int
					lead := min(at, 256)
					n, err = s.ReadAt(buf, at-lead)
					at += int64(n) - lead
				}
				if size, known := s.Size(); !known || size != int64(len(in.text)) {
					b.Fatal(size, err)
				}
				s.Close()
			}
		})
	}
}

// BenchmarkLimit is the libraries' own plain decoding of the same: what a Source cannot be faster than. The gzip of the
// standard library is the exception.
func BenchmarkLimit(b *testing.B) {
	for _, in := range benchInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			b.ReportAllocs()
			for b.Loop() {
				m := members{in: newInput(bytes.NewReader(in.file)), dec: newDecoder(in.format, defaultMaxMemory)}
				n, err := io.Copy(io.Discard, bufferless{&m})
				if n != int64(len(in.text)) {
					b.Fatal(n, err)
				}
				m.dec.close()
			}
		})
	}
}

// BenchmarkPlain is what a program without this package would do: the plain readers, the whole content in memory.
func BenchmarkPlain(b *testing.B) {
	for _, in := range benchInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			b.ReportAllocs()
			for b.Loop() {
				if got, err := plain(in.format, in.file); len(got) != len(in.text) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}

func benchInputs(b *testing.B) []sample {
	b.Helper()
	text := lines(500_000)
	small := lines(4500)
	if len(text) < 10<<20 {
		b.Fatal(fmt.Sprint(len(text)))
	}
	return []sample{
		{"gzip", Gzip, gz(b, text), text, nil},
		{"zstd", Zstd, zstStream(b, text), text, nil},
		{"bzip2", Bzip2, fixture(b, "lines.bz2"), small, nil},
	}
}
