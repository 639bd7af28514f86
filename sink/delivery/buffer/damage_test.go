package buffer

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
)

// A write or fsync that fails acknowledges nothing, and what it may have left on disk is dead: the batch is appended
// again, the machine loses power, and the batch is there once.
func TestDiskErrorThenGoesOn(t *testing.T) {
	for _, kind := range []errorfs.OpKind{errorfs.OpFileWriteAt, errorfs.OpFileSyncData} {
		synctest.Test(t, func(t *testing.T) {
			mem := vfs.NewCrashableMem()
			var fail faulty.Fault
			cfg := config(errorfs.Wrap(mem, faulty.Inject(func(op errorfs.Op) error {
				if op.Kind == kind {
					return fail.Get()
				}
				return nil
			})))
			cfg.Report = nil
			b := open(t, cfg)
			mustAppend(t, b, batch("a"))
			fail.Set(syscall.ENOSPC)
			for range 3 {
				if err := b.Append(context.Background(), batch("b")); !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("Append on a full disk: %v", err)
				}
			}
			fail.Set(nil)
			mustAppend(t, b, batch("b"))
			mustAppend(t, b, batch("c"))
			cfg.FS = mem.CrashClone(vfs.CrashCloneCfg{})
			after := open(t, cfg)
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			got := ""
			for s := tryNext(t, after); s != nil; s = tryNext(t, after) {
				got += content(t, s) + "|"
			}
			if got != "a|bc|" {
				t.Errorf("after the cut: %q, want a|bc|", got)
			}
		})
	}
}

// A segment that cannot be sealed is tried again, keeps its key, and takes nothing in meanwhile.
func TestSealTriedAgain(t *testing.T) {
	for _, kind := range []errorfs.OpKind{errorfs.OpRename, errorfs.OpOpenDir, errorfs.OpFileSync, errorfs.OpOpen} {
		synctest.Test(t, func(t *testing.T) {
			var fail faulty.Fault
			var told reports
			cfg := config(errorfs.Wrap(vfs.NewMem(), faulty.Inject(func(op errorfs.Op) error {
				if op.Kind == kind && !strings.HasSuffix(op.Path, ".seg") {
					return fail.Get()
				}
				return nil
			})))
			cfg.Report = told.add
			var keys atomic.Int64
			cfg.Object = func(time.Time) Object { keys.Add(1); return Object{Key: "k"} }
			b := open(t, cfg)
			mustAppend(t, b, batch("a"))
			fail.Set(syscall.EIO)
			time.Sleep(time.Minute + 3*retryAfter)
			synctest.Wait()
			if kind != errorfs.OpOpen { // nothing is opened by this way of failing
				if s := tryNext(t, b); s != nil {
					t.Fatalf("op %v: sealed by failing", kind)
				}
				if got := len(told.list()); got != 4 {
					t.Errorf("op %v: %d reports, want 4", kind, got)
				}
				if err := b.Append(context.Background(), batch("b")); !errors.Is(err, syscall.EIO) {
					t.Errorf("op %v: Append into a segment that is being sealed: %v", kind, err)
				}
			}
			fail.Set(nil)
			time.Sleep(retryAfter)
			synctest.Wait()
			s := tryNext(t, b)
			if s == nil || content(t, s) != "a" || keys.Load() != 1 {
				t.Errorf("op %v: not sealed afterwards, or named %d times", kind, keys.Load())
			}
			mustAppend(t, b, batch("b"))
		})
	}
}

// files makes a folder with two sealed segments and an open one.
func files(t *testing.T) (Config, *vfs.MemFS) {
	t.Helper()
	mem := vfs.NewMem()
	cfg := config(mem)
	b := open(t, cfg)
	mustAppend(t, b, moves(batch(strings.Repeat("a", 1000)), "s", "1"))
	mustAppend(t, b, moves(batch(strings.Repeat("b", 500)), "s", "2"))
	mustAppend(t, b, moves(batch(strings.Repeat("c", 500)), "s", "3"))
	mustAppend(t, b, moves(batch("d"), "s", "4"))
	mustAppend(t, b, moves(batch("e"), "s", "5"))
	b.Close()
	return cfg, mem
}

