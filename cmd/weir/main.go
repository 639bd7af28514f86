// Command weir ships log files to Kinesis Data Streams and Data Firehose, and serves both: the whole program.
package main

import (
	"context"
	"os"

	"github.com/weir-logs/weir/cmd/internal/agentcmd"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/cmd/internal/servercmd"
)

// Set by the linker: see the Makefile.
var (
	version = "devel"
	commit  = "unknown"
)

func main() {
	build := cli.Build{Name: "weir", Version: version, Commit: commit}
	commands := append(agentcmd.Commands(build), servercmd.Commands(build)...)
	os.Exit(cli.Main(context.Background(), build, cli.Streams{Out: os.Stdout, Err: os.Stderr}, os.Args[1:], commands...))
}
