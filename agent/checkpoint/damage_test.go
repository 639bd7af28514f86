package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weir-logs/weir/tailer"
)

// filled makes a store with two files and returns the path of its database.
func filled(t *testing.T) string {
	t.Helper()
	s := mustOpen(t, t.TempDir())
	mustSave(t, s, Batch{Flow: "web", Destinations: []string{"d"}, Positions: []tailer.Position{pos(1, 10), pos(2, 20)}, Started: true,
		Paths: []string{"/var/log/*.log"}, Since: time.Now()})
	mustClose(t, s)
	return s.Path()
}

// edit changes the database behind the store's back.
func edit(t *testing.T, path string, change func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsRefusedAndKept(t *testing.T) {
	key := appendKey(nil, "web", "d", id(1))
	put := func(bucket string, key []byte, change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			edit(t, path, func(tx *bolt.Tx) error {
				b := tx.Bucket([]byte(bucket))
				return b.Put(key, change(bytes.Clone(b.Get(key))))
			})
		}
	}
	tests := []struct {
		name   string
		damage func(t *testing.T, path string)
		want   string
	}{
		{"torn value", put(bucketPositions, key, func(v []byte) []byte { return v[:len(v)/2] }), "checksum"},
		{"empty value", put(bucketPositions, key, func([]byte) []byte { return nil }), "a value of 0 bytes"},
		{"flipped bit", put(bucketPositions, key, func(v []byte) []byte { v[len(v)/2] ^= 4; return v }), "checksum"},
		{"flipped version", put(bucketPositions, key, func(v []byte) []byte { v[0] ^= 2; return v }), "checksum"},
		{"value of another key", put(bucketPositions, appendKey(nil, "web", "d", id(3)), func([]byte) []byte {
			_, v, err := encodeEntry(&Entry{Flow: "web", Destination: "d", Position: pos(1, 10)})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}), "checksum"},
		{"foreign key", put(bucketPositions, []byte("x"), func([]byte) []byte { return []byte("y") }), "names no flow"},
		{"flow marker", put(bucketFlows, []byte("web"), func(v []byte) []byte { v[3]++; return v }), "checksum"},
		{"paths", put(bucketFollowed, []byte("web"), func(v []byte) []byte { v[3]++; return v }), "checksum"},
		{"no format", put(bucketWeir, []byte(keyFormat), func([]byte) []byte { return nil }), "format"},
		{"no bucket", func(t *testing.T, path string) {
			edit(t, path, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(bucketFlows)) })
		}, "no bucket flows"},
		{"empty file", func(t *testing.T, path string) { truncate(t, path, 0) }, "empty"},
		{"cut off", func(t *testing.T, path string) { truncate(t, path, 3*int64(os.Getpagesize())) }, "its pages need"},
		{"not a database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("log line\n"), 4000), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "invalid database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filled(t)
			tt.damage(t, path)
			bad, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // it stays refused
				_, err = Open(StoreConfig{Dir: filepath.Dir(path)})
				var damaged *DamagedError
				if !errors.As(err, &damaged) {
					t.Fatalf("Open: %v, want a DamagedError", err)
				}
				if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("message %q names not %q and the path", err, tt.want)
				}
				kept, err := os.ReadFile(damaged.Copy)
				if err != nil || !bytes.Equal(kept, bad) {
					t.Errorf("the copy differs from the damaged file: %v", err)
				}
			}
			if copies, _ := filepath.Glob(path + ".damaged-*"); len(copies) != 1 {
				t.Errorf("%d copies of one damaged file, want 1", len(copies))
			}
		})
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedBytes flips single bytes anywhere in the file, after an unclean stop. Whatever bbolt makes of it, the store must either be
// refused or hold a state that was once saved; it must never come up with anything else, and never end the process.
func TestFlippedBytes(t *testing.T) {
	path := filled(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 400 {
		at := rng.IntN(len(good))
		bad := bytes.Clone(good)
		bad[at] ^= 1 << rng.IntN(8)
		if opened := openDamaged(t, bad); opened == nil {
			refused++
		} else if n := len(opened); n != 0 && !equalPositions(opened, []tailer.Position{pos(1, 10), pos(2, 20)}) {
			t.Errorf("byte %d flipped: opened with %+v", at, opened)
		}
	}
	if refused == 0 {
		t.Error("no flip was refused: the test looks at nothing")
	}
}

// openDamaged returns the positions of the database with these bytes, or nil if it is refused.
func openDamaged(t *testing.T, database []byte) []tailer.Position {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{"checkpoints.db": database, "checkpoints.db.lock": []byte("process 1, since long ago\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(StoreConfig{Dir: dir})
	var damaged *DamagedError
	if errors.As(err, &damaged) {
		return nil
	}
	if err != nil {
		t.Fatalf("Open: %v, want success or a DamagedError", err)
	}
	defer mustClose(t, s)
	got, err := s.Load("web", "d")
	if err != nil {
		t.Errorf("Load after a good Open: %v", err)
	}
	if got == nil {
		got = []tailer.Position{}
	}
	return got
}

func TestUncleanStopIsChecked(t *testing.T) {
	path := filled(t)
	// A page that is neither reachable nor free is harmless to readers; only the check of an unclean start looks for it.
	breakFreelist(t, path)
	mustClose(t, mustOpen(t, filepath.Dir(path)))

	breakFreelist(t, path)
	if err := os.WriteFile(path+".lock", []byte("process 1, since long ago\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(StoreConfig{Dir: filepath.Dir(path)})
	if !isDamage(err) {
		t.Errorf("Open after an unclean stop: %v, want a DamagedError", err)
	}
}

// breakFreelist makes the newest freelist forget its first page.
func breakFreelist(t *testing.T, path string) {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error { // so that there is something free
		return tx.Bucket([]byte(bucketWeir)).Put([]byte("pad"), []byte(time.Now().String()))
	})
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const header = 16
	page := uint64(os.Getpagesize())
	meta := data[header:]
	if other := data[page+header:]; binary.LittleEndian.Uint64(other[48:]) > binary.LittleEndian.Uint64(meta[48:]) {
		meta = other
	}
	freelist := data[binary.LittleEndian.Uint64(meta[32:])*page:]
	count := binary.LittleEndian.Uint16(freelist[10:])
	if count < 1 {
		t.Fatal("nothing is free in the database")
	}
	binary.LittleEndian.PutUint16(freelist[10:], count-1)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNewerIsRefused(t *testing.T) {
	key := appendKey(nil, "web", "d", id(1))
	tests := []struct {
		name    string
		version int
		change  func(tx *bolt.Tx) error
	}{
		{"database", storeFormat + 1, func(tx *bolt.Tx) error {
			return tx.Bucket([]byte(bucketWeir)).Put([]byte(keyFormat), []byte{storeFormat + 1})
		}},
		{"value", versionBinary + 1, func(tx *bolt.Tx) error {
			value := []byte("\x03whatever comes")
			return tx.Bucket([]byte(bucketPositions)).Put(key, binary.LittleEndian.AppendUint32(value, envelopeSum(key, value)))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filled(t)
			edit(t, path, tt.change)
			_, err := Open(StoreConfig{Dir: filepath.Dir(path)})
			var newer *NewerError
			if !errors.As(err, &newer) || newer.Version != tt.version || newer.Path != path {
				t.Fatalf("Open: %v, want a NewerError of version %d with the path", err, tt.version)
			}
			if copies, _ := filepath.Glob(path + ".damaged-*"); len(copies) != 0 {
				t.Errorf("a newer file was taken for a damaged one: %v", copies)
			}
		})
	}
}

func TestLeftoverOfCreation(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "checkpoints.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustClose(t, mustOpen(t, dir))
}

func FuzzDecodeEntry(f *testing.F) {
	key := appendKey(nil, "web", "stream/a", id(1))
	e := Entry{Flow: "web", Destination: "stream/a", Position: pos(1, 10), Saved: fixedNow()}
	_, value, err := encodeEntry(&e)
	if err != nil {
		f.Fatal(err)
	}
	asJSON, err := seal(key, e) // its fields have the names of the first version
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key, asJSON)
	f.Add(key, value)
	f.Add(key, value[:len(value)-1])
	f.Add(key[:3], value)
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		e, err := decodeEntry(key, value)
		if err != nil {
			return
		}
		if again := appendKey(nil, e.Flow, e.Destination, e.Position.ID); !bytes.Equal(again, key) {
			t.Errorf("key %q decodes to one that encodes to %q", key, again)
		}
		_, sealed, err := encodeEntry(&e)
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		if back, err := decodeEntry(key, sealed); err != nil || back.Position != e.Position {
			t.Errorf("round trip gives %+v, %v; want %+v", back, err, e)
		}
	})
}
