package tailer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
)

// verdict is how a turn ended.
type verdict uint8

const (
	rest     verdict = iota // everything there is was handed out
	more                    // there is more to read
	refused                 // the Handler did not take the block
	failed                  // the file could not be read
	moved                   // the file is not under its name any more, and not open
	foreign                 // the file is not to be read at all
	reused                  // by its inode alone it was one that is followed, but it is another
	later                   // what the file is remains to be seen
	crowded                 // the file is compressed, and another one has the room for that
	soon                    // there is more to read, but that is not worth the search yet
	skipping                // the file is compressed, and its content not inflated up to the position yet
)

// Back-off after a refused block: from the first, doubled each time, up to the last.
const (
	firstBackOff = int64(100 * time.Millisecond)
	lastBackOff  = int64(5 * time.Second)
	movedBackOff = int64(50 * time.Millisecond)
	soonBackOff  = int64(100 * time.Millisecond)
)

// worker reads files, one block of one file at a time. What it knows of the file in hand is its own copy until the turn
// is committed.
type worker struct {
	t   *Tailer
	ctx context.Context

	turnCtx   context.Context // ends before the run does if the file in hand is to be let go
	interrupt context.CancelFunc
	handing   atomic.Bool // the handler has the block; its file's descriptor is asked for nothing but content until the turn ends

	f         *file
	fd        *os.File
	src       io.ReaderAt // its content
	path      string
	pos       Position
	seen      int64 // size of the file as last known before this turn
	limit     int64
	barren    int64
	fresh     bool
	untold    bool
	woken     bool
	ended     bool // nobody writes to it: a copy of what another file held
	wanted    bool // a name of it matches
	must      bool // as in file, like the next two
	parked    bool
	sibling   string
	accounted bool   // as in file
	known     string // the path of the position that it was resumed at, if its own says nothing
	quiet     int64  // since when it has not changed
	flush     framing.Close
	closed    framing.Close // what of that was done
	asked     int64         // flush was asked for when the file had this size
	framed    int64         // when the barren bytes were searched
	found     int64         // where an over-long line ends, counted from the position; 0: not known
	endless   bool          // it ends there because the file does
	big       bool          // the text is big-endian
	st        fileStat
	err       error

	searches int // Tailer.searches when the turn began
	compared int // places that files were compared with, in all turns

	buf    *[]byte
	framer *framing.Framer
	block  Block
}

func (t *Tailer) runWorker(ctx context.Context) {
	w := &worker{t: t, ctx: ctx}
	for w.next() {
		w.commit(w.turn())
	}
	if w.interrupt != nil {
		w.interrupt()
	}
}

// next takes a file from the ready queue, waiting for one. It returns false when the Tailer ends.
func (w *worker) next() bool {
	t := w.t
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.ready.head == nil && !t.stopping {
		if w.buf != nil {
			t.buffers.Put(w.buf)
			w.buf = nil
		}
		t.work.Wait()
	}
	if t.stopping {
		return false
	}
	w.prepare()
	f := t.ready.pop()
	f.state, f.again = busy, false
	t.busy++
	w.searches = t.searches
	w.path = f.path
	w.f, w.fd, w.pos, w.seen, w.limit, w.barren = f, f.fd, f.pos, f.size, f.limit, f.barren
	w.fresh, w.untold, w.woken, w.flush, w.asked = f.fresh, f.untold, f.woken, f.flush, f.flushAt
	w.closed, w.framed, w.found, w.endless, w.big = framing.Nothing, f.framed, 0, false, f.big
	if t.cfg.Once {
		w.flush = framing.EndOfFile
	}
	w.ended, w.wanted, w.quiet = false, f.wanted, f.quietSince()
	w.must, w.parked, w.sibling = f.must, f.parked, f.sibling
	w.st, w.err, w.known, w.accounted = fileStat{}, nil, "", false
	return true
}

// name is that by which the file concerns the patterns, if its own is the target of a link or beside that.
func (w *worker) name() string {
	if w.pos.Target != "" {
		return w.pos.Path
	}
	return w.path
}

// prepare gives the turn a context of its own; most turns have that of the one before. Callers hold t.mu.
func (w *worker) prepare() {
	if w.turnCtx == nil {
		w.t.workers = append(w.t.workers, w)
	} else if w.turnCtx.Err() == nil {
		return
	}
	w.turnCtx, w.interrupt = context.WithCancel(w.ctx)
}

// handOut calls the Handler with the block.
func (w *worker) handOut() error {
	w.handing.Store(true)
	defer w.handing.Store(false)
	return w.t.cfg.Handle(w.turnCtx, &w.block)
}

// interrupted tells whether the turn is to end because its file is to be let go.
func (w *worker) interrupted() bool { return w.turnCtx.Err() != nil && w.ctx.Err() == nil }

// turn does a bounded share of work on the file.
func (w *worker) turn() verdict {
	if w.fd == nil {
		if err := w.t.open(w.f, w.path); err != nil {
			return w.trouble(err)
		}
		w.fd, w.woken = w.f.fd, true
	}
	var err error
	if w.st, err = statFile(w.fd); err != nil {
		return w.trouble(err)
	}
	if v := w.unpack(); v != more {
		return v
	}
	if w.fresh {
		if v := w.identify(); v != more {
			return v
		}
		w.fresh = false
	} else if err := w.verify(); err != nil {
		return w.unproven(err)
	}
	w.noteSize()
	if w.untold {
		if err := w.tell(); err != nil {
			return w.refuse(err)
		}
	}
	return w.read()
}

