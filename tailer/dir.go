package tailer

import (
	"path/filepath"
	"strings"
)

// dir is one directory in which something can match. It belongs to the scanner.
type dir struct {
	path     string
	spots    []spot
	names    map[string]*name // of files that are followed
	families map[string]*family
	history  map[incarnation]struct{} // rotated files that are not to be read
	passed   map[string]passed        // names that match and are not followed
	leads    map[string]*lead         // where the names lead that match and are symbolic links; nil without any
	parent   string                   // empty for a root, which stays known even while it does not exist
	aside    bool                     // nothing matches in it; files may have been moved there

	inode, device uint64 // what the watch is on
	covered       bool   // file events come from it
	rebirths      bool   // the birth times of its files say nothing
	dirty         bool   // to be listed
	listed        bool   // it was there once
	begun, before int64  // when the last listing began, and the one before it
	nextList      int64  // not to be listed before, so that listings stay cheap
	rewatchAt     int64  // no file events before
	hints         int    // file events since the last tick
	hunt          int    // listings in which every entry is looked at, for files of earlier runs
	mtime         int64  // at the beginning of the last listing
	still         bool   // and that long before it: no name has changed while mtime is the same
	since         int64  // the directory's mtime at its first listing: what was born later is new
	gen           uint32 // counts listings
}

// name is one name of one file.
type name struct {
	path   string
	file   *file
	gen    uint32 // of the last listing that saw it
	wanted bool   // it matches
}

// dirAt returns the directory, known from now on, with spots added to its own.
func (t *Tailer) dirAt(path, parent string, spots []spot) (d *dir, isNew bool) {
	d = t.dirs[path]
	if isNew = d == nil; isNew {
		d = &dir{path: path, parent: parent, names: map[string]*name{}, families: map[string]*family{}, history: map[incarnation]struct{}{}, passed: map[string]passed{}}
		t.dirs[path] = d
		if e := t.earlier[path]; e != nil {
			d.hunt = huntListings
			for origin, floor := range e.floors {
				d.families[origin] = &family{floor: t.cfg.floor(floor), latest: e.latest[origin], home: path, led: e.led(filepath.Join(path, origin), t.patterns)}
				t.shareAll(origin, d.families[origin])
			}
		}
	}
	if len(spots) > 0 && d.beside() {
		d.parent, isNew = parent, true
	}
	for _, s := range spots {
		d.spots = t.patterns.enter(d.spots, s)
	}
	return d, isNew
}

// asideAt has a directory searched for files that were moved there.
func (t *Tailer) asideAt(path string) {
	path = filepath.Clean(path)
	if t.dirs[path] != nil {
		return
	}
	d, _ := t.dirAt(path, "", nil)
	d.aside = true
	t.aside = append(t.aside, d)
	for _, other := range t.dirs {
		for origin, fam := range other.families {
			if !other.aside {
				t.share(d, origin, fam)
			}
		}
	}
}

// share lets the generations of a followed name be found in a directory that they are rotated to.
func (t *Tailer) share(d *dir, origin string, fam *family) {
	if known := d.families[origin]; known == nil || known.floor == never {
		d.families[origin] = &family{floor: fam.floor, latest: fam.latest, home: fam.home, led: fam.led}
	}
}

// shareAll does so for all directories that files are rotated to.
func (t *Tailer) shareAll(origin string, fam *family) {
	for _, d := range t.aside {
		t.share(d, origin, fam)
	}
}

// huntListings is how often a directory is searched for files of an earlier run that have been renamed since: a
// directory that is being rotated may hide a file from one listing.
const huntListings = 2

// relevant tells whether a file last seen at path is still to be read: the path matches, or what it was rotated from.
func (t *Tailer) relevant(path string) bool { return t.patterns.relevant(path) }

func (p *patterns) relevant(path string) bool {
	if p.wants(path) {
		return true
	}
	dir, base := filepath.Split(path)
	for origin := range origins(base) {
		if p.wants(dir + origin) {
			return true
		}
	}
	return false
}

// dropDir forgets a directory that is gone, and everything below it.
func (t *Tailer) dropDir(d *dir) {
	l := listing{t: t, d: d}
	d.gen++
	l.sweep()
	l.conclude()
	t.uncover(d)
	d.listed = false
	below := d.path + "/"
	for path, sub := range t.dirs {
		if sub.parent != "" && strings.HasPrefix(path, below) && sub != d {
			delete(t.dirs, path)
			t.dropNames(sub)
			t.uncover(sub)
		}
	}
	if d.parent != "" {
		delete(t.dirs, d.path)
	}
}

func (t *Tailer) dropNames(d *dir) {
	l := listing{t: t, d: d}
	d.gen++
	l.sweep()
	l.conclude()
}

// touch asks for a listing of the directory in which path lies.
func (t *Tailer) touch(path string) {
	t.mu.Lock()
	t.dirty[filepath.Dir(path)] = struct{}{}
	t.mu.Unlock()
	t.wake()
}
