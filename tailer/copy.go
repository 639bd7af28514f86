package tailer

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// kinship is what the content of a file has to do with content that is read elsewhere.
type kinship uint8

const (
	own    kinship = iota // nothing
	within                // all of it was read elsewhere
	beyond                // it begins with all that another has, all of which was read, and goes on
	ahead                 // it goes on where reading elsewhere has not come yet: to be seen what becomes of the other
)

// place is where reading stands in another file, or stood.
type place struct {
	pos  Position
	path string    // of a live file; empty: its content cannot be compared any more
	past *Position // of a file that is not looked for any more
}

// copyOf tells what the file in w, whose name makes it a generation of a followed one, has to do with the other generations. A
// copy of a file that is followed is as a rule the first half of copytruncate: while the original is there its copy has to wait. Where the
// other is not looked for any more, late is its position: the file goes on from there. If the result is beyond, the other's end is at.
func (t *Tailer) copyOf(w *worker, head []byte) (result kinship, late *Position, at int64, err error) {
	for _, p := range t.places(w, head) {
		k, err := p.compare(w, head)
		if err != nil {
			return own, nil, 0, err
		}
		if result = max(result, k); k == beyond {
			at = max(at, p.pos.Offset)
		}
		if k == ahead && p.past != nil && (late == nil || late.Offset < p.past.Offset) {
			late = p.past
		}
	}
	return result, late, at, nil
}

// accounts tells whether what is compressed in w is, by its head, that of a file that is read or was: one that is open needs no other.
func (t *Tailer) accounts(w *worker, head []byte) bool {
	return slices.ContainsFunc(t.places(w, head), func(p place) bool {
		return p.pos.Identity.Head.Len > 0 && p.pos.Identity.Head.covers(head)
	})
}

// places returns where reading stands in the other generations that the file in w, which begins with head, may have something to do with.
func (t *Tailer) places(w *worker, head []byte) (all []place) {
	family := kindred{filepath.Dir(w.sibling), root(filepath.Base(w.path))}
	t.mu.Lock()
	own, anywhere := t.headsOf(family), t.headsOf(kindred{root: family.root})
	t.mu.Unlock()
	files, past := own.candidates(t, head)
	_, orphans := anywhere.candidates(t, head)
	t.mu.Lock()
	defer t.mu.Unlock()
	for f := range files {
		if f == w.f || f.fresh || f.state == shut {
			continue
		}
		if !f.recovered && f.packed == nil && w.st.birth != 0 && f.birth != 0 && w.st.birth < f.birth {
			continue // it is older than what it would be a copy of
		}
		p := place{pos: f.pos}
		if f.packed == nil {
			p.path = f.path
		}
		all = append(all, p)
	}
	for _, k := range past { // of content that was cut away, too
		if !slices.Contains(t.known[k.Identity.Inode], k) {
			continue // it was claimed, or dropped
		}
		p := place{pos: *k}
		if slices.Contains(t.past, k) {
			p.past = k
		}
		all = append(all, p)
	}
	for _, k := range orphans {
		if slices.ContainsFunc(t.orphans, func(o *orphan) bool { return o.pos == k }) {
			all = append(all, place{pos: *k})
		}
	}
	w.compared += len(all)
	return all
}

// compare tells what the file in w has to do with the content of p.
func (p *place) compare(w *worker, head []byte) (kinship, error) {
	if p.pos.Offset > 0 && p.pos.Identity.Head.Len > 0 && p.pos.Offset <= w.size() {
		same, err := proves(w.src, head, &p.pos)
		switch {
		case err != nil:
			return own, err
		case same && p.pos.Offset == w.size():
			return within, nil
		case same && p.ends():
			return beyond, nil
		case same:
			return ahead, nil
		}
	}
	if p.pos.Offset == 0 && p.pos.Identity.Head.Len > 0 && p.pos.Identity.Head.covers(head) {
		return ahead, nil // it may have been cut meanwhile, which is not seen until its turn comes
	}
	if p.path == "" {
		if p.pos.Identity.Head.Len == headSize && w.size() < p.pos.Offset && p.pos.Identity.Head.covers(head) {
			return within, nil
		}
		return own, nil
	}
	same, err := p.begins(w, head)
	switch {
	case errors.Is(err, errCut):
		return ahead, nil
	case err != nil || !same:
		return own, err
	case w.size() <= p.pos.Offset:
		return within, nil
	}
	return ahead, nil
}

// ends tells whether the live file at p has no more than what was read of it. A copy that has more was made before it was cut and written
// anew with the same bytes, or was written to itself.
func (p *place) ends() bool {
	if p.path == "" {
		return false
	}
	st, err := statPath(p.path)
	return err == nil && p.pos.Identity.matches(&st) && st.size == p.pos.Offset
}

// errCut says that a live file does not hold what was read of it any more, which its own turn has not found out yet.
var errCut = errors.New("the file was cut or rewritten just now")

// begins tells whether one of the file in w and the live one at p begins with all of the other.
func (p *place) begins(w *worker, head []byte) (same bool, err error) {
	other, err := os.OpenFile(p.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false, nil // the next look will tell what has become of it
	}
	defer other.Close()
	st, err := statFile(other)
	if err != nil || !p.pos.Identity.matches(&st) {
		return false, nil
	}
	same, err = alike(other, w.src, head, min(st.size, w.size()))
	if same || err != nil {
		return same, err
	}
	var theirs [headSize]byte // they differ: because the other was cut while it was looked at?
	n, err := readAt(other, theirs[:], 0)
	if err != nil {
		return false, err
	}
	if still, err := proves(other, theirs[:n], &p.pos); err != nil || !still {
		return false, errors.Join(err, errCut)
	}
	return false, nil
}

// alike tells whether a and b are the same in their first n bytes, as far as their first KiB, which is head in b, and the bytes before n tell.
func alike(a, b io.ReaderAt, head []byte, n int64) (bool, error) {
	var theirs, ours [headSize]byte
	k, err := readAt(a, theirs[:min(n, headSize)], 0)
	if err != nil {
		return false, err
	}
	if k == 0 || k > len(head) || string(theirs[:k]) != string(head[:k]) {
		return false, nil
	}
	ends, err := readBefore(a, theirs[:], n, headSize)
	if err != nil {
		return false, err
	}
	endsToo, err := readBefore(b, ours[:], n, headSize)
	return string(ends) == string(endsToo), err
}
