package tailer

import (
	"errors"
	"path/filepath"
	"time"
)

// passed is a name that matches and is not followed.
type passed struct {
	since int64 // when it was met first; never: it was said
	gen   uint32
}

// pass notes that a name is not followed, and returns since when, for as long as listings show it.
func (l *listing) pass(base string) passed {
	p, met := l.d.passed[base]
	if !met {
		p.since = l.now
	}
	p.gen = l.d.gen
	l.d.passed[base] = p
	return p
}

// said notes that it was said of a name that it is not followed.
func (l *listing) said(base string) { l.d.passed[base] = passed{never, l.d.gen} }

// forget drops the names that this listing has not shown.
func (l *listing) forget() {
	for base, p := range l.d.passed {
		if p.gen != l.d.gen {
			delete(l.d.passed, base)
		}
	}
}

// skip says once why a matching name is not followed.
func (l *listing) skip(path, why string) {
	if base := filepath.Base(path); l.pass(base).since != never {
		l.said(base)
		l.t.emit(Event{Kind: PathSkipped, Path: path, Count: 1, Err: errors.New(why)})
	}
}

// leaveAfter is how long a compressed file may turn out to go on from one that was followed before it is said that it does not.
const leaveAfter = int64(30 * time.Second)

// leave says, once, which compressed files are not read because nothing in them is known to go on from a file that was followed.
func (l *listing) leave() {
	count, first, searching := 0, "", l.t.searching()
	var youngest int64
	for _, base := range l.packed {
		if !l.leaves(base, searching) {
			continue
		}
		path := filepath.Join(l.d.path, base)
		st, err := statPath(path)
		if err == nil && st.born() <= l.t.left {
			continue // an earlier run has said so, whatever its name was then
		}
		if youngest = max(youngest, st.born()); count == 0 || path < first {
			first = path
		}
		count++
	}
	if count == 0 {
		return
	}
	l.t.emit(Event{Kind: PathSkipped, Path: first, Count: count, Left: time.Unix(0, youngest),
		Err: errors.New("compressed, and not what became of a file that was followed: if it was never shipped, do so with a backfill")})
}

// leaves tells whether it is time to say that the compressed file under a name is not read. It does so once: for a file that was looked into,
// whatever its name is by then, and otherwise for a name.
func (l *listing) leaves(base string, searching bool) bool {
	p := l.pass(base)
	if n := l.d.names[base]; n != nil {
		l.t.mu.Lock()
		defer l.t.mu.Unlock()
		switch f := n.file; {
		case f.state != shut:
			return false
		case f.news:
			if f.accounted || searching || l.now-f.judgedAt < leaveAfter {
				return false
			}
			f.accounted = true
			return true
		}
	}
	if p.since == never || searching || l.now-p.since < leaveAfter {
		return false
	}
	l.said(base)
	return true
}
