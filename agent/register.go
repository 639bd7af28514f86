package agent

import (
	"context"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// register makes a flow that starts for the first time one that goes on: each file that is there gets a position, where the flow is to begin
// with it, and all of them are saved in one transaction, together with the mark that the flow was started. Nothing has been read before. So a
// crash leaves either nothing, and the next start is the first, or a flow that knows its files whatever they are called by then. The
// same is done, from the beginning of the files, when paths are added to a flow.
//
// The reader is of no use after that: the next one has the positions.
func (r *reader) register(ctx context.Context) error {
	a, cfg := r.unit.agent, r.unit.cfg
	offset := int64(0)
	if r.first && cfg.Read.Start == config.StartEnd {
		offset = tailer.End
	}
	var found []tailer.Position
	if !a.opt.Once || offset == tailer.End { // a run with Once reads all that is there, what is compressed too
		var err error
		if found, err = r.tailer.Survey(ctx, offset); err != nil {
			return err
		}
	}
	if err := a.store.Save(checkpoint.Batch{
		Flow: cfg.Name, Destinations: r.unit.names, Positions: found, Started: true, Paths: cfg.Read.Paths, Since: r.since,
		Others: r.unit.route.others(r.unit.number), New: found,
	}); err != nil {
		return err
	}
	switch {
	case a.opt.Once && offset != tailer.End: // nothing was noted
	case !r.first:
		r.unit.log.Info("the paths of the flow have changed", "new_files", len(found))
	default:
		r.unit.log.Info("the flow starts for the first time", "files", len(found), "start", cfg.Read.Start)
	}
	return nil
}
