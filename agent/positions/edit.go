package positions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// Edit is what is to be changed in the positions of one flow.
type Edit struct {
	Flow   string   `json:"flow"`
	Set    []Place  `json:"set,omitempty"`
	Forget []string `json:"forget,omitempty"` // files, by path or id
	All    bool     `json:"all,omitempty"`    // forget every file of the flow

	// Destination, where destinations of the flow have their own readings of the files, says whose reading is meant; empty means all of them.
	Destination string `json:"destination,omitempty"`

	Started bool `json:"started,omitempty"` // the flow counts as started: files that are new to it are read from their beginning
	DryRun  bool `json:"dry_run,omitempty"` // only say what would change
	Force   bool `json:"force,omitempty"`   // of a running agent: do not wait for answers, at the price of duplicates
}

// Place is where the reading of a file goes on.
type Place struct {
	File   string `json:"file"`           // its absolute path, or its id in hexadecimal
	Offset int64  `json:"offset"`         // bytes; tailer.End for the end
	Keep   bool   `json:"keep,omitempty"` // leave the position that there is, if there is one
}

// Change is what an Edit did, or would do, to one file.
type Change struct {
	ID   tailer.FileID `json:"id"`
	Path string        `json:"path"`
	From int64         `json:"from"` // offset before; -1 if there was no position
	To   int64         `json:"to"`   // offset now; -1 if the position is removed
	Note string        `json:"note,omitempty"`
}

// Edit does all of e or nothing of it, and says what it did.
func (l Ledger) Edit(e Edit) ([]Change, error) {
	entries, err := l.Store.List()
	if err != nil {
		return nil, err
	}
	stored := func(entry checkpoint.Entry) bool { return entry.Flow == e.Flow }
	flow, err := l.configured(e.Flow, entries)
	if err != nil {
		if len(e.Set) > 0 || e.Started || !slices.ContainsFunc(entries, stored) {
			return nil, err
		}
		flow = &config.Flow{Name: e.Flow} // not configured any more: it can be forgotten
	} else if !e.DryRun { // what a start would do: the positions of the name that it had, and its present destinations
		if _, err := l.Store.Adopt(flow.Name, flow.Was, readings(flow)...); err != nil {
			return nil, err
		}
		if entries, err = l.Store.List(); err != nil {
			return nil, err
		}
	}
	w := work{flow: flow, find: Finder{Folders: flow.Read.RotatedTo}}
	if err := w.choose(e.Destination); err != nil {
		return nil, err
	}
	if w.match, err = tailer.NewMatcher(flow.Read.Paths, flow.Read.Exclude); err != nil {
		return nil, err
	}
	w.gather(entries)
	if err := w.plan(e); err != nil || e.DryRun {
		return w.changes, err
	}
	return w.changes, l.save(e, &w)
}

// save writes what was planned, in one transaction.
func (l Ledger) save(e Edit, w *work) error {
	batches := []checkpoint.Batch{{Flow: w.flow.Name, Destinations: w.chosen, Positions: w.put, Started: e.Started}}
	for _, destination := range w.stored {
		if w.apart && !slices.Contains(w.chosen, destination) {
			continue
		}
		batches = append(batches, checkpoint.Batch{Flow: w.flow.Name, Destinations: []string{destination}, Gone: w.gone})
	}
	if err := l.Store.Save(batches...); err != nil {
		return fmt.Errorf("positions: nothing was changed: %w", err)
	}
	return nil
}

// choose says whose positions are edited.
func (w *work) choose(destination string) error {
	all := readings(w.flow)
	w.chosen = slices.Concat(all...)
	if destination == "" {
		return nil
	}
	for _, names := range all {
		if slices.Contains(names, destination) {
			w.chosen, w.apart = names, true
			return nil
		}
	}
	return refuse("flow %s has no destination %q; it has %s", w.flow.Name, destination, strings.Join(w.chosen, ", "))
}
