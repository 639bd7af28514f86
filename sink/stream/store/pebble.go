package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sync/semaphore"
)

// formatVersion is the version of the data folder: of the keys, blocks and states in it.
const formatVersion = 1

const formatName = "weir stream store"

// PebbleOptions are the settings of OpenPebble. The zero value is a good one.
type PebbleOptions struct {
	FS    vfs.FS           // default: the disk
	Now   func() time.Time // default: time.Now; arrival times come from it
	Log   *slog.Logger     // default: none; Pebble's own messages go to its debug level
	Cache int64            // bytes of block cache, default 16 MiB

	// Waiting bounds the bytes of appends that wait for their turn or their fsync; further ones wait in Append. Default 32 MiB.
	Waiting int64

	// Reserve is the free space, in bytes, that is left to the work of the store itself: with less, records are refused.
	// Default 64 MiB.
	Reserve uint64

	unsynced bool          // acknowledges without an fsync: shows that the power-cut test can fail
	poll     time.Duration // between looks at a full disk, default 200 ms
}

func (o *PebbleOptions) setDefaults() {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Cache <= 0 {
		o.Cache = 16 << 20
	}
	if o.Waiting <= 0 {
		o.Waiting = 32 << 20
	}
	if o.Reserve == 0 {
		o.Reserve = 64 << 20
	}
	if o.poll <= 0 {
		o.poll = 200 * time.Millisecond
	}
}

// pebbleStore is the embedded store. All writes go through one committer (commit.go), which owns what is assigned to
// records; readers see what is published after the fsync.
type pebbleStore struct {
	dir  string
	opts PebbleOptions
	db   *pebble.DB
	lock *pebble.Lock

	requests chan *request
	room     *semaphore.Weighted // bytes of requests under way
	stopped  chan struct{}       // closed when committer and syncer have ended
	failed   atomic.Pointer[error]
	stuck    atomic.Bool // Pebble panicked and may hold its locks
	full     *diskFull

	closing  sync.RWMutex // held for reading by every operation, for writing by Close
	closed   bool
	metaMu   sync.Mutex // one change of Meta at a time
	shardsMu sync.Mutex // guards shards, and the loading of a state against Drop
	shards   map[Shard]*shardLog
}

// OpenPebble opens the store in folder dir, which it creates if it is not there. The folder belongs to one process at a time.
func OpenPebble(dir string, opts PebbleOptions) (Store, error) {
	opts.setDefaults()
	if err := opts.FS.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("store: create data folder %s: %w", dir, err)
	}
	lock, err := pebble.LockDirectory(dir, opts.FS)
	if err != nil {
		return nil, lockError(dir, err)
	}
	s := &pebbleStore{
		dir:      dir,
		opts:     opts,
		lock:     lock,
		requests: make(chan *request, maxQueue),
		room:     semaphore.NewWeighted(opts.Waiting),
		stopped:  make(chan struct{}),
		shards:   make(map[Shard]*shardLog),
	}
	s.full = newDiskFull(dir, &s.opts)
	if s.db, err = pebble.Open(dir, s.pebbleOptions()); err != nil {
		return nil, errors.Join(openError(dir, err), lock.Close())
	}
	if err := s.checkFormat(); err != nil {
		return nil, errors.Join(err, s.db.Close(), lock.Close())
	}
	go s.commit()
	return s, nil
}

// lockError tells a folder in use from one that cannot be used at all.
func lockError(dir string, err error) error {
	inUse := errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) || err.Error() == "lock held by current process"
	if inUse && !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("store: data folder %s is in use by another process, or may not be locked by this one (%w): "+
			"stop the other one, or give this one a data folder of its own", dir, err)
	}
	return fmt.Errorf("store: lock data folder %s: %w", dir, err)
}

func openError(dir string, err error) error {
	return fmt.Errorf("store: open data folder %s: %w (if a newer weir has written it, use that one; "+
		"if files are damaged, move the folder away or restore it)", dir, err)
}

// checkFormat refuses a folder that is not ours or newer than we are, and marks a fresh one.
func (s *pebbleStore) checkFormat() error {
	value, closer, err := s.db.Get([]byte{kindFormat})
	if errors.Is(err, pebble.ErrNotFound) {
		return s.markFormat()
	}
	if err != nil {
		return fmt.Errorf("store: read the format of data folder %s: %w", s.dir, err)
	}
	defer closer.Close()
	if len(value) < 4 || string(value[4:]) != formatName {
		return fmt.Errorf("store: data folder %s holds a database that is not a %s: give the server another folder", s.dir, formatName)
	}
	if v := binary.BigEndian.Uint32(value); v != formatVersion {
		return fmt.Errorf("store: data folder %s has format version %d, this weir knows version %d: use the weir that wrote it",
			s.dir, v, formatVersion)
	}
	return nil
}

func (s *pebbleStore) markFormat() error {
	it, err := s.db.NewIter(nil)
	if err != nil {
		return fmt.Errorf("store: read data folder %s: %w", s.dir, err)
	}
	foreign := it.First()
	if err := it.Close(); err != nil {
		return fmt.Errorf("store: read data folder %s: %w", s.dir, err)
	}
	if foreign {
		return fmt.Errorf("store: data folder %s holds a database that is not a %s: give the server another folder", s.dir, formatName)
	}
	value := append(binary.BigEndian.AppendUint32(nil, formatVersion), formatName...)
	if err := s.db.Set([]byte{kindFormat}, value, pebble.Sync); err != nil {
		return fmt.Errorf("store: mark data folder %s: %w", s.dir, err)
	}
	return nil
}

// enter begins an operation; the caller calls leave at its end.
func (s *pebbleStore) enter() error {
	s.closing.RLock()
	if s.closed {
		s.closing.RUnlock()
		return fmt.Errorf("store: %s: %w", s.dir, ErrClosed)
	}
	return nil
}

func (s *pebbleStore) leave() { s.closing.RUnlock() }

// Close implements Store. If Pebble panicked it is left as it is, because it may hold its own locks; its files have all
// that was acknowledged.
func (s *pebbleStore) Close(ctx context.Context) error {
	s.closing.Lock()
	if !s.closed {
		s.closed = true
		close(s.requests)
	}
	s.closing.Unlock()
	select {
	case <-s.stopped:
	case <-ctx.Done():
		return fmt.Errorf("store: close data folder %s: %w%s", s.dir, ctx.Err(), s.full.hint())
	}
	if s.stuck.Load() {
		return s.failure()
	}
	return errors.Join(s.failure(), s.closeOnce())
}

// closeOnce gives the folder back; a second Close finds nothing to do.
func (s *pebbleStore) closeOnce() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.db == nil {
		return nil
	}
	db := s.db
	s.db = nil
	if err := errors.Join(db.Close(), s.lock.Close()); err != nil {
		return fmt.Errorf("store: close data folder %s: %w", s.dir, err)
	}
	return nil
}

// failure returns the error that ended the store's work, if there was one.
func (s *pebbleStore) failure() error {
	if err := s.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// fail records the first failure.
func (s *pebbleStore) fail(cause error) error {
	err := fmt.Errorf("store: data folder %s: %w: %w: what was acknowledged is safe; mend the disk and start again", s.dir, ErrFailed, cause)
	if s.failed.CompareAndSwap(nil, &err) {
		s.opts.Log.Error("stream store failed", "dir", s.dir, "error", cause)
	}
	return s.failure()
}
