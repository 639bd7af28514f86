package tailer

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
)

// A file may lose its content while the bytes still lie elsewhere: copytruncate has copied them before it cut them away, a
// compressor has packed them, somebody has moved them through another disk. What was not read of them is read there.
//
// An orphan is a place in such content. The directories that are scanned are searched, whatever the patterns and excludes say of the
// names in them, for a file that proves to hold it: by the digest of its head and that of the bytes before the place. Names only
// say which files are worth a look. A file that proves it goes on under the orphan's FileID from where reading had stopped, so nothing
// is sent twice and nothing is left out. What is found nowhere is reported.

// orphan is guarded by Tailer.mu.
type orphan struct {
	pos    *Position // also among Tailer.known if a file on its inode may still turn out to be it
	size   int64     // of the content when it was last seen; -1: not known
	newID  FileID    // what has taken its place in its file, if it was truncated
	told   bool      // a block has told where newID stands: from then on the file is known by that, and not by pos
	since  int64     // when it was lost
	rounds int       // scans of everything since then
}

const (
	maxOrphans   = 1024 // searched for at a time
	orphanRounds = 2    // scans that must have missed it: a directory that is being rotated may hide a file from one
)

// orphaned begins the search for the content at p.
func (t *Tailer) orphaned(p *Position, size int64, newID FileID) {
	t.mu.Lock()
	var dropped *orphan
	if len(t.orphans) >= maxOrphans {
		dropped = t.orphans[0]
		t.orphans = t.orphans[1:]
	}
	t.orphans = append(t.orphans, &orphan{pos: p, size: size, newID: newID, since: t.now(), told: newID == FileID{}})
	t.noteOrphan(p)
	t.searches++
	t.unpark()
	t.dirty[filepath.Dir(p.Path)] = struct{}{}
	if p.Target != "" {
		t.dirty[filepath.Dir(p.Target)] = struct{}{}
	}
	t.mu.Unlock()
	if dropped != nil {
		t.giveUp(dropped)
	}
	t.wake()
}

// mayBe tells whether a file at path, not identified yet, is worth a look for o. It is not under o's own name, unless it is compressed or
// has o's inode: what is created there anew may well begin with the same lines.
func (o *orphan) mayBe(path string, st *fileStat) bool {
	packed := Compressed(path)
	switch {
	case o.pos.Identity.Head.Len == 0, !packed && st.size < o.pos.Offset:
		return false
	case !packed && o.pos.Identity.matches(st):
		return true
	case !packed && (path == o.pos.Path || path == o.pos.Target):
		return false
	case o.pos.kin(path):
		return true
	}
	return o.pos.Identity.Head.Len == headSize
}

// mayBeIn is mayBe of a file that is followed.
func (o *orphan) mayBeIn(f *file) bool {
	return o.mayBe(f.path, &fileStat{inode: f.inode, birth: f.birth, size: f.size})
}

// awaited tells whether a file that nobody follows is to be looked into for an orphan. head is of its first KiB; of none if that is not known.
// Callers hold t.mu.
func (t *Tailer) awaited(path string, st *fileStat, head Digest) bool {
	for _, o := range t.orphans {
		if head.Len == headSize && o.pos.Identity.Head.Len == headSize && head != o.pos.Identity.Head {
			continue
		}
		if o.mayBe(path, st) && !(o.newID != FileID{} && o.pos.Identity.matches(st)) {
			return true
		}
	}
	return false
}

// tell notes that the position of a file is on its way to be kept.
func (t *Tailer) tell(id FileID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range t.orphans {
		o.told = o.told || o.newID == id
	}
}

var errNotYet = errors.New("what took the place of this content is not known to the handler yet")

// adopt finds the orphan that the file in w holds, and takes it from the search.
func (t *Tailer) adopt(w *worker, head []byte) (*Position, error) {
	t.mu.Lock()
	var found []orphan
	for _, o := range t.orphans {
		if o.mayBe(w.path, &w.st) && (w.must || w.sibling != "" || o.pos.kin(w.path)) && o.pos.Identity.Head.covers(head) {
			found = append(found, *o)
		}
	}
	t.mu.Unlock()
	slices.SortStableFunc(found, func(a, b orphan) int { return cmp.Compare(b.pos.Offset, a.pos.Offset) })
	for _, o := range found {
		if ok, err := w.proves(head, o.pos); err != nil {
			return nil, err
		} else if ok && !o.told {
			return nil, errNotYet
		} else if ok && t.claim(o.pos) {
			return o.pos, nil
		}
	}
	return nil, nil
}

// settleOrphans gives up the search for what a scan of everything has not found again.
func (t *Tailer) settleOrphans() {
	t.mu.Lock()
	if len(t.orphans) == 0 {
		t.mu.Unlock()
		return
	}
	var pending []*file // what they are remains to be seen
	t.files.each(func(f *file) {
		if f.fresh && f.state != shut && (f.state != idle || t.now()-f.grownAt < nanos(t.cfg.EndQuiet)) {
			pending = append(pending, f)
		}
	})
	var gone []*orphan
	t.orphans = slices.DeleteFunc(t.orphans, func(o *orphan) bool {
		if o.rounds++; !o.told {
			o.rounds, o.since = 0, t.now()
		}
		if slices.ContainsFunc(pending, o.mayBeIn) || o.rounds < orphanRounds || t.now()-o.since < nanos(t.cfg.EndQuiet) {
			return false
		}
		gone = append(gone, o)
		return true
	})
	t.mu.Unlock()
	for _, o := range gone {
		t.giveUp(o)
	}
}

// giveUp reports what was not found again. If it comes to light after all, it is still known.
func (t *Tailer) giveUp(o *orphan) {
	t.mu.Lock()
	switch {
	case o.pos.Identity.Birth == 0:
		t.drop(o.pos) // a file on the same inode would be taken for it, truncated
	case !slices.Contains(t.past, o.pos):
		t.keep(o.pos)
	}
	t.mu.Unlock()
	e := Event{Kind: FileGone, ID: o.pos.ID, NewID: o.newID, Path: o.pos.Path, Offset: o.pos.Offset, Bytes: -1}
	switch {
	case o.size >= 0:
		e.Bytes = max(o.size-o.pos.Offset, 0)
	case o.newID == FileID{}:
		e.Earlier, e.Bytes = true, o.pos.unread()
	}
	if e.Bytes == 0 && !e.Earlier {
		e.Kind = FileEnded // it was read as far as anyone has seen it
	}
	t.emit(e)
}
