package servercmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

func newDemo(b cli.Build) *cobra.Command {
	var dir string
	var once, verbose bool
	cmd := &cobra.Command{
		Use:   "demo [FILE...]",
		Short: "Ship real log files through agent and backend, and check every line",
		Long: `Demo runs agent and backend in this process: it follows log files, ships their lines through the bundled streams,
lets the bundled Firehose write them as gzip objects into a folder, reads those objects back, undoes the conversion,
and compares line by line.

With FILE arguments it ships those. Without, it ships what it may read of this host's own logs (/var/log, bounded) and a
live access log that it writes and rotates itself. Lines in the combined format become JSON, all others stay as they are.

It runs until it is interrupted; with --once until everything is delivered, and then it exits 1 if a line is missing.
Everything it makes is below --dir, its two configuration files too.`,
		Example: `  weir demo
  weir demo --once /var/log/nginx/access.log
  weir demo --once --dir /tmp/try app.log app.log.1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := namedFiles(args)
			if err != nil {
				return cli.Usage(err)
			}
			level := slog.LevelError
			if verbose {
				level = slog.LevelInfo
			}
			d := &demo{build: b, once: once, named: len(args) > 0, files: files, log: logger(cmd, level),
				report: report{out: cmd.OutOrStdout(), terminal: cli.IsTerminal(cmd.OutOrStdout()), started: time.Now()}}
			if d.layout, err = newLayout(dir); err != nil {
				return cli.Usage(err)
			}
			defer d.layout.close()
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "weir-demo", "`FOLDER` for all that the demo makes; one of an earlier demo is emptied first")
	cmd.Flags().BoolVar(&once, "once", false, "end when everything is delivered, with exit code 1 if a line is missing")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the logs of agent and backend")
	return cmd
}

// demo is one run of the command.
type demo struct {
	build  cli.Build
	once   bool
	named  bool // the command line named the files
	layout layout
	files  []demoFile
	log    *slog.Logger
	report report

	agent *agent.Agent
	tally *tally
}

func (d *demo) run(parent context.Context) error {
	if !d.named {
		d.addOwnFiles()
	}
	server, err := d.startBackend(parent)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := d.newAgent(server.addr); err != nil {
		return err
	}
	ctx, done := cli.Stopping(parent, d.agent.Kill)
	defer done()

	var live *background
	if !d.named {
		live = inBackground(ctx, liveLog{path: d.livePath(), rate: 200, rotate: 10 * time.Second, keep: 5}.run)
		defer live.stop()
		if d.once {
			if err := live.stopAfter(ctx, 3*time.Second); err != nil {
				return err
			}
		}
	}
	agentDone := inBackground(ctx, d.agent.Run)
	defer agentDone.stop()
	return d.watch(ctx, live, agentDone)
}

func (d *demo) livePath() string { return filepath.Join(d.layout.live, "access.log") }

// addOwnFiles takes this host's logs and the live one, and says so.
func (d *demo) addOwnFiles() {
	d.files = hostsFiles()
	d.report.say("no FILE given: shipping %d logs of this host below %s, and a live access log that the demo writes itself:", len(d.files), hostLogs)
	for _, f := range d.files {
		d.report.say("  %s (%s)", f.path, cli.Bytes(f.size))
	}
	growth := "200 lines a second, renamed every 10 seconds"
	if d.once {
		growth = "200 lines a second for 3 seconds"
	}
	d.report.say("  %s (%s)", d.livePath(), growth)
	d.files = append(d.files, demoFile{path: d.livePath(), combined: true})
}

// watch follows the way of the lines until the end, and judges it.
func (d *demo) watch(ctx context.Context, live, agentDone *background) error {
	d.tally = newTally(config.DefaultFlow().Read.MaxRecord)
	defer d.tally.close()
	if err := d.follow(ctx, agentDone); err != nil {
		return err
	}
	if live != nil {
		if err := live.stop(); err != nil {
			return err
		}
	}
	d.report.say("reading has stopped; waiting until the last objects are written")
	agentErr := agentDone.stop()
	if errors.Is(agentErr, context.Canceled) {
		agentErr = nil
	}
	if err := d.settle(); err != nil {
		return errors.Join(agentErr, err)
	}
	if good := d.verdict(); !good {
		return errors.Join(agentErr, fmt.Errorf("missing from the objects: %s", cli.Counted(d.tally.missing(), "line")))
	}
	return agentErr
}

// stallLimit is how long a demo that is to end by itself waits while nothing moves: a full disk, for instance.
const stallLimit = 60 * time.Second

// follow shows the progress until the demo is interrupted or the agent has ended.
func (d *demo) follow(ctx context.Context, agentDone *background) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	first, moved, since := true, int64(-1), time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-agentDone.done:
			return nil
		case <-tick.C:
		}
		if err := d.count(false); err != nil {
			return err
		}
		if first && d.tally.objects > 0 {
			d.report.say("first object after %s, below %s", cli.Duration(time.Since(d.report.started)), d.layout.objects)
			first = false
		}
		d.report.progress(d.tally)
		if now := d.tally.lines + d.tally.delivered; now != moved {
			moved, since = now, time.Now()
		}
		if d.once && time.Since(since) > stallLimit {
			d.report.say("nothing has moved for %s: giving up; --verbose shows why", stallLimit)
			return nil
		}
	}
}

// verdict prints the end result, and reports whether every line arrived.
func (d *demo) verdict() bool {
	good := d.report.verdict(d.tally)
	for _, flow := range d.agent.Status().Flows {
		if n := flow.Counters.Mismatched; n > 0 {
			d.report.say("flow %s: lines that were not in its format, shipped as they are: %s", flow.Name, cli.Count(n))
		}
		if n := flow.Counters.DeadLettered; n > 0 {
			d.report.say("flow %s: records that no destination takes: %s, in %s", flow.Name, cli.Count(n), flow.Counters.DeadLetters.Path)
		}
	}
	d.report.say("objects           %s", d.layout.objects)
	d.report.say("configuration     %s, %s", filepath.Join(d.layout.root, "weir.yaml"), filepath.Join(d.layout.root, "server.yaml"))
	return good
}

// settleLimit is how long nothing may arrive before what is missing counts as lost. The delivery buffers wait 2 seconds.
const settleLimit = 20 * time.Second

// settle counts until everything has arrived, or until nothing arrives any more.
func (d *demo) settle() error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	before, since := int64(-1), time.Now()
	for {
		if err := d.count(true); err != nil {
			return err
		}
		if d.tally.missing() == 0 {
			return nil
		}
		if d.tally.delivered != before {
			before, since = d.tally.delivered, time.Now()
		}
		if time.Since(since) > settleLimit {
			return nil
		}
		d.report.progress(d.tally)
		<-tick.C
	}
}

// count brings the tally up to date: first what the agent has read and the backend acknowledged, then the objects. At the
// end, the files are counted as far as they reached when the demo began, whatever the agent says of them.
func (d *demo) count(end bool) error {
	for _, flow := range d.agent.Status().Flows {
		for _, f := range flow.Files {
			if err := d.tally.read(f.ID, f.Path, flow.Name == roadJSON, f.Acked, end); err != nil {
				return err
			}
		}
	}
	if end {
		for _, f := range d.files {
			if err := d.tally.reach(f); err != nil {
				return err
			}
		}
	}
	for _, road := range []string{roadJSON, roadRaw} {
		if err := d.tally.collect(filepath.Join(d.layout.objects, road), road == roadJSON); err != nil {
			return err
		}
	}
	return nil
}
