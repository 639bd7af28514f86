package tailer

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/weir-logs/weir/tailer/framing"
)

const (
	hotFor   = int64(10 * time.Second)       // how long after its last growth a file is looked at all the time
	pollUnit = int64(200 * time.Microsecond) // time between two such looks, for each open file
	restUnit = int64(time.Millisecond)       // the same for files at rest that are reached through a symbolic link
	minPoll  = int64(10 * time.Millisecond)
)

// hot tells whether the file changed lately.
func (f *file) hot(now int64) bool { return now-f.quietSince() < hotFor }

// closable tells whether the descriptor can be had again. What lies behind a symbolic link can be lost sight of: its descriptor is given back
// only where descriptors run short.
func (f *file) closable() bool {
	return f.fd != nil && f.links > 0 && (f.packed == nil || f.packed.src == nil)
}

// settled tells whether all that can be handed out of a file was, and is acknowledged: a file stays open until then. Callers hold t.mu.
func (t *Tailer) settled(f *file) bool {
	if due, _ := t.flushDue(f); f.unread() > 0 && due != never {
		return false
	}
	return t.cfg.Acknowledged == nil || t.cfg.Acknowledged(f.pos.ID) >= f.pos.Offset
}

// expired tells whether the descriptor of a file that was quiet for long is to be given back. Callers hold t.mu.
func (t *Tailer) expired(f *file, now int64) bool {
	return f.closable() && !f.link && now-f.quietSince() >= nanos(t.cfg.IdleClose) && t.settled(f)
}

// pollEvery is how often a file is looked at. Callers hold t.mu.
func (t *Tailer) pollEvery(f *file) int64 {
	interval := nanos(t.cfg.ScanInterval)
	if f.covered {
		return interval
	}
	return min(max(int64(len(t.opened))*pollUnit, minPoll), interval)
}

// partialWait is how long the unfinished last line of a file may rest.
func (t *Tailer) partialWait(f *file) int64 {
	if f.ended() {
		return nanos(min(t.cfg.EndQuiet, t.cfg.PartialTimeout))
	}
	return nanos(t.cfg.PartialTimeout)
}

// flushDue returns when something of what waits unread is to go out, and what: first the open group of lines, then the unfinished last line,
// and all that there is of a file that has ended.
func (t *Tailer) flushDue(f *file) (at int64, what framing.Close) {
	group, partial := nanos(t.cfg.Framing.Multiline.Timeout), t.partialWait(f)
	what = framing.Lines
	switch {
	case f.ended():
		what = framing.EndOfFile
	case t.rules.Groups():
		partial = max(partial, group) // the line belongs to a group
	}
	switch {
	case t.rules.Groups() && group < partial && f.flushed < framing.Groups:
		return f.quietSince() + group, framing.Groups
	case f.flushed < what:
		return f.quietSince() + partial, what
	}
	return never, framing.Nothing
}

// plan schedules the next review of a file that is idle. Callers hold t.mu.
func (t *Tailer) plan(f *file) {
	if f.state != idle {
		return
	}
	now, at := t.now(), int64(never)
	switch {
	case f.retryAt > 0:
		at = f.retryAt
	case t.cfg.Once:
		return
	default:
		if f.links == 0 {
			at = max(f.quietSince(), f.heldAt) + nanos(t.cfg.EndQuiet)
		}
		if f.hot(now) {
			at = min(at, now+t.pollEvery(f))
		} else if f.link || f.links == 0 {
			at = min(at, now+max(nanos(t.cfg.ScanInterval), int64(t.files.count)*restUnit))
		}
		if f.unread() > 0 {
			due, _ := t.flushDue(f)
			at = min(at, due)
		}
		if f.closable() && !f.link {
			at = min(at, max(f.quietSince()+nanos(t.cfg.IdleClose), f.heldAt+nanos(t.cfg.EndQuiet)))
		}
	}
	if t.agenda.schedule(f, max(at, now)) {
		t.wake()
	}
}

// review looks at a file whose time has come.
func (t *Tailer) review(f *file) {
	now := t.now()
	t.mu.Lock()
	if f.state != idle {
		t.mu.Unlock()
		return // it is planned again when its turn ends
	}
	retry, waits := f.retryAt, f.retryAt > now
	if retry != 0 && !waits {
		f.retryAt = 0
	}
	t.mu.Unlock()
	due, what := t.flushDue(f)
	switch {
	case waits || t.look(f, now):
	case f.links == 0 && f.fd == nil:
		if t.cfg.Once || t.quiet(f, now, nanos(t.cfg.EndQuiet)) && t.searched(f, now) {
			t.letGo(f)
			return
		}
	case retry != 0:
		t.offer(f)
		return
	case f.unread() > 0 && now >= due:
		t.mu.Lock()
		f.flush, f.flushAt = what, f.pos.Offset+f.unread()
		t.mu.Unlock()
		t.offer(f)
		return
	case f.links == 0:
		if t.quiet(f, now, nanos(t.cfg.EndQuiet)) && now-f.heldAt >= nanos(t.cfg.EndQuiet) {
			if f.unread() == 0 && !t.keeps(f) {
				t.letGo(f)
				return
			}
			t.mu.Lock()
			f.heldAt = now
			t.mu.Unlock()
		}
	case f.closable() && t.quiet(f, now, nanos(t.cfg.IdleClose)):
		t.mu.Lock()
		expired := t.expired(f, now)
		f.heldAt = now
		t.mu.Unlock()
		if expired {
			t.close(f)
		}
	}
	t.mu.Lock()
	t.plan(f)
	t.mu.Unlock()
}

