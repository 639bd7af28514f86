package main

import (
	"context"
	"net/http"
	_ "net/http/pprof"
	"os"

	"github.com/weir-logs/weir/cmd/internal/agentcmd"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

func main() {
	go http.ListenAndServe("127.0.0.1:6061", nil)
	build := cli.Build{Name: "weir-agent"}
	os.Exit(cli.Main(context.Background(), build, cli.Streams{Out: os.Stdout, Err: os.Stderr}, os.Args[1:], agentcmd.Commands(build)...))
}
