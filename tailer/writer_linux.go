package tailer

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hasWriter tells whether somebody has the file open for writing: the kernel grants a read lease (fcntl(2), F_SETLEASE) only if nobody has. It is
// given back at once; who opens the file in between waits for that long. Where leases cannot be had (another user's file without
// CAP_LEASE, a file system without them) the answer is no, and quiet alone decides.
func hasWriter(f *os.File) bool {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	if err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	}
	return errors.Is(err, unix.EAGAIN)
}
