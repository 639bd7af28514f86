package tailer

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// An open file is safe whatever happens to its name. One that has lost its last name is kept open until it is read, what was read is
// acknowledged, and nobody writes to it any more; there is no deadline. The price is that the disk space of a deleted file is not
// free before. Config.MaxHeld puts a bound to that; by default there is none, and what is held is reported.

const (
	heldLong  = int64(time.Minute)      // how long a deleted file is held before that is worth a word
	heldEvery = int64(10 * time.Minute) // and how often
)

// keeps tells whether a file without a name, read and quiet, has to stay open.
func (t *Tailer) keeps(f *file) bool {
	if t.cfg.Acknowledged != nil && t.cfg.Acknowledged(f.pos.ID) < f.pos.Offset {
		return true
	}
	return f.fd != nil && hasWriter(f.fd)
}

// holdWithin keeps the deleted files that are open within bounds, and reports them.
func (t *Tailer) holdWithin() {
	var held, over []*file
	var total int64
	now := t.now()
	t.mu.Lock()
	t.files.each(func(f *file) {
		if f.links == 0 { // review does not get to those that wait for a worker, or that one has
			f.askDeleted()
		}
		if f.deleted && f.links == 0 && f.state != shut {
			held = append(held, f)
			total += f.holds()
		}
	})
	slices.SortFunc(held, func(a, b *file) int { return cmp.Compare(a.lostAt, b.lostAt) })
	long := len(held) > 0 && now-held[0].lostAt >= heldLong && now-t.heldSaid >= heldEvery
	if long {
		t.heldSaid = now
	}
	e := Event{Kind: FilesHeld, Count: len(held), Bytes: total}
	for _, f := range held {
		if t.cfg.MaxHeld <= 0 || total <= t.cfg.MaxHeld || f.doubtful() {
			continue
		}
		total -= f.holds()
		if t.seize(f) {
			over = append(over, f)
		}
	}
	if long {
		e.Path = held[0].path
	}
	t.mu.Unlock()
	if long {
		t.emit(e)
	}
	for _, f := range over {
		t.abandon(f)
	}
}

var errStopped = errors.New("reading stops, and the file is deleted: nobody can open it again")

// leaveOpen reports what a file that is open when the run ends takes with it. Nobody else has it any more: what was handed out of it and will not be
// acknowledged is lost, too, as its FileEnded or FileGone lets the handler know.
func (t *Tailer) leaveOpen(f *file) {
	t.mu.Lock() // Files may look at it even now
	f.askDeleted()
	if f.deleted {
		f.size = f.holds()
	}
	t.mu.Unlock()
	if !f.deleted || t.cfg.Once || f.doubtful() {
		return
	}
	switch n := f.unread(); {
	case f.state == shut:
	case n > 0:
		t.emit(Event{Kind: FileGone, ID: f.pos.ID, Path: f.path, Offset: f.pos.Offset, Bytes: n, Deleted: true, Err: errStopped})
	case !f.fresh:
		t.emit(Event{Kind: FileEnded, ID: f.pos.ID, Path: f.path, Offset: f.pos.Offset, Deleted: true})
	}
}

// doubtful tells whether it remains to be seen whether the file is to be read at all.
func (f *file) doubtful() bool { return f.fresh && (f.must || f.parked) }

// askDeleted finds out whether the open file has any name left, and its size: it may have been written to since its last turn, and after it was deleted.
// Callers hold t.mu, so that nobody closes it meanwhile.
func (f *file) askDeleted() {
	if f.fd == nil {
		return
	}
	if st, err := statFile(f.fd); err == nil {
		f.deleted, f.glimpsed = st.links == 0, max(f.glimpsed, st.size)
	}
}

// holds is the size of a deleted file. Callers hold Tailer.mu.
func (f *file) holds() int64 { return max(f.size, f.glimpsed) }

var errHeld = errors.New("more is held in deleted files than may be (max_held), and this one was deleted first")

// seize takes a deleted file from whoever has it. It returns false if a worker does, which waits for the handler as a rule, because a destination
// does not answer: its disk space is free from then on, and the worker lets the file go when its turn ends. Callers hold t.mu.
func (t *Tailer) seize(f *file) bool {
	if f.state == queued {
		if !t.ready.remove(f) {
			t.crowd.remove(f)
		}
		f.state = idle
	}
	for _, w := range t.workers {
		if w.f == f {
			w.interrupt()
			if f.fd != nil && w.handing.Load() {
				f.fd.Close() // read only: nothing to lose
			}
		}
	}
	return f.state == idle
}

// abandon lets a deleted file go before all of it is read.
func (t *Tailer) abandon(f *file) {
	t.mu.Lock()
	f.size = f.holds()
	t.mu.Unlock()
	e := Event{Kind: FileEnded, ID: f.pos.ID, Path: f.path, Offset: f.pos.Offset, Bytes: f.unread(), Deleted: true}
	if e.Bytes > 0 {
		e.Kind, e.Err = FileGone, errHeld
	}
	t.close(f)
	t.mu.Lock()
	f.state = shut
	t.files.remove(f)
	t.mu.Unlock()
	t.emit(e)
}
