package tailer

import (
	"cmp"
	"path/filepath"
	"slices"
)

// earlier is what earlier runs know of a directory: files of it are to be looked for.
type earlier struct {
	floors map[string]int64 // by followed name: the birth of its eldest known generation
}

// earlierRuns sorts the positions that matter for the patterns by directory.
func (t *Tailer) earlierRuns(known []Position) map[string]*earlier {
	dirs := map[string]*earlier{}
	for i := range known {
		k := &known[i]
		if !t.relevant(k.Path) {
			continue
		}
		dir, base := filepath.Dir(k.Path), filepath.Base(k.Path)
		e := dirs[dir]
		if e == nil {
			e = &earlier{floors: map[string]int64{}}
			dirs[dir] = e
		}
		if k.Identity.Birth == 0 {
			continue
		}
		lower := func(name string) {
			if floor, ok := e.floors[name]; t.patterns.wants(filepath.Join(dir, name)) && (!ok || k.Identity.Birth < floor) {
				e.floors[name] = k.Identity.Birth
			}
		}
		lower(base)
		for origin := range origins(base) {
			lower(origin)
		}
	}
	return dirs
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
		if k.Offset > st.size {
			continue
		}
		ok, err := proves(w.src, head, k)
		if err != nil {
			return nil, false, err
		}
		if ok && t.claim(k) {
			t.supersede(twins, st)
			return k, true, nil
		}
	}
	for _, k := range twins {
		if (sure(k, st) || !w.f.must && k.Identity.Device == st.device) && t.claim(k) {
			t.supersede(twins, st)
			return k, false, nil
		}
	}
	return nil, false, nil
}

// sure tells whether k, which agrees with st in its numbers, was of the very file that st is about, whatever it holds now.
func sure(k *Position, st *fileStat) bool { return k.Identity.Birth != 0 && st.birth != 0 }

// supersede retires the positions that are of this file, too, but of content that was truncated away.
func (t *Tailer) supersede(twins []*Position, st *fileStat) {
	for _, k := range twins {
		if sure(k, st) && t.claim(k) {
			t.retire(k)
		}
	}
}

// claim takes a position of an earlier run for one file, once.
func (t *Tailer) claim(k *Position) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.drop(k)
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

// Bounds of what is kept to know files and copies by.
const (
	maxRetired     = 16   // places for one name
	maxRetiredName = 1024 // names
	maxPast        = 4096 // files that were let go
)

// remember keeps the position of a file that is let go, as if of an earlier run: a directory may have been moved away, or
// its file system unmounted, and come back. Callers hold t.mu.
func (t *Tailer) remember(f *file) {
	if f.fresh || f.birth == 0 {
		return // without a birth time a file on the same inode would be taken for a truncated one
	}
	if len(t.past) >= maxPast {
		t.drop(t.past[0])
		t.past = t.past[1:]
	}
	p := f.pos
	t.past = append(t.past, &p)
	t.known[f.inode] = append(t.known[f.inode], &p)
}

// retire remembers a place in content that its file does not have any more.
func (t *Tailer) retire(p *Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.retired) >= maxRetiredName {
		clear(t.retired)
	}
	places := append(t.retired[p.Path], *p)
	t.retired[p.Path] = places[max(len(places)-maxRetired, 0):]
}

// isCopy tells whether the file in w, which seems to be a generation of a followed name, holds what was read from another
// file of its directory already.
func (t *Tailer) isCopy(w *worker, head []byte) (bool, error) {
	dir := filepath.Dir(w.f.sibling)
	t.mu.Lock()
	places := slices.Clone(t.retired[w.f.sibling])
	t.files.each(func(f *file) {
		if f != w.f && f.pos.Offset > 0 && filepath.Dir(f.path) == dir {
			places = append(places, f.pos)
		}
	})
	for _, twins := range t.known { // of truncated content, too, if an earlier run kept its position
		for _, k := range twins {
			if filepath.Dir(k.Path) == dir {
				places = append(places, *k)
			}
		}
	}
	t.mu.Unlock()
	for i := range places {
		p := &places[i]
		if p.Identity.Head.Len == 0 || p.Offset == 0 || p.Offset > w.st.size {
			continue
		}
		if same, err := proves(w.src, head, p); same || err != nil {
			return same, err
		}
	}
	return false, nil
}
