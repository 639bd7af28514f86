// Package agentcmd holds the commands of the agent, one file each: run, reload, backfill, check, status, positions, convert and service.
package agentcmd

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// DefaultConfig is where the agent's configuration lies unless -c says otherwise.
const DefaultConfig = "/etc/weir/weir.yaml"

// Commands returns the agent's commands.
func Commands(b cli.Build) []*cobra.Command {
	return []*cobra.Command{newRun(b), newReload(), newBackfill(b), newCheck(), newStatus(), newPositions(), newConvert(), newService()}
}

// Absent returns a command for each name that this program was built without; it says which package has it.
func Absent(names ...string) []*cobra.Command {
	var commands []*cobra.Command
	for _, name := range names {
		commands = append(commands, &cobra.Command{
			Use:                name,
			Short:              "Not in this program: install the package weir",
			Hidden:             true,
			DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error {
				return cli.Usage(fmt.Errorf("%s is not part of the agent's package; install the package weir, which has agent and backend", name))
			},
		})
	}
	return commands
}

// configFlag adds -c to cmd.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", DefaultConfig, "configuration `FILE`")
}

// load reads the configuration; what is wrong with it is the user's to mend.
func load(file string) (*config.Config, error) {
	c, err := config.Load(file, environment)
	return c, cli.Usage(err)
}

// warn logs what the configuration says and weir ignores.
func warn(log *slog.Logger, c *config.Config) {
	for _, w := range c.Warnings {
		log.Warn("configuration: "+w.Message, "key", w.Key, "at", fmt.Sprintf("%s:%d:%d", w.File, w.Line, w.Column))
	}
}

// socketOf returns the agent's socket as the configuration names it, also where something else in there is wrong.
func socketOf(file string) (string, error) {
	c, err := load(file)
	if err == nil {
		return c.Socket, nil
	}
	if socket := config.SocketOf(file, environment); socket != "" {
		return socket, nil
	}
	return "", err
}

// logger writes to cmd's standard error: journald adds the time there, a terminal gets it from us.
func logger(cmd *cobra.Command, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	if os.Getenv("JOURNAL_STREAM") != "" {
		options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), options))
}
