package backfill

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/inflate"
)

// pack compresses a file of the rig in place, under another name, and returns its size.
func (r *rig) pack(t *testing.T, from, to string, packer func(io.Writer) (io.WriteCloser, error)) int64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, from))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(r.dir, to))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := packer(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), os.Remove(filepath.Join(r.dir, from))); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func gzipTo(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }
func zstdTo(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

func TestCompressedFiles(t *testing.T) {
	r := newRig(t)
	want := slices.Concat(r.write(t, "a.txt", 0, 2000), r.write(t, "b.txt", 0, 1500), r.write(t, "c.log", 0, 10))
	size := r.pack(t, "a.txt", "a.log", gzipTo) + r.pack(t, "b.txt", "b.log", zstdTo) + int64(len(want[0]))*10
	for step, records := range []int64{3510, 0} {
		got, err := Run(t.Context(), r.opt)
		if err != nil || got.Records != records {
			t.Fatalf("Run: %+v, %v; want %d records", got, err, records)
		}
		if got.BytesTotal != size || got.BytesDone != size || got.FilesDone != 3 || step == 1 && got.Resumed != size {
			t.Errorf("step %d: result %+v, want %d bytes", step, got, size)
		}
	}
	if !slices.Equal(r.to.sorted(), want) {
		t.Errorf("%d lines arrived, want %d", len(r.to.lines), len(want))
	}
}

func TestResumesInCompressedFile(t *testing.T) {
	r := newRig(t)
	want := r.write(t, "a.txt", 0, 5000)
	size := r.pack(t, "a.txt", "a.log", gzipTo)
	r.to.limit = 2000
	r.opt.DrainTimeout = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.opt.Progress = func(p Progress) {
		if p.Records > 0 {
			cancel()
		}
	}
	got, err := Run(ctx, r.opt)
	if !errors.Is(err, ErrIncomplete) || got.BytesTotal != size || got.BytesDone == 0 || got.BytesDone >= size || got.FilesDone != 0 {
		t.Fatalf("Run: %v with %+v, want a part of it and ErrIncomplete", err, got)
	}
	r.to.limit, r.opt.Progress = 0, nil
	rest, err := Run(t.Context(), r.opt)
	if err != nil || rest.Records+got.Records != 5000 || rest.Resumed == 0 || rest.Resumed >= size || rest.BytesDone != size {
		t.Errorf("second Run: %+v, %v", rest, err)
	}
	if !slices.Equal(r.to.sorted(), want) {
		t.Errorf("%d lines arrived, want each of %d once", len(r.to.lines), len(want))
	}
}

// TestCutOffFiles: what can be read of two files that are cut off arrives, as does the third; each of the two is named once, and the run says
// how far it is, which another run does not change.
func TestCutOffFiles(t *testing.T) {
	r := newRig(t)
	total := int64(len(r.write(t, "c.log", 0, 10)[0])) * 10
	for _, name := range []string{"a", "b"} {
		r.write(t, name+".txt", 0, 50000)
		size := r.pack(t, name+".txt", name+".log", gzipTo) / 2
		if err := os.Truncate(filepath.Join(r.dir, name+".log"), size); err != nil {
			t.Fatal(err)
		}
		total += size
	}
	var done int64
	for step := range 2 {
		got, err := Run(t.Context(), r.opt)
		var unread *tailer.UnreadError
		var unfinished *inflate.UnfinishedError
		if !errors.Is(err, ErrIncomplete) || !errors.As(err, &unread) || !errors.As(err, &unfinished) || unread.Count != 2 {
			t.Fatalf("Run: %v; want ErrIncomplete and two files", err)
		}
		for _, name := range []string{"a.log", "b.log"} {
			if strings.Count(err.Error(), name) != 1 {
				t.Errorf("%v does not name %s once", err, name)
			}
		}
		if step == 0 && (got.Records < 10000 || int64(len(r.to.lines)) != got.Records) || step == 1 && got.Records != 0 {
			t.Errorf("step %d: %d records", step, got.Records)
		}
		if got.BytesTotal != total || got.BytesDone >= total || got.BytesDone < total/2 || got.FilesDone != 1 || step == 1 && got.BytesDone != done {
			t.Errorf("step %d: result %+v, %d bytes before", step, got, done)
		}
		done = got.BytesDone
	}
}
