// Package positions shows and edits the checkpoints of a configuration's flows: which file was shipped how far.
//
// A Ledger works on a checkpoint.Store that nobody else writes to: that of a stopped agent, or, in a running one, the agent's own while
// the flow that is edited stands still. There is no other way to edit a position.
//
// An edit is judged as a whole before anything is written, and written in one transaction. What cannot be done as it was asked
// is a RefusedError, which says what would do; nothing has changed then.
package positions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/tailer"
)

// Store is what a Ledger needs of checkpoint.Store.
type Store interface {
	List() ([]checkpoint.Entry, error)
	Save(...checkpoint.Batch) error
	Adopt(flow, was string, readings ...[]string) ([]checkpoint.Resume, error)
}

// Ledger is the positions of one configuration. One goroutine at a time may edit.
type Ledger struct {
	Store  Store
	Config *config.Config
}

// Row is one position as List shows it.
type Row struct {
	Flow        string        `json:"flow"`
	Destination string        `json:"destination"`
	ID          tailer.FileID `json:"id"`
	Path        string        `json:"path"`   // where the file is now, or was last seen
	Offset      int64         `json:"offset"` // all before it is acknowledged
	Found       bool          `json:"found"`
	Size        int64         `json:"size"` // of the file's content now; -1 if it is not known: the file is not found, or only inflating it would tell
	Lag         int64         `json:"lag"`  // bytes after the offset, as far as is known
	Saved       time.Time     `json:"saved"`
	Vanished    time.Time     `json:"vanished,omitzero"` // since when the agent does not find it; the position is kept for a week then
}

// RefusedError says that an edit cannot be done as it was asked.
type RefusedError struct{ Reason string }

// Error says what is wrong, and what would do.
func (e *RefusedError) Error() string { return "positions: " + e.Reason }

func refuse(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// List returns the positions of all flows, or of the one that is named, also of flows that the configuration does not have any more.
func (l Ledger) List(flow string) ([]Row, error) {
	entries, err := l.Store.List()
	if err != nil {
		return nil, err
	}
	if flow != "" && !slices.ContainsFunc(entries, func(e checkpoint.Entry) bool { return e.Flow == flow }) {
		if _, err := l.configured(flow, entries); err != nil {
			return nil, err
		}
	}
	rows := []Row{}
	find := Finder{Folders: l.rotatedTo()}
	for _, e := range entries {
		if flow != "" && e.Flow != flow {
			continue
		}
		rows = append(rows, l.row(&e, &find))
	}
	return rows, nil
}

// row is an entry as List shows it.
func (l Ledger) row(e *checkpoint.Entry, find *Finder) Row {
	row := Row{Flow: e.Flow, Destination: e.Destination, ID: e.Position.ID, Path: e.Position.Path, Offset: e.Position.Offset,
		Size: -1, Saved: e.Saved, Vanished: e.Vanished}
	path, size, ok := find.Find(&e.Position)
	if !ok {
		return row
	}
	row.Path, row.Found = path, true
	if tailer.Compressed(path) {
		var err error
		if size, err = tailer.LookInside(path, row.Offset); err != nil {
			size = -1 // the agent says what is wrong with it
		}
	}
	if row.Size = size; size >= 0 {
		row.Lag = max(size-row.Offset, 0)
	}
	return row
}

// rotatedTo returns the folders that the files of any flow are rotated to.
func (l Ledger) rotatedTo() (all []string) {
	for i := range l.Config.Flows {
		all = append(all, l.Config.Flows[i].Read.RotatedTo...)
	}
	return all
}

// configured returns the flow with the given name, or says which is near.
func (l Ledger) configured(name string, entries []checkpoint.Entry) (*config.Flow, error) {
	var names []string
	for i := range l.Config.Flows {
		if f := &l.Config.Flows[i]; f.Name == name {
			return f, nil
		}
		names = append(names, l.Config.Flows[i].Name)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Flow) {
			names = append(names, e.Flow)
		}
	}
	if near := strict.Nearest(name, names); near != "" {
		return nil, refuse("there is no flow %q; did you mean %q?", name, near)
	}
	return nil, refuse("there is no flow %q; there are %s", name, strings.Join(names, ", "))
}

// readings are the names under which a flow's positions are kept: those of the destinations that move together, and each of the others by itself.
func readings(f *config.Flow) (all [][]string) {
	for _, reading := range f.Readings() {
		all = append(all, reading.Names(f))
	}
	return all
}
