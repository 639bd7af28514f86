package tailer

import "io/fs"

// fileStat is what the tailer asks the file system about a file.
type fileStat struct {
	inode  uint64
	device uint64
	birth  int64 // nanoseconds since the epoch; 0 where there is none
	mtime  int64
	size   int64
	links  uint64      // names it has anywhere
	mode   fs.FileMode // type bits only
}

func (s *fileStat) regular() bool { return s.mode.IsRegular() }

// born is when the file came to be, as well as the file system can tell.
func (s *fileStat) born() int64 {
	if s.birth != 0 {
		return s.birth
	}
	return s.mtime
}

// changed tells whether the file differs from what was seen of it.
func (s *fileStat) changed(size, mtime int64) bool { return s.size != size || s.mtime != mtime }

// kindOf names the type of a path that is no regular file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "no regular file"
	}
}
