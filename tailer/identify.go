package tailer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
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
// An offset inside a line is moved back to where the line starts, so that no record is cut in two; not by more than maxRecord
// bytes, because a longer line is read in pieces anyway. It opens the file and closes it again.
func Identify(path string, offset int64, maxRecord int, known []Position) (Position, error) {
	fd, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe must not hold the caller
	if err != nil {
		return Position{}, fmt.Errorf("tailer: %w", err)
	}
	defer fd.Close()
	p, err := identify(fd, offset, maxRecord, known)
	if err != nil {
		return Position{}, fmt.Errorf("tailer: identify %s: %w", path, err)
	}
	p.Path = path
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		p.Target, _ = filepath.EvalSymlinks(path) // a hint
	}
	return p, nil
}

func identify(fd *os.File, offset int64, maxRecord int, known []Position) (p Position, err error) {
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
	p.Identity = Identity{Inode: st.inode, Birth: st.birth, Device: st.device, Head: digestOf(buf[:n])}
	if p.ID, err = idAmong(known, fd, buf[:n], &st); err != nil {
		return p, err
	}
	if p.Offset, err = lineStart(fd, offset, maxRecord); err != nil {
		return p, err
	}
	before, err := readBefore(fd, buf[:beforeSize], p.Offset, beforeSize)
	p.Before = digestOf(before)
	return p, err
}

// idAmong returns the id of the position that the file proves to be of, or a new one.
func idAmong(known []Position, fd *os.File, head []byte, st *fileStat) (FileID, error) {
	for i := range known {
		k := &known[i]
		if !k.Identity.matches(st) || k.Offset > st.size {
			continue
		}
		if ok, err := proves(fd, head, k); ok || err != nil {
			return k.ID, err
		}
	}
	return newFileID(), nil
}

// lineStart returns where the line starts that offset is in, or offset if that is more than maxRecord bytes before it.
func lineStart(fd *os.File, offset int64, maxRecord int) (int64, error) {
	var buf [32 << 10]byte
	for at := offset; at > 0; {
		size := min(int64(len(buf)), at)
		n, err := readAt(fd, buf[:size], at-size)
		if err != nil {
			return 0, err
		}
		at -= size
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			start := at + int64(i) + 1
			if offset-start > int64(maxRecord) {
				return offset, nil
			}
			return start, nil
		}
		if offset-at > int64(maxRecord) {
			return offset, nil
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
