package tailer

import (
	"path/filepath"
	"time"
)

// A followed name that was given away is most often made anew within moments. Where no file events tell, it is looked for by itself until then: a
// listing each second would miss a file that is rotated away again before it. The target of a symbolic link, such as a container's log, is made in
// another directory, of which no file events may come.
const (
	vacantFor   = int64(10 * time.Second) // how long after the name was lost
	vacantShare = 8                       // between two looks passes one part in so many of the time since then, and pollUnit for each name at least
	maxVacant   = 256                     // names
)

// vacancy is when a name was lost, and when it is looked at next.
type vacancy struct{ since, next int64 }

// vacate notes that a name that matches, a symbolic link perhaps, stands for nothing any more.
func (t *Tailer) vacate(d *dir, path string, link bool) {
	if (link || !d.covered) && !t.cfg.Once && len(t.vacant) < maxVacant {
		now := t.now()
		t.vacant[path] = vacancy{now, now + minPoll}
	}
}

// watchVacant has the directories listed in which a name is there again.
func (t *Tailer) watchVacant() {
	now := t.now()
	for path, v := range t.vacant {
		if v.next > now {
			continue
		}
		d := t.dirs[filepath.Dir(path)]
		_, err := statPath(path)
		if err == nil && d != nil {
			t.mark(d)
		}
		if err == nil || d == nil || now-v.since > vacantFor {
			delete(t.vacant, path)
			continue
		}
		v.next = now + max(minPoll, int64(len(t.vacant))*pollUnit, (now-v.since)/vacantShare)
		t.vacant[path] = v
	}
}

// vacantDue is when the next of these names is looked at.
func (t *Tailer) vacantDue() int64 {
	at := int64(never)
	for _, v := range t.vacant {
		at = min(at, v.next)
	}
	return at
}
