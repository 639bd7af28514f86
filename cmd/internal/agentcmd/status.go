package agentcmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

func newStatus() *cobra.Command {
	var file, socket string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the running agent: files, lag, destinations, errors",
		Long: `Status asks the running agent over its unix socket. Exit code 0 means that it runs and has no problem, 1 that it does
not run, or that something is wrong.`,
		Example: `  weir status
  weir status -c ./weir.yaml --json
  weir status --socket /var/lib/weir/weir.sock`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if socket == "" {
				var err error
				if socket, err = socketOf(file); err != nil {
					return err
				}
			}
			s, err := status.Get(cmd.Context(), socket)
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				err = encoder.Encode(s)
			} else {
				err = showStatus(cmd.OutOrStdout(), s)
			}
			if err == nil && len(s.Problems) > 0 {
				return cli.Quiet(errors.New(cli.Counted(len(s.Problems), "problem")))
			}
			return err
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&socket, "socket", "", "the agent's `SOCKET`, instead of the configuration's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// showStatus writes what a person wants to know, problems first.
func showStatus(w io.Writer, s status.Snapshot) error {
	fmt.Fprintf(w, "weir %s, process %d, %s for %s, %s\n", s.Version, s.Process, s.State,
		cli.Duration(time.Duration(s.Uptime)*time.Millisecond), s.Config)
	if r := s.Reload; r != nil {
		fmt.Fprintf(w, "reloaded at %s: %s; the configuration is of %s\n", r.Time.Local().Format(time.DateTime), r.Outcome, s.Loaded.Local().Format(time.DateTime))
	}
	for _, problem := range s.Problems {
		fmt.Fprintf(w, "PROBLEM  %s\n", problem)
	}
	for _, f := range s.Flows {
		fmt.Fprintln(w)
		if err := showFlow(w, f); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	rows := [][]string{{"DESTINATION", "RECORDS", "BYTES", "REQUESTS", "RETRIED", "UNANSWERED", "REFUSED", "GIVEN UP", "PENDING"}}
	for _, d := range s.Destinations {
		rows = append(rows, []string{d.Name, cli.Count(d.Stats.Records), cli.Bytes(d.Stats.Bytes), cli.Count(d.Stats.Requests),
			cli.Count(d.Stats.Retried), cli.Count(d.Stats.Unanswered), cli.Count(d.Stats.Refused), cli.Count(d.Stats.GivenUp), cli.Count(d.Stats.Pending)})
	}
	return cli.Table(w, rows)
}

// statusFiles is how many files of a flow are listed: those that lag most. --json has them all.
const statusFiles = 20

func showFlow(w io.Writer, f status.Flow) error {
	c := f.Counters
	fmt.Fprintf(w, "flow %s: %s (%s) read, %s delivered, %s in flight, %s behind in %s\n", f.Name, cli.Counted(c.RecordsRead, "record"),
		cli.Bytes(c.BytesRead), cli.Count(c.RecordsDelivered), cli.Bytes(c.InFlight), cli.Bytes(f.Lag()), cli.Counted(len(f.Files), "file"))
	for _, n := range []struct {
		count      int64
		noun, rest string
	}{
		{c.Mismatched, "line", "without the flow's format"}, {c.DroppedMismatch, "line", "dropped for that"}, {c.DroppedEdit, "record", "dropped by an edit"},
		{c.EditFailed, "edit", "that could not be done to its record"}, {c.GivenUp, "record", "given up by a destination that takes nothing"},
		{c.DeadLettered, "record", "in the dead-letter file"},
		{c.Unrouted, "record", "that no destination's condition held for"}, {c.ConditionFailed, "time", "a condition failed on a record"},
		{c.Split, "record", "too long, and continued in the next one"}, {c.Truncated, "record", "too long, and sent without the end"},
		{c.Forced, "record", "ended early: too much was open"}, {c.Foreign, "line", "without the container's format"},
		{c.Partial, "unfinished last line", "sent"}, {c.Gaps, "gap", "of bytes gone before they were read"},
		{c.Vanished, "file", "of an earlier run not found, perhaps not read to the end"},
	} {
		if n.count > 0 {
			fmt.Fprintf(w, "  %s %s\n", cli.Counted(n.count, n.noun), n.rest)
		}
	}
	if held := f.Held(); held > 0 {
		fmt.Fprintf(w, "  %s in deleted files that are kept open\n", cli.Bytes(held))
	}
	for _, r := range f.Readings {
		fmt.Fprintf(w, "  %s: lag %s, %s in flight\n", strings.Join(r.Destinations, ", "), cli.Bytes(r.Lag), cli.Bytes(r.InFlight))
	}
	for _, file := range firstErrors(f.Files, statusFiles) {
		fmt.Fprintf(w, "  cannot read %s: %s\n", printable(file.Path), printable(file.Error))
	}
	if len(f.Files) == 0 {
		return nil
	}
	files := mostBehind(f.Files, statusFiles)
	rows := [][]string{{"  FILE", "STATE", "SIZE", "ACKNOWLEDGED", "LAG"}}
	for _, file := range files {
		rows = append(rows, []string{"  " + printable(file.Path), file.State, cli.Bytes(file.Size), cli.Bytes(file.Acked), cli.Bytes(file.Lag)})
	}
	if err := cli.Table(w, rows); err != nil {
		return err
	}
	if more := len(f.Files) - len(files); more > 0 {
		fmt.Fprintf(w, "  and %d more; --json lists all\n", more)
	}
	return nil
}
