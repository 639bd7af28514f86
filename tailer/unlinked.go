package tailer

import (
	"os"
	"syscall"
)

// unlinked tells whether an open file has no name left, on any path of its file system: it goes when the last descriptor does. Where
// that cannot be told it is false, as without a descriptor.
func unlinked(fd *os.File) bool {
	if fd == nil {
		return false
	}
	info, err := fd.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}
