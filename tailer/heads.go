package tailer

import (
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A file whose name makes it a generation is compared with the others (copy.go). After days without a reader there are thousands of them: so what
// one of them may have to do with is found by what it begins with. There is an index for that, by family, only while it is needed: it is made by one
// look into each file, and dropped once nothing waits to be compared.

// kindred is where the generations of a log lie, and what their names have in common.
type kindred struct{ dir, root string }

// kindredOf returns that of the file at path.
func kindredOf(path string) kindred {
	return kindred{filepath.Dir(path), root(filepath.Base(path))}
}

// allHeads is the index of all families. It is guarded by Tailer.mu.
type allHeads struct {
	families map[kindred]*heads // nil: it is not needed now
	madeAt   int64
}

// headsFor is how long an index is kept at most: what is gone stays in it.
const headsFor = int64(5 * time.Minute)

// heads is the index of one family. A file is found in it by the digest of its known head, which another may begin with, and by those of its first
// 1, 2, 4 ... bytes, with which a shorter one may end.
type heads struct {
	todo     map[*file]struct{} // not looked into since they changed; guarded by Tailer.mu, as the next
	todoPast []*Position

	mu      sync.Mutex // guards all below; taken before Tailer.mu
	looked  map[*file]looked
	whole   map[Digest][]*file
	begun   map[Digest][]*file
	past    map[Digest][]*Position
	lengths map[int]struct{}   // of the digests in whole and past
	logs    map[*file]struct{} // may be cut and written anew before anybody looks: each file is compared with them
}

// looked is what was indexed of a file: so many bytes of what it held under an id.
type looked struct {
	id FileID
	n  int
}

// headsOf returns the index of the family of k, and makes it if there is none. Callers hold t.mu.
func (t *Tailer) headsOf(k kindred) *heads {
	if t.heads.families == nil {
		t.heads = allHeads{families: map[kindred]*heads{}, madeAt: t.now()}
		t.files.each(t.noteHead)
		for _, twins := range t.known {
			for _, p := range twins {
				t.notePast(p)
			}
		}
		for _, o := range t.orphans {
			t.noteOrphan(o.pos)
		}
	}
	h := t.heads.families[k]
	if h == nil {
		h = &heads{todo: map[*file]struct{}{}}
		t.heads.families[k] = h
	}
	return h
}

// noteHead says that what f begins with, or where it lies, is news. Callers hold t.mu, as for the next two.
func (t *Tailer) noteHead(f *file) {
	if t.heads.families == nil || f.fresh || f.state == shut {
		return
	}
	last := kindredOf(f.path)
	t.headsOf(last).todo[f] = struct{}{}
	for _, path := range [...]string{f.pos.Path, f.pos.Target} {
		if path == "" || path == f.path {
			continue
		}
		if k := kindredOf(path); k != last {
			t.headsOf(k).todo[f] = struct{}{}
		}
	}
}

// notePast says that p is a place in content of another run, or of a file that was let go.
func (t *Tailer) notePast(p *Position) {
	if t.heads.families == nil || p.Identity.Head.Len == 0 {
		return
	}
	h := t.headsOf(kindredOf(p.Path))
	h.todoPast = append(h.todoPast, p)
	if p.Target != "" {
		h := t.headsOf(kindredOf(p.Target))
		h.todoPast = append(h.todoPast, p)
	}
}

// noteOrphan says that p is looked for: in all directories.
func (t *Tailer) noteOrphan(p *Position) {
	if t.heads.families == nil || p.Identity.Head.Len == 0 {
		return
	}
	names := []string{root(filepath.Base(p.Path))}
	if p.Target != "" {
		names = append(names, root(filepath.Base(p.Target)))
	}
	for _, name := range names {
		h := t.headsOf(kindred{root: name})
		h.todoPast = append(h.todoPast, p)
	}
}

// dropHeads drops the index if nothing waits to be compared.
func (t *Tailer) dropHeads() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heads.families == nil {
		return
	}
	waits := false
	t.files.each(func(f *file) { waits = waits || f.fresh && f.sibling != "" && f.state != shut })
	if !waits || t.now()-t.heads.madeAt > headsFor {
		t.heads = allHeads{}
	}
}

// candidates returns the files and the positions of h that a file which begins with head may have something to do with.
func (h *heads) candidates(t *Tailer, head []byte) (files map[*file]struct{}, past []*Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.catchUp(t)
	files = make(map[*file]struct{}, len(h.logs))
	take := func(some []*file) {
		for _, f := range some {
			files[f] = struct{}{}
		}
	}
	for f := range h.logs {
		files[f] = struct{}{}
	}
	for n := range h.lengths {
		if n <= len(head) {
			d := digestOf(head[:n])
			take(h.whole[d])
			past = append(past, h.past[d]...)
		}
	}
	if n := len(head); n > 0 && n < headSize {
		take(h.begun[digestOf(head[:1<<(bits.Len(uint(n))-1)])])
	}
	return files, past
}

// catchUp takes in what is news.
func (h *heads) catchUp(t *Tailer) {
	t.mu.Lock()
	past := h.todoPast
	h.todoPast = nil
	for f := range h.todo {
		delete(h.todo, f)
		if f.fresh || f.state == shut {
			continue
		}
		path, pos, packed, log := f.path, f.pos, f.packed != nil, f.sibling == "" && !f.renamed
		t.mu.Unlock()
		h.add(f, &pos)
		if !packed && (log || !h.lookInto(f, path, &pos)) {
			put(&h.logs, f)
		}
		t.mu.Lock()
	}
	t.mu.Unlock()
	for _, p := range past {
		put(&h.lengths, p.Identity.Head.Len)
		if h.past == nil {
			h.past = map[Digest][]*Position{}
		}
		h.past[p.Identity.Head] = append(h.past[p.Identity.Head], p)
	}
}

// add lets f be found by its known head.
func (h *heads) add(f *file, pos *Position) {
	head := pos.Identity.Head
	if head.Len == 0 || slices.Contains(h.whole[head], f) {
		return
	}
	if h.whole == nil {
		h.whole, h.begun, h.looked = map[Digest][]*file{}, map[Digest][]*file{}, map[*file]looked{}
	}
	put(&h.lengths, head.Len)
	h.whole[head] = append(h.whole[head], f)
}

// lookInto lets the live file f be found by what it begins with. It returns false if that cannot be told, or is not what was read of it.
func (h *heads) lookInto(f *file, path string, pos *Position) bool {
	fd, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer fd.Close()
	var buf [headSize]byte
	st, err := statFile(fd)
	if err != nil || !pos.Identity.matches(&st) {
		return false
	}
	n, err := readAt(fd, buf[:], 0)
	if err != nil || !pos.Identity.Head.covers(buf[:n]) {
		return false
	}
	if pos.Identity.Head.Len == 0 { // it was empty: its next turn says more
		return true
	}
	from := 0
	if was := h.looked[f]; was.id == pos.ID {
		from = was.n
	}
	for size := 1; size < headSize && size <= n; size *= 2 {
		if size > from {
			d := digestOf(buf[:size])
			h.begun[d] = append(h.begun[d], f)
		}
	}
	h.looked[f] = looked{pos.ID, n}
	return true
}

// put adds k to a set that may be nil.
func put[K comparable](set *map[K]struct{}, k K) {
	if *set == nil {
		*set = map[K]struct{}{}
	}
	(*set)[k] = struct{}{}
}
