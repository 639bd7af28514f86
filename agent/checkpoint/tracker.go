package checkpoint

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// maxClaims bounds the memory of blocks that wait for their answers: a claim takes about 250 bytes, however small its block.
const maxClaims = 4096

// TrackerConfig describes the flow that a Tracker follows.
type TrackerConfig struct {
	Flow         string
	Destinations []string // names, as Store keeps them
	Others       []string // destinations of the flow with a reading of their own: files that are new are introduced to them
	InFlight     int64    // bytes that may be read and not yet covered by a durable checkpoint; at least 1
	Known        []tailer.Position
	Vanished     []time.Time      // Vanished[i] is since when the file of Known[i] is nowhere; nil if no file is
	Now          func() time.Time // nil means time.Now
	Wake         func()           // asks for a save at once; must not block; may be called from any goroutine
}

// Tracker follows the blocks of one flow from their reading to the checkpoint that covers them. The destinations of the flow
// move together: a block counts when all of them have answered.
type Tracker struct {
	cfg TrackerConfig

	mu       sync.Mutex
	files    map[tailer.FileID]*file
	dirty    []*file   // with something to save, that is not in saving
	saving   []*file   // what has yet to be saved of the pass that goes on, by id
	asked    bool      // a part of that was handed out, and is not known to be saved
	inFlight int64     // bytes claimed and not durable yet; of a pipe, not released yet
	volatile int64     // of them, of pipes
	claims   int       // not released yet
	released int64     // of them answered, and only waiting for the checkpoint
	waiting  int       // callers of Claim that wait for room
	vanished int       // files that are nowhere and not gone
	expires  time.Time // when the first of them is kept no longer
	room     chan struct{}
}

// file is what the Tracker knows of one file, guarded by its mutex.
type file struct {
	id         tailer.FileID
	head, tail *Claim          // not yet in the frontier, in the order they were read
	frontier   tailer.Position // end of the contiguous released prefix
	released   int64           // bytes of the prefix that no checkpoint covers yet
	saved      int64           // offset of the last durable position, -1 if there is none
	version    int64           // counts the moves of frontier
	dirty      bool
	volatile   bool      // a pipe: nothing of it is ever saved, its frontier only shows how far it is
	begun      bool      // read from its beginning, and in no checkpoint before: new to the flow, perhaps
	gone       bool      // to be removed once all of it is released
	vanished   time.Time // since when it is nowhere; zero: it is somewhere, or not known to be nowhere
}

// Claim is one block on its way. It starts with one hold, its maker's; when the last hold is released the block is answered.
type Claim struct {
	tracker *Tracker
	file    *file
	holds   atomic.Int32

	// Guarded by the tracker's mutex.
	before, next *Claim
	end          tailer.Position
	bytes        int64
	done         bool
}

// NewTracker makes a Tracker. It starts no goroutine.
func NewTracker(cfg TrackerConfig) *Tracker {
	cfg.InFlight = max(cfg.InFlight, 1)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	t := &Tracker{cfg: cfg, files: make(map[tailer.FileID]*file, len(cfg.Known)), room: make(chan struct{})}
	for i, p := range cfg.Known {
		f := &file{id: p.ID, frontier: p, saved: p.Offset}
		t.files[p.ID] = f
		if cfg.Vanished != nil && !cfg.Vanished[i].IsZero() {
			t.vanish(f, cfg.Vanished[i])
		}
	}
	t.cfg.Known, t.cfg.Vanished = nil, nil // they would be kept in memory twice
	return t
}

// Claim enters a block. Blocks of one file are entered in the order they are read. It waits while the flow has as many bytes in
// flight as it may, and asks for a save then; a block larger than that goes through alone. The only error is the context's.
func (t *Tracker) Claim(ctx context.Context, b *tailer.Block) (*Claim, error) {
	bytes := int64(len(b.Data)) // what was skipped is not sent, so it is not sent again either
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.claims >= maxClaims || t.inFlight+bytes > t.cfg.InFlight && t.inFlight > 0 {
		if err := t.wait(ctx); err != nil {
			return nil, err
		}
	}
	c := &Claim{tracker: t, file: t.file(b.ID), end: b.Next, bytes: bytes}
	if f := c.file; b.Offset == 0 && f.saved < 0 && f.frontier.ID != f.id {
		f.begun = true
	}
	c.holds.Store(1)
	t.isThere(c.file)
	if c.file.volatile = b.Volatile; b.Volatile {
		t.volatile += bytes
	}
	if c.before = c.file.tail; c.before == nil {
		c.file.head = c
	} else {
		c.before.next = c
	}
	c.file.tail = c
	t.inFlight += bytes
	t.claims++
	return c, nil
}

