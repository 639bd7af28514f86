package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/parsers"
)

// format is one that a log may have.
type format struct {
	name   string
	parser parsers.Parser
}

// log4j are two of the many layouts of that library.
var log4j = []string{
	`%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} \[%{DATA:thread}\] %{JAVACLASS:class}: %{GREEDYDATA:message}`,
	`%{TIMESTAMP_ISO8601:time} - %{LOGLEVEL:level} +\[%{DATA:thread}:%{JAVACLASS:class}@%{INT:line:int}\] - %{GREEDYDATA:message}`,
}

// formats returns those that are tried, in order.
func formats() ([]format, error) {
	var all []format
	for _, name := range []string{"combined", "vhost_combined", "common", "apache_error", "rfc5424", "syslog", "json", "logfmt"} {
		p, err := parsers.New(name, parsers.Options{Infer: name != "json"})
		if err != nil {
			return nil, err
		}
		all = append(all, format{name, p})
	}
	for _, pattern := range log4j {
		p, err := parsers.New("grok", parsers.Options{Pattern: pattern})
		if err != nil {
			return nil, err
		}
		all = append(all, format{"grok", p})
	}
	return all, nil
}

// unmatched is a line without the format of its file.
type unmatched struct {
	line int // from 1
	why  string
}

// report says how one file did.
type report struct {
	file           string
	lines, matched int
	format         format
	unmatched      []unmatched // the first ones
	nanos          float64     // to parse a line
	rate           float64     // megabytes a second
	allocs         float64     // per line
}

const mostUnmatched = 10

// examine reports on data with the format that fits it.
func examine(name string, data []byte) (*report, error) {
	all, err := formats()
	if err != nil {
		return nil, err
	}
	lines := split(data)
	r := &report{file: name, lines: len(lines)}
	r.choose(lines, all)
	if err := r.check(lines, all); err != nil {
		return nil, err
	}
	r.measure(lines, len(data))
	return r, nil
}

// choose takes the first format that nearly all lines have, or else the one that most have: some lines of an access log may be cut off, and
// those that are left of them look like another format.
func (r *report) choose(lines [][]byte, all []format) {
	var rec parsers.Record
	r.matched = -1
	for _, f := range all {
		n := 0
		for _, record := range lines {
			rec.Line, rec.End = flow.CutEnd(record)
			if f.parser.Parse(&rec) {
				n++
			}
		}
		if n > r.matched {
			r.format, r.matched = f, n
		}
		if n >= len(lines)-len(lines)/10 {
			return
		}
	}
}

// split cuts data after each LF.
func split(data []byte) [][]byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	if n := len(lines) - 1; len(lines[n]) == 0 {
		lines = lines[:n]
	}
	return lines
}

// check looks at the records of all lines as JSON and raw, and notes the lines that do not match.
func (r *report) check(lines [][]byte, all []format) error {
	toJSON, err := parsers.NewEncoder("json", parsers.EncodeOptions{})
	if err != nil {
		return err
	}
	toRaw, err := parsers.NewEncoder("raw", parsers.EncodeOptions{})
	if err != nil {
		return err
	}
	var rec parsers.Record
	var out []byte
	for i, record := range lines {
		rec.Line, rec.End = flow.CutEnd(record)
		matched := r.format.parser.Parse(&rec)
		if out = toJSON.Append(out[:0], &rec); !json.Valid(out) {
			return fmt.Errorf("line %d is not valid JSON as a record", i+1)
		}
		if !matched {
			var kept struct{ Message string }
			if err := json.Unmarshal(out, &kept); err != nil || kept.Message != string(bytes.ToValidUTF8(rec.Line, []byte("\uFFFD"))) && !bytes.Contains(out, []byte("\uFFFD")) {
				return fmt.Errorf("line %d is not whole in its record (%v)", i+1, err)
			}
			if len(r.unmatched) < mostUnmatched {
				r.unmatched = append(r.unmatched, unmatched{i + 1, why(rec.Line, all)})
			}
		}
		if out = toRaw.Append(out[:0], &rec); !bytes.Equal(bytes.TrimSuffix(out, []byte("\n")), bytes.TrimSuffix(record, []byte("\n"))) {
			return fmt.Errorf("line %d is another one as a raw record", i+1)
		}
	}
	return nil
}

// why says what can be told of a line that does not match.
func why(line []byte, all []format) string {
	rec := parsers.Record{Line: line}
	for _, f := range all {
		if f.parser.Parse(&rec) {
			return "it has the format " + f.name
		}
	}
	if len(line) == 0 {
		return "it is empty"
	}
	return fmt.Sprintf("it has none of the formats (%d bytes, %d quotes, begins with %s)", len(line), bytes.Count(line, []byte(`"`)), shape(line))
}

// shape is the beginning of a line with its letters and digits hidden.
func shape(line []byte) string {
	var out []byte
	for _, c := range line[:min(len(line), 32)] {
		switch {
		case '0' <= c && c <= '9':
			c = '0'
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			c = 'a'
		case c < ' ' || c > '~':
			c = '?'
		}
		out = append(out, c)
	}
	return string(out)
}

// leastTime is how long parsing is measured.
const leastTime = 300 * time.Millisecond

// measure parses all lines again and again.
func (r *report) measure(lines [][]byte, size int) {
	var rec parsers.Record
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, rounds := time.Now(), 0
	for time.Since(start) < leastTime {
		for _, record := range lines {
			rec.Line, rec.End = flow.CutEnd(record)
			r.format.parser.Parse(&rec)
		}
		rounds++
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	n := float64(rounds * max(len(lines), 1))
	r.nanos = float64(took.Nanoseconds()) / n
	r.rate = float64(rounds*size) / 1e6 / took.Seconds()
	r.allocs = float64(after.Mallocs-before.Mallocs) / n
}
