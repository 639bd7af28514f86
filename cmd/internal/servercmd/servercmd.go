// Package servercmd holds the commands that bring the backend along, one file each: serve and demo. It is the only part of
// the command line that imports the backend.
package servercmd

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/cmd/internal/cli"
)

// Commands returns the backend's commands.
func Commands(b cli.Build) []*cobra.Command {
	return []*cobra.Command{newServe(b), newDemo(b)}
}

// logger writes to cmd's standard error.
func logger(cmd *cobra.Command, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
}
