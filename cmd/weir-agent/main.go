// Command weir-agent is weir without the bundled backend, for hosts that only ship their logs.
package main

import (
	"context"
	"os"

	"github.com/weir-logs/weir/cmd/internal/agentcmd"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// Set by the linker: see the Makefile.
var (
	version = "devel"
	commit  = "unknown"
)

func main() {
	build := cli.Build{Name: "weir-agent", Version: version, Commit: commit}
	commands := append(agentcmd.Commands(build), agentcmd.Absent("serve", "demo")...)
	os.Exit(cli.Main(context.Background(), build, cli.Streams{Out: os.Stdout, Err: os.Stderr}, os.Args[1:], commands...))
}
