package inflate

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

func TestReadsAll(t *testing.T) {
	for _, tt := range samples(t) {
		t.Run(tt.name, func(t *testing.T) {
			if got := Detect(tt.file); got != tt.format {
				t.Fatalf("Detect: %v", got)
			}
			for _, piece := range []int{7, 1000, 1 << 20} {
				s := open(t, bytes.NewReader(tt.file), tt.format, Config{Window: 64 << 10})
				got, err := readAll(s, piece)
				if err != io.EOF || !bytes.Equal(got, tt.text) {
					t.Errorf("in pieces of %d: %d bytes of %d, %v", piece, len(got), len(tt.text), err)
				}
				if size, known := s.Size(); !known || size != int64(len(tt.text)) {
					t.Errorf("Size: %d, %v", size, known)
				}
				if content, compressed := s.Decoded(); content != int64(len(tt.text)) || compressed != int64(len(tt.file)) {
					t.Errorf("Decoded: %d of %d, %d of %d", content, len(tt.text), compressed, len(tt.file))
				}
			}
		})
	}
}

// TestRandomOffsets reads here and there, as no tailer would, and with windows that are too small for it.
func TestRandomOffsets(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, tt := range samples(t) {
		t.Run(tt.name, func(t *testing.T) {
			want := bytes.NewReader(tt.text)
			s := open(t, bytes.NewReader(tt.file), tt.format, Config{Window: 1 + r.IntN(100_000)})
			at := int64(0)
			for range 200 {
				switch r.IntN(20) {
				case 0:
					at = r.Int64N(int64(len(tt.text)) + 100)
				case 1:
					at = 0
				default:
					at = max(at-r.Int64N(300), 0)
				}
				if r.IntN(4) == 0 {
					for done := false; !done; {
						var err error
						if done, err = s.Advance(at, 1+r.Int64N(50_000)); err != nil {
							break
						}
					}
				}
				a := make([]byte, r.IntN(5000))
				b := make([]byte, len(a))
				n, err := s.ReadAt(a, at)
				m, wantErr := want.ReadAt(b, at)
				if n != m || !bytes.Equal(a[:n], b[:m]) || (n < len(a) && err != wantErr) || (n == len(a) && err != nil) {
					t.Fatalf("%d bytes at %d: %d, %v; want %d, %v", len(a), at, n, err, m, wantErr)
				}
				at += int64(n)
			}
		})
	}
}

func TestCloseReadsCostNothing(t *testing.T) {
	text := lines(6000)
	file := &growing{data: gz(t, text)}
	s := open(t, file, Gzip, Config{Window: 10_000})
	buf := make([]byte, 9000)
	if n, err := s.ReadAt(buf, 100_000); n != len(buf) || err != nil {
		t.Fatal(n, err)
	}
	_, before := s.Decoded()
	file.fail = errors.New("it was read again")
	for _, at := range []int64{99_000, 108_999, 0, 24} {
		n := min(len(buf), 1000)
		if at == 108_999 {
			n = 1
		}
		if got, err := s.ReadAt(buf[:n], at); got != n || err != nil || !bytes.Equal(buf[:n], text[at:int(at)+n]) {
			t.Errorf("at %d: %d, %v", at, got, err)
		}
	}
	if _, after := s.Decoded(); after != before {
		t.Errorf("%d bytes of the file were read", after-before)
	}
}

// TestCut cuts each file at many places: what is there is delivered, and the end is told apart from a complete one.
func TestCut(t *testing.T) {
	for _, tt := range samples(t) {
		t.Run(tt.name, func(t *testing.T) {
			complete := map[int]bool{0: true, len(tt.file): true}
			cuts := []int{0, 1, 2, 3, 4, 5, 9, 10, 11, 13, 17, 20, 30}
			for _, end := range append(tt.ends, len(tt.file)) {
				complete[end] = true
				for d := -12; d <= 22; d++ {
					cuts = append(cuts, end+d)
				}
			}
			for i := range 20 {
				cuts = append(cuts, len(tt.file)*i/20)
			}
			for _, n := range cuts {
				if n < 0 || n > len(tt.file) {
					continue
				}
				s := open(t, bytes.NewReader(tt.file[:n]), tt.format, Config{})
				got, err := readAll(s, 10_000)
				var unfinished *UnfinishedError
				if complete[n] && err != io.EOF || !complete[n] && (!errors.As(err, &unfinished) || !errors.Is(err, io.ErrUnexpectedEOF)) {
					t.Errorf("cut at %d of %d: %v", n, len(tt.file), err)
				}
				if !bytes.HasPrefix(tt.text, got) {
					t.Errorf("cut at %d: wrong content", n)
				}
				if size, known := s.Size(); known != complete[n] || size != int64(len(got)) {
					t.Errorf("cut at %d: size %d, %v", n, size, known)
				}
				s.Close()
			}
		})
	}
}

