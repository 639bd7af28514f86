package tailer

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

const (
	fullEvery  = 10  // ticks between listings of directories that file events come from
	tickShare  = 200 // a tick takes at most one part in so many of the time
	dirtyShare = 20  // the same for listings of a directory in which names change
)

// tick lists what no file events come from, and now and then everything.
func (t *Tailer) tick() {
	begun := t.now()
	if t.begun == 0 {
		t.begun = t.wall()
	}
	t.startWatching()
	full := begun >= t.nextFull || t.searching()
	if full {
		t.openDirs()
	}
	for _, d := range t.snapshot() {
		if t.dirs[d.path] == d && (full || !d.covered || d.dirty) && !t.glance(d) {
			t.list(d)
		}
		d.hints = 0
	}
	t.listTargets()
	if full {
		t.scans++
		for _, d := range t.dirs {
			d.ageFamilies()
		}
		t.leaveSome()
		t.reportMissing()
		t.settleOrphans()
	}
	t.closeSome()
	t.holdWithin()
	t.dropHeads()
	cost := t.now() - begun
	t.nextTick = begun + max(nanos(t.cfg.ScanInterval), cost*tickShare)
	if full {
		every := int64(fullEvery)
		if t.scans < huntListings {
			every = 1
		}
		t.nextFull = begun + max(every*nanos(t.cfg.ScanInterval), cost*tickShare)
		t.calmAt = begun + cost*dirtyShare
	}
}

// openDirs has the directories scanned that the configuration names, and at first those that an earlier run knew.
func (t *Tailer) openDirs() {
	for path, spots := range t.patterns.roots() {
		t.dirAt(path, "", spots)
	}
	for _, path := range t.cfg.RotatedTo {
		t.asideAt(path)
	}
	if t.scans == 0 {
		t.openTargets()
	}
}

// mark has a directory listed as soon as that is cheap.
func (t *Tailer) mark(d *dir) {
	d.dirty = true
	t.marked[d] = struct{}{}
}

func (t *Tailer) snapshot() []*dir {
	all := make([]*dir, 0, len(t.dirs))
	for _, d := range t.dirs {
		all = append(all, d)
	}
	asideLast(all)
	return all
}

// asideLast sorts the directories where files come to lie behind the others: their names are known by then.
func asideLast(dirs []*dir) {
	rank := func(d *dir) int {
		switch {
		case d.aside:
			return 2
		case d.beside():
			return 1
		}
		return 0
	}
	slices.SortFunc(dirs, func(a, b *dir) int { return cmp.Compare(rank(a), rank(b)) })
}

// listDirty lists the directories in which something happened to a name.
func (t *Tailer) listDirty() {
	t.mu.Lock()
	for path := range t.dirty {
		if d := t.dirs[path]; d != nil {
			t.mark(d)
		}
	}
	clear(t.dirty)
	t.mu.Unlock()
	var due []*dir
	for d := range t.marked {
		if d.nextList <= t.now() {
			due = append(due, d)
		}
	}
	asideLast(due)
	for _, d := range due {
		if !d.dirty || t.dirs[d.path] != d {
			delete(t.marked, d)
			continue
		}
		t.list(d)
	}
}

// list finds out what the names of a directory stand for now.
func (t *Tailer) list(d *dir) {
	begun, wall := t.now(), t.wall()
	d.dirty = false
	delete(t.marked, d)
	entries, err := t.readDir(d)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.begun, d.before = begun, d.begun
		t.dropDir(d)
		t.forgetLeft(d)
		return
	case err != nil:
		t.emitSometimes(Event{Kind: PathFailed, Path: d.path, Err: err})
		if !d.beside() {
			t.fail(err)
		}
		return
	}
	d.gen++
	d.begun, d.before = begun, d.begun
	l := listing{t: t, d: d, now: begun}
	for _, e := range entries {
		l.entry(e)
	}
	l.sweep()
	l.revisit()
	l.judge()
	l.search()
	for _, other := range l.links {
		other.searchAside() // a look at one name is no listing: what is hunted for there is not looked for
		other.conclude()
	}
	l.conclude()
	d.settle(&l, wall)
	d.listed = true
	d.nextList = t.now() + (t.now()-begun)*dirtyShare
}

// readDir asks for file events before it reads, so that nothing falls between.
func (t *Tailer) readDir(d *dir) ([]fs.DirEntry, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := statFile(f)
	if err != nil {
		return nil, err
	}
	t.cover(d, &st)
	d.rebirths = rebirths(d.path)
	d.mtime = st.mtime
	if d.listed {
		return f.ReadDir(-1)
	}
	if d.since = st.mtime; st.birth > t.begun {
		d.since = st.birth // it came to be while its place was followed: all in it is new
	}
	for origin, fam := range d.families {
		if fam.led != nil && fam.floor == never {
			fam.floor = t.cfg.floor(d.since)
			t.shareAll(origin, fam)
		}
	}
	return f.ReadDir(-1)
}

// searching tells whether there is content to be looked for.
func (t *Tailer) searching() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.orphans) > 0
}

// reportMissing has the files of earlier runs looked for that the first scans have not met.
func (t *Tailer) reportMissing() {
	if t.scans < huntListings && !t.cfg.Once {
		return
	}
	var missing []*Position
	t.mu.Lock()
	dealt := make(map[*Position]bool, len(t.past)) // with already
	for _, k := range t.past {
		dealt[k] = true
	}
	for _, o := range t.orphans {
		dealt[o.pos] = true
	}
	for _, twins := range t.known {
		for _, k := range twins {
			if !dealt[k] && t.relevant(k.Path) && !t.claimable(k) {
				missing = append(missing, k)
			}
		}
	}
	t.mu.Unlock()
	for _, k := range missing {
		t.lose(k, -1, FileID{})
	}
}

// lose deals with content that is not where it was: it is looked for, or with Once reported.
func (t *Tailer) lose(p *Position, size int64, newID FileID) {
	if t.cfg.Once {
		t.giveUp(&orphan{pos: p, size: size, newID: newID})
		return
	}
	t.orphaned(p, size, newID)
}

// claimable tells whether a file that is not identified yet may turn out to be k. Callers hold t.mu.
func (t *Tailer) claimable(k *Position) bool {
	for f := t.files.byInode[k.Identity.Inode]; f != nil; f = f.twin {
		if f.fresh && (k.Identity.Birth == 0 || f.birth == 0 || k.Identity.Birth == f.birth) {
			return true
		}
	}
	return false
}

// closeSome closes descriptors early when they run short.
func (t *Tailer) closeSome() {
	var idleOnes []*file
	t.mu.Lock()
	if len(t.opened) >= t.cfg.MaxOpen {
		for f := range t.opened {
			if f.state == idle && f.closable() && t.now()-f.quietSince() >= nanos(2*time.Second) && t.settled(f) {
				idleOnes = append(idleOnes, f)
			}
		}
	}
	t.mu.Unlock()
	for _, f := range idleOnes {
		t.close(f)
	}
}

// newFile makes a file that a name leads to.
func (t *Tailer) newFile(path string, st *fileStat) *file {
	f := &file{
		path: path,
		pos: Position{
			Path:     path,
			Identity: Identity{Inode: st.inode, Birth: st.birth, Device: st.device},
		},
		inode:   st.inode,
		birth:   st.birth,
		limit:   st.size,
		size:    st.size,
		mtime:   st.mtime,
		grownAt: t.now() - max(t.wall()-st.mtime, 0),
		due:     never,
		fresh:   true,
	}
	t.mu.Lock()
	t.files.add(f)
	t.mu.Unlock()
	return f
}
