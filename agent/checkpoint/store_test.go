package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/tailer"
)

func fixedNow() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func mustOpen(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(StoreConfig{Dir: dir, Now: fixedNow})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func mustClose(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func mustSave(t *testing.T, s *Store, batches ...Batch) {
	t.Helper()
	if err := s.Save(batches...); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

func pos(n int, offset int64) tailer.Position {
	return tailer.Position{
		ID: id(n), Path: "/var/log/a.log", Offset: offset, Size: offset + 7,
		Identity: tailer.Identity{Inode: 12, Birth: 34, Device: 56, Head: tailer.Digest{Len: 78, Sum: 1<<63 + 9}},
		Before:   tailer.Digest{Len: 10, Sum: 1<<64 - 1},
	}
}

func TestStoreKeepsPositions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := mustOpen(t, dir)
	mustSave(t, s,
		Batch{Flow: "web", Destinations: []string{"stream/a", "delivery/b"}, Positions: []tailer.Position{pos(2, 20), pos(1, 10)}, Started: true},
		Batch{Flow: "web2", Destinations: []string{"stream/a"}, Positions: []tailer.Position{pos(3, 30)}})
	mustSave(t, s, Batch{Flow: "web", Destinations: []string{"stream/a"}, Positions: []tailer.Position{pos(1, 11)}})
	mustClose(t, s)

	s = mustOpen(t, dir)
	defer mustClose(t, s)
	tests := []struct {
		flow, destination string
		want              []tailer.Position
	}{
		{"web", "stream/a", []tailer.Position{pos(1, 11), pos(2, 20)}},
		{"web", "delivery/b", []tailer.Position{pos(1, 10), pos(2, 20)}},
		{"web2", "stream/a", []tailer.Position{pos(3, 30)}},
		{"web2", "delivery/b", nil},
		{"we", "stream/a", nil},
	}
	for _, tt := range tests {
		got, err := s.Load(tt.flow, tt.destination)
		if err != nil {
			t.Fatalf("Load: %v", err)
		}
		if !equalPositions(got, tt.want) {
			t.Errorf("Load(%s, %s) = %+v, want %+v", tt.flow, tt.destination, got, tt.want)
		}
	}
	entries, err := s.List()
	if err != nil || len(entries) != 5 || !entries[0].Saved.Equal(fixedNow()) {
		t.Errorf("List: %d entries, %v; want 5 saved at %v", len(entries), err, fixedNow())
	}
}

func equalPositions(a, b []tailer.Position) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestStoreModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "state")
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	for path, want := range map[string]fs.FileMode{dir: 0o700, s.Path(): 0o600, s.Path() + ".lock": 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(path), got, want)
		}
	}
}

func TestStoreRemovesGoneFiles(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"d"}, Positions: []tailer.Position{pos(1, 1), pos(2, 2)}})
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"d"}, Gone: []tailer.FileID{id(1), id(9)}})
	got, err := s.Load("f", "d")
	if err != nil || !equalPositions(got, []tailer.Position{pos(2, 2)}) {
		t.Errorf("Load = %+v, %v; want only file 2", got, err)
	}
}

func TestSaveIsAllOrNothing(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	err := s.Save(Batch{Flow: "good", Destinations: []string{"d"}, Positions: []tailer.Position{pos(1, 1)}},
		Batch{Flow: "bad\x00name", Destinations: []string{"d"}, Positions: []tailer.Position{pos(2, 2)}})
	if err == nil {
		t.Fatal("a name with NUL was taken")
	}
	if entries, err := s.List(); err != nil || len(entries) != 0 {
		t.Errorf("%d entries after a failed save, %v", len(entries), err)
	}
}

func TestStoreLocked(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	_, err := Open(StoreConfig{Dir: dir})
	var locked *LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("second Open: %v, want a LockedError", err)
	}
	for _, want := range []string{dir, "process ", "2026-01-02T03:04:05Z"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message %q does not name %q", err, want)
		}
	}
	other, err := Open(StoreConfig{Dir: dir, Name: "backfill-web.db"})
	if err != nil {
		t.Fatalf("another store in the same folder: %v", err)
	}
	mustClose(t, other)
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir))
}

