package store

import (
	"fmt"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// diskFull keeps the engine alive on a full disk. Pebble cannot go on after a failed write to its log, so a write that
// finds no space is held (vfs.OnDiskFull) until enough of it is free again, and then repeated. Meanwhile the store answers:
// what waits and what comes is refused with ErrNoSpace. Nobody has to restart anything when space returns.
type diskFull struct {
	dir  string
	opts *PebbleOptions
	fs   vfs.FS

	mu      sync.Mutex
	full    bool
	waiting map[*request]struct{} // not answered yet
}

func newDiskFull(dir string, opts *PebbleOptions) *diskFull {
	return &diskFull{dir: dir, opts: opts, fs: opts.FS, waiting: make(map[*request]struct{})}
}

func (d *diskFull) wrap(fs vfs.FS) vfs.FS { return vfs.OnDiskFull(fs, d.hold) }

func (d *diskFull) err() error {
	return fmt.Errorf("store: the disk of data folder %s is full: free some space, weir goes on by itself when there are %d MiB: %w",
		d.dir, d.opts.Reserve>>20, ErrNoSpace)
}

// hint is appended to the message of a Close that could not wait.
func (d *diskFull) hint() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return " while waiting for space on its full disk"
	}
	return ""
}

// hold runs in the goroutine whose write found no space, and returns when the write may be repeated.
func (d *diskFull) hold() {
	d.opts.Log.Error("disk full: the stream store refuses puts until there is space again", "dir", d.dir, "needed_mib", d.opts.Reserve>>20)
	d.mu.Lock()
	d.full = true
	waiting := d.waiting
	d.waiting = make(map[*request]struct{})
	d.mu.Unlock()
	for r := range waiting {
		r.answer(d.err())
	}
	for !d.usable() {
		time.Sleep(d.opts.poll)
	}
	d.mu.Lock()
	d.full = false
	d.mu.Unlock()
	d.opts.Log.Info("space again: the stream store takes puts", "dir", d.dir)
}

func (d *diskFull) usable() bool {
	usage, err := d.fs.GetDiskUsage(d.dir)
	return err == nil && usage.AvailBytes >= d.opts.Reserve
}

// track registers a request that must be answered even if the disk fills up; it refuses when that has happened already.
func (d *diskFull) track(r *request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return d.err()
	}
	d.waiting[r] = struct{}{}
	return nil
}

func (d *diskFull) untrack(r *request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waiting, r)
}
