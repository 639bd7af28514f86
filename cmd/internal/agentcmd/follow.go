package agentcmd

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/nxadm/tail"
	"github.com/spf13/cobra"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/tailer"
)

// followFiles bounds how many files are shown live.
const followFiles = 50

// follow prints the records for lines as they are appended to the files that match now, until it is interrupted. It is for
// people to look at: nxadm/tail may skip lines where a file is rotated, the agent does not.
func follow(cmd *cobra.Command, c *config.Config, o checkOptions) error {
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	ctx, done := cli.Stopping(cmd.Context(), func() {})
	defer done()
	var mu sync.Mutex // guards the output: a line each
	var wg sync.WaitGroup
	var tails []*tail.Tail
	defer func() {
		for _, t := range tails {
			// Its error is that of the following; there is nothing to save.
			_ = t.Stop()
			t.Cleanup()
		}
		wg.Wait()
	}()
	for _, f := range chosen {
		if err := canFollow(&f); err != nil {
			return err
		}
		files, err := tailer.Match(f.Read.Paths, f.Read.Exclude)
		if err != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), err)
		}
		for _, file := range files[:min(len(files), followFiles-len(tails))] {
			p, err := newPreview(c, f.Name, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			t, err := tail.TailFile(file, tail.Config{
				Location: &tail.SeekInfo{Whence: io.SeekEnd}, Follow: true, ReOpen: true, CompleteLines: true, Logger: tail.DiscardingLogger,
			})
			if err != nil {
				return fmt.Errorf("follow %s: %w", file, err)
			}
			tails = append(tails, t)
			wg.Go(func() { show(t, p, &mu) })
		}
	}
	if len(tails) == 0 {
		return fmt.Errorf("no file matches now")
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "following %s; Ctrl-C ends it\n", cli.Counted(len(tails), "file"))
	<-ctx.Done()
	return nil
}

// canFollow refuses a flow whose lines cannot be told apart one by one as they come.
func canFollow(f *config.Flow) error {
	if f.Framing().SingleLines() {
		return nil
	}
	return cli.Usage(fmt.Errorf("flow %s: --follow shows lines one by one, and cannot do so with this encoding, line_end, multiline or container; try --sample FILE", f.Name))
}

// show prints the lines of t until it is stopped.
func show(t *tail.Tail, p *preview, mu *sync.Mutex) {
	for line := range t.Lines {
		mu.Lock()
		err := p.copy(strings.NewReader(line.Text+"\n"), t.Filename)
		mu.Unlock()
		if err != nil {
			return
		}
	}
}
