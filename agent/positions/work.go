package positions

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// work is one edit while it is planned.
type work struct {
	flow    *config.Flow
	match   tailer.Matcher
	rules   *framing.Rules
	known   []tailer.Position // of the flow, each file once, at its smallest offset
	stored  []string          // destinations that have positions
	chosen  []string          // destinations that are edited
	apart   bool              // not all of the flow's
	find    Finder
	put     []tailer.Position
	gone    []tailer.FileID
	changes []Change
}

// gather collects what is known of the flow's files.
func (w *work) gather(entries []checkpoint.Entry) {
	index, mine := make(map[tailer.FileID]int), make(map[tailer.FileID]bool) // mine: the position is of a chosen destination
	own := slices.ContainsFunc(entries, func(e checkpoint.Entry) bool { return e.Flow == w.flow.Name })
	for _, e := range entries {
		if e.Flow != w.flow.Name && (own || w.flow.Was == "" || e.Flow != w.flow.Was) {
			continue
		}
		if !slices.Contains(w.stored, e.Destination) {
			w.stored = append(w.stored, e.Destination)
		}
		i, seen := index[e.Position.ID]
		switch {
		case seen && w.apart && !slices.Contains(w.chosen, e.Destination):
		case seen && w.apart && !mine[e.Position.ID]:
			w.known[i], mine[e.Position.ID] = e.Position, true
		case !seen:
			mine[e.Position.ID] = slices.Contains(w.chosen, e.Destination)
			index[e.Position.ID] = len(w.known)
			w.known = append(w.known, e.Position)
		case e.Position.Offset < w.known[i].Offset:
			w.known[i] = e.Position
		}
	}
}

// plan judges the whole edit.
func (w *work) plan(e Edit) error {
	if len(e.Set) == 0 && len(e.Forget) == 0 && !e.All && !e.Started {
		return refuse("the edit changes nothing: name a file, or all of the flow")
	}
	if len(e.Set) > 0 {
		var err error
		if w.rules, err = framing.Compile(w.flow.Framing()); err != nil {
			return err
		}
	}
	for _, place := range e.Set {
		if err := w.set(place); err != nil {
			return err
		}
	}
	for _, file := range e.Forget {
		p, err := w.forgotten(file)
		if err != nil {
			return err
		}
		w.remove(p, "")
	}
	if e.All {
		for i := range w.known {
			w.remove(&w.known[i], "")
		}
	}
	return nil
}

// remove plans that a position goes.
func (w *work) remove(p *tailer.Position, note string) {
	if slices.Contains(w.gone, p.ID) {
		return
	}
	path := p.Path
	if now, _, ok := w.find.Find(p); ok {
		path = now // as List shows it
	}
	w.gone = append(w.gone, p.ID)
	w.changes = append(w.changes, Change{ID: p.ID, Path: path, From: p.Offset, To: -1, Note: note})
}

// forgotten returns the one position that a path or an id stands for.
func (w *work) forgotten(file string) (*tailer.Position, error) {
	if p, isID, err := w.byID(file); isID {
		return p, err
	}
	var named []*tailer.Position
	for i := range w.known {
		p := &w.known[i]
		if now, _, ok := w.find.Find(p); ok && now == file || p.Path == file && !(ok && p.Target != "") { // what lies beside a link's target has the link as Path
			named = append(named, p)
		}
	}
	switch len(named) {
	case 0:
		return nil, w.unknown(file)
	case 1:
		return named[0], nil
	}
	return nil, refuse("%d files of flow %s had the name %s; say which by its id:\n%s", len(named), w.flow.Name, file, describe(named))
}

// byID returns the position with an id, if file is one.
func (w *work) byID(file string) (p *tailer.Position, isID bool, err error) {
	var id tailer.FileID
	if strings.Contains(file, "/") || id.UnmarshalText([]byte(file)) != nil {
		return nil, false, nil
	}
	i := slices.IndexFunc(w.known, func(p tailer.Position) bool { return p.ID == id })
	if i < 0 {
		return nil, true, refuse("flow %s knows no file with the id %s; weir positions list shows those that it knows", w.flow.Name, file)
	}
	return &w.known[i], true, nil
}

func (w *work) unknown(file string) error {
	return refuse("flow %s has no position of a file %s; weir positions list shows those that it has", w.flow.Name, file)
}

// describe lists positions for a message.
func describe(all []*tailer.Position) string {
	var lines []string
	for _, p := range all {
		lines = append(lines, fmt.Sprintf("  %s  inode %d, offset %d, last seen as %s", p.ID, p.Identity.Inode, p.Offset, p.Path))
	}
	return strings.Join(lines, "\n")
}

// set plans where the reading of a file goes on.
func (w *work) set(place Place) error {
	path, id, err := w.located(place.File)
	if err != nil {
		return err
	}
	if tailer.Compressed(path) {
		return refuse("%s is compressed; an offset in it cannot be set: ship it with weir backfill, or forget its position", path)
	}
	p, err := tailer.Identify(path, place.Offset, w.rules, w.known)
	if err != nil {
		return refuse("%s", strings.TrimPrefix(err.Error(), "tailer: identify "))
	}
	if id != (tailer.FileID{}) && id != p.ID {
		return refuse("%s does not hold what file %s held: it was cut or rewritten since; set it by its path", path, id)
	}
	old := slices.IndexFunc(w.known, func(k tailer.Position) bool { return k.ID == p.ID })
	c := Change{ID: p.ID, Path: path, From: -1, To: p.Offset}
	if place.Offset >= 0 && p.Offset < place.Offset {
		c.Note = fmt.Sprintf("moved back from %d to the start of its line", place.Offset)
	}
	switch {
	case old >= 0:
		c.From = w.known[old].Offset
		if place.Keep {
			c.To, c.Note = c.From, "weir knows the file already; its own position stays"
			w.changes = append(w.changes, c)
			return nil
		}
	case !w.match.Follows(path):
		return refuse("flow %s does not follow %s: none of its paths matches it", w.flow.Name, path)
	}
	for i := range w.known { // of content that the file does not have any more
		k := &w.known[i]
		if k.ID != p.ID && k.Identity.SameFile(p.Identity) && (k.Identity.Birth != 0 || k.Identity.Device == p.Identity.Device) {
			w.remove(k, "the file was rewritten since")
		}
	}
	w.put = append(w.put, p)
	w.changes = append(w.changes, c)
	return nil
}

// located returns where the file is that a path or an id stands for, and the id if it was one.
func (w *work) located(file string) (path string, id tailer.FileID, err error) {
	p, isID, err := w.byID(file)
	if err != nil {
		return "", id, err
	}
	if isID {
		now, _, ok := w.find.Find(p)
		if !ok {
			return "", id, refuse("the file %s is not in %s any more, where it was last seen as %s: its position can be forgotten, not set",
				file, filepath.Dir(p.Path), filepath.Base(p.Path))
		}
		return now, p.ID, nil
	}
	if !filepath.IsAbs(file) {
		return "", id, refuse("%q is neither an absolute path nor a file id of 24 digits", file)
	}
	if _, _, err := tailer.Look(file); !errors.Is(err, fs.ErrNotExist) {
		return file, id, nil // what else may be wrong with it, Identify says
	}
	var named []*tailer.Position
	for i := range w.known {
		if w.known[i].Path == file {
			named = append(named, &w.known[i])
		}
	}
	if len(named) == 0 {
		return "", id, refuse("there is no file %s, and flow %s has no position of one", file, w.flow.Name)
	}
	return "", id, refuse("there is no file %s now; these had the name, and can be set by their id if they lie beside it, or forgotten:\n%s", file, describe(named))
}