// TestGrows lets a compressor write the file bit by bit.
func TestGrows(t *testing.T) {
	for _, tt := range samples(t) {
		t.Run(tt.name, func(t *testing.T) {
			file := new(growing)
			s := open(t, file, tt.format, Config{Window: 32 << 10})
			var got []byte
			buf := make([]byte, 4096)
			for part := range slices.Chunk(tt.file, len(tt.file)/9+1) {
				file.data = append(file.data, part...)
				for again := 0; again < 2; again++ {
					for {
						n, err := s.ReadAt(buf, int64(len(got)))
						got = append(got, buf[:n]...)
						if err != nil {
							break
						}
					}
				}
			}
			if _, err := s.ReadAt(buf, int64(len(got))); err != io.EOF || !bytes.Equal(got, tt.text) {
				t.Errorf("%d bytes of %d, %v", len(got), len(tt.text), err)
			}
		})
	}
}

func TestFailingFile(t *testing.T) {
	file := &growing{data: zst(t, lines(6000))}
	text := lines(6000)
	s := open(t, file, Zstd, Config{})
	buf := make([]byte, 1000)
	if _, err := s.ReadAt(buf, 0); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk is on fire")
	file.fail = broken
	for range 3 {
		if _, err := readAll(s, 1000); !errors.Is(err, broken) {
			t.Fatalf("ReadAt: %v", err)
		}
	}
	file.fail = nil
	if got, err := readAll(s, 1000); err != io.EOF || !bytes.Equal(got, text) {
		t.Errorf("after the fire: %d bytes of %d, %v", len(got), len(text), err)
	}
}

func TestDamage(t *testing.T) {
	for _, tt := range samples(t) {
		t.Run(tt.name, func(t *testing.T) {
			file := bytes.Clone(tt.file)
			file[len(file)-1000] ^= 0x55
			s := open(t, bytes.NewReader(file), tt.format, Config{})
			got, err := readAll(s, 10_000)
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) || corrupt.Format != tt.format || corrupt.Offset != int64(len(got)) || corrupt.Compressed < int64(len(file)/2) {
				t.Fatalf("after %d bytes: %v", len(got), err)
			}
			if len(got) < len(tt.text)/10 || !bytes.Equal(got[:len(tt.text)/10], tt.text[:len(tt.text)/10]) {
				t.Errorf("%d bytes before the damage, of %d", len(got), len(tt.text))
			}
			if _, again := s.ReadAt(make([]byte, 1), int64(len(got))); again != err {
				t.Errorf("asked again: %v", again)
			}
		})
	}
	s := open(t, strings.NewReader(string(gz(t, []byte("text\n")))+"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), Gzip, Config{})
	var corrupt *CorruptError
	if got, err := readAll(s, 100); string(got) != "text\n" || !errors.As(err, &corrupt) {
		t.Errorf("rubbish behind it: %q, %v", got, err)
	}
}

func TestAdvance(t *testing.T) {
	text := lines(6000)
	s := open(t, bytes.NewReader(gz(t, text)), Gzip, Config{Window: 8 << 10})
	turns := 0
	for done := false; !done; turns++ {
		var err error
		before, _ := s.Decoded()
		if done, err = s.Advance(150_000, 20_000); err != nil {
			t.Fatal(err)
		}
		if after, _ := s.Decoded(); after-before > 20_000 {
			t.Errorf("one turn decoded %d bytes", after-before)
		}
	}
	if at, _ := s.Decoded(); at != 150_000 || turns < 8 {
		t.Errorf("at %d after %d turns", at, turns)
	}
	if done, err := s.Advance(145_000, 0); !done || err != nil {
		t.Errorf("within the window: %v, %v", done, err)
	}
	if done, err := s.Advance(5000, 1000); done || err != nil {
		t.Errorf("before the window, done at once: %v, %v", done, err)
	}
	if done, err := s.Advance(int64(len(text)), 1<<30); !done || err != nil {
		t.Errorf("to the end: %v, %v", done, err)
	}
	if done, err := s.Advance(int64(len(text))+1, 1<<30); done || err != io.EOF {
		t.Errorf("beyond the end: %v, %v", done, err)
	}
}

// TestAdvanceOverNothing bounds a turn by input where there is no output.
func TestAdvanceOverNothing(t *testing.T) {
	empty := gz(t, nil)
	s := open(t, bytes.NewReader(bytes.Repeat(empty, 100_000)), Gzip, Config{})
	if done, err := s.Advance(1, 10_000); done || err != nil {
		t.Fatal(done, err)
	}
	if _, in := s.Decoded(); in > 10_000+int64(len(empty)) {
		t.Errorf("one turn took %d bytes of the file", in)
	}
}

func TestUnsupported(t *testing.T) {
	noise := make([]byte, 3<<20)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	withDict := []byte(zstdMagic + "\x01\x40\x07") // header: dictionary id of one byte, a window, the id
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"window", zstStream(t, noise, zstd.WithWindowSize(4<<20)), "--long"},
		{"single segment", zst(t, noise), "window of 3145728 bytes"},
		{"dictionary", append(withDict, make([]byte, 20)...), "dictionary 7"},
	}
	for _, tt := range tests {
		s := open(t, bytes.NewReader(tt.file), Zstd, Config{MaxMemory: 2 << 20})
		var unsupported *UnsupportedError
		if n, err := s.ReadAt(make([]byte, 1), 0); n != 0 || !errors.As(err, &unsupported) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %d, %v", tt.name, n, err)
		}
	}
	for _, f := range []Format{Plain, XZ, LZ4, Zip} {
		var unsupported *UnsupportedError
		if _, err := New(bytes.NewReader(nil), f, Config{}); !errors.As(err, &unsupported) {
			t.Errorf("New with %v: %v", f, err)
		}
	}
	if _, err := New(bytes.NewReader(nil), Gzip, Config{Window: -1}); err == nil {
		t.Error("a negative window is taken")
	}
	s := open(t, bytes.NewReader(gz(t, []byte("text"))), Gzip, Config{})
	for _, off := range []int64{-1, math.MaxInt64} {
		if n, err := s.ReadAt(make([]byte, 10), off); n != 0 || err == nil || err == io.EOF {
			t.Errorf("at %d: %d, %v", off, n, err)
		}
	}
}

