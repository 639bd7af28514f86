package agentcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/nxadm/tail"
	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
)

// follow prints the records for what is appended to the flows' files, until it is interrupted, and keeps nothing. A flow whose records are single
// lines is followed by nxadm/tail, which is for people to look at: it may skip lines where a file is rotated. Where it takes more to tell
// where a record ends, the agent's own tailer reads.
func follow(cmd *cobra.Command, c *config.Config, o checkOptions) error {
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	ctx, done := cli.Stopping(cmd.Context(), func() {})
	defer done()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s := &screen{host: hostOf(ctx, cmd.ErrOrStderr(), chosen), out: cmd.OutOrStdout(), asJSON: o.asJSON, err: cmd.ErrOrStderr(), stop: stop}
	files := 0
	var run []func()
	for i := range chosen {
		prepare := s.records
		if chosen[i].Framing().SingleLines() && !chosen[i].Parse.Header {
			prepare = s.lines
		}
		n, start, err := prepare(ctx, &chosen[i])
		if err != nil {
			return err
		}
		files += n
		run = append(run, start)
	}
	if files == 0 {
		return errors.New("no file matches now")
	}
	fmt.Fprintf(s.err, "following %s; Ctrl-C ends it\n", cli.Counted(files, "file"))
	var group sync.WaitGroup
	for _, start := range run {
		group.Go(start)
	}
	group.Wait()
	return s.failed
}

// screen is what several flows are shown on. A record is written at once, whole.
type screen struct {
	mu     sync.Mutex // guards all below
	out    io.Writer
	asJSON bool
	err    io.Writer
	host   *metadata.Source
	failed error                   // why nothing is shown any more
	stop   context.CancelCauseFunc // ends everything
}

// preview shows the records of a flow.
func (s *screen) preview(f *config.Flow) (*preview, error) {
	show, err := records(f, s.asJSON, s.out)
	if err != nil {
		return nil, err
	}
	return newPreview(f, show, s.host)
}

// show has the records of some text of a file printed.
func (s *screen) show(print func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := print()
	if err != nil {
		s.fail(err)
	}
	return err
}

// fail ends everything. Callers hold the mutex.
func (s *screen) fail(err error) {
	if s.failed == nil {
		s.failed = err
	}
	s.stop(err)
}

// followFiles bounds how many files of a flow nxadm/tail shows.
const followFiles = 50

// lines prepares to show a flow whose records are lines, and says how many files it has.
func (s *screen) lines(ctx context.Context, f *config.Flow) (int, func(), error) {
	files, err := tailer.Match(f.Read.Paths, f.Read.Exclude)
	if err != nil {
		fmt.Fprintln(s.err, err)
	}
	if more := len(files) - followFiles; more > 0 {
		fmt.Fprintf(s.err, "flow %s: %s not shown beyond the first %d\n", f.Name, cli.Counted(more, "file"), followFiles)
		files = files[:followFiles]
	}
	p, err := s.preview(f)
	return len(files), func() {
		var group sync.WaitGroup
		for _, file := range files {
			group.Go(func() { s.tail(ctx, file, p) })
		}
		group.Wait()
	}, err
}

// tail prints the lines of a file as they come.
func (s *screen) tail(ctx context.Context, file string, p *preview) {
	t, err := tail.TailFile(file, tail.Config{
		Location: &tail.SeekInfo{Whence: io.SeekEnd}, Follow: true, ReOpen: true, CompleteLines: true, Logger: tail.DiscardingLogger,
	})
	if err != nil {
		_ = s.show(func() error { return fmt.Errorf("follow %s: %w", file, err) }) // which ends everything
		return
	}
	defer t.Cleanup()
	defer context.AfterFunc(ctx, func() {
		_ = t.Stop() // its error is that of the following; there is nothing to save
	})()
	for line := range t.Lines {
		if s.show(func() error { return p.copy(strings.NewReader(line.Text+"\n"), file) }) != nil {
			return
		}
	}
}

// records prepares to show a flow as the agent reads it, and says how many files it has now.
func (s *screen) records(ctx context.Context, f *config.Flow) (int, func(), error) {
	p, err := s.preview(f)
	if err != nil {
		return 0, nil, err
	}
	read := &f.Read
	cfg := tailer.Config{
		Paths: read.Paths, Exclude: read.Exclude, RotatedTo: read.RotatedTo, Since: time.Now(), Framing: f.Framing(), MaxRecord: read.MaxRecord,
		ScanInterval: read.ScanInterval, PartialTimeout: read.PartialTimeout, NoPipes: true, Observe: s.observe,
		Handle: func(_ context.Context, b *tailer.Block) error {
			return s.show(func() error {
				p.origin.Open(b.Path)
				return p.block(b)
			})
		},
	}
	t, err := tailer.New(cfg)
	if err != nil {
		return 0, nil, err
	}
	if cfg.Known, err = t.Survey(ctx, tailer.End); err != nil {
		return 0, nil, err
	}
	if t, err = tailer.New(cfg); err != nil {
		return 0, nil, err
	}
	return len(cfg.Known), func() {
		if err := t.Run(ctx); err != nil && ctx.Err() == nil {
			_ = s.show(func() error { return err })
		}
	}, nil
}

// observe says what keeps a file from being shown.
func (s *screen) observe(e tailer.Event) {
	if e.Kind != tailer.PathFailed && e.Kind != tailer.PathSkipped {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.err, "%s: %v\n", printable(e.Path), e.Err)
}
