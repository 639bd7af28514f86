package agentcmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/weir-logs/weir/agent/checkpoint"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/agent/status"
)

// ledger is the positions of an agent, wherever it may be.
type ledger struct {
	list func(flow string) ([]positions.Row, error)
	edit func(positions.Edit) ([]positions.Change, error)
}

// ledgerUse says whether a store is made if there is none. A ledger that reads makes no edit but a dry run.
type ledgerUse uint8

const (
	ledgerReads ledgerUse = iota
	ledgerWrites
)

// How long is tried to get at a state folder that somebody has locked and whose agent does not answer: it starts, or ends, or another
// command is at work.
const (
	ledgerPatience = 5 * time.Second
	ledgerPoll     = 50 * time.Millisecond
)

// withLedger calls do with the positions: those in the state folder if nobody holds its lock, otherwise by way of the agent that does.
func withLedger(ctx context.Context, c *config.Config, use ledgerUse, do func(ledger) error) error {
	deadline := time.Now().Add(ledgerPatience)
	tick := time.NewTicker(ledgerPoll)
	defer tick.Stop()
	for {
		err := inStore(c, use, do)
		var locked *checkpoint.LockedError
		if !errors.As(err, &locked) {
			return err
		}
		err = do(byAgent(ctx, c.Socket))
		var absent *status.NotRunningError
		if !errors.As(err, &absent) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w; and no agent answers on %s", locked, c.Socket)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// inStore calls do with the positions in the state folder. If another process has it the error is a checkpoint.LockedError.
func inStore(c *config.Config, use ledgerUse, do func(ledger) error) error {
	if use == ledgerReads {
		if _, err := os.Stat(filepath.Join(c.StateDir, checkpoint.DefaultName)); errors.Is(err, fs.ErrNotExist) {
			l := positions.Ledger{Store: noStore{}, Config: c}
			return do(ledger{list: l.List, edit: l.Edit})
		}
	}
	store, err := checkpoint.Open(checkpoint.StoreConfig{Dir: c.StateDir})
	if err != nil {
		return err
	}
	l := positions.Ledger{Store: store, Config: c}
	err = do(ledger{list: l.List, edit: l.Edit})
	if e := store.Close(); err == nil && e != nil {
		err = fmt.Errorf("close the checkpoints: %w", e)
	}
	return err
}

// noStore is the store of an agent that never ran. It is only listed.
type noStore struct{ positions.Store }

func (noStore) List() ([]checkpoint.Entry, error) { return nil, nil }

// byAgent is the positions of the agent behind a socket.
func byAgent(ctx context.Context, socket string) ledger {
	return ledger{
		list: func(flow string) ([]positions.Row, error) { return status.ListPositions(ctx, socket, flow) },
		edit: func(e positions.Edit) ([]positions.Change, error) { return status.EditPositions(ctx, socket, e) },
	}
}
