package checkpoint

import (
	"slices"
	"time"

	"github.com/weir-logs/weir/tailer"
)

// How long, and for how many files of a flow, the positions of files are kept that are nowhere.
const (
	keepVanished = 7 * 24 * time.Hour
	maxVanished  = 4096
)

// Forget says that a file is deleted, or that its content is, and will never be read again. Once all of it is released its
// position is removed.
func (t *Tracker) Forget(id tailer.FileID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.files[id]; f != nil {
		t.remove(f)
	}
}

// Loss is what was read of a file, was not acknowledged, and cannot be read again.
type Loss struct {
	Path   string
	Offset int64 // up to which all was acknowledged
	Bytes  int64 // after it, in blocks that were not
}

// Bury gives up what is not acknowledged of the files that Forget was told of, once no answers are waited for any more: their positions are removed by
// the next save, and their bytes are in flight no longer.
func (t *Tracker) Bury() (losses []Loss) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.files {
		if !f.gone || f.volatile || f.head == nil {
			continue
		}
		l := Loss{Path: f.head.end.Path, Offset: f.frontier.Offset}
		for c := f.head; c != nil; c = f.head {
			if !c.done {
				l.Bytes += c.bytes
			}
			t.inFlight -= c.bytes
			f.unlink(c)
		}
		if l.Bytes > 0 {
			losses = append(losses, l)
		}
		f.version++
		t.touch(f)
	}
	return losses
}

// Vanished says that a file is nowhere, which need not mean that it is deleted. Its position is kept for a week from now unless the file is
// claimed again. It reports whether that is news: not known from an earlier call, or an earlier run.
func (t *Tracker) Vanished(id tailer.FileID) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[id]
	if f == nil {
		return true
	}
	if f.gone || !f.vanished.IsZero() {
		return false
	}
	t.vanish(f, t.cfg.Now().UTC())
	f.version++
	t.touch(f)
	return true
}

// vanish notes since when a file is nowhere. Callers hold the mutex, as for all below.
func (t *Tracker) vanish(f *file, at time.Time) {
	f.vanished = at
	t.vanished++
	if end := at.Add(keepVanished); t.expires.IsZero() || end.Before(t.expires) {
		t.expires = end
	}
}

// isThere takes back what was said of a file that is claimed after all.
func (t *Tracker) isThere(f *file) {
	if !f.gone && f.vanished.IsZero() {
		return
	}
	if !f.gone {
		t.vanished--
	}
	f.gone, f.vanished = false, time.Time{}
	f.version++
	t.touch(f)
}

// remove has the position of a file removed once all of it is released.
func (t *Tracker) remove(f *file) {
	if !f.gone && !f.vanished.IsZero() {
		t.vanished--
	}
	f.gone = true
	f.version++
	t.touch(f)
	t.dropVolatile(f)
}

// dropVolatile forgets a pipe that has ended, once all of it is released.
func (t *Tracker) dropVolatile(f *file) {
	if f.volatile && f.gone && f.head == nil {
		delete(t.files, f.id)
	}
}

// expire removes the positions of vanished files that are old, and of the oldest beyond as many as are kept.
func (t *Tracker) expire() {
	now := t.cfg.Now()
	if t.vanished == 0 || t.vanished <= maxVanished && now.Before(t.expires) {
		return
	}
	var files []*file
	for _, f := range t.files {
		if !f.gone && !f.vanished.IsZero() {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b *file) int { return a.vanished.Compare(b.vanished) })
	surplus := len(files) - maxVanished
	t.expires = time.Time{}
	for i, f := range files {
		if end := f.vanished.Add(keepVanished); i >= surplus && now.Before(end) {
			t.expires = end
			return
		}
		t.remove(f)
	}
}