func TestFresh(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	mustSave(t, s, Batch{Flow: "f", Destinations: []string{"d"}, Positions: []tailer.Position{pos(1, 1)}})
	if _, err := Open(StoreConfig{Dir: dir, Fresh: true}); err == nil {
		t.Fatal("a store in use was begun afresh")
	}
	if entries, err := s.List(); err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v; want the one that was there", len(entries), err)
	}
	mustClose(t, s)
	s, err := Open(StoreConfig{Dir: dir, Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	if entries, err := s.List(); err != nil || len(entries) != 0 {
		t.Errorf("%d entries, %v; want none", len(entries), err)
	}
}

func TestAdopt(t *testing.T) {
	save := func(flow, destination string, ps ...tailer.Position) Batch {
		return Batch{Flow: flow, Destinations: []string{destination}, Positions: ps, Started: true}
	}
	tests := []struct {
		name         string
		saved        []Batch
		flow, was    string
		destinations []string
		want         []tailer.Position
		first        bool
		left         int // entries of all flows afterwards
	}{
		{"new flow", nil, "f", "", []string{"a"}, nil, true, 0},
		{"known flow", []Batch{save("f", "a", pos(1, 5))}, "f", "", []string{"a"}, []tailer.Position{pos(1, 5)}, false, 1},
		{"started with no file", []Batch{save("f", "a")}, "f", "", []string{"a"}, nil, false, 0},
		{"smallest of two", []Batch{save("f", "a", pos(1, 5)), save("f", "b", pos(1, 4))}, "f", "", []string{"a", "b"}, []tailer.Position{pos(1, 4)}, false, 2},
		{"new destination joins", []Batch{save("f", "a", pos(1, 5))}, "f", "", []string{"a", "b"}, []tailer.Position{pos(1, 5)}, false, 2},
		{"old destination leaves", []Batch{save("f", "a", pos(1, 5)), save("f", "b", pos(1, 2))}, "f", "", []string{"a"}, []tailer.Position{pos(1, 5)}, false, 1},
		{"destination replaced", []Batch{save("f", "a", pos(1, 5))}, "f", "", []string{"b"}, []tailer.Position{pos(1, 5)}, false, 1},
		{"renamed", []Batch{save("old", "a", pos(1, 5)), save("other", "a", pos(2, 6))}, "f", "old", []string{"a"}, []tailer.Position{pos(1, 5)}, false, 2},
		{"renamed before", []Batch{save("old", "a", pos(1, 5)), save("f", "a", pos(1, 9))}, "f", "old", []string{"a"}, []tailer.Position{pos(1, 9)}, false, 2},
		{"was never there", nil, "f", "old", []string{"a"}, nil, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mustOpen(t, t.TempDir())
			defer mustClose(t, s)
			mustSave(t, s, tt.saved...)
			for _, round := range []string{"first", "second"} { // adopting again changes nothing
				got, err := s.Adopt(tt.flow, tt.was, tt.destinations)
				if err != nil {
					t.Fatalf("Adopt: %v", err)
				}
				if !equalPositions(got[0].Positions, tt.want) || got[0].First != tt.first {
					t.Errorf("%s Adopt = %+v, want %+v, first %v", round, got, tt.want, tt.first)
				}
				if entries, err := s.List(); err != nil || len(entries) != tt.left {
					t.Errorf("%s Adopt left %d entries (%v), want %d", round, len(entries), err, tt.left)
				}
			}
		})
	}
}

func BenchmarkSave(b *testing.B) {
	s, err := Open(StoreConfig{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	batch := Batch{Flow: "web", Destinations: []string{"stream/a"}}
	for n := range 1000 {
		batch.Positions = append(batch.Positions, pos(n, int64(n)))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Save(batch); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOpenWaits: who looks at a store for a moment keeps nobody out.
func TestOpenWaits(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	opened := make(chan error, 1)
	go func() {
		s, err := Open(StoreConfig{Dir: dir, Wait: time.Minute})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	mustClose(t, s)
	if err := <-opened; err != nil {
		t.Errorf("Open: %v", err)
	}
}

// TestStoreKeepsStrangeNames: a name is any bytes, and a position is of use only with exactly those.
func TestStoreKeepsStrangeNames(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer mustClose(t, s)
	for _, path := range []string{
		"/new\nline", "/bad\xff\xfeutf8", "/\x00?", "/\ufffd", "/esc\x1b", "/" + strings.Repeat("\xff", 4094), "/" + strings.Repeat("\x01", 4094),
	} {
		want := pos(1, 10)
		want.Path, want.Target = path, path
		mustSave(t, s, Batch{Flow: "web", Destinations: []string{"stream/a"}, Positions: []tailer.Position{want}})
		got, err := s.Load("web", "stream/a")
		if err != nil || len(got) != 1 || got[0].Path != path || got[0].Target != path {
			t.Errorf("%.20q: got %+v, %v", path, got, err)
		}
	}
}
