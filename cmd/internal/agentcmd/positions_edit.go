package agentcmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
)

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
	e.Flow, e.Force, e.Destination = f.flow, f.force, f.destination
	var changes []positions.Change
	err = withLedger(cmd.Context(), c, ledgerWrites, func(l ledger) (err error) {
		changes, err = l.edit(e)
		return err
	})
	if err != nil {
		return refused(err)
	}
	if f.asJSON {
		return printJSON(cmd.OutOrStdout(), append([]positions.Change{}, changes...))
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
	text := fmt.Sprintf("flow %s: %s (%s): ", flow, printable(c.Path), c.ID)
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
