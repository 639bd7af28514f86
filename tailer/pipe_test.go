package tailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
)

func openPipe(t testing.TB, path string) *os.File {
	t.Helper()
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// TestPipeInARun is about the goroutine of a pipe: it wakes up by itself, and ends with the run whatever it waits for.
func TestPipeInARun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := mkfifo(path); err != nil {
		t.Fatal(err)
	}
	r := new(recorder)
	tl, stop := run(t, Config{Paths: []string{filepath.Join(dir, "*")}, Handle: r.handle, Observe: r.observe, ScanInterval: 10 * time.Millisecond})
	for i := range 3 { // writers that come and go
		w := openPipe(t, path)
		fmt.Fprintf(w, "writer %d\n", i)
		w.Close()
		eventually(t, "the line arrives", func() bool { return r.count() == i+1 })
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := mkfifo(path); err != nil {
		t.Fatal(err)
	}
	w := openPipe(t, path) // waits until somebody reads the new one
	fmt.Fprintln(w, "anew")
	eventually(t, "the line of the new pipe arrives", func() bool { return r.count() == 4 })
	eventually(t, "the old pipe is let go", func() bool { return len(tl.Files()) == 1 })
	if s := tl.Files()[0]; s.State != StatePipe || s.Offset != 5 || s.Size != 5 || s.Path != path {
		t.Errorf("status %+v", s)
	}
	stop() // with a writer that is silent
	if r.err != nil {
		t.Error(r.err)
	}
}

// TestPipeBackPressure lets nothing through: the pipe fills, the writer waits, and memory stays bounded.
func TestPipeBackPressure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := mkfifo(path); err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	r := new(recorder)
	longest := 0
	_, stop := run(t, Config{Paths: []string{path}, MaxRecord: 1000, BlockSize: minBlockSize, Handle: func(ctx context.Context, b *Block) error {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
		longest = max(longest, len(b.Data))
		return r.handle(ctx, b)
	}})
	var want []string
	for i := range 20_000 {
		want = append(want, fmt.Sprintf("line %06d\n", i))
	}
	w := openPipe(t, path)
	text, enough := strings.Join(want, "")+strings.Repeat("x", 5000)+"\n", 5001*len(want[0])
	written := 0
	eventually(t, "the pipe is full, and the writer waits", func() bool {
		if err := w.SetWriteDeadline(time.Now().Add(10 * time.Millisecond)); err != nil { // it may pass before anything is written
			t.Fatal(err)
		}
		n, err := w.WriteString(text[written:])
		written += n
		return written >= enough && errors.Is(err, os.ErrDeadlineExceeded)
	})
	close(gate)
	eventually(t, "what the pipe took arrives", func() bool { return r.count() > 5000 })
	w.Close()
	stop()
	if longest > minBlockSize {
		t.Errorf("a block of %d bytes", longest)
	}
	if n := len(r.records) - 1; !slices.Equal(r.records[:n], want[:n]) {
		t.Errorf("%d records, not those that were written", n)
	}
}

func TestTooManyPipes(t *testing.T) {
	r := newRig(t, t.TempDir())
	r.cfg.Paths = []string{filepath.Join(r.dir, "*")}
	for i := range maxPipes + 2 {
		if err := mkfifo(filepath.Join(r.dir, fmt.Sprintf("pipe%02d", i))); err != nil {
			t.Fatal(err)
		}
	}
	r.start()
	r.look()
	skipped := 0
	for _, e := range r.events {
		if e.Kind == PathSkipped && strings.Contains(e.Err.Error(), "named pipes") {
			skipped++
		}
	}
	if len(r.tailer.Files()) != maxPipes || skipped != 2 {
		t.Errorf("%d pipes are followed, %d skipped", len(r.tailer.Files()), skipped)
	}
	r.stop()
}

// TestPipeSkipsTheRestOfALongLine truncates a line that is longer than all buffers, however its rest comes.
func TestPipeSkipsTheRestOfALongLine(t *testing.T) {
	r := newRig(t, t.TempDir())
	path := filepath.Join(r.dir, "pipe")
	if err := mkfifo(path); err != nil {
		t.Fatal(err)
	}
	r.cfg.Paths, r.cfg.MaxRecord, r.cfg.BlockSize, r.cfg.Framing.Oversize = []string{path}, 10, minBlockSize, framing.Truncate
	r.start()
	w := openPipe(t, path)
	write := func(text string) {
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
		r.wait(time.Second)
	}
	write("first\n" + strings.Repeat("x", 3000))
	for range 5 {
		write(strings.Repeat("x", 3000))
	}
	write("end\nnext\nxxxxxxxxxxxxxx")
	w.Close()
	r.look()
	if want := []string{"first\n", "xxxxxxxxxx\n", "next\n", "xxxxxxxxxx\n"}; !slices.Equal(r.records, want) {
		t.Errorf("records %q, want %q", r.records, want)
	}
	if s := r.tailer.Files()[0]; s.Offset != 6+18_000+4+5+14 || s.Size != s.Offset {
		t.Errorf("status %+v", s)
	}
	r.stop()
}

// BenchmarkPipe moves 64 MiB of log lines through a pipe, written in pieces of 64 KiB, with a Handler that does nothing.
func BenchmarkPipe(b *testing.B) {
	path := filepath.Join(b.TempDir(), "pipe")
	if err := mkfifo(path); err != nil {
		b.Fatal(err)
	}
	text := bytes.Repeat([]byte(strings.Repeat("x", 199)+"\n"), 320)
	const total = 64 << 20
	done := make(chan struct{})
	left := 0
	_, stop := run(b, Config{Paths: []string{path}, Handle: func(_ context.Context, blk *Block) error {
		if left -= len(blk.Data); left <= 0 {
			done <- struct{}{}
		}
		return nil
	}})
	w := openPipe(b, path)
	b.SetBytes(total / int64(len(text)) * int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		left = total / len(text) * len(text)
		for range total / len(text) {
			if _, err := w.Write(text); err != nil {
				b.Fatal(err)
			}
		}
		<-done
	}
	w.Close()
	stop()
}
