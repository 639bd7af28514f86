package tailer

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestVacantNames: names that were given away are looked for often at first, and less often then; one that is there again is seen soon.
func TestVacantNames(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.start()
	tl := r.tailer
	d := tl.dirs[r.dir]
	path := func(i int) string { return filepath.Join(r.dir, fmt.Sprintf("%d.log", i)) }
	for i := range maxVacant + 1 {
		tl.vacate(d, path(i), false)
	}
	if len(tl.vacant) != maxVacant {
		t.Fatalf("%d names are looked for, want %d", len(tl.vacant), maxVacant)
	}
	begin, looks, again := r.clock.now, 0, time.Duration(0)
	for len(tl.vacant) > 0 {
		r.clock.now = time.Unix(0, max(tl.vacantDue(), r.clock.now.UnixNano()))
		passed := r.clock.now.Sub(begin)
		if again == 0 && passed >= 3*time.Second {
			again = passed
			if err := os.WriteFile(path(0), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range tl.vacant {
			if v.next <= tl.now() {
				looks++
			}
		}
		tl.watchVacant()
		if _, waits := tl.vacant[path(0)]; again > 0 && waits && passed > again+time.Second {
			t.Fatalf("a name that is there again since %v is still looked for after %v", again, passed)
		}
	}
	if !d.dirty || r.clock.now.Sub(begin) > 12*time.Second || looks > 50*maxVacant {
		t.Errorf("listed again %v, over after %v, %d looks", d.dirty, r.clock.now.Sub(begin), looks)
	}
	if tl.vacantDue() != never {
		t.Error("something is due although nothing is looked for")
	}
}
