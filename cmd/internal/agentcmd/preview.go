package agentcmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer"
)

// preview prints what a flow would send.
type preview struct {
	out        io.Writer
	parser     parsers.Parser
	encoder    parsers.Encoder
	onMismatch config.Mismatch
	maxRecord  int
	record     parsers.Record
	buf        []byte
	lines      int
	mismatched int
	checks     bool // the flow has a format that a line can miss
}

// newPreview is for the named flow; the name may be empty if there is only one.
func newPreview(c *config.Config, name string, out io.Writer) (*preview, error) {
	chosen, err := flows(c, name)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, cli.Usage(fmt.Errorf("%s has %d flows; name one with --flow", c.File, len(chosen)))
	}
	f := chosen[0]
	p := &preview{out: out, onMismatch: f.Parse.OnMismatch, maxRecord: f.Read.MaxRecord, checks: f.Parse.Format != "none"}
	p.parser, p.encoder, err = flow.Codec(f.Parse, f.Encode)
	return p, err
}

// line prints the records for one line, with or without its line end: more than one if it is longer than a record may be.
func (p *preview) line(line []byte) error {
	p.lines++
	start := 0
	for _, end := range tailer.Records(line, p.maxRecord) {
		if err := p.one(line[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (p *preview) one(line []byte) error {
	p.record.Line, p.record.End = flow.CutEnd(line)
	if matched := p.parser.Parse(&p.record); !matched && p.checks {
		p.mismatched++
		if p.onMismatch != config.MismatchKeep {
			return nil
		}
	}
	p.buf = p.encoder.Append(p.buf[:0], &p.record)
	_, err := p.out.Write(p.buf)
	return err
}

// copy prints the records for all lines of r.
func (p *preview) copy(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 1<<20)
	var long []byte
	for {
		piece, err := lines.ReadSlice('\n')
		long = append(long, piece...)
		if errors.Is(err, bufio.ErrBufferFull) && len(long) < 16<<20 {
			continue
		}
		if len(long) > 0 {
			if err := p.line(long); err != nil {
				return err
			}
			long = long[:0]
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("the sample: %w", err)
		}
	}
}

// summary says how many lines had the flow's format.
func (p *preview) summary() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s lines", cli.Count(int64(p.lines)))
	if p.checks {
		fmt.Fprintf(&b, ", %s without the flow's format (on_mismatch: %s)", cli.Count(int64(p.mismatched)), p.onMismatch)
	}
	return b.String()
}
