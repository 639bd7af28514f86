// Package durable makes names last: a file that was fsynced is still lost in a power cut if the folder that names it was
// not. The buffers and the folder destination of the bundled Firehose share these few steps.
package durable

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Dir fsyncs a folder: the names in it last from then on, and so do removals.
func Dir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// MkdirAll makes a folder and everything above it, and fsyncs each folder that names one of them, also where they existed
// before: whoever made them may have died before it synced. Folders above that this user may not open are not ours.
func MkdirAll(fsys vfs.FS, dir string) error {
	parent := fsys.PathDir(dir)
	if parent == dir {
		return nil
	}
	if err := MkdirAll(fsys, parent); err != nil {
		return err
	}
	info, err := fsys.Stat(dir)
	existed := err == nil
	switch {
	case existed && !info.IsDir():
		return fmt.Errorf("make folder %s: there is a file of that name", dir)
	case !existed:
		if err := fsys.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make folder %s: %w", dir, err)
		}
	}
	if err := Dir(fsys, parent); err != nil && !(existed && errors.Is(err, fs.ErrPermission)) {
		return err
	}
	return nil
}
