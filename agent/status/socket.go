package status

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	maxSocketPath = 107 // sockaddr_un.sun_path has 108 bytes with its NUL (unix(7))
	newSuffix     = ".new"
)

// listen makes the socket under another name, takes it away from everybody else, and only then gives it its name: at no moment can
// a stranger connect, and a stale socket is replaced in one step.
func listen(path string) (net.Listener, os.FileInfo, error) {
	if err := checkStale(path); err != nil {
		return nil, nil, err
	}
	temp := path + newSuffix
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("status: admin socket: %w", err)
	}
	short, release, err := shorten(temp)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, nil, fmt.Errorf("status: admin socket %s: %w", path, err)
	}
	l.SetUnlinkOnClose(false) // it would unlink the temporary name
	info, err := nameSocket(temp, path)
	if err != nil {
		l.Close()
		os.Remove(temp)
		return nil, nil, fmt.Errorf("status: admin socket %s: %w", path, err)
	}
	return l, info, nil
}

func nameSocket(temp, path string) (os.FileInfo, error) {
	if err := os.Chmod(temp, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(temp, path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// checkStale allows a name that is free or belongs to a socket that nobody listens on.
func checkStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("status: admin socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("status: %s is there and is no socket: move it away or set another socket in the configuration", path)
	}
	short, release, err := shorten(path)
	if err != nil {
		return err
	}
	defer release()
	conn, err := net.DialTimeout("unix", short, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("status: another agent answers on %s: stop it, or set another socket in the configuration", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("status: admin socket %s: it is there and cannot be asked whether it is in use: %w", path, err)
	}
	return nil
}

// shorten returns a name for path that fits into a socket address. A longer one is named by way of its folder's descriptor, which stays
// open until release is called.
func shorten(path string) (short string, release func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, fmt.Errorf("status: folder of the admin socket: %w", err)
	}
	short = "/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) + "/" + filepath.Base(path)
	_, err = os.Stat(filepath.Dir(short))
	if err != nil || len(short) > maxSocketPath {
		dir.Close()
		return "", nil, fmt.Errorf("status: the admin socket's path has %d bytes, at most %d fit: set a shorter socket in the configuration: %s",
			len(path), maxSocketPath, path)
	}
	return short, func() { dir.Close() }, nil
}
