package tailer

import (
	"cmp"
	"slices"
)

// The directory of a target is scanned for its link alone. When no link leads there any more it is given up after a while, and early where links are
// switched so often that there are more such directories than links; but not before all in it was read and nobody writes to that.

const extraLeft = 16 // directories to which no link leads any more, beside one for each link

// forgetLeft gives up a directory that does not exist if no link leads there.
func (t *Tailer) forgetLeft(d *dir) {
	if !d.beside() {
		return
	}
	for base, fam := range d.families {
		if fam.led == nil || fam.led.left {
			delete(d.families, base)
		}
	}
	if len(d.families) == 0 {
		delete(t.dirs, d.path)
	}
}

// leaveSome gives up directories to which no link leads any more.
func (t *Tailer) leaveSome() {
	links := 0
	var left []*dir
	for _, d := range t.dirs {
		links += len(d.leads)
		if d.beside() && d.absent() > 0 {
			left = append(left, d)
		}
	}
	slices.SortFunc(left, func(a, b *dir) int { return cmp.Compare(b.absent(), a.absent()) })
	for i, d := range left {
		if d.absent() > forgetAfter || len(left)-i > links+extraLeft {
			t.release(d)
		}
	}
}

// absent is for how many scans of everything no link has led to any name in d.
func (d *dir) absent() int {
	least := forgetAfter + 1
	for _, fam := range d.families {
		least = min(least, fam.absent)
	}
	return least
}

// release gives up a directory if all that was found in it was read and nobody writes to it.
func (t *Tailer) release(d *dir) {
	for _, n := range d.names {
		if d.hunt > 0 || !t.released(n.file) {
			return
		}
	}
	t.uncover(d)
	delete(t.dirs, d.path)
	delete(t.marked, d)
	for _, n := range d.names {
		f := n.file
		t.mu.Lock()
		f.links--
		f.nameless = f.links > 0
		ends, drops := f.links == 0 && f.state == idle, f.links == 0 && f.state == shut
		if drops {
			t.files.remove(f)
		}
		t.mu.Unlock()
		if ends {
			t.end(f)
		}
	}
}

// released tells whether nothing more is expected of a file.
func (t *Tailer) released(f *file) bool {
	t.mu.Lock()
	state := f.state
	rests := state == idle && !f.fresh && f.retryAt == 0 && f.unread() == 0 && t.quiet(f, t.now(), nanos(t.cfg.IdleClose)) && t.settled(f)
	t.mu.Unlock()
	if state == shut || !rests {
		return state == shut
	}
	if f.fd != nil {
		return !hasWriter(f.fd)
	}
	fd, err := openFile(f.path, f.inode, f.birth)
	if err != nil {
		return true
	}
	defer fd.Close()
	st, err := statFile(fd)
	return err == nil && !st.changed(f.size, f.mtime) && !hasWriter(fd)
}

// end lets a file go that was read to its end.
func (t *Tailer) end(f *file) {
	t.close(f)
	t.mu.Lock()
	f.state = shut
	t.files.remove(f)
	p := t.remember(f)
	t.mu.Unlock()
	t.emit(Event{Kind: FileEnded, ID: p.ID, Path: f.path, Offset: p.Offset})
}