func TestClose(t *testing.T) {
	for _, tt := range samples(t) {
		s := open(t, bytes.NewReader(tt.file), tt.format, Config{})
		if _, err := s.ReadAt(make([]byte, 10), 0); err != nil {
			t.Fatal(err)
		}
		s.Close()
		s.Close()
		if _, err := s.ReadAt(make([]byte, 10), 0); err != ErrClosed {
			t.Errorf("ReadAt: %v", err)
		}
		if _, err := s.Advance(10, 10); err != ErrClosed {
			t.Errorf("Advance: %v", err)
		}
		if content, compressed := s.Decoded(); content != 0 || compressed != 0 {
			t.Errorf("Decoded: %d, %d", content, compressed)
		}
	}
}

func TestDetect(t *testing.T) {
	for head, want := range map[string]Format{
		"": Plain, "\x1f": Plain, "\x1f\x8b": Plain, "\x1f\x8b\x08": Gzip, "BZh9 is not compressed": Plain, "BZh9": Plain,
		"BZh9\x31\x41\x59\x26\x53\x59": Bzip2, "BZh1\x17\x72\x45\x38\x50\x90": Bzip2, "BZh0\x31\x41\x59\x26\x53\x59": Plain,
		"\x28\xb5\x2f\xfd": Zstd, "\x50\x2a\x4d\x18": Zstd, "\x60\x2a\x4d\x18": Plain, "P*M": Plain,
		"\xfd7zXZ\x00": XZ, "\x04\x22\x4d\x18": LZ4, "PK\x03\x04": Zip, "PK": Plain, "a line\n": Plain,
	} {
		if got := Detect([]byte(head)); got != want {
			t.Errorf("Detect(%q) = %v, want %v", head, got, want)
		}
		if Detect([]byte(head)).String() == "" {
			t.Errorf("%q: no name", head)
		}
	}
}

func TestSizeHint(t *testing.T) {
	text := lines(6000)
	cut := zst(t, text)
	tests := []struct {
		name   string
		format Format
		file   []byte
		want   int64
		kind   SizeKind
	}{
		{"gzip", Gzip, gz(t, text), int64(len(text)), SizeLowBits},
		{"gzip, members", Gzip, gz(t, text, text[:100]), 100, SizeLowBits},
		{"gzip, too short", Gzip, gz(t, text)[:15], 0, SizeUnknown},
		{"zstd", Zstd, zst(t, text), int64(len(text)), SizeDeclared},
		{"zstd, the tool's", Zstd, fixture(t, "lines.zst"), int64(len(lines(4500))), SizeDeclared},
		{"zstd, frames", Zstd, append(zst(t, text, nil, text[:300]), skippable(10)...), int64(len(text)) + 300, SizeDeclared},
		{"zstd, streamed", Zstd, zstStream(t, text), 0, SizeUnknown},
		{"zstd, streamed at last", Zstd, append(zst(t, text), zstStream(t, text)...), 0, SizeUnknown},
		{"zstd, cut", Zstd, cut[:len(cut)-1], 0, SizeUnknown},
		{"zstd, cut in a block", Zstd, cut[:len(cut)/2], 0, SizeUnknown},
		{"zstd, more than can be looked at", Zstd, bytes.Repeat(skippable(0), maxBlocks+2), 0, SizeUnknown},
		{"zstd, empty", Zstd, nil, 0, SizeUnknown},
		{"bzip2", Bzip2, fixture(t, "lines.bz2"), 0, SizeUnknown},
	}
	for _, tt := range tests {
		got, kind, err := SizeHint(bytes.NewReader(tt.file), int64(len(tt.file)), tt.format)
		if got != tt.want || kind != tt.kind || err != nil {
			t.Errorf("%s: %d, %v, %v; want %d, %v", tt.name, got, kind, err, tt.want, tt.kind)
		}
	}
}
