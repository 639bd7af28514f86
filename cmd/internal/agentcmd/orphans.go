package agentcmd

import (
	"context"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
)

// addOrphans says which of the positions that are saved the configuration has no use for. Where they cannot be seen, as by a user who must not
// look into the state folder, it says only that. It asks as weir positions list does: the agent, or the folder under its lock.
func (all *configCheck) addOrphans(ctx context.Context, c *config.Config) {
	var rows []positions.Row
	err := withLedger(ctx, c, ledgerReads, func(l ledger) (err error) {
		rows, err = l.list("")
		return err
	})
	if err != nil {
		all.Notes = append(all.Notes, "the positions cannot be looked at: "+err.Error())
	}
	for _, o := range positions.Orphans(c, rows) {
		all.Warnings = append(all.Warnings, o.String())
	}
}
