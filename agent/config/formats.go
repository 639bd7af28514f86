package config

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/tailer/framing"
)

func index(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// Options returns p in the parsers' form.
func (p Parse) Options() parsers.Options {
	return parsers.Options{Infer: p.Infer, Pattern: p.Pattern, Patterns: p.Patterns, Columns: p.Columns, Header: p.Header, Delimiter: p.Delimiter, KeepLine: p.KeepLine}
}

// Options returns e in the parsers' form.
func (e Encode) Options() parsers.EncodeOptions {
	return parsers.EncodeOptions{Pretty: e.Pretty, Columns: e.Columns, Delimiter: e.Delimiter, Quote: e.Quote, Header: e.Header, NoLineEnd: !e.Newline}
}

// completeFormats fills in and checks how the flow's lines are parsed and encoded, and returns the names of the fields that
// they have after its edits, or nil if that depends on the line. What a format needs, the parsers know.
func completeFormats(f *Flow, report reporter) []string {
	var fields []string
	parser, err := parsers.New(f.Parse.Format, f.Parse.Options())
	if err == nil {
		fields = parsers.Columns(parser)
	}
	if fields != nil {
		fields = slices.Concat(f.Metadata(), fields)
	}
	reportOptions(report.below("parse"), err, f.Parse.Format, f.Parse.Pattern)
	if f.Parse.Format == "none" && f.Parse.OnMismatch != MismatchKeep && !f.Compat {
		report("parse.on_mismatch", "every line has format none, so %s has no effect", f.Parse.OnMismatch)
	}
	if f.Parse.Format == "csv" && f.Parse.Delimiter == "" {
		f.Parse.Delimiter = ","
	}
	if f.Encode.Format == "" {
		f.Encode.Format = "json"
		if f.Parse.Format == "none" {
			f.Encode.Format = "raw"
		}
	}
	checkKeptLine(f, report)
	checkHeader(f, report)
	fields = f.completeEdit(fields, report)
	if f.Encode.Format == "csv" && len(f.Encode.Columns) == 0 {
		f.Encode.Columns = fields
	}
	if f.Encode.Format == "csv" && len(f.Encode.Columns) == 0 {
		if parser != nil {
			report("encode.columns", "format %s has other fields in each line; name the columns to write", f.Parse.Format)
		}
		return fields
	}
	_, err = parsers.NewEncoder(f.Encode.Format, f.Encode.Options())
	reportOptions(report.below("encode"), err, f.Encode.Format, "")
	for i, name := range f.Encode.Columns {
		if name != parsers.Message && name != parsers.Oversize {
			checkField(report, index("encode.columns", i), f.shape(), name, fields)
		}
	}
	return fields
}

// checkKeptLine reports a keep_line that would do nothing, or stand for something else.
func checkKeptLine(f *Flow, report reporter) {
	switch name := f.Parse.KeepLine; {
	case name == "":
	case f.Encode.Format == "raw":
		report("parse.keep_line", "has no effect: with encode format raw the line itself is sent")
	case name == parsers.Oversize || slices.Contains(f.Metadata(), name):
		report("parse.keep_line", "records have a field %q already; choose another name", name)
	}
}

// checkHeader reports what does not go with lines that name the columns of a file: its first line as it is must be one.
func checkHeader(f *Flow, report reporter) {
	if r := &f.Read; f.Parse.Header && (r.SkipHeaderLines > 0 || r.Container != "" || r.Multiline.On() || r.LineEnd != "" || r.Encoding != framing.UTF8) {
		report("parse.header", "does not go with read.skip_header_lines, container, multiline, line_end, or an encoding other than utf-8")
	}
}

// checkField reports a name that is not among fields, unless they are not known.
func checkField(report reporter, key, format, name string, fields []string) {
	if fields == nil || slices.Contains(fields, name) {
		return
	}
	if near := strict.Nearest(name, fields); near != "" {
		report(key, "format %s has no field %q; did you mean %q?", format, name, near)
		return
	}
	report(key, "format %s has no field %q; it has %s", format, name, strings.Join(fields, ", "))
}

// reportOptions reports each option that err joins under the key of the same name. A pattern is that of format regex.
func reportOptions(report reporter, err error, format, pattern string) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var option *parsers.OptionError
		if errors.As(err, &option) {
			reason := option.Reason
			if option.Option == "pattern" && format == "regex" {
				reason = located(reason, pattern)
			}
			report(option.Option, "%s", reason)
		} else if err != nil {
			report("format", "%v", err)
		}
	}
}

// checkPartitionKey judges the key by its form, and a field by whether the format has it.
func (s *Send) checkPartitionKey(format string, fields []string, report reporter) {
	const longest = 256 // characters, as PutRecords allows
	kind, rest, more := strings.Cut(s.PartitionKey, ":")
	switch {
	case s.PartitionKey == "random", s.PartitionKey == "file", s.PartitionKey == "host", s.PartitionKey == "hash":
	case kind == "field" && rest != "":
		checkField(report, "partition_key", format, rest, fields)
	case kind == "constant" && rest != "":
		if n := utf8.RuneCountInString(rest); n > longest || !utf8.ValidString(rest) {
			report("partition_key", "the constant has %d characters; a stream takes at most %d, in UTF-8", n, longest)
		}
	default:
		text := strconv.Quote(s.PartitionKey) + " is not one of random, file, host, hash, field:NAME, constant:TEXT"
		kinds := []string{"field", "constant"}
		if !more {
			kinds = append(kinds, "random", "file", "host", "hash")
		}
		if near := strict.Nearest(kind, kinds); near != "" && near != kind {
			text += "; did you mean " + strconv.Quote(strings.Replace(s.PartitionKey, kind, near, 1)) + "?"
		}
		report("partition_key", "%s", text)
	}
}
