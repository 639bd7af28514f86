package original

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

// Line is what becomes of one row, or of a file that has none.
type Line struct {
	Flow     string `json:"flow,omitempty"` // of weir; empty if the row belongs to none
	Path     string `json:"path"`           // where the file is now, or was
	Offset   int64  `json:"offset"`         // from where weir reads on
	Size     int64  `json:"size"`           // of the file now
	Imported bool   `json:"imported"`
	Known    bool   `json:"known,omitempty"`    // weir had a position of it, which stays
	Finished bool   `json:"finished,omitempty"` // it has no row; the original agent took it for finished
	Row      *Row   `json:"row,omitempty"`
	Reason   string `json:"reason,omitempty"` // why it is not imported, or what is special about it
}

// Import is what a database means for a configuration.
type Import struct {
	Lines []Line
	Notes []string         // what is worth knowing about whole flows
	Edits []positions.Edit // that do it, one for each flow
}

// Plan says what becomes of the rows, given in the order of Read, under the flows of a configuration. It changes nothing.
func Plan(rows []Row, flows []config.Flow) (Import, error) {
	p := plan{flows: make([]target, len(flows)), files: make(map[fileKey]*choice), seen: make(map[uint64]bool), sources: make(map[source]*history)}
	for i := range flows {
		match, err := tailer.NewMatcher(flows[i].Read.Paths, flows[i].Read.Exclude)
		if err != nil {
			return Import{}, fmt.Errorf("original: flow %s: %w", flows[i].Name, err)
		}
		p.flows[i] = target{&flows[i], match}
	}
	for i := range rows {
		p.row(&rows[i])
	}
	p.finish()
	return Import{Lines: p.lines, Notes: p.notes(), Edits: p.edits()}, nil
}

// target is a flow that rows may belong to.
type target struct {
	*config.Flow
	match tailer.Matcher
}

// source is a flow of the original agent, as far as it belongs to one of weir.
type source struct {
	flow string // of weir
	id   string // of the original agent
}

// fileKey is a file within a flow of weir.
type fileKey struct {
	flow  string
	inode uint64
}

// choice is the line of a file that is imported, and the sources that its rows came from.
type choice struct {
	line    int
	sources []string
}

// history is what the rows of one source say together.
type history struct {
	modified time.Time       // when the file of the latest row was last written to
	updated  time.Time       // when that row was written
	paths    map[string]bool // of all rows
	unsure   bool            // a row does not say which file it is about
	imported bool
}

type plan struct {
	flows   []target
	lines   []Line
	files   map[fileKey]*choice
	seen    map[uint64]bool // inodes of all rows
	order   []source        // in which they were met
	sources map[source]*history
	find    positions.Finder
}

// row decides about one row.
func (p *plan) row(r *Row) {
	line := Line{Path: r.Path, Offset: r.Offset, Row: r}
	inode, err := p.judge(r, &line)
	if err != nil {
		line.Reason = err.Error()
		p.lines = append(p.lines, line)
		return
	}
	key := fileKey{line.Flow, inode}
	c := p.files[key]
	if c == nil {
		line.Imported = true
		p.files[key] = &choice{line: len(p.lines), sources: []string{r.Flow}}
		p.lines = append(p.lines, line)
		return
	}
	best := &p.lines[c.line]
	if !slices.Contains(c.sources, r.Flow) { // sent to two destinations, perhaps: neither must miss anything
		c.sources = append(c.sources, r.Flow)
		if r.Offset < best.Offset {
			best.Imported, best.Reason = false, fmt.Sprintf("%s was shipped only up to byte %d of the file", r.Flow, r.Offset)
			line.Imported = true
			c.line = len(p.lines)
			p.lines = append(p.lines, line)
			return
		}
		line.Reason = fmt.Sprintf("%s was shipped only up to byte %d of the file", best.Row.Flow, best.Offset)
	} else {
		line.Reason = "there is a later row about the same file"
	}
	p.lines = append(p.lines, line)
}

// judge finds the flow and the file of a row, and fills in the line. The error is why there is none.
func (p *plan) judge(r *Row, line *Line) (inode uint64, err error) {
	t, err := p.flowOf(r)
	if err != nil {
		return 0, err
	}
	line.Flow = t.Name
	h := p.history(t, r)
	if r.Problem != "" {
		h.unsure = true
		return 0, fmt.Errorf("the row is damaged: %s", r.Problem)
	}
	if inode, err = parseFileID(r.FileID); err != nil {
		h.unsure = true
		return 0, err
	}
	p.seen[inode] = true
	path, size, ok := p.find.Find(&tailer.Position{Path: r.Path, Identity: tailer.Identity{Inode: inode}})
	switch {
	case !ok:
		return 0, fmt.Errorf("the file with inode %d is not in %s any more; what it held after byte %d is not shipped", inode, filepath.Dir(r.Path), r.Offset)
	case !t.match.Follows(path):
		return 0, fmt.Errorf("inode %d is %s now, which flow %s does not follow", inode, path, t.Name)
	case tailer.Compressed(path):
		return 0, fmt.Errorf("the file is compressed now: %s", path)
	case size < r.Offset || size < r.Size:
		return 0, fmt.Errorf("the file was cut: it has %d bytes, the row says %d; weir reads it from its beginning", size, r.Size)
	}
	if id, _, err := tailer.Look(path); err == nil && !r.Updated.IsZero() && time.Unix(0, id.Birth).After(r.Updated.Add(clockSlack)) {
		return 0, fmt.Errorf("%s was made after the row was written: its inode number was used again", path)
	}
	line.Path, line.Size = path, size
	if path != r.Path {
		line.Reason = "found by its inode; it was " + r.Path
	}
	h.imported = true
	return inode, nil
}

// history returns what is known of the source of a row that belongs to t. Rows come latest first.
func (p *plan) history(t *target, r *Row) *history {
	s := source{t.Name, r.Flow}
	h := p.sources[s]
	if h == nil {
		h = &history{modified: r.Modified, updated: r.Updated, paths: make(map[string]bool)}
		p.sources[s] = h
		p.order = append(p.order, s)
	}
	h.paths[r.Path] = true
	return h
}

// clockSlack is how much later than a row a file may seem to be made: times in rows may be whole seconds.
const clockSlack = 2 * time.Second

// flowOf returns the one flow of weir that a row belongs to.
func (p *plan) flowOf(r *Row) (*target, error) {
	destination, pattern, err := parseFlow(r.Flow)
	if err != nil {
		return nil, err
	}
	var sending, matching []*target
	for i := range p.flows {
		t := &p.flows[i]
		if !slices.ContainsFunc(t.Send, func(s config.Send) bool { return nameOf(s) == destination }) {
			continue
		}
		sending = append(sending, t)
		if t.match.Follows(r.Path) {
			matching = append(matching, t)
		}
	}
	switch {
	case len(sending) == 0 && len(p.flows) == 1:
		return nil, fmt.Errorf("flow %s does not send to %s", p.flows[0].Name, destination)
	case len(sending) == 0:
		return nil, fmt.Errorf("no flow sends to %s", destination)
	case len(matching) == 0:
		return nil, fmt.Errorf("no path of flow %s matches it, as %s did", names(sending), pattern)
	case len(matching) > 1:
		return nil, fmt.Errorf("flows %s all read it and send to %s; name one with --flow", names(matching), destination)
	}
	return matching[0], nil
}

func names(flows []*target) string {
	var all []string
	for _, t := range flows {
		all = append(all, t.Name)
	}
	return strings.Join(all, ", ")
}
