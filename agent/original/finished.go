package original

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

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
