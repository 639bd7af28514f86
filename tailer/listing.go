package tailer

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
)

// listing is one look at the names of a directory.
type listing struct {
	t   *Tailer
	d   *dir
	now int64

	suspects []suspect     // files under names that do not match: rotated ones, perhaps
	rest     []fs.DirEntry // names that nobody asked for
	packed   []string      // of files that are compressed by their names: those that match, and generations of followed names
	parted   []parting
	changed  []*file
	loose    bool       // what a name leads to may change while the directory does not
	links    []*listing // looks at links to what was met in the directory
}

// suspect is a file that nobody follows, under a name that does not match.
type suspect struct {
	path, name string
	st         fileStat
	link       bool
}

// parting is a name that left a file.
type parting struct {
	file   *file
	path   string
	wanted bool
}

// entry sorts one entry of the directory.
func (l *listing) entry(e fs.DirEntry) {
	t, d := l.t, l.d
	base, link := e.Name(), e.Type()&fs.ModeSymlink != 0
	if e.IsDir() {
		l.enter(base, false)
		return
	}
	l.loose = l.loose || link
	wanted := t.patterns.file(d.spots, d.path, base)
	known := d.names[base]
	if wanted && !t.cfg.Once && Compressed(base) {
		l.packed = append(l.packed, base)
		wanted = false
	} else if known != nil && known.file.news {
		l.packed = append(l.packed, base)
	}
	switch {
	case wanted || known != nil || d.originOf(base) != "":
		l.look(base, link, wanted)
	case link && t.patterns.descends(d.spots):
		if st, err := statPath(filepath.Join(d.path, base)); err == nil && st.mode.IsDir() {
			l.enter(base, true)
		}
	default:
		l.rest = append(l.rest, e)
	}
}

// enter follows the patterns into a directory.
func (l *listing) enter(base string, link bool) {
	path := filepath.Join(l.d.path, base)
	if spots := l.t.patterns.below(l.d.spots, base, link); len(spots) > 0 {
		if sub, isNew := l.t.dirAt(path, l.d.path, spots); isNew {
			l.t.list(sub)
		}
	} else if l.t.patterns.file(l.d.spots, l.d.path, base) {
		l.skip(path, kindOf(fs.ModeDir)+", not followed")
	}
}

// look finds the file behind a name.
func (l *listing) look(base string, link, wanted bool) {
	known := l.d.names[base]
	path := ""
	var named *file
	if known != nil {
		path, named = known.path, known.file
	} else {
		path = filepath.Join(l.d.path, base)
	}
	st, err := statPath(path)
	if err != nil || !st.regular() {
		l.loose = true
	}
	if wanted && link && (err != nil || st.regular()) {
		l.trace(base, path, err == nil && named != nil && named.inode == st.inode && named.birth == st.birth)
	}
	s := suspect{path: path, name: base, st: st, link: link}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		if known != nil {
			known.gen = l.d.gen // it is there: what it is remains to be seen
		}
		l.t.emitSometimes(Event{Kind: PathFailed, Path: path, Err: err})
	case st.regular():
		l.regular(&s, named, wanted)
	default:
		l.irregular(&s, wanted)
	}
}

// irregular deals with a name that leads to no regular file.
func (l *listing) irregular(s *suspect, wanted bool) {
	mode := s.st.mode
	if wanted && mode&fs.ModeNamedPipe != 0 && !l.t.cfg.Once && !l.t.cfg.NoPipes {
		l.followPipe(s.path, &s.st)
		return
	}
	if wanted && !(mode.IsDir() && s.link) {
		l.skip(s.path, kindOf(mode)+", not followed")
	}
	if mode.IsDir() && s.link {
		l.enter(s.name, true)
	}
}

// regular lets the name of a regular file, which stood for named before, stand for that, unless nobody asks for it.
func (l *listing) regular(s *suspect, named *file, wanted bool) {
	if l.d.rebirths {
		s.st.birth = 0
	}
	l.t.mu.Lock()
	f := l.t.files.find(&s.st, named)
	l.t.mu.Unlock()
	if !wanted && f != named {
		l.rotating(s.name, f)
	}
	switch {
	case !wanted && (f == nil || f != named) && l.claims(s.name, f):
		return
	case f == nil && !wanted:
		l.suspects = append(l.suspects, *s)
		return
	case f == nil:
		f = l.t.newFile(s.path, &s.st)
	}
	l.attach(s, f, wanted)
}

