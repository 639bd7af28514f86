package agent

import (
	"context"
	"time"

	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

// restTime is how long a flow may take to come to rest for an edit of its positions.
const restTime = 10 * time.Second

// Positions returns the positions that are saved, of one flow or with an empty name of all. It may be called at any time until Run returns.
func (a *Agent) Positions(flow string) ([]positions.Row, error) {
	rows, err := a.ledger().List(flow)
	followed := make(map[tailer.FileID]tailer.FileStatus)
	for _, u := range a.units() {
		for _, f := range u.reader.Load().tailer.Files() {
			followed[f.ID] = f
		}
	}
	for i := range rows { // the tailer knows better where a file is, and how much is in it
		r := &rows[i]
		if f, ok := followed[r.ID]; ok && f.Path != "" {
			r.Path, r.Found, r.Size, r.Lag = f.Path, true, f.Size, max(f.Size-r.Offset, 0)
		}
	}
	return rows, err
}

func (a *Agent) ledger() positions.Ledger {
	return positions.Ledger{Store: a.store, Config: a.now.Load().config}
}

// EditPositions edits the positions of one flow: it lets what was read be answered and saved, edits the store, and reads on from there. If
// that takes longer than restTime nothing is changed, unless the edit is forced. Other flows go on. Run must be running.
func (a *Agent) EditPositions(ctx context.Context, e positions.Edit) ([]positions.Change, error) {
	done, err := a.change(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	dry := e
	dry.DryRun = true
	changes, err := a.ledger().Edit(dry) // what is refused does not disturb the flow
	if err != nil || e.DryRun {
		return changes, err
	}
	edit := func() (err error) {
		changes, err = a.ledger().Edit(e)
		return err
	}
	if r := a.now.Load().route(e.Flow); r == nil {
		err = edit()
	} else {
		ctx, cancel := context.WithTimeout(ctx, restTime)
		defer cancel()
		err = r.while(pause{ctx: ctx, force: e.Force, do: edit}, e.Destination)
	}
	if err != nil {
		a.log.Warn("the positions were not edited", "flow", e.Flow, "error", err)
		return nil, err
	}
	for _, c := range changes {
		log := a.log.With("flow", e.Flow, "path", c.Path, "id", c.ID)
		if c.From >= 0 {
			log = log.With("from", c.From)
		}
		if c.Note != "" {
			log = log.With("note", c.Note)
		}
		switch c.To {
		case c.From:
		case -1:
			log.Info("a position was removed by hand")
		default:
			log.Info("a position was set by hand", "to", c.To)
		}
	}
	return changes, nil
}

// change waits until nobody else changes what runs or its positions, and returns the func that lets the next one do so.
func (a *Agent) change(ctx context.Context) (done func(), err error) {
	select {
	case a.changing <- struct{}{}:
		return func() { <-a.changing }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
