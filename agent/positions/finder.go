package positions

import (
	"os"
	"path/filepath"

	"github.com/weir-logs/weir/tailer"
)

// Finder finds files that may have been renamed within their directory or that of their link's target, or moved to one of Folders. It lists each directory once, so it
// must not be kept for long. The zero value is ready.
type Finder struct {
	Folders []string // where files are rotated to

	dirs map[string]map[uint64][]string // by directory: the names of each inode
}

// Find returns where the file of p is, and its size now. An inode with the same birth time, or without one to compare, is taken for the file;
// its content is not looked at.
func (f *Finder) Find(p *tailer.Position) (found string, size int64, ok bool) {
	if now, size, err := tailer.Look(p.Path); err == nil && now.SameFile(p.Identity) {
		return p.Path, size, true
	}
	dirs := []string{filepath.Dir(p.Path)}
	if p.Target != "" {
		dirs = append(dirs, filepath.Dir(p.Target))
	}
	for _, dir := range append(dirs, f.Folders...) {
		for _, name := range f.names(dir)[p.Identity.Inode] {
			if now, size, err := tailer.Look(name); err == nil && now.SameFile(p.Identity) {
				return name, size, true
			}
		}
	}
	return "", 0, false
}

// names lists a directory. What cannot be listed or looked at is not found there.
func (f *Finder) names(dir string) map[uint64][]string {
	if known, ok := f.dirs[dir]; ok {
		return known
	}
	if f.dirs == nil {
		f.dirs = make(map[string]map[uint64][]string)
	}
	inodes := make(map[uint64][]string)
	f.dirs[dir] = inodes
	entries, err := os.ReadDir(dir)
	if err != nil {
		return inodes
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if id, _, err := tailer.Look(path); err == nil {
			inodes[id.Inode] = append(inodes[id.Inode], path)
		}
	}
	return inodes
}