// attach lets a name stand for a file.
func (l *listing) attach(s *suspect, f *file, wanted bool) {
	t, d := l.t, l.d
	n := d.names[s.name]
	if n == nil {
		n = &name{path: s.path}
		d.names[s.name] = n
	}
	n.gen, n.wanted = d.gen, wanted
	target := ""
	if s.link && (n.file != f || f.nameless) { // nobody but the scanner writes nameless
		target = l.target(s.name, n.path)
	}
	t.mu.Lock()
	waited := false
	if n.file != f {
		if n.file != nil {
			l.part(n)
		}
		n.file = f
		f.links++
		waited = f.retryAt != 0
		f.lostAt, f.retryAt = 0, 0
		f.nameless = true
	}
	if f.nameless {
		f.nameless = false
		f.path, f.link = n.path, s.link
		if wanted || t.relevant(n.path) {
			f.pos.Path, f.pos.Target = n.path, target
		}
		t.noteHead(f)
		f.covered = d.covered && !s.link
		f.wanted = wanted
		if wanted && f.state == shut && !t.cfg.Once {
			f.revive(false)
		}
	}
	if f.state == shut && f.judged < t.searches && !t.cfg.Once && t.awaited(s.path, &s.st, f.seenHead(&s.st)) {
		f.revive(!wanted)
	}
	if f.state == shut && f.must && !f.news && !t.cfg.Once && l.unseen(s.name, &s.st) { // its log was met after it
		f.news = Compressed(s.name)
		f.revive(f.news)
	}
	f.pos.Identity.Device = s.st.device
	changed := f.fresh || waited || s.st.changed(f.size, f.mtime)
	f.sight(&s.st)
	t.mu.Unlock()
	if changed {
		l.changed = append(l.changed, f)
	}
	if wanted {
		l.found(s)
	}
}

// part takes a name away from its file. Callers hold t.mu.
func (l *listing) part(n *name) {
	f := n.file
	n.file = nil
	f.links--
	f.renamed = f.renamed || n.wanted
	if f.links > 0 && f.path == n.path {
		f.nameless = true
		l.t.mark(l.d) // another name is met by the next listings
	}
	if f.links == 0 {
		f.lostAt = l.t.now()
		if f.state == shut {
			l.t.files.remove(f) // nothing else would
		}
	}
	l.parted = append(l.parted, parting{f, n.path, n.wanted})
}

// sweep takes the names away that this listing has not seen.
func (l *listing) sweep() {
	l.untrace()
	l.t.mu.Lock()
	defer l.t.mu.Unlock()
	for base, n := range l.d.names {
		if n.gen != l.d.gen {
			l.part(n)
			delete(l.d.names, base)
		}
	}
}

// revisit looks at the names that turned out to be rotated ones only after the name they come from was met.
func (l *listing) revisit() {
	rest := l.rest[:0]
	for _, e := range l.rest {
		if l.d.originOf(e.Name()) != "" {
			l.look(e.Name(), e.Type()&fs.ModeSymlink != 0, false)
		} else {
			rest = append(rest, e)
		}
	}
	l.rest = rest
}

// search looks through the names that do not matter for files that have lost theirs.
func (l *listing) search() {
	l.t.mu.Lock()
	missing := l.d.hunt > 0 || len(l.t.orphans) > 0
	l.t.mu.Unlock()
	l.d.hunt = max(l.d.hunt-1, 0)
	for _, p := range l.parted {
		missing = missing || p.file.links == 0
	}
	if !missing {
		return
	}
	for _, e := range l.rest {
		l.look(e.Name(), e.Type()&fs.ModeSymlink != 0, false)
	}
	l.rest = nil
	l.judge()
	l.searchAside()
}

// searchAside has the directories searched that files are rotated to, and those where links led, if a file has no name here any more.
func (l *listing) searchAside() {
	lost := false
	for _, p := range l.parted {
		if p.file.links > 0 {
			continue
		}
		lost = true
		if d := l.t.targetDir(p.file); d != nil && d != l.d {
			d.hunt = max(d.hunt, huntListings)
			l.t.mark(d)
		}
	}
	for _, d := range l.t.aside {
		if lost && d != l.d {
			d.hunt = max(d.hunt, huntListings)
			l.t.mark(d)
		}
	}
}

// conclude reports what happened to names and hands on the files that changed, older ones first.
func (l *listing) conclude() {
	t := l.t
	for _, p := range l.parted {
		t.mu.Lock()
		e := Event{Kind: FileRotated, ID: p.file.pos.ID, From: p.path, Offset: p.file.pos.Offset, Bytes: p.file.unread()}
		if p.file.links > 0 {
			e.Path = p.file.path
		}
		t.plan(p.file)
		t.mu.Unlock()
		if p.wanted && l.d.names[filepath.Base(p.path)] == nil {
			t.vacate(l.d, p.path, p.file.link)
		}
		if p.wanted && e.ID != (FileID{}) {
			t.emit(e)
		}
	}
	l.leave()
	l.forget()
	slices.SortFunc(l.changed, func(a, b *file) int {
		return cmp.Compare(a.birth, b.birth)
	})
	for _, f := range l.changed {
		base := filepath.Base(f.path)
		if origin := l.d.originOf(base); f.fresh && origin != "" && !(f.wanted && origin == base) {
			t.mu.Lock()
			f.sibling = l.d.families[origin].home + "/" + origin
			t.mu.Unlock()
		}
		t.offer(f)
	}
}
