package buffer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reports collects what a buffer reports.
type reports struct {
	mu  sync.Mutex
	all []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, err)
}

func (r *reports) list() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.all...)
}

// config is a small buffer: 1000 bytes or a minute.
func config(fsys vfs.FS) Config {
	var keys atomic.Int64
	return Config{
		FS: fsys, Dir: "data/web", Stream: "web", Size: 1000, Interval: time.Minute,
		Object: func(oldest time.Time) Object {
			return Object{Bucket: "logs", Key: fmt.Sprintf("key-%d-%d", oldest.UnixMilli(), keys.Add(1)), Compression: "GZIP"}
		},
		Report: func(err error) { panic(err) },
	}
}

func open(t testing.TB, cfg Config) *Buffer {
	t.Helper()
	b, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func batch(data ...string) Batch {
	b := Batch{}
	for _, d := range data {
		b.Records = append(b.Records, Record{Data: []byte(d), Arrival: time.Now()})
	}
	return b
}

func moves(b Batch, shard, sequence string) Batch {
	b.Positions = map[string]Position{shard: {Sequence: sequence}}
	return b
}

func mustAppend(t testing.TB, b *Buffer, batch Batch) {
	t.Helper()
	if err := b.Append(context.Background(), batch); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

// tryNext returns the next sealed segment, or nil if there is none now.
func tryNext(t testing.TB, b *Buffer) *Segment {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // Next looks before it waits
	s, err := b.Next(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("Next: %v", err)
	}
	return s
}

func content(t testing.TB, s *Segment) string {
	t.Helper()
	var buf bytes.Buffer
	n, err := s.WriteTo(&buf)
	if err != nil {
		t.Fatalf("WriteTo: %v", err)
	}
	if n != int64(buf.Len()) || n != s.Seal().Bytes {
		t.Errorf("WriteTo said %d, wrote %d, the seal says %d", n, buf.Len(), s.Seal().Bytes)
	}
	return buf.String()
}

func readAll(t testing.TB, fsys vfs.FS, path string) []byte {
	t.Helper()
	f, err := fsys.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func writeAll(t testing.TB, fsys vfs.FS, path string, data []byte) {
	t.Helper()
	f, err := fsys.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(bytes.Clone(data)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
