package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// testDisk is a file system whose writes can be made to fail.
type testDisk struct {
	vfs.FS
	err  atomic.Pointer[error] // of writes and syncs of the log
	free atomic.Uint64
}

func newTestDisk() *testDisk {
	d := &testDisk{}
	d.free.Store(1 << 40)
	d.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		err := d.err.Load()
		if err == nil || !strings.HasSuffix(op.Path, ".log") {
			return nil
		}
		switch op.Kind {
		case errorfs.OpFileWrite, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if errors.Is(*err, syscall.ENOSPC) {
				d.free.Store(0)
			}
			return *err
		}
		return nil
	}))
	return d
}

func (d *testDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: d.free.Load()}, nil
}

func (d *testDisk) fail(err error) {
	if err == nil {
		d.err.Store(nil)
		return
	}
	d.err.Store(&err)
}

// A full disk refuses what is under way and what comes, at once, and takes appends again when there is space.
func TestDiskFull(t *testing.T) {
	disk := newTestDisk()
	s := openStore(t, "data", PebbleOptions{FS: disk, poll: time.Millisecond})
	defer closeStore(t, s)
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	before := mustAppend(t, s, shard, 1, Record{Data: []byte("before")})

	disk.fail(syscall.ENOSPC)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			_, err := appendWait(t.Context(), s, shard, 1, Record{Data: []byte("during")})
			if !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), "data folder data is full") {
				t.Errorf("append on a full disk: %v", err)
			}
		})
	}
	group.Wait()
	if _, err := s.Put(t.Context(), "a", nil, 0); !errors.Is(err, ErrNoSpace) {
		t.Errorf("put on a full disk: %v", err)
	}
	if page, err := s.Read(t.Context(), shard, 1, Limit{Records: 9, Bytes: 99}); err != nil || len(page.Records) != 1 {
		t.Errorf("read on a full disk: %+v, %v", page, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	disk.fail(nil)
	if _, err := appendWait(ctx, s, shard, 1, Record{}); err == nil {
		t.Error("an append was acknowledged before the disk counted as usable")
	}
	disk.free.Store(1 << 40)
	deadline := time.Now().Add(30 * time.Second)
	for {
		at, err := appendWait(t.Context(), s, shard, 1, Record{Data: []byte("after")})
		if err == nil {
			if at.First <= before.First {
				t.Errorf("index %d after %d", at.First, before.First)
			}
			break
		}
		if !errors.Is(err, ErrNoSpace) || time.Now().After(deadline) {
			t.Fatalf("after space returned: %v", err)
		}
	}
	all := readAll(t, s, shard)
	if string(all[0].Data) != "before" || string(all[len(all)-1].Data) != "after" {
		t.Errorf("the log holds %+v", all)
	}
}

// Before the disk is full, records are refused while trims and definitions still have room.
func TestDiskNearlyFull(t *testing.T) {
	disk := newTestDisk()
	s := openStore(t, "data", PebbleOptions{FS: disk, Reserve: 100})
	defer closeStore(t, s)
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		free uint64
		full bool
	}{{100, false}, {99, true}, {0, true}, {124, true}, {125, false}, {100, false}, {99, true}, {1000, false}} {
		disk.free.Store(step.free)
		s.full.mu.Lock()
		s.full.looked = time.Time{} // as if it were long ago
		s.full.mu.Unlock()
		_, err := appendWait(t.Context(), s, shard, 1, Record{})
		if errors.Is(err, ErrNoSpace) != step.full || err != nil && !step.full {
			t.Errorf("step %d, %d bytes free: %v", i, step.free, err)
		}
		if err := s.Trim(t.Context(), shard, 2); err != nil {
			t.Errorf("step %d: trim: %v", i, err)
		}
		if _, err := s.Put(t.Context(), fmt.Sprint(i), nil, 0); err != nil {
			t.Errorf("step %d: put: %v", i, err)
		}
	}
}

// A disk that fails in another way ends the store's work: nothing is acknowledged afterwards, everything is answered.
func TestDiskFails(t *testing.T) {
	disk := newTestDisk()
	s := openStore(t, "data", PebbleOptions{FS: disk})
	shard := Shard{Stream: 1}
	if err := s.Fence(t.Context(), 1, shard); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, shard, 1, Record{Data: []byte("before")})
	disk.fail(syscall.EIO)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 3 {
				if _, err := appendWait(t.Context(), s, shard, 1, Record{Data: []byte("during")}); !errors.Is(err, ErrFailed) {
					t.Errorf("append on a failing disk: %v", err)
				}
			}
		})
	}
	group.Wait()
	disk.fail(nil)
	if _, err := appendWait(t.Context(), s, shard, 1, Record{}); !errors.Is(err, ErrFailed) || !errors.Is(err, syscall.EIO) {
		t.Errorf("append after the failure: %v", err)
	}
	if page, err := s.Read(t.Context(), shard, 1, Limit{Records: 9, Bytes: 99}); err != nil || len(page.Records) != 1 {
		t.Errorf("read after the failure: %+v, %v", page, err)
	}
	if err := s.Close(context.Background()); !errors.Is(err, ErrFailed) {
		t.Errorf("Close after the failure: %v", err)
	}
}
