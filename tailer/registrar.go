package tailer

import (
	"io"
	"slices"
	"sync"
)

// Registrar mints the ids of files for several tailers that read the same ones, each by itself, so that a file has one id in all of them. Each tailer has
// a Member of it. It may be used from several goroutines.
//
// What a tailer meets for the first time is the file of another one if inode and birth time agree and its content begins as that one's did. Of
// several such (a file that was rewritten again and again while one tailer could not look) it is the newest that the tailer does not know.
type Registrar struct {
	mu      sync.Mutex
	members uint64 // a bit for each
	byInode map[uint64][]*registered
	byID    map[FileID]*registered
	order   []*registered // oldest first
}

// registered is one file. A bit of known is set for each member that knows it, or did and will not meet it again.
type registered struct {
	id          FileID
	identity    Identity
	known, done uint64
}

// mostFinished bounds the files that some members are done with and that others have not met: those may never do.
const mostFinished = 8192

// NewRegistrar makes a Registrar that knows no file.
func NewRegistrar() *Registrar {
	return &Registrar{byInode: make(map[uint64][]*registered), byID: make(map[FileID]*registered)}
}

// Member is a Registrar for one tailer. Nil mints ids that nobody else has.
type Member struct {
	registrar *Registrar
	bit       uint64
}

// Join returns the member with a number, from 0 to 63, whose tailer begins with these positions. It takes the place of an earlier one with that number.
func (r *Registrar) Join(number int, known []Position) *Member {
	m := &Member{registrar: r, bit: 1 << number}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members |= m.bit
	for _, f := range slices.Clone(r.order) {
		f.known &^= m.bit
		f.done &^= m.bit
		if f.known == 0 {
			r.drop(f)
		}
	}
	for i := range known {
		m.learn(&known[i])
	}
	return m
}

// Learn notes what is known of a file by now: its head grows.
func (m *Member) Learn(p *Position) {
	if m == nil {
		return
	}
	m.registrar.mu.Lock()
	defer m.registrar.mu.Unlock()
	m.learn(p)
}

func (m *Member) learn(p *Position) {
	r := m.registrar
	f := r.byID[p.ID]
	if f == nil {
		f = r.add(p.ID, p.Identity)
	}
	f.known |= m.bit
	if p.Identity.Inode != f.identity.Inode {
		r.move(f, p.Identity)
	} else if p.Identity.Head.Len >= f.identity.Head.Len {
		f.identity = p.Identity
	}
}

// Forget says that the member's tailer will not meet the file again.
func (m *Member) Forget(id FileID) {
	if m == nil {
		return
	}
	r := m.registrar
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.byID[id]
	if f == nil {
		return
	}
	if f.done |= m.bit; f.done&r.members == r.members {
		r.drop(f)
	}
}

// mint returns the id for content that is new to the member's tailer: that which another member knows it under, or one that nobody has. src is the file, of
// which head is the beginning; it is looked at again, so that of two members at it at a time the second sees no less than the first. A nil src is not.
func (m *Member) mint(identity Identity, head []byte, src io.ReaderAt, rules trimmer) FileID {
	if m == nil {
		return newFileID()
	}
	r := m.registrar
	r.mu.Lock()
	defer r.mu.Unlock()
	if src != nil && len(r.byInode[identity.Inode]) > 0 && len(head) < headSize {
		var buf [headSize]byte
		if n, err := readAt(src, buf[:], 0); err == nil && n > len(head) {
			head = rules(buf[:n])
		}
	}
	identity.Head = digestOf(head)
	same := r.byInode[identity.Inode]
	for i := len(same) - 1; i >= 0; i-- {
		f := same[i]
		if (f.known|f.done)&m.bit == 0 && f.identity.SameFile(identity) && f.identity.Head.covers(head) {
			f.known |= m.bit
			f.identity.Head = identity.Head
			return f.id
		}
	}
	f := r.add(newFileID(), identity)
	f.known = m.bit
	return f.id
}

// trimmer takes reserved space off the beginning of a file.
type trimmer func(head []byte) []byte

func (r *Registrar) add(id FileID, identity Identity) *registered {
	f := &registered{id: id, identity: identity}
	r.byID[id] = f
	r.byInode[identity.Inode] = append(r.byInode[identity.Inode], f)
	r.order = append(r.order, f)
	if len(r.order) > 2*mostFinished {
		r.tidy()
	}
	return f
}

// move lets a file be on another inode: it was copied, or compressed.
func (r *Registrar) move(f *registered, identity Identity) {
	r.unlink(f)
	f.identity = identity
	r.byInode[identity.Inode] = append(r.byInode[identity.Inode], f)
}

func (r *Registrar) unlink(f *registered) {
	inode := f.identity.Inode
	if r.byInode[inode] = slices.DeleteFunc(r.byInode[inode], func(other *registered) bool { return other == f }); len(r.byInode[inode]) == 0 {
		delete(r.byInode, inode)
	}
}

func (r *Registrar) drop(f *registered) {
	r.unlink(f)
	delete(r.byID, f.id)
	if i := slices.Index(r.order, f); i >= 0 {
		r.order = slices.Delete(r.order, i, i+1)
	}
}

// tidy drops the oldest of the files that some members are done with.
func (r *Registrar) tidy() {
	finished := 0
	for _, f := range r.order {
		if f.done != 0 {
			finished++
		}
	}
	for _, f := range slices.Clone(r.order) {
		if finished <= mostFinished {
			return
		}
		if f.done != 0 {
			r.drop(f)
			finished--
		}
	}
}
