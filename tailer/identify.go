package tailer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"unicode/utf8"

	"github.com/weir-logs/weir/tailer/framing"
	"github.com/weir-logs/weir/tailer/inflate"
)

// End is the offset that stands for the end of a file: the start of its last, unfinished line if it has one.
const End = -1

// Errors of Identify, to be asked for with errors.Is.
var (
	ErrNotRegular = errors.New("it is no regular file")
	ErrBeyondEnd  = errors.New("the offset is beyond the end of the file")
)

// Identify returns the position that a Tailer would keep for the file at path once it had read it up to offset. If the file is the one of a
// position in known, as inode, birth time and content prove, the result has that one's ID; otherwise it has a new one.
//
// An offset inside a line is moved back to where the line starts, as rules have it, so that no record is cut in two; or where that is more
// than a window away, because such a line is read in pieces anyway, to where its character starts. It opens the file and closes it again.
func Identify(path string, offset int64, rules *framing.Rules, known []Position) (Position, error) {
	fd, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe must not hold the caller
	if err != nil {
		return Position{}, fmt.Errorf("tailer: %w", err)
	}
	defer fd.Close()
	p, err := identify(fd, offset, rules, known)
	if err != nil {
		return Position{}, fmt.Errorf("tailer: identify %s: %w", path, err)
	}
	p.seenAs(path)
	return p, nil
}

// seenAs notes the name that a file has.
func (p *Position) seenAs(path string) {
	p.Path = path
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		p.Target, _ = targetOf(path) // a hint
	}
}

func identify(fd *os.File, offset int64, rules *framing.Rules, known []Position) (p Position, err error) {
	st, err := statFile(fd)
	if err != nil {
		return p, err
	}
	if !st.regular() {
		return p, ErrNotRegular
	}
	if offset == End {
		offset = st.size
	}
	if offset < 0 || offset > st.size {
		return p, fmt.Errorf("%w: offset %d, size %d", ErrBeyondEnd, offset, st.size)
	}
	var buf [headSize]byte
	n, err := readAt(fd, buf[:], 0)
	if err != nil {
		return p, err
	}
	p.Size = st.size
	p.Identity = Identity{Inode: st.inode, Birth: st.birth, Device: st.device, Head: digestOf(written(buf[:n], rules))}
	if err := p.recall(known, fd, buf[:n], &st); err != nil {
		return p, err
	}
	if p.Offset, err = lineStart(fd, offset, rules.NewFramer(), rules.BigEndian(buf[:n])); err != nil {
		return p, err
	}
	before, err := readBefore(fd, buf[:beforeSize], p.Offset, beforeSize)
	p.Before = digestOf(before)
	return p, err
}

// recall takes over what is known of the file if it proves to be that of a position, or makes it a new one.
func (p *Position) recall(known []Position, fd *os.File, head []byte, st *fileStat) error {
	for i := range known {
		k := &known[i]
		if !k.valid() || !k.Identity.matches(st) || k.Offset > st.size {
			continue
		}
		if ok, err := proves(fd, head, k); ok || err != nil {
			p.ID, p.Met = k.ID, k.Met
			return err
		}
	}
	p.ID = newFileID()
	return nil
}

const lookBack = 4 << 10 // bytes read at once in search of a line's start

// lineStart returns where the line starts that offset is in, or, if that is more than a window before it, where the character starts.
func lineStart(r io.ReaderAt, offset int64, f *framing.Framer, big bool) (int64, error) {
	if offset == 0 {
		return 0, nil
	}
	buf := make([]byte, lookBack)
	before, err := readBefore(r, buf, offset, utf8.UTFMax) // no character of any encoding is longer
	if err != nil {
		return 0, err
	}
	from := offset - int64(len(before))
	end, most := from+int64(f.Whole(before, from, big)), int64(f.Window())
	for at := end; at > 0; {
		to := min(at+int64(f.Overlap()), end) // a line end may lie across two pieces
		size := min(int64(len(buf)), to)
		at = to - size
		n, err := readAt(r, buf[:size], at)
		if err != nil {
			return 0, err
		}
		if i := f.LastEnd(buf[:n], at, big); i >= 0 && end-at-int64(i) <= most {
			return at + int64(i), nil
		} else if i >= 0 || end-at > most {
			return end, nil
		}
	}
	return 0, nil
}

// SameFile tells whether two identities may be of one file at different times: their inodes agree, and their birth times where both are
// known. Whether its content is still the same, only the file can prove.
func (id Identity) SameFile(other Identity) bool {
	return id.matches(&fileStat{inode: other.Inode, birth: other.Birth})
}

// Look returns the identity of the file at path as far as its directory entry shows it, without a digest, and its size. Symbolic links
// are followed.
func Look(path string) (id Identity, size int64, err error) {
	st, err := statPath(path)
	if err != nil {
		return id, 0, err
	}
	if !st.regular() {
		return id, 0, fmt.Errorf("tailer: %s: %w", path, ErrNotRegular)
	}
	return Identity{Inode: st.inode, Birth: st.birth, Device: st.device}, st.size, nil
}

// LookInside returns the size of the content of the compressed file at path of which offset bytes were read, as far as the file itself says it; -1 if
// only inflating it would tell. Symbolic links are followed.
func LookInside(path string, offset int64) (size int64, err error) {
	fd, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("tailer: %w", err)
	}
	defer fd.Close()
	st, err := statFile(fd)
	if err != nil {
		return -1, err
	}
	format, err := FormatOf(path, fd)
	if err != nil || format == inflate.Plain {
		return -1, err
	}
	p := packed{format: format}
	if p.hint, p.kind, err = inflate.SizeHint(fd, st.size, format); err != nil {
		return -1, fmt.Errorf("tailer: look inside %s: %w", path, err)
	}
	switch {
	case p.says(offset):
		return offset, nil
	case p.kind == inflate.SizeUnknown || p.hint < offset: // gzip says it modulo 4 GiB, and of its last member only
		return -1, nil
	}
	return p.hint, nil
}
