package tailer

import "os"

// unlinked tells whether an open file has no name left, on any path of its file system: it goes when the last descriptor does. Where
// that cannot be told it is false, as without a descriptor.
func unlinked(fd *os.File) bool {
	if fd == nil {
		return false
	}
	st, err := statFile(fd)
	return err == nil && st.links == 0
}
