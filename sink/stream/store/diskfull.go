package store

import (
	"fmt"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// diskFull keeps the store alive on a full disk, in two steps. When only Reserve is left, appends are refused with ErrNoSpace
// while everything else goes on, so that retention and deletion can make room. If the disk is full all the same, because
// somebody else filled it: Pebble cannot go on after a failed write to its log, so a write that finds no space is held
// (vfs.OnDiskFull) until there is some, and then repeated; meanwhile whatever waits or comes is refused. In both cases
// nobody has to restart anything when space returns.
type diskFull struct {
	dir  string
	opts *PebbleOptions
	fs   vfs.FS

	mu      sync.Mutex
	held    bool                  // a write waits for space
	low     bool                  // appends are refused
	looked  time.Time             // when low was found out
	waiting map[*request]struct{} // not answered yet
}

// lookEvery is the time between looks at the free space: at 500 MB/s less than the reserve is written in it.
const lookEvery = 100 * time.Millisecond

func newDiskFull(dir string, opts *PebbleOptions) *diskFull {
	return &diskFull{dir: dir, opts: opts, fs: opts.FS, waiting: make(map[*request]struct{})}
}

func (d *diskFull) wrap(fs vfs.FS) vfs.FS { return vfs.OnDiskFull(fs, d.hold) }

// enough is the free space at which appends are taken again: a bit above the reserve, so that they do not come and go.
func (d *diskFull) enough() uint64 { return d.opts.Reserve + d.opts.Reserve/4 }

func (d *diskFull) err() error {
	return fmt.Errorf("store: the disk of data folder %s is full: free some space; weir goes on by itself when %d MiB are free: %w",
		d.dir, d.enough()>>20, ErrNoSpace)
}

// hint is appended to the message of a Close that could not wait.
func (d *diskFull) hint() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held {
		return " while waiting for space on its full disk"
	}
	return ""
}

// free returns the free bytes of the disk. A file system that cannot tell has no end.
func (d *diskFull) free() uint64 {
	usage, err := d.fs.GetDiskUsage(d.dir)
	if err != nil {
		return 1<<64 - 1
	}
	return usage.AvailBytes
}

// hold runs in the goroutine whose write found no space, and returns when the write may be repeated.
func (d *diskFull) hold() {
	d.mu.Lock()
	d.held = true
	d.setLow(true)
	waiting := d.waiting
	d.waiting = make(map[*request]struct{})
	d.mu.Unlock()
	for r := range waiting {
		r.answer(d.err())
	}
	for {
		time.Sleep(d.opts.poll)
		if d.free() >= d.opts.Reserve/2 {
			break
		}
	}
	d.mu.Lock()
	d.held = false
	d.mu.Unlock()
}

// setLow changes the state and logs the change. The caller holds mu.
func (d *diskFull) setLow(low bool) {
	if d.low == low {
		return
	}
	d.low = low
	if low {
		d.opts.Log.Error("disk full: the stream store refuses records until there is space again", "dir", d.dir, "needed_mib", d.enough()>>20)
	} else {
		d.opts.Log.Info("space again: the stream store takes records", "dir", d.dir)
	}
}

// track registers a request that must be answered even if the disk fills up; it refuses what cannot be done now.
func (d *diskFull) track(r *request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); r.records && !d.held && now.Sub(d.looked) >= lookEvery {
		d.looked = now
		need := d.opts.Reserve
		if d.low {
			need = d.enough()
		}
		d.setLow(d.free() < need)
	}
	if d.held || r.records && d.low {
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
