package positions

import (
	"fmt"
	"slices"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/tailer"
)

// Orphan is positions that a configuration has no use for: those of a flow that it does not have, or of a destination that a flow does not have any
// more.
type Orphan struct {
	Flow        string
	Destination string // empty: the configuration does not have the flow
	Files       int
	Behind      int64  // bytes of the files that are not acknowledged, as far as is known
	Heir        string // the flow that it may be called now; empty: none is likely
	Late        bool   // the heir has positions of its own
}

// String says what is not used, and what to do.
func (o Orphan) String() string {
	files := fmt.Sprintf("%d files", o.Files)
	if o.Files == 1 {
		files = "1 file"
	}
	behind := ""
	if o.Behind > 0 {
		behind = fmt.Sprintf(", with %d bytes not shipped yet", o.Behind)
	}
	if o.Destination != "" {
		return fmt.Sprintf("flow %s does not send to %s any more: the positions of %s for it%s go when the flow starts; if it comes back, it joins where the flow is then",
			o.Flow, o.Destination, files, behind)
	}
	text := fmt.Sprintf("no flow is called %s, and there are positions of %s under that name%s", o.Flow, files, behind)
	switch {
	case o.Heir != "" && !o.Late:
		text += fmt.Sprintf(". If it is flow %s that was called so, give that one was: %s, or it reads its files from their beginning", o.Heir, o.Flow)
	case o.Heir != "":
		text += fmt.Sprintf("; flow %s, which follows the same files, has positions of its own", o.Heir)
	}
	return text + fmt.Sprintf(". If it is gone for good: weir positions forget --flow %s --yes", o.Flow)
}

// Orphans returns the positions in the store that the configuration has no use for.
func (l Ledger) Orphans() ([]Orphan, error) {
	entries, err := l.Store.List()
	if err != nil {
		return nil, err
	}
	s := newSearch(l.Config)
	for i := range entries {
		s.own[entries[i].Flow] = true
	}
	find := Finder{Folders: l.rotatedTo()}
	for i := range entries {
		if e := &entries[i]; s.orphaned(e.Flow, e.Destination) {
			s.add(l.row(e, &find))
		}
	}
	return s.orphans(), nil
}

// Orphans returns those of rows, which are all positions there are, that a configuration has no use for.
func Orphans(c *config.Config, rows []Row) []Orphan {
	s := newSearch(c)
	for i := range rows {
		s.own[rows[i].Flow] = true
	}
	for _, r := range rows {
		if s.orphaned(r.Flow, r.Destination) {
			s.add(r)
		}
	}
	return s.orphans()
}

// search collects orphans.
type search struct {
	flows []config.Flow
	own   map[string]bool // flows with positions
	found []found
}

type found struct {
	Orphan
	paths  []string
	behind map[tailer.FileID]int64 // by file: destinations share it
}

func newSearch(c *config.Config) *search {
	return &search{flows: c.Flows, own: make(map[string]bool)}
}

// orphaned reports whether no flow has a use for positions.
func (s *search) orphaned(flow, destination string) bool {
	for i := range s.flows {
		f := &s.flows[i]
		if f.Name == flow {
			return !slices.ContainsFunc(f.Send, func(send config.Send) bool { return send.Destination() == destination })
		}
		if f.Was == flow && !s.own[f.Name] {
			return false // it takes them over
		}
	}
	return true
}

func (s *search) add(r Row) {
	o := Orphan{Flow: r.Flow}
	if slices.ContainsFunc(s.flows, func(f config.Flow) bool { return f.Name == r.Flow }) {
		o.Destination = r.Destination
	}
	i := slices.IndexFunc(s.found, func(f found) bool { return f.Flow == o.Flow && f.Destination == o.Destination })
	if i < 0 {
		i = len(s.found)
		s.found = append(s.found, found{Orphan: o, behind: make(map[tailer.FileID]int64)})
	}
	f := &s.found[i]
	f.paths = append(f.paths, r.Path)
	f.behind[r.ID] = max(f.behind[r.ID], r.Lag)
}

func (s *search) orphans() (all []Orphan) {
	for i := range s.found {
		f := &s.found[i]
		f.Files = len(f.behind)
		for _, n := range f.behind {
			f.Behind += n
		}
		if f.Destination == "" {
			f.Heir = s.heir(f)
			f.Late = s.own[f.Heir]
		}
		all = append(all, f.Orphan)
	}
	return all
}

// heir returns the flow that an orphan is most likely called now: the one without positions that follows most of its files, or else has the
// nearest name; or else one with positions of its own that follows its files.
func (s *search) heir(f *found) string {
	var names []string
	most, mostLate, name, late := 0, 0, "", ""
	for i := range s.flows {
		flow := &s.flows[i]
		n := follows(flow, f.paths)
		if s.own[flow.Name] {
			if n > mostLate {
				mostLate, late = n, flow.Name
			}
			continue
		}
		names = append(names, flow.Name)
		if n > most {
			most, name = n, flow.Name
		}
	}
	if name == "" {
		name = strict.Nearest(f.Flow, names)
	}
	if name == "" {
		name = late
	}
	return name
}

// follows counts the paths that a flow follows.
func follows(f *config.Flow, paths []string) (n int) {
	match, err := tailer.NewMatcher(f.Read.Paths, f.Read.Exclude)
	if err != nil {
		return 0
	}
	for _, path := range paths {
		if match.Follows(path) {
			n++
		}
	}
	return n
}
