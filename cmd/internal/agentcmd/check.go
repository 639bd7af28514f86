package agentcmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// checkOptions are the flags of check.
type checkOptions struct {
	file, flow, sample             string
	follow, asJSON, strict, schema bool
}

func newCheck() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate the configuration, and show what each flow matches and sends",
		Long: `Check reads the configuration and reports every mistake in it, or shows which files each flow matches now, how the first
lines of the newest one parse, and where the records go. It sends nothing and changes nothing, and may run beside the agent.

With --sample it prints the records that the flow would send for the lines of a file, exactly as they would be sent; with
--follow it does that for what is appended to the flow's files from now on. With --json each record is an object with its
destination and its partition key, where that is known before it is sent.

Exit codes: 0 the configuration is valid; 2 it is not; with --strict 1 if there is a warning: no file matches, a file
cannot be read, a line does not match, positions that no flow uses.`,
		Example: `  weir check
  weir check -c ./weir.yaml --strict
  weir check -c ./weir.yaml --flow web --sample /var/log/nginx/access.log | head
  tail -n 3 app.log | weir check -c ./weir.yaml --sample -
  weir check -c ./weir.yaml --follow
  weir check --schema > weir.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return check(cmd, o) },
	}
	configFlag(cmd, &o.file)
	flowFlag(cmd, &o.flow, &o.file, "only this flow, by `NAME`")
	cmd.Flags().StringVar(&o.sample, "sample", "", "print the records for the lines of `FILE`, - for standard input")
	cmd.Flags().BoolVar(&o.follow, "follow", false, "print the records for lines as they are written")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "end with exit code 1 if there is a warning")
	cmd.Flags().BoolVar(&o.schema, "schema", false, "print the JSON Schema of configurations, and nothing else")
	return cmd
}

func check(cmd *cobra.Command, o checkOptions) error {
	if o.schema {
		schema, err := config.Schema()
		if err == nil {
			_, err = cmd.OutOrStdout().Write(schema)
		}
		return err
	}
	c, err := load(o.file)
	if err != nil {
		return err
	}
	if err := agent.Fits(c); err != nil {
		return usage(err)
	}
	if (o.sample != "" || o.follow) && !o.asJSON {
		for _, text := range warningsOf(c) {
			fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text)
		}
	}
	switch {
	case o.sample != "" && o.follow:
		return cli.Usage(errors.New("--sample and --follow exclude each other"))
	case o.sample != "":
		return showSample(cmd, c, o)
	case o.follow:
		return follow(cmd, c, o)
	}
	all := configCheck{Config: c.File, Included: append([]string{}, c.Included...), Warnings: warningsOf(c), Notes: append([]string{}, c.Notes...)}
	all.addOrphans(cmd.Context(), c)
	return all.show(cmd.OutOrStdout(), c, o)
}

// flowFlag adds --flow to cmd. A shell completes it with the names of the flows.
func flowFlag(cmd *cobra.Command, flow, file *string, usage string) {
	cmd.Flags().StringVar(flow, "flow", "", usage)
	_ = cmd.RegisterFlagCompletionFunc("flow", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		c, err := load(*file)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return strings.Split(flowNames(c), ", "), cobra.ShellCompDirectiveNoFileComp
	}) // it can only fail if there is no such flag
}

// flows returns the flow with the given name, or all.
func flows(c *config.Config, name string) ([]config.Flow, error) {
	if name == "" {
		return c.Flows, nil
	}
	for i, f := range c.Flows {
		if f.Name == name {
			return c.Flows[i : i+1], nil
		}
	}
	return nil, cli.Usage(fmt.Errorf("%s has no flow %q; it has %s", c.File, name, flowNames(c)))
}