func TestDamage(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte {
			if at < 0 {
				at += len(b)
			}
			b[at] ^= 0x10
			return b
		}
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	tail := func(s string) func([]byte) []byte { return func(b []byte) []byte { return append(b, s...) } }
	a, bc, de := strings.Repeat("a", 1000), strings.Repeat("b", 500)+strings.Repeat("c", 500), "de"
	for _, tt := range []struct {
		name   string
		number uint64
		change func([]byte) []byte
		want   string // delivered
		at     string // position afterwards
		report string
	}{
		{"nothing", 1, cut(0), a + bc + de, "5", ""},
		{"first sealed, in its data", 1, flip(600), bc + de, "5", "0000000000000001.seg: it is damaged at byte"},
		{"second sealed, last frame", 2, flip(-1), a + de, "5", "0000000000000002.seg: it is damaged at byte"},
		{"sealed, cut short", 2, cut(3), a + de, "5", "0000000000000002.seg: it is damaged"},
		{"sealed, cut by a whole frame", 2, cut(500 + frameHeader + 6 + 5 + 7), a + de, "5", "0000000000000002.seg: it is damaged"},
		{"sealed, something behind its end", 2, tail("whatever"), a + bc + de, "5", ""},
		{"sealed, its head", 1, flip(20), bc + de, "5", "its head is damaged"},
		{"open, last frame", 3, flip(-1), a + bc + "d", "4", "no valid frame"},
		{"open, torn", 3, cut(1), a + bc + "d", "4", "no valid frame"},
		{"open, zeros behind", 3, tail(strings.Repeat("\x00", 300)), a + bc + de, "5", "300 bytes after byte"},
		{"open, less than a frame behind", 3, tail("\x00\x01"), a + bc + de, "5", "2 bytes after byte"},
		// Its head held the seal of 2, which is open again: nothing is lost but what 3 held itself.
		{"open, its head", 3, flip(12), a + bc, "3", "its head is damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, mem := files(t)
				path := "data/web/" + segmentName(tt.number, goodSuffix)
				before := tt.change(readAll(t, mem, path))
				writeAll(t, mem, path, before)
				var told reports
				cfg.Report = told.add
				b := open(t, cfg)
				if got := b.Positions()["s"].Sequence; got != tt.at {
					t.Errorf("position %q, want %q", got, tt.at)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				got := ""
				for s := tryNext(t, b); s != nil; s = tryNext(t, b) {
					got += content(t, s)
					if err := s.Delivered(); err != nil {
						t.Fatal(err)
					}
				}
				if got != tt.want {
					t.Errorf("delivered %.40q… (%d bytes), want %.40q… (%d bytes)", got, len(got), tt.want, len(tt.want))
				}
				all := told.list()
				if (tt.report == "") != (len(all) == 0) || len(all) > 1 {
					t.Fatalf("reports: %v", all)
				}
				if len(all) == 1 && !strings.Contains(all[0].Error(), tt.report) {
					t.Errorf("report %q, want %q in it", all[0], tt.report)
				}
				if len(all) == 1 && errors.Is(all[0], ErrCorrupt) {
					if kept := readAll(t, mem, asideName(path)); string(kept) != string(before) {
						t.Error("the file that was set aside is not the damaged one")
					}
				}
				mustAppend(t, b, batch("f"))
				b.Close()
				open(t, cfg) // and it opens once more
			})
		})
	}
}

func TestDamageFoundWhileReading(t *testing.T) {
	cfg, mem := files(t)
	var told reports
	cfg.Report = told.add
	b := open(t, cfg)
	s := tryNext(t, b)
	data := readAll(t, mem, s.File())
	data[500] ^= 1
	writeAll(t, mem, s.File(), data)
	var sink strings.Builder
	_, err := s.WriteTo(&sink)
	if !errors.Is(err, ErrCorrupt) {
		t.Fatalf("got %v, want ErrCorrupt", err)
	}
	if err := s.SetAside(err); err != nil {
		t.Fatal(err)
	}
	if all := told.list(); len(all) != 1 || !strings.Contains(all[0].Error(), "1 records are not delivered") {
		t.Errorf("reports: %v", all)
	}
	if s := tryNext(t, b); s == nil || s.Seal().Bytes != 1000 {
		t.Error("the next one does not come")
	}
	if got := b.Stats(); got.Bytes != 1002 {
		t.Errorf("stats %+v, want 1002 bytes left", got)
	}
}

func TestNewerVersionRefused(t *testing.T) {
	cfg, mem := files(t)
	path := "data/web/" + segmentName(2, goodSuffix)
	data := readAll(t, mem, path)
	data[len(magic)] = version + 1
	writeAll(t, mem, path, data)
	_, err := Open(cfg)
	if err == nil || !strings.Contains(err.Error(), path+": buffer format version 2 is newer") {
		t.Errorf("got %v, want file and version named", err)
	}
	if got := readAll(t, mem, path); string(got) != string(data) {
		t.Error("the file was touched")
	}
}

func TestFolderOfAnotherStream(t *testing.T) {
	cfg, _ := files(t)
	cfg.Stream = "other"
	if _, err := Open(cfg); err == nil || !strings.Contains(err.Error(), "belongs to delivery stream web") {
		t.Errorf("got %v, want the owner named", err)
	}
}

func TestLeftoversRemovedOthersLeftAlone(t *testing.T) {
	cfg, mem := files(t)
	for _, name := range []string{segmentName(9, tempSuffix), "notes.txt", "0000000000000001.segx", segmentName(7, badSuffix)} {
		writeAll(t, mem, "data/web/"+name, []byte("x"))
	}
	b := open(t, cfg)
	names, err := mem.List("data/web")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names, " "); strings.Contains(got, tempSuffix) || !strings.Contains(got, "notes.txt") || !strings.Contains(got, "segx") {
		t.Errorf("left: %s", got)
	}
	mustAppend(t, b, batch(strings.Repeat("f", 1000)))
	b.Close() // sealed after the answer
	if _, err := mem.Stat("data/web/" + segmentName(8, goodSuffix)); err != nil {
		t.Errorf("the number of a damaged file is not skipped: %v", err)
	}
}
