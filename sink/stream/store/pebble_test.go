package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

func openStore(t *testing.T, dir string, opts PebbleOptions) *pebbleStore {
	t.Helper()
	s, err := OpenPebble(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*pebbleStore)
}

func closeStore(t *testing.T, s Store) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// appendWait appends and waits for the answer.
func appendWait(ctx context.Context, s Appender, shard Shard, epoch uint32, records ...Record) (Appended, error) {
	type answer struct {
		at  Appended
		err error
	}
	answers := make(chan answer, 1)
	s.Append(ctx, shard, epoch, records, func(at Appended, err error) { answers <- answer{at, err} })
	a := <-answers
	return a.at, a.err
}

func mustAppend(t *testing.T, s Appender, shard Shard, epoch uint32, records ...Record) Appended {
	t.Helper()
	at, err := appendWait(t.Context(), s, shard, epoch, records...)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func readAll(t *testing.T, s Reader, shard Shard) []Stored {
	t.Helper()
	var all []Stored
	for from := uint64(1); ; {
		page, err := s.Read(t.Context(), shard, from, Limit{Records: 1000, Bytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Records...)
		if from = page.Next; page.Waiting == 0 {
			return all
		}
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	shard, trimmed := Shard{Stream: 1}, Shard{Stream: 1, Number: 1}
	now := time.UnixMilli(5000)
	opts := PebbleOptions{Now: func() time.Time { return now }}

	s := openStore(t, dir, opts)
	if err := s.Fence(t.Context(), 3, shard, trimmed); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, shard, 3, Record{PartitionKey: "a", Data: []byte("1")}, Record{PartitionKey: "b", Data: []byte("2")})
	mustAppend(t, s, trimmed, 3, Record{PartitionKey: "a"}, Record{PartitionKey: "b"})
	if err := s.Trim(t.Context(), trimmed, 3); err != nil {
		t.Fatal(err)
	}
	revision, err := s.Put(t.Context(), "stream/a", []byte("value"), 0)
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	closeStore(t, s) // again

	now = time.UnixMilli(4000)
	s = openStore(t, dir, opts)
	defer closeStore(t, s)
	if _, err := appendWait(t.Context(), s, shard, 2, Record{}); !errors.Is(err, ErrFenced) {
		t.Errorf("append in an old epoch after a restart: %v", err)
	}
	for _, c := range []struct {
		shard       Shard
		first, next uint64
	}{{shard, 1, 3}, {trimmed, 3, 3}} {
		want := Bounds{First: c.first, Next: c.next, Epoch: 3}
		if b, err := s.Bounds(t.Context(), c.shard); err != nil || b != want {
			t.Errorf("bounds of %v are %+v, %v, want %+v", c.shard, b, err, want)
		}
		if at := mustAppend(t, s, c.shard, 3, Record{}); at != (Appended{First: c.next, Arrival: 5000}) {
			t.Errorf("append to %v went to %+v", c.shard, at)
		}
	}
	if all := readAll(t, s, shard); len(all) != 3 || string(all[1].Data) != "2" {
		t.Errorf("after a restart: %+v", all)
	}
	if e, err := s.Get(t.Context(), "stream/a"); err != nil || string(e.Value) != "value" || e.Revision != revision {
		t.Errorf("entry after a restart: %+v, %v", e, err)
	}
	if next, err := s.Put(t.Context(), "stream/b", nil, 0); err != nil || next <= revision {
		t.Errorf("revision %d after a restart, %v; the last one was %d", next, err, revision)
	}
}

// Blocks must survive the way through tables and blob files, not only through the memtable.
func TestReadAfterFlushAndCompaction(t *testing.T) {
	s := openStore(t, t.TempDir(), PebbleOptions{})
	defer closeStore(t, s)
	shards := []Shard{{Stream: 1}, {Stream: 1, Number: 1}}
	if err := s.Fence(t.Context(), 1, shards...); err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 64)
	for range 4 {
		for range 20 {
			for _, shard := range shards {
				mustAppend(t, s, shard, 1, Record{PartitionKey: "k", Data: data}, Record{PartitionKey: "l", Data: data[:7]})
			}
		}
		if err := s.db.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Trim(t.Context(), shards[0], 42); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Compact(t.Context(), []byte{0}, []byte{255}, false); err != nil {
		t.Fatal(err)
	}
	for i, shard := range shards {
		all := readAll(t, s, shard)
		if want := []int{160 - 41, 160}[i]; len(all) != want {
			t.Fatalf("%v holds %d records, want %d", shard, len(all), want)
		}
		for _, r := range all {
			if want := data[:1+(len(data)-1)*int(r.Index%2)+6*int(1-r.Index%2)]; !bytes.Equal(r.Data, want) {
				t.Fatalf("%v index %d holds %d bytes, want %d", shard, r.Index, len(r.Data), len(want))
			}
		}
	}
	if m := s.db.Metrics(); m.BlobFiles.LiveCount == 0 {
		t.Error("no blob files: blocks are rewritten by each compaction")
	}
}

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, PebbleOptions{})
	defer closeStore(t, s)
	_, err := OpenPebble(dir, PebbleOptions{})
	if err == nil || !strings.Contains(err.Error(), dir+" is in use by another process") {
		t.Errorf("second opening: %v", err)
	}
	for _, cause := range []error{syscall.EAGAIN, &os.PathError{Op: "lock", Err: syscall.EACCES}} {
		if err := lockError("/data", cause); !strings.Contains(err.Error(), "in use by another process") || !errors.Is(err, cause) {
			t.Errorf("%v: %v", cause, err)
		}
	}
	if err := lockError("/data", syscall.EROFS); strings.Contains(err.Error(), "in use") {
		t.Errorf("a read-only file system: %v", err)
	}
}