// searched tells whether the directories of a file that has no name were looked through twice after it lost it: a listing in which
// names change may miss one. If not, that is done before the next review.
func (t *Tailer) searched(f *file, now int64) bool {
	pending := false
	for _, d := range []*dir{t.dirs[filepath.Dir(f.path)], t.targetDir(f)} {
		if d != nil && d.before <= f.lostAt {
			d.hunt = max(d.hunt, 1)
			t.mark(d)
			pending = true
		}
	}
	if !pending {
		return true
	}
	t.mu.Lock()
	f.retryAt = now + nanos(t.cfg.ScanInterval)
	t.mu.Unlock()
	t.wake()
	return false
}

func (t *Tailer) quiet(f *file, now, wait int64) bool { return now-f.quietSince() >= wait }

// look offers a file to the workers if it has changed, and has its directory listed if its name leads elsewhere. It
// tells whether it did the first.
func (t *Tailer) look(f *file, now int64) bool {
	if t.cfg.Once || f.fresh {
		return false
	}
	if f.links > 0 && (f.hot(now) || f.fd == nil || f.link) {
		st, err := statPath(f.path)
		switch {
		case err == nil && !f.pos.Identity.matches(&st), errors.Is(err, fs.ErrNotExist):
			t.touch(f.path)
		case err == nil && f.fd == nil:
			return t.offerChanged(f, &st)
		}
	}
	if f.fd == nil {
		return false
	}
	st, err := statFile(f.fd)
	if err != nil {
		t.emitSometimes(Event{Kind: PathFailed, ID: f.pos.ID, Path: f.path, Err: err})
		return false
	}
	t.mu.Lock()
	f.deleted = st.links == 0
	t.mu.Unlock()
	return t.offerChanged(f, &st)
}

func (t *Tailer) offerChanged(f *file, st *fileStat) bool {
	if !st.changed(f.size, f.mtime) {
		return false
	}
	t.offer(f)
	return true
}

// letGo forgets a file that has no name any more. One that was closed may have been written to, and its content may lie
// elsewhere by now: it is looked for.
func (t *Tailer) letGo(f *file) {
	missing := f.fd == nil && !f.fresh
	t.close(f)
	t.mu.Lock()
	f.state = shut
	t.files.remove(f)
	p := t.remember(f)
	size, deleted := max(f.size, f.glimpsed, f.pos.Offset), f.deleted // as the look before this has seen it
	t.mu.Unlock()
	switch {
	case missing:
		if size > p.Offset {
			t.fail(fmt.Errorf("tailer: %s is gone, read up to byte %d of %d", f.path, p.Offset, size))
		}
		t.lose(p, size, FileID{})
	case f.fresh:
		t.fail(fmt.Errorf("tailer: %s was gone before it could be read", f.path))
		t.emit(Event{Kind: FileGone, Path: f.path, Bytes: size})
	default:
		t.emit(Event{Kind: FileEnded, ID: p.ID, Path: f.path, Offset: p.Offset, Deleted: deleted})
	}
}

// offer puts an idle file into the ready queue, with its descriptor open from now on if possible: an open file is safe
// whatever happens to its name. A file that a worker has gets another turn.
func (t *Tailer) offer(f *file) {
	t.mu.Lock()
	switch f.state {
	case queued, busy:
		f.again = true
		fallthrough
	case shut:
		t.mu.Unlock()
		return
	}
	if f.retryAt > t.now() {
		t.plan(f)
		t.mu.Unlock()
		return
	}
	f.retryAt = 0
	opens := f.fd == nil && len(t.opened) < t.cfg.MaxOpen
	t.mu.Unlock()
	if opens {
		// What goes wrong here goes wrong again for the worker, which says so.
		_ = t.open(f, f.path)
	}
	glimpsed := int64(0)
	if f.fd == nil { // it may be deleted before a worker gets to it: then its size tells what is lost
		if st, err := statPath(f.path); err == nil && f.pos.Identity.matches(&st) {
			glimpsed = st.size
		}
	}
	t.mu.Lock()
	f.glimpsed = max(f.glimpsed, glimpsed)
	f.state = queued
	t.ready.push(f)
	t.work.Signal()
	t.mu.Unlock()
}
