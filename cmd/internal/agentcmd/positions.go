package agentcmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
)

func newPositions() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "positions",
		Short: "Show and edit how far each file is shipped",
		Long: `Positions shows and edits the checkpoints: how far each file of each flow is acknowledged.

While the agent runs it makes the edit: it stops the one flow, waits until what was read is answered, and reads on from the
new position at once; other flows go on. While it does not run, the edit goes into its state folder directly. The lock
of the state folder decides, so the two never write at a time. Run it as the user that the agent runs as, or as root.`,
		Example: `  weir positions list
  weir positions set --flow web /var/log/nginx/access.log --end
  weir positions forget --flow web /var/log/nginx/access.log.1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPositionsList(), newPositionsSet(), newPositionsForget())
	return cmd
}

// positionFlags are what all of them have.
type positionFlags struct {
	file, flow    string
	asJSON, force bool
}

func (f *positionFlags) add(cmd *cobra.Command, flow string) {
	configFlag(cmd, &f.file)
	cmd.Flags().StringVar(&f.flow, "flow", "", flow)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
}

func (f *positionFlags) addForce(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.force, "force", false, "do not wait until what was read is answered: it is sent again")
}

// load reads the configuration, and takes its only flow if none is named.
func (f *positionFlags) load() (*config.Config, error) {
	c, err := load(f.file)
	if err != nil {
		return nil, err
	}
	if f.flow == "" {
		if len(c.Flows) > 1 {
			return nil, cli.Usage(fmt.Errorf("name the flow with --flow; %s has %s", c.File, flowNames(c)))
		}
		f.flow = c.Flows[0].Name
	}
	return c, nil
}

func flowNames(c *config.Config) string {
	var names []string
	for _, f := range c.Flows {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func newPositionsList() *cobra.Command {
	var flags positionFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the positions of all files",
		Example: `  weir positions list
  weir positions list -c ./weir.yaml --flow web --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(flags.file)
			if err != nil {
				return err
			}
			var rows []positions.Row
			err = withLedger(cmd.Context(), c, ledgerReads, func(l ledger) (err error) {
				rows, err = l.list(flags.flow)
				return err
			})
			if err != nil {
				return refused(err)
			}
			if flags.asJSON {
				return printJSON(cmd.OutOrStdout(), rows)
			}
			return showPositions(cmd.OutOrStdout(), rows)
		},
	}
	flags.add(cmd, "only this flow, by `NAME`")
	return cmd
}

func newPositionsSet() *cobra.Command {
	var flags positionFlags
	var offset int64
	var beginning, end bool
	cmd := &cobra.Command{
		Use:   "set FILE (--offset N | --beginning | --end)",
		Short: "Set from where a file is read on",
		Long: `Set says from where a file is read on: FILE is its path, or its id as list shows it. The file may be one that weir has
never seen, if a path of the flow matches it. An offset inside a line is moved back to where the line starts; the output
says so. Reading on from an earlier place sends again what was sent; from a later one, what lies between is never sent.`,
		Example: `  weir positions set --flow web /var/log/nginx/access.log --end
  weir positions set --flow web /var/log/nginx/access.log --offset 1048576
  weir positions set --flow web 5f0c1d2e3a4b5c6d7e8f9a0b --beginning`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := 0
			for _, name := range []string{"offset", "beginning", "end"} {
				if cmd.Flags().Changed(name) {
					given++
				}
			}
			switch {
			case given != 1:
				return cli.Usage(errors.New("say where to read on: one of --offset N, --beginning and --end"))
			case beginning:
				offset = 0
			case end:
				offset = tailer.End
			case offset < 0:
				return cli.Usage(fmt.Errorf("--offset %d is negative", offset))
			}
			return flags.edit(cmd, func() positions.Edit {
				return positions.Edit{Set: []positions.Place{{File: absolute(args[0]), Offset: offset}}}
			})
		},
	}
	flags.add(cmd, "the flow, by `NAME`; may be left out if there is only one")
	flags.addForce(cmd)
	cmd.Flags().Int64Var(&offset, "offset", 0, "read on at byte `N` of the file")
	cmd.Flags().BoolVar(&beginning, "beginning", false, "read all of it")
	cmd.Flags().BoolVar(&end, "end", false, "read only what is written from now on")
	return cmd
}

