package servercmd

import (
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/sink/backend"
)

// defaultData is where the data lies unless a flag or the configuration says otherwise.
const defaultData = "weir-data"

func newServe(b cli.Build) *cobra.Command {
	var file, listen, data string
	var faults []string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve Kinesis Data Streams and Data Firehose on one port",
		Long: `Serve answers the APIs of Kinesis Data Streams and Data Firehose. A put is answered after its data is on disk; what was
acknowledged is there after a crash. Point any AWS SDK or the AWS CLI at it with an endpoint URL, any region and any keys.

Signatures are not verified in this version: listen on loopback, or on a network where each client may do everything.`,
		Example: `  weir serve
  weir serve --listen 127.0.0.1:4567 --data ./data
  weir serve -c server.yaml
  weir serve --fault operation=PutRecords,stream=web,records=5%
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
  aws --endpoint-url http://127.0.0.1:4567 kinesis create-stream --stream-name web --shard-count 2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := backend.Config{}
			if file != "" {
				var err error
				if c, err = loadServer(file, os.LookupEnv); err != nil {
					return cli.Usage(err)
				}
			}
			if listen != "" {
				c.Listen = listen
			}
			if data != "" {
				c.DataDir = data
			}
			if c.DataDir == "" {
				c.DataDir = defaultData
			}
			if _, err := net.ResolveTCPAddr("tcp", c.Listen); c.Listen != "" && err != nil {
				return cli.Usage(fmt.Errorf("the address to listen on, HOST:PORT: %w", err))
			}
			if err := addFaults(&c, faults); err != nil {
				return cli.Usage(err)
			}
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			c.Log, c.Version = logger(cmd, level), b.Version
			withFaults(&c)
			return serve(cmd, c)
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "configuration `FILE`; without one, nothing is declared")
	cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` to listen on (default 127.0.0.1:4567)")
	cmd.Flags().StringVar(&data, "data", "", "`FOLDER` for all data (default "+defaultData+" in the current folder)")
	cmd.Flags().StringArrayVar(&faults, "fault", nil,
		"make requests go wrong as `KEY=VALUE,…` says, to try clients: operation=PutRecords,stream=web,share=5%,drop=after; repeatable, see docs/backend.md")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log details")
	return cmd
}

func serve(cmd *cobra.Command, c backend.Config) error {
	ctx, done := cli.Stopping(cmd.Context(), func() {
		// A second signal does not wait: what is acknowledged is on disk.
		os.Exit(cli.ExitFailed)
	})
	defer done()
	b, err := backend.Open(ctx, c)
	if err != nil {
		return err
	}
	c.Log.Info("serving Kinesis Data Streams and Data Firehose", "endpoint", "http://"+b.Addr(), "data", c.DataDir)
	return b.Serve(ctx)
}