func TestForeignFolders(t *testing.T) {
	newer := append(binary.BigEndian.AppendUint32(nil, formatVersion+1), formatName...)
	cases := []struct {
		name, key, value, want string
	}{
		{"newer", string(kindFormat), string(newer), "has format version 2, this weir knows version 1"},
		{"other format", string(kindFormat), "\x00\x00\x00\x01else", "that is not a weir stream store"},
		{"no format", "x", "y", "that is not a weir stream store"},
	}
	for _, c := range cases {
		fs := vfs.NewMem()
		db, err := pebble.Open("data", &pebble.Options{FS: fs, FormatMajorVersion: pebble.FormatValueSeparation, Logger: pebbleLogger{log: discard()}})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Set([]byte(c.key), []byte(c.value), pebble.Sync), db.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPebble("data", PebbleOptions{FS: fs}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A newer engine's folder is refused too, with the folder in the message.
func TestNewerEngine(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openStore(t, dir, PebbleOptions{}))
	markers, err := filepath.Glob(filepath.Join(dir, "marker.format-version.*"))
	if err != nil || len(markers) == 0 {
		t.Fatal("no marker", err)
	}
	last := markers[len(markers)-1]
	if err := os.Rename(last, filepath.Join(dir, "marker.format-version.000999.999")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPebble(dir, PebbleOptions{}); err == nil || !strings.Contains(err.Error(), "open data folder "+dir) ||
		!strings.Contains(err.Error(), "newer weir") {
		t.Errorf("opened a folder of a newer engine: %v", err)
	}
}

func TestDamagedBlock(t *testing.T) {
	s := openStore(t, "data", PebbleOptions{FS: vfs.NewMem()})
	defer closeStore(t, s)
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		mustAppend(t, s, shard, 1, Record{Data: []byte("data")})
	}
	it, err := s.blocks(shard)
	if err != nil {
		t.Fatal(err)
	}
	it.SeekGE(indexKey(shard, 2))
	key, value := bytes.Clone(it.Key()), bytes.Clone(it.Value())
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	damage := map[string]func() error{
		"damaged": func() error {
			value[len(value)-1] ^= 1
			return s.db.Set(key, value, pebble.Sync)
		},
		"records are missing": func() error { return s.db.Delete(key, pebble.Sync) },
	}
	for _, want := range []string{"damaged", "records are missing"} {
		if err := damage[want](); err != nil {
			t.Fatal(err)
		}
		_, err := s.Read(t.Context(), shard, 1, Limit{Records: 10, Bytes: 1000})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "shard 0 of stream 1 from index 1 in data") {
			t.Errorf("%s: %v", want, err)
		}
		if page, err := s.Read(t.Context(), shard, 3, Limit{Records: 10, Bytes: 1000}); err != nil || len(page.Records) != 1 {
			t.Errorf("behind the damage: %+v, %v", page, err)
		}
	}
}

// Append gives up with its context when there is no room, and its done is called.
func TestAppendWaitsForRoom(t *testing.T) {
	s := openStore(t, "data", PebbleOptions{FS: vfs.NewMem(), Waiting: 100})
	defer closeStore(t, s)
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	if err := s.room.Acquire(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error, 1)
	go s.Append(ctx, shard, 1, []Record{{Data: make([]byte, 1000)}}, func(_ Appended, err error) { answers <- err })
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("without room: %v", err)
	}
	s.room.Release(100)
	mustAppend(t, s, shard, 1, Record{Data: make([]byte, 1000)})
}
