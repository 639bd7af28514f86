package dest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/delivery/internal/durable"
)

const (
	tempFolder = ".weir-tmp" // below the store's folder: objects on their way. No key leads there
	maxFolders = 4096        // that are remembered as durable
)

// Directory is a Store on a file system: an object is a file, the slashes of its key are folders. A file appears under
// its name by a rename, after its bytes are on disk, and Put returns after the names of all folders on its way are, too.
type Directory struct {
	fs   vfs.FS
	root string
	temp string
	own  string        // begins the names of temporary files, so that two stores on one folder do not meet
	next atomic.Uint64 // number of the next temporary file

	mu      sync.Mutex
	durable map[string]bool // folders of which all names up to root are synced; emptied when it is large
}

// NewDirectory makes a Store of a folder, which is made if it is not there. What an earlier process left half-written is
// removed. A nil fs is the disk.
func NewDirectory(fsys vfs.FS, root string) (*Directory, error) {
	if fsys == nil {
		fsys = vfs.Default
	}
	if root == "" {
		return nil, errors.New("a directory destination needs a folder")
	}
	d := &Directory{fs: fsys, root: root, temp: fsys.PathJoin(root, tempFolder), own: rand.Text(), durable: map[string]bool{}}
	if err := durable.MkdirAll(fsys, root); err != nil {
		return nil, fmt.Errorf("destination folder: %w", err)
	}
	if err := fsys.RemoveAll(d.temp); err != nil {
		return nil, fmt.Errorf("destination folder: remove leftovers: %w", err)
	}
	if err := fsys.MkdirAll(d.temp, 0o755); err != nil {
		return nil, fmt.Errorf("destination folder: %w", err)
	}
	return d, nil
}

// Put stores an object.
func (d *Directory) Put(ctx context.Context, key string, _ Meta, body func(io.Writer) error) error {
	path, err := filePath(key)
	if err != nil {
		return fmt.Errorf("object %.60q: %w", key, err)
	}
	if err := d.put(ctx, path, body); err != nil {
		return fmt.Errorf("object %s in folder %s: %w", key, d.root, err)
	}
	return nil
}

// Check implements Checker.
func (d *Directory) Check(key string) error {
	_, err := filePath(key)
	return err
}

func (d *Directory) put(ctx context.Context, path string, body func(io.Writer) error) error {
	temp := d.fs.PathJoin(d.temp, fmt.Sprintf("%s-%d", d.own, d.next.Add(1)))
	if err := d.write(ctx, temp, body); err != nil {
		_ = d.fs.Remove(temp) // if it stays, the next start removes it
		return err
	}
	file := d.fs.PathJoin(append([]string{d.root}, strings.Split(path, "/")...)...)
	folder := d.fs.PathDir(file)
	if err := d.makeFolder(folder); err != nil {
		_ = d.fs.Remove(temp)
		return err
	}
	if err := d.fs.Rename(temp, file); err != nil {
		_ = d.fs.Remove(temp)
		d.forgetFolders() // somebody may have removed one
		return err
	}
	return durable.Dir(d.fs, folder)
}

// write fills a temporary file and syncs it.
func (d *Directory) write(ctx context.Context, temp string, body func(io.Writer) error) error {
	f, err := d.fs.Create(temp, vfs.WriteCategoryUnspecified)
	if errors.Is(err, fs.ErrNotExist) { // somebody tidied up
		if err = d.fs.MkdirAll(d.temp, 0o755); err == nil {
			f, err = d.fs.Create(temp, vfs.WriteCategoryUnspecified)
		}
	}
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	if err = body(contextWriter{ctx, w}); err == nil {
		if err = w.Flush(); err == nil {
			err = f.Sync()
		}
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// makeFolder makes a folder below root durable. Two objects may need the same new folder at once: the lock keeps the
// second from relying on one that is not synced yet.
func (d *Directory) makeFolder(folder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.durable[folder] {
		return nil
	}
	if err := durable.MkdirAll(d.fs, folder); err != nil {
		return err
	}
	if len(d.durable) >= maxFolders {
		clear(d.durable)
	}
	d.durable[folder] = true
	return nil
}

func (d *Directory) forgetFolders() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.durable)
}