// trouble says what an error in a turn means.
func (w *worker) trouble(err error) verdict {
	w.err = err
	if w.interrupted() {
		return failed
	}
	if w.fd == nil && (errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist)) {
		w.t.touch(w.path)
		return moved
	}
	if w.f.packed != nil && !w.t.cfg.Once {
		if v := w.damaged(err); v != failed {
			return v
		}
	}
	w.t.emitSometimes(Event{Kind: PathFailed, ID: w.pos.ID, Path: w.path, Offset: w.pos.Offset, Err: err})
	w.t.fail(err)
	return failed
}

// commit writes back what the turn has learned, and gives the file on: to the queue again, or to the scanner.
func (w *worker) commit(v verdict) {
	t, f := w.t, w.f
	t.mu.Lock()
	now := t.now()
	path, target, device := f.pos.Path, f.pos.Target, f.pos.Identity.Device // the scanner may have learned better
	if w.known != "" {
		path, target = w.known, w.pos.Target
	}
	grown := f.pos.Identity.Head != w.pos.Identity.Head
	f.pos = w.pos
	f.pos.Path, f.pos.Target, f.pos.Identity.Device = path, target, device
	f.lastErr = w.err
	wasFresh := f.fresh
	f.fresh, f.untold, f.renamed = w.fresh, w.untold, f.renamed || w.ended
	f.recovered = f.recovered || w.ended
	f.state = idle
	if w.interrupted() {
		w.letGo()
		return
	}
	w.conclude(now, v, wasFresh)
	if grown || wasFresh {
		t.noteHead(f)
	}
	if v != more && v != skipping && v != refused {
		t.pack(f)
	}
	if f.state == shut || f.state == idle && f.closable() && (len(t.opened) > t.cfg.MaxOpen || v == rest && t.expired(f, now)) {
		after := f.state
		f.state = busy // until the descriptor is gone
		t.mu.Unlock()
		t.close(f)
		t.mu.Lock()
		f.state = after
	}
	t.busy-- // not before the file is where it can be found: with Once the run ends when nobody is busy
	w.giveOn(now, v)
	last, anew := t.cfg.Once && t.busy == 0 && t.ready.length == 0, v == reused
	w.f, w.fd, w.src = nil, nil, nil
	t.mu.Unlock()
	if last || anew {
		t.wake()
	}
}

// conclude notes what a verdict means for the file, and when it is tried again. Callers hold Tailer.mu.
func (w *worker) conclude(now int64, v verdict, wasFresh bool) {
	t, f := w.t, w.f
	switch v {
	case rest, more:
		w.settle(now, v, wasFresh)
	case soon:
		w.settle(now, v, wasFresh)
		f.retryAt = f.framed + soonBackOff
	case refused:
		w.note(now)
		f.retryAt = now + min(firstBackOff<<min(f.failures, 8), lastBackOff)
		f.failures++
	case failed:
		w.noteContent()
		f.retryAt = now + nanos(t.cfg.ScanInterval)<<min(f.failures, f.patience())
		f.failures++
		if t.cfg.Once {
			f.state, f.retryAt = shut, 0
		}
	case moved:
		f.retryAt = now + movedBackOff
	case later:
		w.note(now)
		if !f.parked { // it may have changed just before it was met
			f.parked, f.grownAt = true, now
		}
		f.retryAt = now + t.parkFor(now, f.quietSince())
	case foreign:
		f.fresh, f.judged, f.judgedAt = false, w.searches, now
		f.accounted = f.accounted || w.accounted
		w.note(now)
		f.state = shut
	case reused:
		f.state = shut
		t.files.remove(f)
		t.dirty[filepath.Dir(f.path)] = struct{}{}
	}
}

// giveOn puts the file where it is worked on next, or has it looked at in time. Callers hold Tailer.mu.
func (w *worker) giveOn(now int64, v verdict) {
	t, f := w.t, w.f
	if v == crowded && t.inflating == nil { // another tailer has the room
		f.retryAt = now + movedBackOff
	}
	if f.state == shut && f.links == 0 {
		t.files.remove(f) // it lost its name meanwhile, and nothing else would
	}
	switch {
	case f.state == idle && v == crowded && t.inflating != nil:
		f.state = queued
		t.crowd.push(f)
	case f.state == idle && f.retryAt == 0 && (v == more || v == skipping || v == crowded || f.again):
		f.state = queued
		t.ready.push(f)
		t.work.Signal()
	}
	t.plan(f)
}

// letGo ends the turn for a file that is not held any longer. It gives up t.mu, which callers hold.
func (w *worker) letGo() {
	t, f := w.t, w.f
	f.state = busy // until it is gone
	w.f, w.fd, w.src = nil, nil, nil
	t.mu.Unlock()
	t.abandon(f)
	t.mu.Lock()
	t.busy--
	t.mu.Unlock()
}

// settle notes what a turn without trouble has seen. Callers hold t.mu.
func (w *worker) settle(now int64, v verdict, wasFresh bool) {
	f := w.f
	if wasFresh {
		f.mtime = w.st.mtime
	}
	w.note(now)
	w.noteContent()
	f.failures = 0
	f.barren, f.framed, f.big = w.barren, w.framed, w.big
	f.flushed = max(f.flushed, w.closed)
	f.woken = v == rest
	if v == rest {
		f.flush = framing.Nothing
	}
}

// note notes what the file was like. Callers hold t.mu.
func (w *worker) note(now int64) {
	if w.st.size != w.f.size || w.st.mtime != w.f.mtime {
		w.f.grownAt, w.f.flushed = now, framing.Nothing
	}
	w.f.size, w.f.mtime, w.f.glimpsed, w.f.sighted = w.st.size, w.st.mtime, 0, 0
}
