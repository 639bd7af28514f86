package tailer

import (
	"path/filepath"
	"time"
)

// A followed name that was given away is most often made anew within moments. Where no file events tell, it is looked for by itself until then: a
// listing each second would miss a file that is rotated away again before it. The target of a symbolic link, such as a container's log, is made in
// another directory, of which no file events come.
const (
	vacantFor = int64(10 * time.Second) // how long after the name was lost
	maxVacant = 256                     // names
)

// vacate notes that a name that matches, a symbolic link perhaps, stands for nothing any more.
func (t *Tailer) vacate(d *dir, path string, link bool) {
	if (link || !d.covered) && !t.cfg.Once && len(t.vacant) < maxVacant {
		t.vacant[path] = t.now() + vacantFor
	}
}

// watchVacant has the directories listed in which a name is there again.
func (t *Tailer) watchVacant() {
	for path, until := range t.vacant {
		d := t.dirs[filepath.Dir(path)]
		_, err := statPath(path)
		if err == nil && d != nil {
			t.mark(d)
		}
		if err == nil || d == nil || t.now() > until {
			delete(t.vacant, path)
		}
	}
}
