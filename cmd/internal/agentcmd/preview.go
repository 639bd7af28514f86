package agentcmd

import (
	"fmt"
	"io"
	"time"

	"github.com/weir-logs/weir/agent"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/parsers/original"
	"github.com/weir-logs/weir/tailer"
	"github.com/weir-logs/weir/tailer/framing"
)

// preview reads records as a flow does, and has them shown.
type preview struct {
	show       show
	parser     parsers.Parser
	encoder    parsers.Encoder
	chain      *edit.Chain // nil: no edits
	dropped    int         // by edits
	failed     int         // edits
	onMismatch config.Mismatch
	framing    framing.Config
	origin     *flow.Origin
	record     parsers.Record
	buf        []byte
	records    int
	mismatched int
	headers    *flow.Headers   // nil: the flow's files have none
	checks     bool            // the flow has a format that a line can miss
	convert    *original.Chain // in place of parser and encoder; may be nil
	routes     *routes         // nil: all destinations get all records
}

// show is told of a record: what it was read as and, if the flow sends it, the bytes that leave, and where to. All are valid until it returns.
type show func(rec *parsers.Record, data []byte, to *routes) error

// newPreview is for one flow. The host may be nil: then nothing is known of it.
func newPreview(f *config.Flow, show show, host *metadata.Source) (*preview, error) {
	p := &preview{show: show, onMismatch: f.Parse.OnMismatch, framing: f.Framing(), origin: flow.NewOrigin(f.Read.Container != ""), checks: f.Parse.Format != "none"}
	if f.Parse.Header {
		p.headers = new(flow.Headers)
	}
	var values func(string) (string, bool)
	var env original.Env
	if host != nil {
		values, env.Instance = host.Lookup, func() *original.Instance { return agent.Instance(host) }
	}
	var err error
	if f.Compat && len(f.Processing) > 0 {
		p.checks = true
		if p.convert, err = original.New(f.Processing, env); err != nil {
			return nil, err
		}
	}
	if p.parser, p.encoder, err = flow.Codec(f.Parse, f.Encode); err != nil {
		return nil, err
	}
	if p.routes, err = newRoutes(f); err != nil {
		return nil, err
	}
	p.chain, err = flow.Chain(f.Edit, f.Encode, values)
	return p, err
}

// copy shows the records of r, which is called path.
func (p *preview) copy(r io.Reader, path string) error {
	p.origin.Open(path)
	return tailer.Frame(r, path, p.framing, p.block)
}

// block shows the records of a block of the file that origin was told of.
func (p *preview) block(b *tailer.Block) error {
	var header flow.Header
	if p.headers != nil {
		found, err := p.headers.Of(b)
		if err != nil {
			return err
		}
		header = *found
		parsers.SetHeader(p.parser, header.Line)
	}
	if p.chain != nil {
		p.chain.Open(flow.EditFile(b, time.Now()))
	}
	for i := range b.Ends {
		if b.Start(i) < header.End {
			continue
		}
		p.record.Meta = p.origin.Fields(nil)
		if b.Meta != nil {
			p.record.Meta = p.origin.Fields(&b.Meta[i])
		}
		if err := p.one(b.Record(i), b.Start(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *preview) one(record []byte, offset int64) error {
	p.records++
	if p.convert != nil {
		return p.converted(record)
	}
	p.record.Line, p.record.End = flow.CutEnd(record)
	if matched := p.parser.Parse(&p.record); !matched && p.checks {
		p.mismatched++
		if p.onMismatch != config.MismatchKeep {
			return p.show(&p.record, nil, p.routes)
		}
	}
	if p.chain != nil {
		keep, failed := p.chain.Apply(&p.record, offset)
		p.failed += failed
		if !keep {
			p.dropped++
			return p.show(&p.record, nil, p.routes)
		}
	}
	if !p.routes.choose(&p.record) {
		return p.show(&p.record, nil, p.routes)
	}
	p.buf = p.encoder.Append(p.buf[:0], &p.record)
	return p.show(&p.record, p.buf, p.routes)
}

// converted shows what the original agent would send for a record.
func (p *preview) converted(record []byte) error {
	var outcome original.Outcome
	if p.buf, outcome = p.convert.Append(p.buf[:0], record); outcome != original.Sent {
		p.mismatched++
	}
	p.record.Line, p.record.End = flow.CutEnd(record)
	p.record.Parsed, p.record.Fields = outcome == original.Sent, nil
	if outcome == original.Dropped {
		return p.show(&p.record, nil, p.routes)
	}
	return p.show(&p.record, p.buf, p.routes)
}

// summary says how many records had the flow's format.
func (p *preview) summary() string {
	text := cli.Counted(p.records, "record")
	if p.checks {
		text += fmt.Sprintf(", %s without the flow's format (on_mismatch: %s)", cli.Count(int64(p.mismatched)), p.onMismatch)
	}
	if p.dropped > 0 {
		text += fmt.Sprintf(", %s dropped by edits", cli.Count(int64(p.dropped)))
	}
	if p.failed > 0 {
		text += fmt.Sprintf(", %s could not be done", cli.Counted(p.failed, "edit"))
	}
	return text + p.routes.String()
}
