//go:build !nobirth

package tailer

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

const statMask = unix.STATX_TYPE | unix.STATX_INO | unix.STATX_SIZE | unix.STATX_MTIME | unix.STATX_BTIME | unix.STATX_NLINK

// statFile asks about an open file.
func statFile(f *os.File) (fileStat, error) {
	var x unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, statMask, &x); err != nil {
		return fileStat{}, &fs.PathError{Op: "statx", Path: f.Name(), Err: err}
	}
	return fromStatx(&x), nil
}

// statPath asks about the file that a path leads to, through symbolic links.
func statPath(path string) (fileStat, error) {
	var x unix.Statx_t
	for {
		err := unix.Statx(unix.AT_FDCWD, path, 0, statMask, &x)
		if err == nil {
			return fromStatx(&x), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return fileStat{}, &fs.PathError{Op: "statx", Path: path, Err: err}
		}
	}
}

func fromStatx(x *unix.Statx_t) fileStat {
	st := fileStat{
		inode:  x.Ino,
		device: unix.Mkdev(x.Dev_major, x.Dev_minor),
		mtime:  x.Mtime.Sec*1e9 + int64(x.Mtime.Nsec),
		size:   int64(x.Size),
		links:  uint64(x.Nlink),
		mode:   modeOf(x.Mode),
	}
	if x.Mask&unix.STATX_BTIME != 0 {
		st.birth = x.Btime.Sec*1e9 + int64(x.Btime.Nsec)
	}
	return st
}

func modeOf(mode uint16) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFBLK, unix.S_IFCHR:
		return fs.ModeDevice
	default:
		return fs.ModeIrregular
	}
}

// rebirths tells whether the files in dir may get another birth time, and stay what they are: an overlay copies a file of a lower layer to
// the upper one when it is first written to.
func rebirths(dir string) bool {
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	return err == nil && uint32(st.Type) == unix.OVERLAYFS_SUPER_MAGIC
}

// remote tells whether dir lies on a file system that others change without this kernel seeing it: no file events there.
func remote(dir string) bool {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return false
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.FUSE_SUPER_MAGIC,
		unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC:
		return true
	}
	return false
}
