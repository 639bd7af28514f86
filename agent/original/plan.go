package original

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

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
	path, size, ok := p.find.Find(r.Path, tailer.Identity{Inode: inode})
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

// nameOf is the destination by its bare name: the original agent knows no ARN.
func nameOf(s config.Send) string {
	bare := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	if s.Stream != "" {
		return "stream " + bare(s.Stream)
	}
	return "delivery stream " + bare(s.DeliveryStream)
}

// parseFlow takes a flow's id apart.
func parseFlow(id string) (destination, pattern string, err error) {
	kind, rest, _ := strings.Cut(id, ":")
	name, pattern, ok := strings.Cut(rest, ":")
	switch {
	case ok && kind == "kinesis":
		return "stream " + name, pattern, nil
	case ok && kind == "fh":
		return "delivery stream " + name, pattern, nil
	}
	return "", "", fmt.Errorf("the flow's id %q has not the form kinesis:STREAM:PATTERN or fh:STREAM:PATTERN", id)
}

// parseFileID reads what Java prints of a file's key on Unix: (dev=fd00,ino=12345), the device in hexadecimal. The device number is not
// looked at: it may be another one after a reboot.
func parseFileID(text string) (inode uint64, err error) {
	rest, ok := strings.CutPrefix(text, "(dev=")
	device, rest, ok2 := strings.Cut(rest, ",ino=")
	number, ok3 := strings.CutSuffix(rest, ")")
	if ok && ok2 && ok3 {
		_, deviceErr := strconv.ParseUint(device, 16, 64)
		inode, err = strconv.ParseUint(number, 10, 64)
		if deviceErr == nil && err == nil && inode > 0 {
			return inode, nil
		}
	}
	return 0, fmt.Errorf("the file id %.80q has not the form (dev=HEX,ino=NUMBER), so the file cannot be found by it; "+
		"weir positions set says by hand where it is read on", text)
}

// finish adds the files that have no row because the original agent took them for finished: of its pattern, and older than the one that
// it read last. Where a row does not say which file it is about, no file can be told to have none.
func (p *plan) finish() {
	for _, s := range p.order {
		_, pattern, err := parseFlow(s.id)
		if h := p.sources[s]; err != nil || h.unsure || !h.imported {
			continue
		}
		dir, glob := filepath.Split(pattern)
		entries, err := os.ReadDir(filepath.Clean(dir))
		if err != nil {
			continue // without the folder there is nothing to read either
		}
		for _, e := range entries {
			if ok, err := doublestar.Match(glob, e.Name()); ok && err == nil && !tailer.Compressed(e.Name()) {
				p.finished(s, filepath.Join(dir, e.Name()))
			}
		}
	}
}

// finished adds one file if it is one of those. A file under the path of a row came after the file that the row is about, and one
// that was made after the last row was written cannot have been read.
func (p *plan) finished(s source, path string) {
	t := &p.flows[slices.IndexFunc(p.flows, func(t target) bool { return t.Name == s.flow })]
	h := p.sources[s]
	info, err := os.Stat(path)
	id, size, lookErr := tailer.Look(path)
	if err != nil || lookErr != nil || p.seen[id.Inode] || h.paths[path] || !t.match.Follows(path) || !info.ModTime().Before(h.modified) ||
		!h.updated.IsZero() && time.Unix(0, id.Birth).After(h.updated) {
		return
	}
	key := fileKey{s.flow, id.Inode}
	if p.files[key] != nil {
		return
	}
	p.files[key] = &choice{line: len(p.lines)}
	p.lines = append(p.lines, Line{Flow: s.flow, Path: path, Offset: tailer.End, Size: size, Imported: true, Finished: true,
		Reason: "it has no row and is older than the file that was read last: the original agent took it for finished"})
}

// notes says which destinations begin where the original agent stopped sending to others.
func (p *plan) notes() (all []string) {
	for _, t := range p.flows {
		served := make(map[string]bool)
		for _, s := range p.order {
			if destination, _, err := parseFlow(s.id); err == nil && s.flow == t.Name && p.sources[s].imported {
				served[destination] = true
			}
		}
		for _, send := range t.Send {
			if name := nameOf(send); len(served) > 0 && !served[name] {
				all = append(all, fmt.Sprintf("flow %s sends to %s too, to which the original agent has sent none of this: it begins at the same places", t.Name, name))
			}
		}
	}
	return all
}

// edits makes one edit for each flow.
func (p *plan) edits() []positions.Edit {
	var all []positions.Edit
	for i := range p.lines {
		l := &p.lines[i]
		if !l.Imported {
			continue
		}
		at := slices.IndexFunc(all, func(e positions.Edit) bool { return e.Flow == l.Flow })
		if at < 0 {
			at = len(all)
			all = append(all, positions.Edit{Flow: l.Flow, Started: true})
		}
		all[at].Set = append(all[at].Set, positions.Place{File: l.Path, Offset: l.Offset, Keep: true})
	}
	return all
}
