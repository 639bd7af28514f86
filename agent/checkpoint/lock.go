package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lock is the right to use one store. Its file says who holds it; a clean stop empties it, so that what is found in an unlocked
// file tells of a holder that died.
type lock struct {
	file    *os.File
	unclean bool // the holder before did not stop in order
}

// lockPoll is how long is waited between two tries to take a lock.
const lockPoll = 20 * time.Millisecond

// waitForLock takes the lock of a store as soon as it is free, or says who still has it when cfg.Wait is over.
func waitForLock(cfg StoreConfig) (*lock, error) {
	for began := time.Now(); ; time.Sleep(lockPoll) {
		l, err := takeLock(cfg.Dir, cfg.Name, cfg.Now())
		var locked *LockedError
		if !errors.As(err, &locked) || time.Since(began) >= cfg.Wait {
			return l, err
		}
	}
}

// takeLock takes the lock of the store name in dir, or says who has it.
func takeLock(dir, name string, now time.Time) (*lock, error) {
	path := filepath.Join(dir, name+".lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: open lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := readHolder(f)
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Name: name, Holder: holder}
		}
		return nil, fmt.Errorf("checkpoint: lock %s: %w", path, err)
	}
	l := &lock{file: f, unclean: readHolder(f) != ""}
	if err := l.write(fmt.Sprintf("process %d, since %s\n", os.Getpid(), now.UTC().Format(time.RFC3339))); err != nil {
		f.Close()
		return nil, fmt.Errorf("checkpoint: write lock %s: %w", path, err)
	}
	return l, nil
}

// release gives the lock back. A store that closed in order passes clean; otherwise the next holder checks the database.
func (l *lock) release(clean bool) error {
	var err error
	if clean {
		err = l.write("")
	}
	return errors.Join(err, l.file.Close()) // closing ends the lock; the file stays, removing it would let two holders in
}

func (l *lock) write(text string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(text), 0)
	return err
}

func readHolder(f *os.File) string {
	var buf [256]byte
	n, err := f.ReadAt(buf[:], 0)
	if err != nil && err != io.EOF {
		return ""
	}
	return strings.TrimSpace(string(buf[:n]))
}
