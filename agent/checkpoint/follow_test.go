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
	}{
		{"the first start", "web", "", []string{"/a/*.log", "/b.log"}, 0},
		{"the same paths in another order", "web", "", []string{"/b.log", "/a/*.log"}, 0},
		{"one path less", "web", "", []string{"/b.log"}, 0},
		{"it comes back", "web", "", []string{"/b.log", "/a/*.log"}, 3},
		{"another name", "site", "web", []string{"/b.log", "/a/*.log"}, 3},
		{"the other name again", "site", "web", []string{"/b.log"}, 3},
		{"another flow", "mail", "", []string{"/b.log"}, 6},
		{"a new path", "site", "", []string{"/b.log", "/c.log"}, 7},
	} {
		s, err := Open(StoreConfig{Dir: dir, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		since, err := s.Follow(c.flow, c.was, c.paths)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		if got := int(since.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Hour); got != c.want {
			t.Errorf("%s: followed since step %d, want %d", c.what, got, c.want)
		}
		if r, err := s.Adopt(c.flow, "", []string{"d"}); err != nil || !r.First {
			t.Errorf("%s: Follow has made the flow a started one: %+v, %v", c.what, r, err)
		}
		if err := s.Close(); err != nil { // each step is another process
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
}
