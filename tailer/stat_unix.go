//go:build unix && (!linux || nobirth)

package tailer

import (
	"io/fs"
	"os"
	"syscall"
)

// statFile asks about an open file.
func statFile(f *os.File) (fileStat, error) {
	info, err := f.Stat()
	return fromInfo(info, err)
}

// statPath asks about the file that a path leads to, through symbolic links.
func statPath(path string) (fileStat, error) {
	info, err := os.Stat(path)
	return fromInfo(info, err)
}

// fromInfo leaves birth at 0: identity then rests on the inode and the digests.
func fromInfo(info fs.FileInfo, err error) (fileStat, error) {
	if err != nil {
		return fileStat{}, err
	}
	st := fileStat{mtime: info.ModTime().UnixNano(), size: info.Size(), mode: info.Mode().Type()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		st.inode, st.device, st.links = uint64(sys.Ino), uint64(sys.Dev), uint64(sys.Nlink)
	}
	return st, nil
}

// rebirths does not matter where there are no birth times.
func rebirths(string) bool { return false }

// remote is not known on these systems.
func remote(string) bool { return false }