// wait gives the lock away until there may be room.
func (t *Tracker) wait(ctx context.Context) error {
	room := t.room
	t.waiting++
	if t.unsaved() {
		t.cfg.Wake()
	}
	t.mu.Unlock()
	var err error
	select {
	case <-room:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	t.mu.Lock()
	t.waiting--
	return err
}

func (t *Tracker) file(id tailer.FileID) *file {
	f := t.files[id]
	if f == nil {
		f = &file{id: id, saved: -1}
		t.files[id] = f
	}
	return f
}

// Hold adds an answer to wait for. The caller has a hold of its own that is not released yet.
func (c *Claim) Hold() { c.holds.Add(1) }

// Release gives one hold back. It does not block beyond a short lock and may be called from any goroutine.
func (c *Claim) Release() {
	if c.holds.Add(-1) == 0 {
		c.tracker.complete(c)
	}
}

// Abandon takes back a block that will be read again: it leaves the books as if it had never been claimed. Its maker calls it, in place of its
// own Release, before the next block of the file is claimed; answers that still come for it mean nothing.
func (c *Claim) Abandon() {
	t := c.tracker
	t.mu.Lock()
	defer t.mu.Unlock()
	c.file.unlink(c)
	t.claims--
	t.land(c)
	t.wakeReaders()
}

// land takes the bytes of a claim out of those in flight.
func (t *Tracker) land(c *Claim) {
	t.inFlight -= c.bytes
	if c.file.volatile {
		t.volatile -= c.bytes
	}
}

// unlink takes a claim out of the list.
func (f *file) unlink(c *Claim) {
	if c.before == nil {
		f.head = c.next
	} else {
		c.before.next = c.next
	}
	if c.next == nil {
		f.tail = c.before
	} else {
		c.next.before = c.before
	}
	c.before, c.next = nil, nil // whoever still holds the claim holds no other
}

// join makes one claim of c and the one after it if both are released: what waits behind a block that is not answered takes no more
// memory than the blocks that are not.
func (f *file) join(c *Claim) {
	if c == nil || c.next == nil || !c.done || !c.next.done {
		return
	}
	after := c.next
	c.end, c.bytes = after.end, c.bytes+after.bytes
	f.unlink(after)
}

// complete moves the frontier of the claim's file over all that is released without a hole.
func (t *Tracker) complete(c *Claim) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c.done = true
	t.claims--
	f := c.file
	if f.volatile { // no checkpoint is going to cover it
		t.land(c)
		c.bytes = 0
	}
	f.join(c)
	f.join(c.before)
	moved := false
	for f.head != nil && f.head.done {
		f.frontier = f.head.end
		f.released += f.head.bytes
		t.released += f.head.bytes
		f.unlink(f.head)
		f.version++
		t.touch(f)
		moved = !f.volatile
	}
	t.dropVolatile(f)
	if t.waiting > 0 {
		t.wakeReaders() // a claim is free again, though its bytes are in flight until they are saved
	}
	if t.waiting > 0 && f.dirty || t.released > t.cfg.InFlight/2 || moved && f.saved < 0 {
		t.cfg.Wake() // early enough that reading seldom has to wait, and that a crash soon finds every file known
	}
}

// touch puts a file on the list of those with something to save.
func (t *Tracker) touch(f *file) {
	if !f.dirty && !f.volatile {
		f.dirty = true
		t.dirty = append(t.dirty, f)
	}
}

// unsaved tells whether there is something to save.
func (t *Tracker) unsaved() bool { return len(t.dirty)+len(t.saving) > 0 }

// wakeReaders lets those who wait look again.
func (t *Tracker) wakeReaders() {
	close(t.room)
	t.room = make(chan struct{})
}
