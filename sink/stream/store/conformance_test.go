package store_test

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink/stream/store"
	"github.com/weir-logs/weir/sink/stream/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store { return store.NewMemory(now) })
}

func TestPebbleInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		return open(t, "data", store.PebbleOptions{FS: vfs.NewMem(), Now: now})
	})
}

func TestPebbleOnDisk(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		return open(t, t.TempDir(), store.PebbleOptions{Now: now})
	})
}

func open(t testing.TB, dir string, opts store.PebbleOptions) store.Store {
	t.Helper()
	s, err := store.OpenPebble(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
