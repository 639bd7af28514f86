package tailer

import (
	"math"
	"os"

	"github.com/weir-logs/weir/tailer/framing"
)

// state says who owns a file.
type state uint8

const (
	idle   state = iota // the scanner's
	queued              // a worker's: it waits for one
	busy                // a worker's: it is being read
	shut                // nobody's: a copy that is not to be read, or a file that was let go
)

// never is a time that does not come.
const never = math.MaxInt64

// file is one file that is followed. Its fields are guarded by Tailer.mu; fd belongs to the owner of the file that state
// names, and the paths to the scanner. Times are nanoseconds of the Tailer's clock.
type file struct {
	path     string   // a name it has, or the last it had
	pos      Position // of the next byte to hand out; its Path is the last name that relates it to the patterns
	size     int64    // when it was last looked at
	mtime    int64
	glimpsed int64 // while it waits for a worker without a descriptor, or a worker has it and it is deleted: its size
	sighted  int64 // while a worker has it, which may wait for the handler: its size at the last listing, to be shown
	limit    int64 // with Once: where reading ends
	barren   int64 // so many bytes from pos.Offset on hold no record: not searched again
	framed   int64 // when they were searched

	grownAt  int64 // when it was last seen to have changed
	lostAt   int64 // when it lost its last name
	heldAt   int64 // when it was last found to have to stay open without one
	retryAt  int64 // not to be worked on before; 0: at once
	due      int64 // when review must look at it; never if not at all
	fd       *os.File
	packed   *packed // nil: it is plain, or was not looked into yet
	lastErr  error
	inode    uint64 // inode and birth are as in pos, but never written again: to be read without the lock
	birth    int64
	sibling  string // the followed name that it may have been rotated away from, by its own
	judged   int    // of a file that is shut: Tailer.searches when it was found to hold nothing that was looked for
	judgedAt int64  // and when that was
	next     *file  // in the ready queue
	twin     *file  // another file with the same inode number
	links    int32  // names it is known under
	failures uint8

	state     state
	again     bool          // something changed while a worker had it
	fresh     bool          // not identified yet
	news      bool          // a compressed generation that nobody has seen before
	accounted bool          // of a compressed file that is not read: it holds what was read elsewhere, or the opposite was said
	must      bool          // to be read only if a position of an earlier run proves it
	untold    bool          // no block has told yet where it stands
	woken     bool          // at rest since the last turn: its head is to be checked
	renamed   bool          // it lost a name that matched, or is a copy
	recovered bool          // it holds what another file held: others may, too, that are older
	wanted    bool          // its last name matches
	deleted   bool          // it has no name anywhere: only the descriptor keeps it
	nameless  bool          // path is none of its names any more, although it has one
	parked    bool          // what it is remained to be seen when it was looked at last
	covered   bool          // file events tell when it grows
	link      bool          // reached through a symbolic link: its descriptor is the only hold on it
	big       bool          // its text is big-endian
	flush     framing.Close // what is to go out that waits, if the file still has flushAt bytes
	flushed   framing.Close // what went out already since the file last changed
	flushAt   int64
}

// revive lets a file that was not to be read be judged again.
func (f *file) revive(must bool) {
	f.state, f.fresh, f.must = idle, true, must
	f.pos.ID, f.pos.Offset, f.pos.Before = FileID{}, 0, Digest{}
}

// seenHead is the digest of the head of a file that was looked into, if it has not changed since.
func (f *file) seenHead(st *fileStat) Digest {
	if st.changed(f.size, f.mtime) {
		return Digest{}
	}
	return f.pos.Identity.Head
}

// unread is how many bytes wait, the unfinished last line included.
func (f *file) unread() int64 {
	switch p := f.packed; {
	case p == nil:
		return max(f.size-f.pos.Offset, 0)
	case p.length >= 0:
		return max(p.length-f.pos.Offset, 0)
	default:
		return max(f.size-p.done, 1) // at least: they are compressed
	}
}

// patience is how often the wait between two tries of a file that cannot be read is doubled at most: what takes long to find out is
// seldom tried again.
func (f *file) patience() uint8 {
	if f.packed != nil {
		return 10
	}
	return 4
}

// ended tells whether nobody is expected to write to the file any more.
func (f *file) ended() bool { return f.renamed || f.links == 0 }

// quietSince is when the file last changed in any way.
func (f *file) quietSince() int64 { return max(f.grownAt, f.lostAt) }

// registry finds files by their inode number.
type registry struct {
	byInode map[uint64]*file
	count   int
}

func (r *registry) add(f *file) {
	f.twin = r.byInode[f.pos.Identity.Inode]
	r.byInode[f.pos.Identity.Inode] = f
	r.count++
}

func (r *registry) remove(f *file) {
	inode := f.pos.Identity.Inode
	if r.byInode[inode] == f {
		if f.twin == nil {
			delete(r.byInode, inode)
		} else {
			r.byInode[inode] = f.twin
		}
		r.count--
		return
	}
	for g := r.byInode[inode]; g != nil; g = g.twin {
		if g.twin == f {
			g.twin = f.twin
			r.count--
			return
		}
	}
}

// find returns the file that st is about, or nil. Among files that agree in inode and birth time the one on the same
// device is meant; one on another device is the same file only if it is nowhere else (a file system mounted anew).
func (r *registry) find(st *fileStat, named *file) *file {
	var moved *file
	for f := r.byInode[st.inode]; f != nil; f = f.twin {
		if !f.pos.Identity.matches(st) {
			continue
		}
		if f.pos.Identity.Device == st.device {
			return f
		}
		if st.birth != 0 && (f == named || f.links == 0) {
			moved = f
		}
	}
	return moved
}

// each calls do for every file.
func (r *registry) each(do func(*file)) {
	for _, f := range r.byInode {
		for ; f != nil; f = f.twin {
			do(f)
		}
	}
}
