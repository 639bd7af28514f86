package tailer

// A directory in which names change is changed itself. Where its time of change has not moved, the names are known: it is enough to look at
// what they stand for, without reading them all again. Every sixth time it is listed all the same.

const (
	glances = 6          // scans of everything from one listing to the next
	stillNs = int64(5e9) // how old the last change must be at a listing: file systems keep it with up to two seconds of error
)

// glance looks at the known files of a directory in which no name has changed. It reports false where the directory has to be listed.
func (t *Tailer) glance(d *dir) bool {
	if !d.covered || !d.still || d.dirty || d.hunt > 0 || d.aside || t.scans%glances == 0 || t.searching() {
		return false
	}
	st, err := statPath(d.path)
	if err != nil || st.inode != d.inode || st.device != d.device || st.mtime != d.mtime {
		return false
	}
	for _, n := range d.names {
		st, err := statPath(n.path)
		t.mu.Lock()
		f := n.file
		known, changed := err == nil && f.pos.Identity.matches(&st), f.fresh || st.changed(f.size, f.mtime)
		if known {
			f.sight(&st)
		}
		t.mu.Unlock()
		switch {
		case !known:
			return false
		case changed:
			t.offer(f)
		}
	}
	return true
}

// settle notes whether the names of a directory are known from a listing that began now: they last changed long enough before. Compressed
// files that may have to be spoken of need to be met again.
func (d *dir) settle(l *listing, now int64) {
	d.still = now-d.mtime >= stillNs && !l.loose && len(l.packed) == 0
}
