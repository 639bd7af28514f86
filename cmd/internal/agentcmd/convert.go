package agentcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/original"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// convertOptions are the flags of convert.
type convertOptions struct {
	checkpoints, file, flow string
	dryRun, asJSON, compat  bool
}

func newConvert() *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert agent.json | --checkpoints FILE",
		Short: "Move from the original agent: its configuration as YAML, and what it has shipped already",
		Long: `Convert agent.json prints the configuration of the original agent (aws-kinesis-agent), and the flows of the folder agent.d beside it, as a
weir.yaml. Comments in it explain every difference, and what is not carried over. The flows have weir's behaviour with the
original agent's names of fields; with --compat they send what the original agent sends, byte for byte. Keys of AWS are not
printed: variables take their place. weir run -c agent.json needs no conversion; it is as with --compat.

Convert --checkpoints reads the checkpoint database of the original agent and lets weir read on where that stopped.
Stop the original agent first. Its file is only read, never written to.

Each row is about one file. It belongs to the flow that sends to the same stream or delivery stream and has a path that
matches the file, and it counts only if the file is there, by its inode and under any name in its folder, and has
not become shorter. Every row that is not imported is listed with the reason. A file that weir has a position of already
keeps it, so that an import can be repeated.

The original agent's offsets are high-water marks. What was in a batch that it was still trying to send when it was
stopped, while a later one had been acknowledged, lies before the offset: it is lost, to weir too. Look for failing batches
at the end of its log; weir positions set can go back.`,
		Example: `  weir convert /etc/aws-kinesis/agent.json >/etc/weir/weir.yaml
  weir convert --compat /etc/aws-kinesis/agent.json
  weir convert --checkpoints /var/run/aws-kinesis-agent/checkpoints --dry-run
  weir convert --checkpoints /var/run/aws-kinesis-agent/checkpoints -c ./weir.yaml --flow web`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && o.checkpoints != "":
				return cli.Usage(fmt.Errorf("%s and --checkpoints are two things: convert the configuration, then the checkpoints", args[0]))
			case len(args) == 1:
				return convertConfig(cmd.OutOrStdout(), args[0], o)
			case o.checkpoints == "":
				return cli.Usage(errors.New("name the original agent's configuration, such as /etc/aws-kinesis/agent.json, or its checkpoint file with --checkpoints"))
			case o.compat:
				return cli.Usage(errors.New("--compat is for a configuration"))
			}
			return importCheckpoints(cmd, o)
		},
	}
	configFlag(cmd, &o.file)
	cmd.Flags().StringVar(&o.checkpoints, "checkpoints", "", "the original agent's checkpoint `FILE`")
	cmd.Flags().BoolVar(&o.compat, "compat", false, "flows that send what the original agent sends, byte for byte")
	cmd.Flags().StringVar(&o.flow, "flow", "", "import for this flow only, by `NAME`")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be imported, and change nothing")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

// convertConfig prints a configuration of the original agent as YAML.
func convertConfig(w io.Writer, file string, o convertOptions) error {
	if o.dryRun || o.asJSON || o.flow != "" {
		return cli.Usage(errors.New("--dry-run, --json and --flow are for --checkpoints"))
	}
	text, err := config.Convert(file, o.compat, os.LookupEnv)
	if err != nil {
		return cli.Usage(err)
	}
	_, err = w.Write(text)
	return err
}

// imported is what convert prints with --json.
type imported struct {
	DryRun bool            `json:"dry_run"`
	Lines  []original.Line `json:"lines"`
	Notes  []string        `json:"notes"`
}

func importCheckpoints(cmd *cobra.Command, o convertOptions) error {
	c, err := load(o.file)
	if err != nil {
		return err
	}
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	rows, err := original.Read(cmd.Context(), o.checkpoints)
	if err != nil {
		return err
	}
	plan, err := original.Plan(rows, chosen)
	if err != nil {
		return err
	}
	if err := makeEdits(cmd.Context(), c, plan, o.dryRun); err != nil {
		return err
	}
	if o.asJSON {
		err = printJSON(cmd.OutOrStdout(), imported{o.dryRun, slices.Concat([]original.Line{}, plan.Lines), slices.Concat([]string{}, plan.Notes)})
	} else {
		err = showImport(cmd.OutOrStdout(), plan, o.dryRun)
	}
	if err == nil && len(rows) > 0 && len(plan.Edits) == 0 {
		return cli.Quiet(errors.New("no row could be imported"))
	}
	return err
}

// makeEdits makes the edits of a plan, or with dryRun only asks what they would do.
func makeEdits(ctx context.Context, c *config.Config, plan original.Import, dryRun bool) error {
	if len(plan.Edits) == 0 {
		return nil
	}
	use := ledgerWrites
	if dryRun {
		use = ledgerReads
	}
	return withLedger(ctx, c, use, func(l ledger) error {
		for _, e := range plan.Edits {
			e.DryRun = dryRun
			changes, err := l.edit(e)
			if err != nil {
				return fmt.Errorf("flow %s: %w; flows before it are imported, and importing again is safe", e.Flow, err)
			}
			settle(plan.Lines, e.Flow, changes)
		}
		return nil
	})
}

// settle writes into the lines what the edit of their flow did.
func settle(lines []original.Line, flow string, changes []positions.Change) {
	for _, c := range changes {
		i := slices.IndexFunc(lines, func(l original.Line) bool { return l.Imported && l.Flow == flow && l.Path == c.Path })
		if i < 0 || c.To < 0 {
			continue
		}
		lines[i].Offset, lines[i].Known = c.To, c.From >= 0
		if c.Note != "" {
			lines[i].Reason = strings.TrimPrefix(lines[i].Reason+"; "+c.Note, "; ")
		}
	}
}

// showImport writes a line for each row and file, and what the offsets do not tell.
func showImport(w io.Writer, plan original.Import, dryRun bool) error {
	imported, finished, known, left := 0, 0, 0, 0
	for _, l := range plan.Lines {
		if !l.Imported {
			continue
		}
		switch {
		case l.Known:
			known++
		case l.Finished:
			finished++
		default:
			imported++
		}
		text := fmt.Sprintf("flow %s: %s: reads on at %d of %d", l.Flow, printable(l.Path), l.Offset, l.Size)
		if l.Reason != "" {
			text += " (" + printable(l.Reason) + ")"
		}
		fmt.Fprintln(w, text)
	}
	for _, l := range plan.Lines {
		if l.Imported {
			continue
		}
		left++
		fmt.Fprintf(w, "not imported: %s: %s: %s\n", printable(l.Row.Flow), printable(l.Path), printable(l.Reason))
	}
	for _, note := range plan.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	verb := "imported"
	if dryRun {
		verb = "to import"
	}
	_, err := fmt.Fprintf(w, "%s %s, %s without a row taken for finished, %s known already, %s not imported\n", cli.Counted(imported, "row"), verb,
		cli.Counted(finished, "file"), cli.Counted(known, "file"), cli.Counted(left, "row"))
	if err == nil && imported+finished > 0 {
		_, err = fmt.Fprintln(w, "The offsets are high-water marks: a batch that the original agent was still trying to send when it was stopped, while a later one\n"+
			"had been acknowledged, lies before them and is not sent. Its log tells of such batches; weir positions set can go back.")
	}
	return err
}

// printable keeps what a database or a file name holds from steering the terminal.
func printable(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
