package witness

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Objects reads the gzip objects below a folder that a delivery stream writes to. It is for one goroutine at a time.
type Objects struct {
	dir   string
	shown map[string]bool // by path
}

// NewObjects returns a reader of the objects below dir, which need not be there yet.
func NewObjects(dir string) *Objects { return &Objects{dir: dir, shown: map[string]bool{}} }

// Collect calls f with the path and the content of each object that has come since the last call. What is hidden is no object: there they are put together.
// An error of f ends it; the object does not count as shown.
func (o *Objects) Collect(f func(path string, content []byte) error) error {
	return filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		hidden := d != nil && strings.HasPrefix(d.Name(), ".") && path != o.dir
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case hidden, d.IsDir(), o.shown[path]:
			return nil
		}
		content, err := unzip(path)
		if err == nil {
			err = f(path, content)
		}
		if err != nil {
			return fmt.Errorf("object %s: %w", path, err)
		}
		o.shown[path] = true
		return nil
	})
}

func unzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
