package agentcmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer"
)

// Bounds of what is looked at of a file.
const (
	sampleRecords = 20
	sampleBytes   = 1 << 20
	sampleShown   = 120 // bytes of a record
	sampleWanted  = 60  // of what is wanted in it
)

// linesCheck says how the first records of a flow's newest file do.
type linesCheck struct {
	File    string    `json:"file"`
	Format  string    `json:"format"`
	Records int       `json:"records"`
	Matched int       `json:"matched"`
	First   *mismatch `json:"first_mismatch,omitempty"`
	Others  []string  `json:"other_formats,omitempty"` // that all of them have
	parser  parsers.Parser
	lines   [][]byte // the records, without line ends
}

// mismatch is a record without the flow's format.
type mismatch struct {
	Record int    `json:"record"`           // from 1
	Text   string `json:"text"`             // its beginning
	At     int    `json:"at"`               // from which byte on it does not have the format; -1: not known
	Wanted string `json:"wanted,omitempty"` // what the format wants there
}

var errEnough = errors.New("enough records")

// checkLines parses the beginning of the first of files, the newest, that holds lines. It returns nil if none does.
func checkLines(f *config.Flow, files []matchedFile) (*linesCheck, error) {
	i := slices.IndexFunc(files, func(m matchedFile) bool { return m.Error == "" && m.Size > 0 && !tailer.Compressed(m.Path) })
	if i < 0 {
		return nil, nil
	}
	c := &linesCheck{File: files[i].Path, Format: f.Parse.Format}
	p, err := newPreview(f, c.add, nil)
	if err != nil {
		return nil, err
	}
	p.chain = nil // the lines as they are
	if c.parser = p.parser; p.convert != nil {
		c.Format = "data_processing"
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, fmt.Errorf("look at the lines: %w", err)
	}
	defer file.Close()
	if err := p.copy(io.LimitReader(file, sampleBytes), c.File); err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("look at the lines: %w", err)
	}
	if !f.Compat {
		c.tryOthers()
	}
	return c, nil
}

// add takes a record. One without an end may be a part of one: it is left out.
func (c *linesCheck) add(rec *parsers.Record, _ []byte, _ *routes) error {
	if len(rec.End) == 0 {
		return nil
	}
	c.Records++
	c.lines = append(c.lines, slices.Clone(rec.Line))
	switch {
	case rec.Parsed || c.Format == "none":
		c.Matched++
	case c.First == nil:
		c.First = c.newMismatch(slices.Clone(rec.Line))
	}
	if c.Records == sampleRecords {
		return errEnough
	}
	return nil
}

func (c *linesCheck) newMismatch(line []byte) *mismatch {
	m := &mismatch{Record: c.Records, Text: string(line[:min(len(line), sampleShown)])}
	m.At, m.Wanted = parsers.Place(c.parser, line)
	return m
}

// String shows the record, and below it where it goes wrong.
func (m *mismatch) String() string {
	text := printable(m.Text)
	if m.At < 0 {
		return text
	}
	wanted := ""
	if m.Wanted != "" {
		wanted = ", where " + printable(m.Wanted[:min(len(m.Wanted), sampleWanted)]) + " is wanted"
	}
	if text != m.Text || m.At > len(text) {
		return fmt.Sprintf("%s, from byte %d on%s", text, m.At+1, wanted)
	}
	return fmt.Sprintf("%s\n      %s^ from here on%s", text, strings.Repeat(" ", utf8.RuneCountInString(text[:m.At])), wanted)
}

// tryOthers looks which of the formats that need no options all records have, if they do not have the flow's.
func (c *linesCheck) tryOthers() {
	if c.Records == 0 || c.Matched == c.Records && c.Format != "none" {
		return
	}
	for _, name := range parsers.Formats() {
		p, err := parsers.New(name, parsers.Options{})
		weaker := name == "common" && c.Matched > 0 // it takes what is left of a longer line that was cut off
		if err == nil && name != "none" && name != c.Format && !weaker && c.all(p) {
			c.Others = append(c.Others, name)
		}
	}
	if slices.Contains(c.Others, "combined") { // which makes more of the line
		c.Others = slices.DeleteFunc(c.Others, func(name string) bool { return name == "common" })
	}
}

func (c *linesCheck) all(p parsers.Parser) bool {
	var rec parsers.Record
	for _, line := range c.lines {
		rec.Line = line
		if !p.Parse(&rec) {
			return false
		}
	}
	return true
}

// String is for people.
func (c *linesCheck) String() string {
	if c.Format == "none" {
		return fmt.Sprintf("the first %d records of %s are not parsed", c.Records, c.File)
	}
	return fmt.Sprintf("%d of the first %d records of %s match %s", c.Matched, c.Records, c.File, c.Format)
}

// report tells m's flow what is to be said of its lines.
func (c *linesCheck) report(m *flowCheck) {
	if c.Format == "none" {
		if len(c.Others) > 0 {
			m.note("all of these records have the format %s: parse: {format: %s} makes fields of them", c.Others[0], c.Others[0])
		}
		return
	}
	if c.First == nil {
		return
	}
	m.warn("record %d of %s does not match %s:\n      %s", c.First.Record, c.File, c.Format, c.First)
	if len(c.Others) > 0 {
		m.note("all of these records match %s", c.Others[0])
	}
}
