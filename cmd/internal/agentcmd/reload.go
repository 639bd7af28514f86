package agentcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

func newReload() *cobra.Command {
	var file, socket string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Make the running agent read its configuration again",
		Long: `Reload has the running agent read its configuration, and all files that it includes, again, with the environment that the
agent has. It waits, and prints what became of each flow. A flow that has not changed is not touched; one that has is stopped in order
and reads on where it was. A configuration with a mistake changes nothing. SIGHUP to weir run does the same.

The agent is found by the socket of the configuration that -c names, as it is now, or by --socket. It reads the file that it was started with.

Exit codes: 0 reloaded; 1 no agent runs, or it could not do it now; 2 the new configuration is wrong, or takes a restart, and nothing was changed.`,
		Example: `  weir reload
  weir reload -c ./weir.yaml --json
  weir reload --socket /var/lib/weir/weir.sock`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := askReload(cmd.Context(), file, socket)
			if err != nil {
				return err
			}
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), r); err != nil {
					return err
				}
			} else if err := showReload(cmd.OutOrStdout(), cmd.ErrOrStderr(), r); err != nil {
				return err
			}
			return reloadError(r)
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&socket, "socket", "", "the agent's `SOCKET`, instead of the configuration's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// askReload has the agent reload that is behind a socket, or without one behind that of a configuration.
func askReload(ctx context.Context, file, socket string) (status.Reload, error) {
	if socket != "" {
		return status.AskReload(ctx, socket)
	}
	socket, err := socketOf(file)
	if err != nil {
		return status.Reload{}, cli.Usage(fmt.Errorf("%w\nnothing was changed: the agent was not asked, since its socket is not known for certain; --socket names it", err))
	}
	r, err := status.AskReload(ctx, socket)
	var none *status.NotRunningError
	if errors.As(err, &none) {
		err = fmt.Errorf("%w. If one runs, and state_dir or socket were changed since it started: that takes a restart, and nothing was changed; until then --socket names it", err)
	}
	return r, err
}

// reloadError is the exit code of a reload whose result was shown.
func reloadError(r status.Reload) error {
	switch r.Outcome {
	case status.ReloadDone:
		return nil
	case status.ReloadRefused:
		return cli.Usage(cli.Quiet(errors.New(r.Error)))
	}
	return cli.Quiet(errors.New(r.Error))
}

// showReload writes what became of each flow, or every problem.
func showReload(out, problems io.Writer, r status.Reload) error {
	for _, w := range r.Warnings {
		fmt.Fprintln(problems, "warning: "+w)
	}
	if r.Outcome != status.ReloadDone {
		_, err := fmt.Fprintf(problems, "%s\nnothing was changed: the configuration that was loaded before goes on\n", strings.TrimRight(r.Error, "\n"))
		return err
	}
	for _, f := range r.Flows {
		line := fmt.Sprintf("flow %s: %s", f.Name, f.Change)
		if f.Note != "" {
			line += " (" + f.Note + ")"
		}
		fmt.Fprintln(out, line)
	}
	_, err := fmt.Fprintf(out, "reloaded %s in %s\n", r.Config, time.Duration(r.Took)*time.Millisecond)
	return err
}
