package tailer

import (
	"path/filepath"
	"strings"
)

// Several rotations may happen between two looks. The generations in between were never seen under the name that is
// followed, and now lie beside it: app.log.1, app.log-20261123. A file that nobody follows is taken for such a generation
// of a followed name if all of this holds, whatever the patterns and excludes say of its name:
//
//   - its name is the followed name and what rotation adds: digits, dates, or old, prev, previous, bak at the end; a date, or a dot and a
//     number, before the extension (rotation.go). So app.log-errors and app-2.log are not;
//   - it was born, and last written, after the first generation that an earlier run knows, or after that was met if it had been there before
//     (Position.Met), or after the first run began (Config.Since), or after the directory was first listed, whichever is earliest: older ones are history, and so is what
//     the first listing shows and does not find to be a generation;
//   - its content is not that of another generation: then it is a copy, as copytruncate makes one (copy.go).
//
// A compressed one is not read, since it may have been before this run; but if it was last written after all that an earlier run knew, or
// came while this one was looking, and its head is that of nothing that is read or was, that is said.
//
// The lower bound never moves, so a generation that hides from one listing of a busy directory is found by the next.
// Generations that were read are no candidates, because the tailer knows their inodes as long as a directory shows them.

// family is a followed name and what it was rotated to.
type family struct {
	floor  int64  // the earliest birth of a generation that is to be read
	latest int64  // the latest birth of a generation that an earlier run knew: what was written after that may be news
	home   string // the directory of the name
	absent int    // listings since the name was last there
	led    *led   // nil: no symbolic link leads to the name
}

// incarnation is a file on an inode, as well as the file system can tell it from the one before.
type incarnation struct {
	inode uint64
	born  int64
}

// forgetAfter is after how many listings without the name its family is dropped.
const forgetAfter = 360

// originOf returns the followed name that base was rotated away from, compressed perhaps, or "". The target of a symbolic link is its own: the link
// may have been switched.
func (d *dir) originOf(base string) string {
	if len(d.families) == 0 {
		return ""
	}
	if fam := d.families[base]; fam != nil && fam.led != nil && fam.home == d.path {
		return base
	}
	if Compressed(base) {
		if base = strings.TrimSuffix(base, filepath.Ext(base)); d.families[base] != nil {
			return base
		}
	}
	for origin := range origins(base) {
		if d.families[origin] != nil {
			return origin
		}
	}
	return ""
}

// found opens the family of a name that matches. Those that an earlier run knew are open from the start, because the name
// itself may be missing just now.
func (l *listing) found(s *suspect) {
	fam := l.d.families[s.name]
	if fam == nil {
		fam = &family{floor: l.t.cfg.floor(l.d.since), home: l.d.path}
		l.d.families[s.name] = fam
		l.t.shareAll(s.name, fam)
	}
	if fam.absent = 0; fam.floor == never { // nothing that an earlier run knew has a birth time
		fam.floor = l.d.since
	}
}

// judge decides which of the files that nobody follows are to be read.
func (l *listing) judge() {
	for i := range l.suspects {
		s := &l.suspects[i]
		l.t.mu.Lock()
		twin := l.t.files.find(&s.st, nil) // a file that is renamed meanwhile may be listed under both names
		l.t.mu.Unlock()
		if twin != nil {
			l.attach(s, twin, false)
			continue
		}
		isGeneration, packed := l.unseen(s.name, &s.st), Compressed(s.name)
		if !isGeneration && !l.t.expected(s.path, &s.st) {
			if !l.d.listed && l.d.originOf(s.name) != "" {
				l.d.history[incarnation{s.st.inode, s.st.born()}] = struct{}{}
			}
			continue
		}
		f := l.t.newFile(s.path, &s.st)
		f.must, f.news = !isGeneration || packed, isGeneration && packed
		l.attribute(s, f)
		l.attach(s, f, false)
	}
	l.suspects = nil
}

// unseen tells whether the file under a name may be a generation that was never seen under the name that is followed.
func (l *listing) unseen(base string, st *fileStat) bool {
	d, origin := l.d, l.d.originOf(base)
	switch {
	case origin == "" || !d.generation(origin, st):
		return false
	case st.birth == 0 && l.t.scans == 0 && d.families[origin].floor == d.since:
		return false // written to since the directory last changed, which does not make it new
	case Compressed(base) && !d.listed:
		return st.mtime > d.families[origin].latest
	}
	return true
}

// generation tells whether st may be a generation of the followed name origin that was never seen under it.
func (d *dir) generation(origin string, st *fileStat) bool {
	fam := d.families[origin]
	floor := fam.floor
	if st.born() < floor || st.mtime < floor {
		return false
	}
	if fam.led != nil && fam.led.left && st.birth > fam.led.until {
		return false
	}
	if !d.listed && floor == d.since && st.born() == d.since {
		return false // it is what changed the directory last, before anybody looked
	}
	_, old := d.history[incarnation{st.inode, st.born()}]
	return !old
}

// expected tells whether the file at path may be one of an earlier run that is still to be read, or hold content that is looked for.
func (t *Tailer) expected(path string, st *fileStat) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.awaited(path, st, Digest{}) {
		return true
	}
	for _, k := range t.known[st.inode] {
		if k.Identity.matches(st) && t.relevant(k.Path) {
			return true
		}
	}
	return false
}

// ageFamilies drops the families of names that are long gone.
func (d *dir) ageFamilies() {
	for origin, fam := range d.families {
		if n := d.names[origin]; n != nil && n.wanted || d.aside || fam.led != nil && !fam.led.left {
			continue
		}
		if fam.absent++; fam.absent > forgetAfter {
			delete(d.families, origin)
		}
	}
}
