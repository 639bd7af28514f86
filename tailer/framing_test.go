package tailer

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLongGroupIsSearchedSeldom: a large group that is open is not framed again for each few bytes more, but soon.
func TestLongGroupIsSearchedSeldom(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Framing.Multiline.Start = `^\d`
	group := "1\n" + strings.Repeat(strings.Repeat("x", 999)+"\n", 2*dear/1000)
	path := filepath.Join(r.dir, "app.log")
	appendTo(t, path, group)
	r.start()
	framed := map[int64]bool{}
	for i := range 50 {
		appendTo(t, path, "x\n")
		r.wait(10 * time.Millisecond)
		if len(r.records) > 0 {
			t.Fatalf("after %d lines: %d records", i, len(r.records))
		}
		r.tailer.files.each(func(f *file) { framed[f.framed] = true })
	}
	if len(framed) > 7 {
		t.Errorf("framed %d times in half a second", len(framed))
	}
	appendTo(t, path, "2\n")
	r.wait(250 * time.Millisecond)
	if want := group + strings.Repeat("x\n", 50); len(r.records) != 1 || r.records[0] != want {
		t.Errorf("%d records, want the group", len(r.records))
	}
}

// TestGiantGroupLeavesNothing: of a group larger than a block nothing waits once it went out.
func TestGiantGroupLeavesNothing(t *testing.T) {
	r := newRig(t, t.TempDir())
	defer r.stop()
	r.cfg.Framing.Multiline.Start = `^\d`
	path := filepath.Join(r.dir, "app.log")
	appendTo(t, path, "1\n"+strings.Repeat(strings.Repeat("x", 9999)+"\n", 90)+"2\n")
	r.start()
	r.wait(2 * time.Second)
	if len(r.records) != 2 {
		t.Fatalf("%d records", len(r.records))
	}
	r.tailer.files.each(func(f *file) {
		if f.unread() != 0 || f.barren != 0 {
			t.Errorf("%d bytes unread, %d barren", f.unread(), f.barren)
		}
	})
}
