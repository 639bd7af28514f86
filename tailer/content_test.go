package tailer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/weir-logs/weir/tailer/inflate"
)

// onceRig is a rig that reads all files of a new directory once.
func onceRig(t *testing.T) *rig {
	r := newRig(t, t.TempDir())
	r.cfg.Paths, r.cfg.Once, r.cfg.BlockSize = []string{filepath.Join(r.dir, "*")}, true, minBlockSize
	r.cfg.MaxRecord = 1000
	return r
}

func (r *rig) file(name string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), data, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func numbered(what string, n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("%s %06d\n", what, i))
	}
	return lines
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(text), nil)
}

func TestOnceReadsCompressedFiles(t *testing.T) {
	bz, err := os.ReadFile("inflate/testdata/few.bz2")
	if err != nil {
		t.Fatal(err)
	}
	r := onceRig(t)
	a, b, c, d := numbered("a", 3000), numbered("b", 3000), numbered("c", 10), numbered("d", 3)
	d = append(d, "no line end")
	long := strings.Repeat("x", 2500) + "\n"
	r.file("a.gz", append(gzipped(t, strings.Join(a, "")), gzipped(t, long)...))
	r.file("b.log", zstded(t, strings.Join(b, "")))
	r.file("c.log", []byte(strings.Join(c, "")))
	r.file("d.log-20261123", gzipped(t, strings.Join(d, "")))
	r.file("empty.gz", gzipped(t, ""))
	r.file("nothing.gz", nil)
	r.file("few.bz2", bz)
	busy := 0
	r.taken = func(*Block) {
		busy = 0
		r.tailer.files.each(func(f *file) {
			if f.packed != nil && f.packed.src != nil {
				busy++
			}
		})
		if busy > 1 {
			t.Fatalf("%d files are inflated at once", busy)
		}
	}
	r.start()
	count := map[byte]int{}
	for _, rec := range r.records {
		count[rec[0]]++
	}
	want := slices.Concat(a, b, c, d, []string{strings.Repeat("x", 1000), strings.Repeat("x", 1000), strings.Repeat("x", 500) + "\n"})
	slices.Sort(want)
	got := slices.DeleteFunc(slices.Sorted(slices.Values(r.records)), func(s string) bool { return strings.Contains(s, "level=info") })
	if !slices.Equal(got, want) || len(r.records) != len(want)+20 {
		t.Errorf("%d records, want %d and 20; by their first byte: %v", len(r.records), len(want), count)
	}
	if !r.tailer.finished() || r.tailer.lost != nil || r.tailer.inflating != nil {
		t.Errorf("finished %v, lost %v, inflating %v", r.tailer.finished(), r.tailer.lost, r.tailer.inflating)
	}
	for _, s := range r.tailer.Files() {
		if strings.HasSuffix(s.Path, "b.log") && (s.Format != "zstd" || s.Size != 9*3000 || s.Offset != s.Size || s.PackedRead != s.Packed || s.Packed == 0) {
			t.Errorf("status %+v", s)
		}
	}
	r.stop()
	r.records, r.taken = nil, nil
	r.start()
	if len(r.records) != 0 {
		t.Errorf("asked again: %d records", len(r.records))
	}
	r.stop()
}

// TestCompressedResumes kills runs in the midst of a file.
func TestCompressedResumes(t *testing.T) {
	for name, pack := range map[string]func(testing.TB, string) []byte{"gzip": gzipped, "zstd": zstded} {
		t.Run(name, func(t *testing.T) {
			r := onceRig(t)
			want := numbered("line", 20_000)
			r.file("old.log", pack(t, strings.Join(want, "")))
			r.refuse = func(b *Block) error {
				if len(r.reached) > 0 && len(b.Data) > 0 && len(r.records) > 0 && len(r.records)/4000 != (len(r.records)+len(b.Ends))/4000 {
					return errors.New("killed")
				}
				return nil
			}
			for runs := 0; len(r.records) < len(want); runs++ {
				if runs > 20 {
					t.Fatal("no run comes to the end")
				}
				at := len(r.records)
				r.begin()
				for range 10_000 {
					if r.tailer.ready.length == 0 {
						break
					}
					r.worker.next()
					r.worker.commit(r.worker.turn())
				}
				if at > 0 && !slices.ContainsFunc(r.events, func(e Event) bool { return e.Kind == FileResumed && e.Offset > 0 }) {
					t.Fatalf("run %d did not resume", runs)
				}
				for _, s := range r.tailer.Files() {
					if s.Offset < int64(12*len(want)) && (s.Size <= s.Offset || s.PackedRead > s.Packed) {
						t.Errorf("status %+v", s)
					}
				}
				r.stop()
				if len(r.records) == at { // the block at which it was killed goes through now
					refuse := r.refuse
					r.refuse = func(b *Block) error {
						if len(b.Data) > 0 {
							r.refuse = refuse
						}
						return nil
					}
				}
			}
			if !slices.Equal(r.records, want) {
				t.Errorf("%d records of %d, or not in order", len(r.records), len(want))
			}
		})
	}
}

