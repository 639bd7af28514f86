package tailer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// sight is a name and the file that it led to.
type sight struct {
	path string
	st   fileStat
}

// Survey returns a position in each file that matches now and that no position in Config.Known may be of: at its beginning (0), or at its end
// (End), which is the start of the last, unfinished line. A caller that keeps them before it has anything read loses none of these files: the
// next run knows them, whatever becomes of their names in between. What rotation has left of them by now is history.
//
// It is asked of a Tailer that is never run; the one that reads gets the positions in its Config.Known. Each file is reported (FileFound). Left
// out are compressed files, and what cannot be read just now: a run reports that, and reads it from its beginning. The only error is the
// context's.
func (t *Tailer) Survey(ctx context.Context, offset int64) ([]Position, error) {
	var found []Position
	met := t.wall()
	if !t.cfg.Since.IsZero() {
		met = t.cfg.Since.UnixNano()
	}
	for _, s := range t.sights() {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		p, err := s.position(t, offset)
		if err != nil {
			continue
		}
		p.Met = met
		found = append(found, p)
		t.emit(Event{Kind: FileFound, ID: p.ID, Path: p.Path, Offset: p.Offset})
	}
	return found, nil
}

// sights looks at all names at once, so that little time passes between their listing and that.
func (t *Tailer) sights() (all []sight) {
	paths, _ := t.patterns.match() // of what cannot be listed, the run has to tell
	seen := map[fileStat]bool{}
	for _, path := range paths {
		st, err := statPath(path)
		if err != nil || !st.regular() || Compressed(path) || t.isKnown(&st) {
			continue
		}
		if numbers := (fileStat{inode: st.inode, birth: st.birth, device: st.device}); !seen[numbers] { // else another name of the same file
			seen[numbers] = true
			all = append(all, sight{path, st})
		}
	}
	return all
}

// isKnown tells whether a position of an earlier run may be of the file.
func (t *Tailer) isKnown(st *fileStat) bool {
	for _, k := range t.known[st.inode] {
		if k.Identity.matches(st) {
			return true
		}
	}
	return false
}

// position looks into the file that was seen, under the name that it had or the one that it was given since in the same directory.
func (s *sight) position(t *Tailer, offset int64) (Position, error) {
	fd, err := openFile(s.path, s.st.inode, s.st.birth)
	if errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist) {
		fd, err = s.follow()
	}
	if err != nil {
		return Position{}, err
	}
	defer fd.Close()
	p, err := identify(fd, offset, t.rules, nil)
	p.seenAs(s.path)
	if err == nil && t.cfg.IDs != nil {
		var head [headSize]byte
		n, e := readAt(fd, head[:], 0)
		if err = e; err == nil {
			p.ID = t.cfg.IDs.mint(p.Identity, t.written(head[:n]), fd, t.written)
		}
	}
	return p, err
}

// follow opens the file under another name in its directory.
func (s *sight) follow() (*os.File, error) {
	dir := filepath.Dir(s.path)
	entries, _, err := readDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if st, err := statPath(path); err != nil || st.inode != s.st.inode || st.birth != s.st.birth {
			continue
		}
		if fd, err := openFile(path, s.st.inode, s.st.birth); err == nil {
			return fd, nil
		}
	}
	return nil, fs.ErrNotExist
}
