package tailer

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestDeletedForCertain: only a file without any name left is said to be deleted.
func TestDeletedForCertain(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(path, away string) error
		want bool
	}{
		"removed":                 {func(path, _ string) error { return os.Remove(path) }, true},
		"moved away":              {os.Rename, false},
		"removed, a link is left": {func(path, away string) error { _ = os.Link(path, away); return os.Remove(path) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, t.TempDir())
			defer r.stop()
			path := filepath.Join(r.dir, "app.log")
			appendTo(t, path, "1\n")
			r.start()
			if err := c.lose(path, filepath.Join(t.TempDir(), "away")); err != nil {
				t.Fatal(err)
			}
			r.wait(time.Minute)
			if last := r.events[len(r.events)-1]; last.Kind != FileEnded || last.Deleted != c.want {
				t.Errorf("last event %+v, want an end, deleted %v", last, c.want)
			}
		})
	}
}
