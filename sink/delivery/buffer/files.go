package buffer

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/delivery/internal/durable"
)

// createFile makes a segment with its first bytes and returns it open for writing, all of it durable. If a file of that
// name is there, from an attempt that failed at its last step, it is replaced.
func createFile(fsys vfs.FS, dir string, number uint64, head []byte) (vfs.File, error) {
	temp := fsys.PathJoin(dir, segmentName(number, tempSuffix))
	path := fsys.PathJoin(dir, segmentName(number, goodSuffix))
	if err := removeFile(fsys, temp); err != nil {
		return nil, fmt.Errorf("make buffer %s: %w", path, err)
	}
	f, err := fsys.OpenReadWrite(temp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, fmt.Errorf("make buffer %s: %w", path, err)
	}
	if err = fillFile(f, head); err == nil {
		if err = fsys.Rename(temp, path); err == nil {
			if err = durable.Dir(fsys, dir); err == nil {
				return f, nil
			}
		}
	}
	_ = f.Close()
	_ = removeFile(fsys, temp) // if it stays, the next attempt or the next start removes it
	return nil, fmt.Errorf("make buffer %s: %w", path, err)
}

func fillFile(f vfs.File, head []byte) error {
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	return f.Sync()
}

// removeFile removes a file that may be gone already.
func removeFile(fsys vfs.FS, path string) error {
	if err := fsys.Remove(path); err != nil && !isNotExist(err) {
		return err
	}
	return nil
}

// setAside takes a damaged segment out of the way under a name that nothing reads.
func setAside(fsys vfs.FS, dir, path string) error {
	if err := fsys.Rename(path, asideName(path)); err != nil && !isNotExist(err) {
		return fmt.Errorf("set damaged buffer aside: %w", err)
	}
	return durable.Dir(fsys, dir)
}
