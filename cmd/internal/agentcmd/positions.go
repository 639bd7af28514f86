package agentcmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/cmd/internal/cli"
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
	cmd.FParseErrWhitelist.UnknownFlags = true // so that a wrong subcommand is what is complained about
	cmd.AddCommand(newPositionsList(), newPositionsSet(), newPositionsForget())
	return cmd
}

// positionFlags are what all of them have.
type positionFlags struct {
	file, flow    string
	destination   string // whose reading is meant; empty: all
	asJSON, force bool
}

func (f *positionFlags) add(cmd *cobra.Command, flow string) {
	configFlag(cmd, &f.file)
	flowFlag(cmd, &f.flow, &f.file, flow)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
}

func (f *positionFlags) addForce(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.destination, "destination", "", "only the position of `DESTINATION`, as list shows it, which lags on its own")
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

func showPositions(w io.Writer, rows []positions.Row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "no positions yet")
		return err
	}
	table := [][]string{{"FLOW", "DESTINATION", "ID", "OFFSET", "SIZE", "LAG", "SAVED", "PATH"}}
	for _, r := range rows {
		size, lag, path := "-", "-", printable(r.Path)
		if r.Size >= 0 {
			size, lag = strconv.FormatInt(r.Size, 10), strconv.FormatInt(r.Lag, 10)
		}
		if !r.Found {
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
