package agent

import (
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
)

// warnOrphans says which positions a configuration would leave unused, and returns what it said.
func (a *Agent) warnOrphans(c *config.Config) (warnings []string) {
	if a.opt.Store != "" {
		return nil // a store for one flow alone
	}
	orphans, err := positions.Ledger{Store: a.store, Config: c}.Orphans()
	if err != nil {
		a.log.Warn("cannot look for positions that are not used any more", "error", err)
	}
	for _, o := range orphans {
		warnings = append(warnings, o.String())
		a.log.Warn("positions are not used: "+o.String(), "flow", o.Flow)
	}
	return warnings
}
