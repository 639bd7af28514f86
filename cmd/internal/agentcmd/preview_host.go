package agentcmd

import (
	"context"
	"io"
	"log/slog"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/metadata"
)

// hostOf asks EC2 and ECS for what the flows want of them, as the agent does before its first record: for two seconds at most. What cannot be
// read is said on out. It goes on asking until ctx ends.
func hostOf(ctx context.Context, out io.Writer, flows []config.Flow) *metadata.Source {
	host := metadata.New(metadata.Config{Log: slog.New(slog.NewTextHandler(out, nil))})
	for i := range flows {
		host.Want(flows[i].Variables()...)
	}
	go host.Run(ctx)
	host.Wait(ctx)
	return host
}
