package tailer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// surveyor makes a Tailer that is only asked what there is.
func surveyor(t testing.TB, cfg Config) *Tailer {
	t.Helper()
	cfg.Handle = func(context.Context, *Block) error { return nil }
	tl, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

func TestSurvey(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	appendTo(t, path("a.log"), "one\ntwo")
	appendTo(t, path("empty.log"), "")
	appendTo(t, path("known.log"), "known\n")
	appendTo(t, path("rewritten.log"), "rewritten\n")
	appendTo(t, path("packed.log.gz"), "\x1f\x8b")
	appendTo(t, path("a.log.1"), "history\n")
	for from, to := range map[string]string{"/proc/self/mem": "unreadable.log", path("none"): "dangling.log", path("a.log"): "b.log"} {
		if err := os.Symlink(from, path(to)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(path("a.log"), path("c.log")); err != nil {
		t.Fatal(err)
	}
	var known []Position
	for _, name := range []string{"known.log", "rewritten.log"} {
		p, err := Identify(path(name), End, surveyor(t, Config{Paths: []string{path("*")}}).rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, p)
	}
	if err := os.WriteFile(path("rewritten.log"), []byte("other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[int64]map[string]int64{0: {"a.log": 0, "empty.log": 0}, End: {"a.log": 4, "empty.log": 0}} {
		var events []Event
		since := time.Unix(100, 5)
		tl := surveyor(t, Config{
			Paths: []string{path("*.log"), path("*.log.gz")}, Known: known, Since: since, Observe: func(e Event) { events = append(events, e) },
		})
		found, err := tl.Survey(t.Context(), offset)
		if err != nil || len(found) != len(want) || len(events) != len(want) {
			t.Fatalf("found %+v, %v; events %+v", found, err, events)
		}
		for i, p := range found {
			at, ok := want[filepath.Base(p.Path)]
			if !ok || p.Offset != at || !p.valid() || p.Met != since.UnixNano() {
				t.Errorf("position %+v, want offset %d", p, at)
			}
			if e := events[i]; e.Kind != FileFound || e.ID != p.ID || e.Path != p.Path || e.Offset != at {
				t.Errorf("event %+v of %+v", e, p)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := surveyor(t, Config{Paths: []string{path("*.log")}}).Survey(ctx, 0); err == nil || found != nil {
		t.Errorf("a survey that was ended: %+v, %v", found, err)
	}
	if found, err := surveyor(t, Config{Paths: []string{path("none/*/*.log")}}).Survey(t.Context(), 0); err != nil || found != nil {
		t.Errorf("a survey of nothing: %+v, %v", found, err)
	}
}

// TestSurveyFollowsARename: a file that is rotated while it is surveyed is found under its new name, and its place is the name that matched.
func TestSurveyFollowsARename(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	appendTo(t, path, "one\n")
	tl := surveyor(t, Config{Paths: []string{path}})
	sights := tl.sights()
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	for _, created := range []bool{false, true} {
		if created {
			appendTo(t, path, "other\n")
		}
		p, err := sights[0].position(tl, End)
		if err != nil || p.Path != path || p.Offset != 4 || p.Identity.Inode != sights[0].st.inode {
			t.Errorf("created anew %v: %+v, %v", created, p, err)
		}
	}
	if err := os.Remove(path + ".1"); err != nil {
		t.Fatal(err)
	}
	if p, err := sights[0].position(tl, 0); err == nil {
		t.Errorf("of a file that is gone: %+v", p)
	}
}

// BenchmarkSurvey registers 10,000 files of some KiB at their ends.
func BenchmarkSurvey(b *testing.B) {
	const files = 10_000
	dir := b.TempDir()
	for i := range files {
		appendTo(b, filepath.Join(dir, fmt.Sprintf("%d.log", i)), fmt.Sprintf("%d %2000d\n%1000d\nlast", i, i, i))
	}
	tl := surveyor(b, Config{Paths: []string{filepath.Join(dir, "*.log")}})
	b.ReportAllocs()
	for b.Loop() {
		if found, err := tl.Survey(b.Context(), End); err != nil || len(found) != files {
			b.Fatal(len(found), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/files, "ns/file")
}
