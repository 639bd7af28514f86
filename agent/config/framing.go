package config

import (
	"errors"

	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer/framing"
)

// Framing says how the flow's files are cut into records. A truncated record ends in a mark only where nothing else tells that it is one.
func (f *Flow) Framing() framing.Config {
	r := &f.Read
	c := framing.Config{
		Encoding: r.Encoding, LineEnd: r.LineEnd, MaxRecord: r.MaxRecord, Oversize: r.Oversize, SkipHeaderLines: r.SkipHeaderLines,
		Multiline: r.Multiline, Container: r.Container, PartialTimeout: r.PartialTimeout,
	}
	if f.Encode.Format == "raw" || f.Encode.Format == "" {
		c.TruncateMark = r.TruncateMark
	}
	return c
}

// Metadata returns the names of the fields that the flow's records have beside those of the line, in order. A record that
// is not all of what it was has one more, parsers.Oversize.
func (f *Flow) Metadata() []string {
	if f.Read.Container == "" {
		return nil
	}
	return parsers.ContainerFields()
}

// checkFraming judges how files are cut into records. What goes together there, the framing knows.
func (f *Flow) checkFraming(report reporter) {
	_, err := framing.Compile(f.Framing())
	m := &f.Read.Multiline
	patterns := map[string]string{"multiline.start": m.Start, "multiline.continue": m.Continue, "multiline.end": m.End}
	all := []error{err}
	for len(all) > 0 {
		err, all = all[0], all[1:]
		var problem *framing.Problem
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, joined.Unwrap()...)
		} else if errors.As(err, &problem) {
			report(problem.Key, "%s", located(problem.Reason, patterns[problem.Key]))
		}
	}
}