func TestDamagedCompressedFiles(t *testing.T) {
	text := strings.Join(numbered("line", 20_000), "")
	whole := gzipped(t, text)
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 0xff
	damaged[len(damaged)/2+1] ^= 0xff
	r := onceRig(t)
	r.file("damaged.gz", damaged)
	r.file("sound.gz", gzipped(t, "sound\n"))
	r.start()
	var corrupt *inflate.CorruptError
	if !errors.As(r.tailer.lost, &corrupt) || !slices.Contains(r.records, "sound\n") {
		t.Fatalf("lost %v, %d records", r.tailer.lost, len(r.records))
	}
	r.records = slices.DeleteFunc(r.records, func(s string) bool { return s == "sound\n" })
	if got := strings.Join(r.records, ""); int64(len(got)) != corrupt.Offset || len(r.records) < 3000 || got[:1000] != text[:1000] {
		t.Errorf("%d bytes came, %d are before the damage", len(got), corrupt.Offset)
	}
	r.stop()

	r = onceRig(t)
	r.file("cut.gz", whole[:len(whole)/2])
	r.start()
	var unfinished *inflate.UnfinishedError
	if !errors.As(r.tailer.lost, &unfinished) || len(r.records) < 3000 || !strings.HasPrefix(text, strings.Join(r.records, "")) {
		t.Fatalf("lost %v, %d records", r.tailer.lost, len(r.records))
	}
	r.stop()
	appendTo(t, filepath.Join(r.dir, "cut.gz"), string(whole[len(whole)/2:]))
	r.start()
	if got := strings.Join(r.records, ""); r.tailer.lost != nil || got != text {
		t.Errorf("when it is finished: %v, %d bytes of %d", r.tailer.lost, len(got), len(text))
	}
	r.stop()
}

func TestFormatOf(t *testing.T) {
	for _, tt := range []struct {
		path, head, want string
		format           inflate.Format
	}{
		{"a.log", "text\n", "", inflate.Plain},
		{"a.gz", "", "", inflate.Plain},
		{"a.gz", "text\n", "but not by its content", inflate.Plain},
		{"a.log", "\x1f\x8b\x08", "", inflate.Gzip},
		{"a.log", "\xfd7zXZ\x00", "unxz", inflate.XZ},
	} {
		format, err := FormatOf(tt.path, strings.NewReader(tt.head))
		if format != tt.format || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("FormatOf(%s, %q) = %v, %v", tt.path, tt.head, format, err)
		}
	}
	r := onceRig(t)
	r.file("a.gz", []byte("text\n"))
	r.file("b", []byte("b\n"))
	r.start()
	if r.tailer.lost == nil || !slices.Equal(r.records, []string{"b\n"}) {
		t.Errorf("lost %v, records %q", r.tailer.lost, r.records)
	}
	r.stop()
}

// TestLongWayIsGivenUp ends a run on the way to an offset far ahead.
func TestLongWayIsGivenUp(t *testing.T) {
	s, err := inflate.New(bytes.NewReader(gzipped(t, strings.Repeat("line\n", 10_000))), inflate.Gzip, inflate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := (content{ctx, s, "old.gz"}).ReadAt(make([]byte, 1), 40_000); !errors.Is(err, stop) {
		t.Errorf("ReadAt: %v", err)
	}
}

// TestLongWayIsTakenInTurns resumes at an offset that no single turn reaches.
func TestLongWayIsTakenInTurns(t *testing.T) {
	r := onceRig(t)
	r.cfg.BlockSize, r.cfg.MaxRecord = 1<<20, 1<<20
	var text strings.Builder
	for i := range 5 * skipShare / 4 / 4096 {
		fmt.Fprintf(&text, "%08d%4087s\n", i, "")
	}
	r.file("old.gz", gzipped(t, text.String()))
	full := errors.New("full")
	r.refuse = func(b *Block) error {
		if b.Offset > skipShare+skipShare/8 {
			return full
		}
		return nil
	}
	r.begin()
	for len(r.events) < 2 { // found, refused
		r.worker.next()
		r.worker.commit(r.worker.turn())
	}
	r.stop()
	r.refuse = nil
	r.begin()
	r.worker.next()
	if v := r.worker.turn(); v != skipping {
		t.Fatalf("the first turn ended with %d", v)
	} else {
		r.worker.commit(v)
	}
	r.drain()
	if got := strings.Join(r.records, ""); got != text.String() || r.tailer.lost != nil {
		t.Errorf("%d bytes of %d, %v", len(got), text.Len(), r.tailer.lost)
	}
	r.stop()
}

// TestInflatingIsShared: two tailers that share the room for one compressed file both read theirs.
func TestInflatingIsShared(t *testing.T) {
	room := make(chan struct{}, 1)
	var all []*recorder
	for range 2 {
		dir := t.TempDir()
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		for i := range 50_000 {
			fmt.Fprintf(w, "line %d\n", i)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.gz", i)), packed.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := &recorder{}
		all = append(all, r)
		run(t, Config{Paths: []string{filepath.Join(dir, "*.gz")}, Once: true, Inflating: room, Handle: r.handle, Observe: r.observe})
	}
	for _, r := range all {
		eventually(t, "all files are read", func() bool { return r.count() == 150_000 })
	}
	eventually(t, "the room is given back", func() bool { return len(room) == 0 })
}
