package agentcmd

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/backfill"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// backfillOptions are the flags of weir backfill.
type backfillOptions struct {
	file, flow       string
	restart, verbose bool
	drain            time.Duration
}

func newBackfill(b cli.Build) *cobra.Command {
	var o backfillOptions
	cmd := &cobra.Command{
		Use:   "backfill --flow NAME [PATH...]",
		Short: "Ship existing files once, and end",
		Long: `Backfill ships files through one flow of the configuration and ends: the files that PATH names, globs allowed, or the
flow's own. What gzip, zstd or bzip2 compressed is shipped as what it holds. It keeps its own positions, so that it
disturbs no running agent; a run that was interrupted goes on where it stopped, and one that is complete ships only what
has come since. --restart ships everything again.

Exit codes: 0 everything is shipped, 1 something could not be read or delivered, 2 refused before anything was sent.`,
		Example: `  weir backfill --flow web
  weir backfill -c ./weir.yaml --flow web '/srv/archive/access.log-2026*'
  weir backfill --flow web /var/log/nginx/access.log.*.gz
  weir backfill --flow web --restart /var/log/nginx/access.log.1`,
		RunE: func(cmd *cobra.Command, paths []string) error { return ship(cmd, b, o, paths) },
	}
	configFlag(cmd, &o.file)
	flowFlag(cmd, &o.flow, &o.file, "the flow to run, by `NAME`")
	cmd.Flags().BoolVar(&o.restart, "restart", false, "forget what earlier runs have shipped")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "log details")
	cmd.Flags().DurationVar(&o.drain, "drain", 10*time.Second, "how long a stop may take to deliver what was read")
	return cmd
}

// ship makes a backfill and says what it did.
func ship(cmd *cobra.Command, b cli.Build, o backfillOptions, paths []string) error {
	c, err := load(o.file)
	if err != nil {
		return err
	}
	if o.flow == "" && len(c.Flows) > 1 {
		return cli.Usage(fmt.Errorf("name the flow with --flow; see weir backfill --help"))
	}
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	limitMemory(c)
	log := logger(cmd, o.verbose)
	warn(log, c)
	kill := make(chan struct{})
	ctx, done := cli.Stopping(cmd.Context(), sync.OnceFunc(func() { close(kill) }))
	defer done()
	show := newProgress(cmd.ErrOrStderr())
	result, err := backfill.Run(ctx, backfill.Options{
		Config: c, Flow: chosen[0].Name, Paths: paths, Restart: o.restart, Progress: show.update,
		Log: log, Version: b.Version, DrainTimeout: o.drain, Kill: kill,
	})
	show.end()
	if refused := new(backfill.RefusedError); errors.As(err, &refused) {
		return cli.Usage(err)
	}
	if err != nil && !errors.Is(err, backfill.ErrIncomplete) {
		return usage(err)
	}
	fmt.Fprintln(cmd.OutOrStdout(), summary(result))
	if ctx.Err() != nil && err != nil {
		err = fmt.Errorf("%w; run it again to go on", err)
	}
	return unread(err)
}

// summary is the line that ends a run.
func summary(r backfill.Result) string {
	text := fmt.Sprintf("flow %s: %s, %s of %s in %d of %s shipped, in %s", r.Flow, cli.Counted(r.Records, "record"),
		cli.Bytes(r.BytesDone), cli.Bytes(r.BytesTotal), r.FilesDone, cli.Counted(r.FilesTotal, "file"), cli.Duration(r.Took))
	if r.Resumed > 0 {
		text += fmt.Sprintf("; %s of that by earlier runs", cli.Bytes(r.Resumed))
	}
	if r.Dropped > 0 {
		text += fmt.Sprintf("; %s dropped, as the flow says", cli.Counted(r.Dropped, "record"))
	}
	if r.DeadLettered > 0 {
		text += fmt.Sprintf("; %s in %s", cli.Counted(r.DeadLettered, "record"), r.DeadLetters)
	}
	return text
}

// progress shows how far a run is: a bar on a terminal, a line now and then elsewhere.
type progress struct {
	out  io.Writer
	bar  *progressbar.ProgressBar
	tty  bool
	last time.Time
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, tty: cli.IsTerminal(out), last: time.Now()}
}

func (p *progress) update(s backfill.Progress) {
	what := fmt.Sprintf("%s, %d of %s", cli.Counted(s.Records, "record"), s.FilesDone, cli.Counted(s.FilesTotal, "file"))
	if s.Problem != "" {
		what = s.Problem
	}
	if !p.tty {
		if time.Since(p.last) >= 5*time.Second {
			p.last = time.Now()
			fmt.Fprintf(p.out, "%s of %s, %s\n", cli.Bytes(s.BytesDone), cli.Bytes(s.BytesTotal), what)
		}
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(s.BytesTotal, progressbar.OptionSetWriter(p.out), progressbar.OptionShowBytes(true),
			progressbar.OptionUseIECUnits(true), progressbar.OptionShowTotalBytes(true), progressbar.OptionSetPredictTime(true),
			progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	p.bar.Describe(what)
	// Its error is that of writing to the terminal.
	_ = p.bar.Set64(min(s.BytesDone, s.BytesTotal))
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
