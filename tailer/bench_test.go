package tailer

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const benchBytes = 64 << 20

// combinedLog writes about benchBytes of lines like those of a web server, 200 bytes on average, and returns the path.
func combinedLog(b *testing.B) (path string, size int64, lines int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	for text.Len() < benchBytes {
		fmt.Fprintf(&text, "%d.%d.%d.%d - - [23/Nov/2026:14:%02d:%02d +0000] \"GET /shop/item/%d?ref=%x HTTP/1.1\" %d %d "+
			"\"https://www.example.com/shop/list/%d\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\"\n",
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(60), r.IntN(60), r.IntN(1e6), r.Uint32(),
			200+r.IntN(300), r.IntN(100_000), r.IntN(1e4))
		lines++
	}
	path = filepath.Join(b.TempDir(), "access.log")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	return path, int64(text.Len()), lines
}

// BenchmarkReadAndFrame is the whole tailer on one file of 64 MiB, in the page cache, with a Handler that does nothing.
func BenchmarkReadAndFrame(b *testing.B) {
	path, size, lines := combinedLog(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		got := 0
		t, err := New(Config{
			Paths: []string{path}, Once: true, Workers: 1,
			Handle: func(_ context.Context, blk *Block) error { got += len(blk.Ends); return nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := t.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
		if got != lines {
			b.Fatalf("%d records of %d lines", got, lines)
		}
	}
	perGB(b, size)
}

// BenchmarkLimit is the least that reading and splitting can cost: the same file in the same blocks, and IndexByte.
func BenchmarkLimit(b *testing.B) {
	path, size, lines := combinedLog(b)
	b.SetBytes(size)
	b.ReportAllocs()
	buf := make([]byte, defaultBlockSize)
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		got := 0
		for {
			n, err := f.Read(buf)
			if err != nil {
				break
			}
			for data := buf[:n]; ; got++ {
				i := bytes.IndexByte(data, '\n')
				if i < 0 {
					break
				}
				data = data[i+1:]
			}
		}
		f.Close()
		if got != lines {
			b.Fatalf("%d line ends of %d", got, lines)
		}
	}
	perGB(b, size)
}

func perGB(b *testing.B, size int64) {
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(size)*1e9, "s/GB")
}

// BenchmarkIdleScan lists and stats 5,000 files that do not change: what happens every ten seconds.
func BenchmarkIdleScan(b *testing.B) {
	dir := b.TempDir()
	for i := range 5000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("app-%04d.log", i)), []byte("line\n"), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	r := newRig(b, dir)
	r.cfg.Paths = []string{filepath.Join(dir, "*.log")}
	r.start()
	defer r.stop()
	if len(r.records) != 5000 {
		b.Fatalf("%d records", len(r.records))
	}
	r.wait(2 * time.Minute)
	if n := len(r.tailer.opened); n != 0 {
		b.Fatalf("%d descriptors on idle files", n)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.tailer.nextFull = 0
		r.tailer.tick()
	}
}
