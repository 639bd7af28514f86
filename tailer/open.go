package tailer

import (
	"errors"
	"os"
	"syscall"
)

// errMoved says that a name leads to another file than the one that was meant.
var errMoved = errors.New("the name leads to another file now")

// open gets the descriptor of a file by its name. Only the owner of the file may call it.
func (t *Tailer) open(f *file, path string) error {
	fd, err := openFile(path, f.inode, f.birth)
	if err != nil {
		return err
	}
	t.mu.Lock()
	f.fd, f.woken = fd, true
	t.opened[f] = struct{}{}
	t.mu.Unlock()
	return nil
}

// openFile opens the file with these numbers by its name. The error is errMoved if the name leads to another one.
func openFile(path string, inode uint64, birth int64) (*os.File, error) {
	// Without O_NONBLOCK, a named pipe put there in the meantime would hold the caller for ever.
	fd, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	st, err := statFile(fd)
	if err == nil && (!st.regular() || st.inode != inode || birth != 0 && st.birth != birth) {
		err = errMoved
	}
	if err != nil {
		fd.Close()
		return nil, err
	}
	return fd, nil
}

// close gives the descriptor back, if there is one. Only the owner of the file may call it.
func (t *Tailer) close(f *file) {
	t.mu.Lock()
	t.pack(f)
	fd := f.fd
	f.fd = nil
	delete(t.opened, f)
	t.mu.Unlock()
	if fd != nil {
		fd.Close() // read only: nothing to lose
	}
}
