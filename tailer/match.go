package tailer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Match returns the regular files that match paths and not exclude now, sorted, each once. Globs are those of Config.
// Directories that cannot be read are reported together in the error; what could be read is returned all the same.
func Match(paths, exclude []string) ([]string, error) {
	p, err := newPatterns(paths, exclude)
	if err != nil {
		return nil, err
	}
	return p.match()
}

func (p *patterns) match() ([]string, error) {
	m := walker{patterns: p}
	for root, spots := range p.roots() {
		m.walk(root, spots)
	}
	slices.Sort(m.found)
	return slices.Compact(m.found), errors.Join(m.errs...)
}

// Matcher tells which paths the globs of a Config are about, whether the files are there or not.
type Matcher struct{ patterns *patterns }

// NewMatcher compiles globs, or reports every one that is wrong.
func NewMatcher(paths, exclude []string) (Matcher, error) {
	p, err := newPatterns(paths, exclude)
	return Matcher{p}, err
}

// Follows tells whether a file at path would be followed: it matches, or its name is what rotation makes of one that does.
func (m Matcher) Follows(path string) bool { return m.patterns.relevant(path) }

type walker struct {
	*patterns
	found []string
	errs  []error
}

func (m *walker) walk(dir string, spots []spot) {
	entries, _, err := readDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.errs = append(m.errs, fmt.Errorf("tailer: list directory: %w", err))
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		link := e.Type()&fs.ModeSymlink != 0
		mode := e.Type()
		if link {
			st, err := statPath(path)
			if err != nil {
				continue
			}
			mode = st.mode
		}
		switch {
		case mode.IsDir():
			if in := m.below(spots, e.Name(), link); len(in) > 0 {
				m.walk(path, in)
			}
		case mode.IsRegular() && m.file(spots, dir, e.Name()):
			m.found = append(m.found, path)
		}
	}
}

// readDir lists a directory, unsorted, and tells what it was when the listing began.
func readDir(path string) ([]fs.DirEntry, fileStat, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileStat{}, err
	}
	defer f.Close()
	st, err := statFile(f)
	if err != nil {
		return nil, fileStat{}, err
	}
	entries, err := f.ReadDir(-1)
	return entries, st, err
}
