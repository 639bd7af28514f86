package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/config/agentjson"
	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer/framing"
)

// Load reads and validates the file at path, and those that it includes. env gives the values of ${VAR}, as os.LookupEnv does. Its error is
// one *strict.Error with every problem of every file, or says why the file at path could not be read. A configuration of the original agent is read
// as it is, with the folder agent.d beside it.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	data, err := strict.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w; write one, or name another file with -c", err)
	}
	if agentjson.Is(path, data) {
		folder, err := agentjson.Folder(path)
		if err != nil {
			return nil, fmt.Errorf("read the folder agent.d beside %s: %w", path, err)
		}
		return decodeOriginal(agentjson.Source{Name: path, Data: data}, folder, env)
	}
	return Decode(path, data, env)
}

// Decode is Load on bytes, called name in messages; what they include is looked for beside it.
func Decode(name string, data []byte, env func(string) (string, bool)) (*Config, error) {
	if agentjson.Is(name, data) {
		return decodeOriginal(agentjson.Source{Name: name, Data: data}, nil, env)
	}
	c := Default()
	c.File = name
	doc := strict.Decode(name, data, env, c.read)
	s := newSources(doc, len(c.Flows))
	c.include(s, env)
	c.complete(s)
	if err := s.set.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// read takes the keys of the file. What it asks for is what there is; the bounds of numbers stand here and nowhere else.
func (c *Config) read(m *strict.Map) {
	m.String("region", &c.Region)
	m.String("endpoint", &c.Endpoint)
	m.Map("endpoints", c.Endpoints.read)
	c.Credentials.read(m)
	m.String("state_dir", &c.StateDir)
	m.String("socket", &c.Socket)
	strict.Size(m, "memory", &c.Memory, 8<<20, 1<<40)
	m.Strings("include", &c.Include)
	readFlows(m, &c.Flows)
}

// readFlows takes the flows of a file.
func readFlows(m *strict.Map, flows *[]Flow) {
	m.List("flows", func(_ int, m *strict.Map) {
		f := DefaultFlow()
		f.read(m)
		*flows = append(*flows, f)
	})
}

func (f *Flow) read(m *strict.Map) {
	m.String("name", &f.Name)
	m.String("was", &f.Was)
	m.Map("read", f.Read.read)
	m.Map("parse", f.Parse.read)
	m.List("edit", func(_ int, m *strict.Map) { f.readEdit(m) })
	m.Map("encode", f.Encode.read)
	f.readCompat(m)
	m.List("send", func(_ int, m *strict.Map) {
		s := DefaultSend()
		s.read(m)
		f.Send = append(f.Send, s)
	})
	m.Enum("on_unrouted", (*string)(&f.OnUnrouted), string(UnroutedDrop), string(UnroutedDeadLetter))
	m.String("region", &f.Region)
	m.String("endpoint", &f.Endpoint)
	m.Map("endpoints", f.Endpoints.read)
	f.Credentials.read(m)
	strict.Size(m, "in_flight", &f.InFlight, 64<<10, 1<<40)
	m.Map("dead_letter", func(m *strict.Map) {
		m.String("dir", &f.DeadLetter.Dir)
		strict.Size(m, "max_size", &f.DeadLetter.MaxSize, 64<<10, 1<<50)
	})
}

func (r *Read) read(m *strict.Map) {
	m.Strings("paths", &r.Paths)
	m.Strings("exclude", &r.Exclude)
	m.Strings("rotated_to", &r.RotatedTo)
	strict.Size(m, "max_held", &r.MaxHeld, 0, 1<<50)
	m.Enum("start", (*string)(&r.Start), string(StartBeginning), string(StartEnd))
	strict.Size(m, "max_record", &r.MaxRecord, 256, 10<<20)
	m.Duration("scan_interval", &r.ScanInterval, 10*time.Millisecond, time.Hour)
	m.Duration("partial_timeout", &r.PartialTimeout, 10*time.Millisecond, 24*time.Hour)
	m.Enum("encoding", (*string)(&r.Encoding), framing.Encodings()...)
	if m.String("line_end", &r.LineEnd); m.Has("line_end") && r.LineEnd == "" {
		m.Report("line_end", "is empty; leave it out for LF, with a CR before it or not")
	}
	m.Enum("oversize", (*string)(&r.Oversize), string(framing.Split), string(framing.Truncate))
	if m.String("truncate_mark", &r.TruncateMark); m.Has("truncate_mark") && r.Oversize != framing.Truncate {
		m.Report("truncate_mark", "goes with oversize: truncate")
	}
	strict.Int(m, "skip_header_lines", &r.SkipHeaderLines, 0, 1000)
	m.Map("multiline", func(m *strict.Map) {
		m.Enum("mode", &r.Multiline.Mode, framing.Modes()...)
		m.String("start", &r.Multiline.Start)
		m.String("continue", &r.Multiline.Continue)
		m.String("end", &r.Multiline.End)
		m.Duration("timeout", &r.Multiline.Timeout, 10*time.Millisecond, time.Hour)
		strict.Int(m, "max_lines", &r.Multiline.MaxLines, 1, 1_000_000)
	})
	if m.Has("multiline") && !r.Multiline.On() {
		m.Report("multiline", "needs one of mode, start, continue and end")
	}
	m.Enum("container", (*string)(&r.Container), framing.Containers()...)
}

func (p *Parse) read(m *strict.Map) {
	m.Enum("format", &p.Format, parsers.Formats()...)
	m.Bool("infer", &p.Infer)
	m.Enum("on_mismatch", (*string)(&p.OnMismatch), string(MismatchKeep), string(MismatchDrop), string(MismatchDeadLetter))
	m.String("pattern", &p.Pattern)
	m.Strings("patterns", &p.Patterns)
	m.Strings("columns", &p.Columns)
	m.Bool("header", &p.Header)
	m.String("delimiter", &p.Delimiter)
	m.String("keep_line", &p.KeepLine)
}

func (e *Encode) read(m *strict.Map) {
	m.Enum("format", &e.Format, parsers.Encodings()...)
	m.Bool("pretty", &e.Pretty)
	m.Strings("columns", &e.Columns)
	m.String("delimiter", &e.Delimiter)
	m.Enum("quote", &e.Quote, parsers.Quotes()...)
	m.Bool("header", &e.Header)
	m.Bool("newline", &e.Newline)
}

func (s *Send) read(m *strict.Map) {
	m.String("stream", &s.Stream)
	m.String("delivery_stream", &s.DeliveryStream)
	if m.String("when", &s.When); m.Has("when") && strings.TrimSpace(s.When) == "" {
		m.Report("when", "is empty; leave it out for every record")
	}
	m.Bool("default", &s.Default)
	m.String("partition_key", &s.PartitionKey)
	m.Bool("aggregate", &s.Aggregate)
	m.Duration("linger", &s.Linger, 0, 15*time.Minute)
	strict.Size(m, "aggregate_size", &s.AggregateSize, 1<<10, 1<<20)
	s.readDestination(m)
	if s.Stream == "" && s.DeliveryStream != "" {
		for _, key := range []string{"partition_key", "aggregate", "aggregate_size"} {
			if m.Has(key) {
				m.Report(key, "is for streams only; %s is a delivery stream", s.DeliveryStream)
			}
		}
	}
}
