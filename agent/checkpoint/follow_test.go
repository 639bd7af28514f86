package checkpoint

import (
	"testing"
	"time"
)

func TestFollow(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what, flow, was string
		paths           []string
		want            int // the step whose time is returned
		noted           bool
	}{
		{"the first start", "web", "", []string{"/a/*.log", "/b.log"}, 0, false},
		{"the same paths in another order", "web", "", []string{"/b.log", "/a/*.log"}, 0, true},
		{"one path less", "web", "", []string{"/b.log"}, 0, false},
		{"it comes back", "web", "", []string{"/b.log", "/a/*.log"}, 3, false},
		{"another name", "site", "web", []string{"/b.log", "/a/*.log"}, 3, false},
		{"the other name again", "site", "web", []string{"/b.log"}, 3, false},
		{"another flow", "mail", "", []string{"/b.log"}, 6, false},
		{"a new path", "site", "", []string{"/b.log", "/c.log"}, 7, false},
	} {
		s, err := Open(StoreConfig{Dir: dir, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		since, noted, err := s.Followed(c.flow, c.was, c.paths)
		if err != nil || noted != c.noted {
			t.Errorf("%s: noted %v, %v", c.what, noted, err)
		}
		if r, err := s.Adopt(c.flow, "", []string{"d"}); err != nil || !r[0].First {
			t.Errorf("%s: Followed has made the flow a started one: %+v, %v", c.what, r, err)
		}
		mustSave(t, s, Batch{Flow: c.flow, Paths: c.paths, Since: since})
		if again, noted, err := s.Followed(c.flow, "", c.paths); err != nil || !noted || !again.Equal(since) {
			t.Errorf("%s: noted %v, since %v after it was saved, %v", c.what, noted, again, err)
		}
		if got := int(since.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Hour); got != c.want {
			t.Errorf("%s: followed since step %d, want %d", c.what, got, c.want)
		}
		if err := s.Close(); err != nil { // each step is another process
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
}

// TestLeft: the time is kept through other saves until there is a new path, never goes back, and is that of one flow.
func TestLeft(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	defer s.Close()
	at := time.Date(2026, 1, 1, 0, 0, 0, 1, time.UTC)
	is := func(what, flow string, want time.Time) {
		t.Helper()
		if got, err := s.Left(flow); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	set := func(left time.Time) {
		t.Helper()
		if err := s.SetLeft("web", left); err != nil {
			t.Fatal(err)
		}
	}
	is("an empty store", "web", time.Time{})
	set(at)
	is("a flow that was never started", "web", time.Time{})
	mustSave(t, s, Batch{Flow: "web", Paths: []string{"/a"}, Since: at})
	set(at)
	set(at.Add(-time.Hour))
	is("an earlier time", "web", at)
	mustSave(t, s, Batch{Flow: "web", Paths: []string{"/a", "/b"}, Since: at})
	is("a new path, beside which anything may lie", "web", time.Time{})
	set(at)
	mustSave(t, s, Batch{Flow: "web", Paths: []string{"/b"}, Since: at})
	is("a path less", "web", at)
	mustSave(t, s, Batch{Flow: "web", Paths: []string{"/a", "/b"}, Since: at})
	if since, noted, err := s.Followed("web", "", []string{"/a", "/b"}); err != nil || !noted || !since.Equal(at) {
		t.Errorf("Followed = %v, %v, %v", since, noted, err)
	}
	is("another flow", "db", time.Time{})
}
