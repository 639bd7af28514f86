package servercmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// layout is where the demo keeps things, all absolute and below one folder, which is locked until close.
type layout struct {
	root, server, state, objects, live string

	mark *os.File
}

// close lets another demo have the folder.
func (l layout) close() { l.mark.Close() }

// demoMark is the file by which a demo knows a folder that it may empty.
const demoMark = ".weir-demo"

// newLayout makes the demo's folder: a new or empty one, or one that an earlier demo made.
func newLayout(dir string) (layout, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, err
	}
	l := layout{root: root, server: filepath.Join(root, "server"), state: filepath.Join(root, "state"),
		objects: filepath.Join(root, "objects"), live: filepath.Join(root, "live")}
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return l, fmt.Errorf("the demo's folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, demoMark)); len(entries) > 0 && err != nil {
		return l, fmt.Errorf("the folder %s is not empty and no earlier demo made it; name another with --dir", root)
	}
	if err := l.lock(); err != nil {
		return l, err
	}
	for _, sub := range []string{l.server, l.state, l.objects, l.live} {
		if err := errors.Join(os.RemoveAll(sub), os.MkdirAll(sub, 0o755)); err != nil {
			l.close()
			return l, fmt.Errorf("cannot empty the folder of an earlier demo, name another with --dir: %w", err)
		}
	}
	return l, nil
}

// lock makes the folder the demo's, and keeps other demos out of it.
func (l *layout) lock() error {
	if err := os.MkdirAll(l.root, 0o755); err != nil {
		return fmt.Errorf("the demo's folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(l.root, demoMark), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("the demo's folder, name another with --dir: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("another demo runs in %s (%w); name another folder with --dir", l.root, err)
	}
	l.mark = f
	return nil
}
