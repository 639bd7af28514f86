package tailer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestParkedCopies: copies of a log that cannot be read on, because its destination is down, are looked at less and less often; when the log is cut, the
// one that holds what was not read of it is found at once, whenever that is.
func TestParkedCopies(t *testing.T) {
	testParked(t, 256, 10*time.Minute)
	for more := range 4 {
		testParked(t, 1, 10*time.Minute+time.Duration(4*more)*time.Second)
	}
}

func testParked(t *testing.T, copies int, wait time.Duration) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	path := filepath.Join(r.dir, "app.log")
	appendTo(t, path, "1\n")
	r.start()
	r.refuse = func(b *Block) error { return errors.New("the destination is down") }
	appendTo(t, path, "2\n3\n")
	r.look()
	for i := range copies {
		if err := os.WriteFile(fmt.Sprintf("%s.%d", path, i+1), []byte("1\n2\n3\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.look()
	r.turns = 0
	r.wait(wait)
	own := int(wait / (5 * time.Second))         // of the log itself
	if most := own + copies*80; r.turns > most { // one a second were 600 for each copy
		t.Errorf("%d copies, %v: %d looks, want at most %d", copies, wait, r.turns, most)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	r.refuse = nil
	r.wait(7 * time.Second) // the block that was refused last takes five
	if want := []string{"1\n", "2\n", "3\n"}; !slices.Equal(r.records, want) || r.count(FileGone) > 0 || r.count(FileRecovered) != 1 {
		t.Errorf("%d copies, %v: records %q, %d files gone, %d read on; want %q, none and one", copies, wait, r.records, r.count(FileGone), r.count(FileRecovered), want)
	}
}
