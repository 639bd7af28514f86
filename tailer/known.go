package tailer

import (
	"cmp"
	"path/filepath"
	"slices"
)

// earlier is what earlier runs know of a directory: files of it are to be looked for.
type earlier struct {
	floors map[string]int64  // by followed name: the birth of its eldest known generation, or when that was met; never if neither is known
	latest map[string]int64  // and of the youngest
	links  map[string]string // the link that led to the name, if one did
	until  map[string]int64  // when that was first seen to lead elsewhere after it; 0: not known
}

// led is for the family of the name at path.
func (e *earlier) led(path string, p *patterns) *led {
	name := filepath.Base(path)
	link := e.links[name]
	if link == "" {
		return nil
	}
	target, switched := targetOf(link)
	return &led{link: link, left: target != path || !p.wants(link), until: cmp.Or(e.until[name], switched)}
}

// earlierRuns sorts the positions that matter for the patterns by directory.
func (t *Tailer) earlierRuns(known []Position) map[string]*earlier {
	dirs := map[string]*earlier{}
	at := func(dir string) *earlier {
		if dirs[dir] == nil {
			dirs[dir] = &earlier{floors: map[string]int64{}, latest: map[string]int64{}, links: map[string]string{}, until: map[string]int64{}}
		}
		return dirs[dir]
	}
	for i := range known {
		k := &known[i]
		if !t.relevant(k.Path) {
			continue
		}
		dir, base := filepath.Dir(k.Path), filepath.Base(k.Path)
		e := at(dir)
		if t.patterns.wants(k.Path) {
			e.lower(base, k)
		}
		for origin := range origins(base) {
			if t.patterns.wants(filepath.Join(dir, origin)) {
				e.lower(origin, k)
			}
		}
		if k.Target != "" {
			e, base := at(filepath.Dir(k.Target)), filepath.Base(k.Target)
			e.lower(base, k)
			if !t.patterns.wants(k.Target) {
				e.links[base] = k.Path
			}
		}
	}
	noteSwitches(dirs, known)
	return dirs
}

// noteSwitches finds out when a link led to another target, from the time when a file was met there.
func noteSwitches(dirs map[string]*earlier, known []Position) {
	byLink := map[string][]*Position{}
	for i := range known {
		if k := &known[i]; k.Target != "" && k.Met != 0 {
			byLink[k.Path] = append(byLink[k.Path], k)
		}
	}
	at := func(k *Position) int64 { return max(k.Met, k.Identity.Birth) } // the clock of the file system may be another
	for link, met := range byLink {
		slices.SortFunc(met, func(a, b *Position) int { return cmp.Compare(at(b), at(a)) }) // the last comes first
		switched, seen := int64(0), map[string]bool{}
		for i, k := range met {
			if i > 0 && met[i-1].Target != k.Target {
				switched = at(met[i-1])
			}
			e, base := dirs[filepath.Dir(k.Target)], filepath.Base(k.Target)
			if e != nil && !seen[k.Target] && e.links[base] == link {
				e.until[base] = switched
			}
			seen[k.Target] = true
		}
	}
}

// lower notes a generation of a followed name.
func (e *earlier) lower(name string, k *Position) {
	born := cmp.Or(max(k.Identity.Birth, k.Met), never)
	if floor, ok := e.floors[name]; !ok || born < floor {
		e.floors[name] = born
	}
	e.latest[name] = max(e.latest[name], k.Identity.Birth, k.Met)
}

// recall finds the position of an earlier run that the file continues. If there is one for its inode that its content
// does not prove, that one is returned with proven false: the file was truncated or rewritten since.
func (t *Tailer) recall(w *worker, head []byte) (found *Position, proven bool, err error) {
	st := &w.st
	t.mu.Lock()
	var twins []*Position
	for _, k := range t.known[st.inode] {
		if k.Identity.matches(st) {
			twins = append(twins, k)
		}
	}
	t.mu.Unlock()
	distance := func(k *Position) uint64 {
		if k.Identity.Device == st.device {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(twins, func(a, b *Position) int {
		return cmp.Or(cmp.Compare(distance(a), distance(b)), cmp.Compare(b.Offset, a.Offset))
	})
	for _, k := range twins {
		if k.Offset > w.size() {
			continue
		}
		ok, err := w.proves(head, k)
		if err != nil {
			return nil, false, err
		}
		if ok && t.claim(k) {
			t.supersede(twins, st, k.ID)
			return k, true, nil
		}
	}
	for _, k := range twins {
		if (sure(k, st) || !w.must && k.Identity.Device == st.device) && t.claim(k) {
			t.supersede(twins, st, FileID{})
			return k, false, nil
		}
	}
	return nil, false, nil
}

// sure tells whether k, which agrees with st in its numbers, was of the very file that st is about, whatever it holds now.
func sure(k *Position, st *fileStat) bool { return k.Identity.Birth != 0 && st.birth != 0 }

// supersede makes orphans of the positions that are of this file, too, but of content that was truncated away.
func (t *Tailer) supersede(twins []*Position, st *fileStat, newID FileID) {
	for _, k := range twins {
		if sure(k, st) && t.claim(k) && !t.isPast(k) {
			t.orphaned(k, -1, newID)
		}
	}
}

// isPast tells whether k is of a file that this run let go, or reported.
func (t *Tailer) isPast(k *Position) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.past, k)
}

// claim takes the position of an earlier run, or of an orphan, for one file, once.
func (t *Tailer) claim(k *Position) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.orphans, func(o *orphan) bool { return o.pos == k })
	if i >= 0 {
		t.orphans = slices.Delete(t.orphans, i, i+1)
	}
	return t.drop(k) || i >= 0
}

// drop takes k away, and tells whether it was there. Callers hold t.mu.
func (t *Tailer) drop(k *Position) bool {
	twins := t.known[k.Identity.Inode]
	i := slices.Index(twins, k)
	if i < 0 {
		return false
	}
	twins = slices.Delete(twins, i, i+1)
	if len(twins) == 0 {
		delete(t.known, k.Identity.Inode)
	} else {
		t.known[k.Identity.Inode] = twins
	}
	return true
}

// maxPast is how many files that were let go are kept to know them by.
const maxPast = 4096

// remember keeps the position of a file that is let go, as if of an earlier run: a directory may have been moved away, or
// its file system unmounted, and come back. Callers hold t.mu.
func (t *Tailer) remember(f *file) *Position {
	p := f.pos
	if f.fresh || f.birth == 0 {
		return &p // without a birth time a file on the same inode would be taken for a truncated one
	}
	t.keep(&p)
	return &p
}

// keep lets p be found by its inode, and by its content, among what is not looked for. Callers hold t.mu.
func (t *Tailer) keep(p *Position) {
	if len(t.past) >= maxPast {
		t.drop(t.past[0])
		t.past = t.past[1:]
	}
	t.past = append(t.past, p)
	if twins := t.known[p.Identity.Inode]; !slices.Contains(twins, p) {
		t.known[p.Identity.Inode] = append(twins, p)
		t.notePast(p)
	}
}
