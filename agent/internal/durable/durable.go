// Package durable makes names last: a file that was fsynced is still lost in a power cut if the folder that names it was
// not. The checkpoints and the dead letters share these few steps.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Dir fsyncs a folder: the names in it last from then on.
func Dir(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// MkdirAll makes a folder, with mode 0700, and everything above it, and fsyncs each folder that names one of them, also where they
// existed before: whoever made them may have died before it synced. Folders above that were there and cannot be synced are not ours.
func MkdirAll(dir string) error {
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	if parent == dir {
		return nil
	}
	info, err := os.Stat(dir)
	existed := err == nil && info.IsDir()
	if !existed {
		if err := MkdirAll(parent); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make folder: %w", err)
		} else if err != nil && !isDir(dir) {
			return fmt.Errorf("make folder %s: there is a file of that name", dir)
		}
	}
	if err := Dir(parent); err != nil && !existed {
		return err
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
