// Package cli holds what every weir command shares: the root command, exit codes, signals and output.
//
// A command is a cobra command whose RunE returns an error; this package alone turns errors into messages and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes of every command.
const (
	ExitDone   = 0 // the command did what it says
	ExitFailed = 1 // it tried and failed
	ExitUsage  = 2 // wrong arguments, or a configuration that cannot be used
)

// usageError marks an error as the caller's: exit code 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Usage marks err as a mistake in arguments or configuration, which ends the program with ExitUsage. Usage(nil) is nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// errQuiet is an error whose message the command has already shown.
type errQuiet struct{ error }

// Quiet marks err as already shown to the user: it sets the exit code and prints nothing more.
func Quiet(err error) error { return errQuiet{err} }

// Build says what this program is.
type Build struct {
	Name    string // weir, or weir-agent
	Version string
	Commit  string
}

// Streams are the program's standard streams.
type Streams struct {
	Out io.Writer
	Err io.Writer
}

// Main runs the command line args of the program b with the given subcommands and returns the exit code. It writes nothing
// but to s, and returns when the command does.
func Main(ctx context.Context, b Build, s Streams, args []string, commands ...*cobra.Command) int {
	root := newRoot(b)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetArgs(args)
	root.AddCommand(commands...)
	root.AddCommand(newVersion(b))
	asUsage(root)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	var quiet errQuiet
	if !errors.As(err, &quiet) {
		fmt.Fprintln(s.Err, message(b.Name, err))
	}
	var usage usageError
	if errors.As(err, &usage) || unknownCommand(err) {
		return ExitUsage
	}
	return ExitFailed
}

// message puts the program's name before an error. A list of problems in a configuration stays as it is: each line of it
// begins with the file's name.
func message(name string, err error) string {
	text := strings.TrimRight(err.Error(), "\n")
	var usage usageError
	if errors.As(err, &usage) && strings.Contains(text, "\n") {
		return text
	}
	return name + ": " + text
}

// unknownCommand reports whether cobra did not find the subcommand; it has no type for that.
func unknownCommand(err error) bool { return strings.HasPrefix(err.Error(), "unknown command ") }

func newRoot(b Build) *cobra.Command {
	return &cobra.Command{
		Use:     b.Name,
		Version: b.Version,
		Short:   "Ships log files to Kinesis Data Streams and Data Firehose, AWS's or its own",
		Long: `weir follows log files and ships every line to Amazon Kinesis Data Streams or Data Firehose:
the ones in AWS, or the ones that it brings along. Nothing that the file system still holds is lost.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return cmd.Help()
		},
	}
}

// asUsage makes each complaint about flags and arguments, in every command below root, a usage error that names the help.
func asUsage(root *cobra.Command) {
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return Usage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	})
	for _, cmd := range root.Commands() {
		asUsage(cmd)
		if check := cmd.Args; check != nil {
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if err := check(cmd, args); err != nil {
					return Usage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
				}
				return nil
			}
		}
	}
}