func newPositionsForget() *cobra.Command {
	var flags positionFlags
	var yes bool
	cmd := &cobra.Command{
		Use:   "forget (FILE... | --yes)",
		Short: "Forget a file, or all files of a flow",
		Long: `Forget removes the positions of files, by path or id, or without a FILE those of the whole flow. A file that is
forgotten and still there is read again from its beginning, and all of it is sent again. To forget a whole flow takes --yes.`,
		Example: `  weir positions forget --flow web /var/log/nginx/access.log.1
  weir positions forget --flow web --yes        read everything of the flow again`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !yes {
				return cli.Usage(errors.New("without a FILE every file of the flow is forgotten, and read again from its beginning; if that is meant, add --yes"))
			}
			return flags.edit(cmd, func() positions.Edit {
				e := positions.Edit{All: len(args) == 0}
				for _, file := range args {
					e.Forget = append(e.Forget, absolute(file))
				}
				return e
			})
		},
	}
	flags.add(cmd, "the flow, by `NAME`; may be left out if there is only one")
	flags.addForce(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "forget the whole flow")
	return cmd
}

// edit makes an edit and prints what it did.
func (f *positionFlags) edit(cmd *cobra.Command, build func() positions.Edit) error {
	c, err := f.load()
	if err != nil {
		return err
	}
	e := build()
	e.Flow, e.Force = f.flow, f.force
	var changes []positions.Change
	err = withLedger(cmd.Context(), c, ledgerWrites, func(l ledger) (err error) {
		changes, err = l.edit(e)
		return err
	})
	if err != nil {
		return refused(err)
	}
	if f.asJSON {
		return printJSON(cmd.OutOrStdout(), slices.Concat([]positions.Change{}, changes))
	}
	for _, c := range changes {
		fmt.Fprintln(cmd.OutOrStdout(), describeChange(f.flow, c))
	}
	if len(changes) == 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "flow %s has no positions\n", f.flow)
	}
	return nil
}

// absolute makes a path absolute; an id stays as it is.
func absolute(file string) string {
	var id tailer.FileID
	if !strings.Contains(file, "/") && id.UnmarshalText([]byte(file)) == nil {
		return file
	}
	if path, err := filepath.Abs(file); err == nil {
		return path
	}
	return file
}

// refused marks an edit that was asked wrongly as the user's to mend.
func refused(err error) error {
	var r *positions.RefusedError
	if errors.As(err, &r) {
		return cli.Usage(errors.New(r.Reason))
	}
	return err
}

// describeChange is a line about one file.
func describeChange(flow string, c positions.Change) string {
	text := fmt.Sprintf("flow %s: %s (%s): ", flow, c.Path, c.ID)
	switch {
	case c.To < 0:
		text += fmt.Sprintf("forgotten, was at %d", c.From)
	case c.From < 0:
		text += fmt.Sprintf("set to %d", c.To)
	case c.From == c.To:
		text += fmt.Sprintf("stays at %d", c.To)
	default:
		text += fmt.Sprintf("set to %d, was at %d", c.To, c.From)
	}
	if c.Note != "" {
		text += " (" + c.Note + ")"
	}
	return text
}

func showPositions(w io.Writer, rows []positions.Row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "no positions yet")
		return err
	}
	table := [][]string{{"FLOW", "DESTINATION", "ID", "OFFSET", "SIZE", "LAG", "SAVED", "PATH"}}
	for _, r := range rows {
		size, lag, path := "-", "-", r.Path
		if r.Size >= 0 {
			size, lag = strconv.FormatInt(r.Size, 10), strconv.FormatInt(r.Lag, 10)
		} else {
			path += " (not found)"
		}
		table = append(table, []string{r.Flow, r.Destination, r.ID.String(), strconv.FormatInt(r.Offset, 10), size, lag,
			r.Saved.Local().Format(time.DateTime), path})
	}
	return cli.Table(w, table)
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
