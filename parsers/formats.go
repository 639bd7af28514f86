package parsers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Options are what a format needs besides its name. The zero value does for all but csv, regex and grok.
type Options struct {
	Infer     bool     // give values their type: see the formats; without it they are text or null
	Pattern   string   // of regex: RE2 with named groups; of grok: the same with %{NAME:field}
	Patterns  []string // of grok: more patterns, each a name, a space and an expression
	Columns   []string // of csv: the names of the columns
	Header    bool     // of csv: the columns are those that SetHeader is told of
	Delimiter string   // of csv: one byte, or the word tab; empty is a comma
	KeepLine  string   // the name of a last field with the whole line; empty: none
}

// EncodeOptions are what an encoder needs besides its name. The zero value does for json and raw.
type EncodeOptions struct {
	Pretty    bool     // of json: one member a line
	Columns   []string // of csv: which fields, in which order
	Delimiter string   // of csv: one byte, or the word tab; empty is a comma
	Quote     string   // of csv: one of Quotes; empty is the first
	Header    bool     // of csv: the names of the columns stand before each record, in a line of their own
	NoLineEnd bool     // write no line end at the end
}

// Quotes returns the values of EncodeOptions.Quote: quote values that need it, or all but null ones.
func Quotes() []string { return []string{"needed", "all"} }

// OptionError is one option that does not go with the format, or is wrong in itself. New and NewEncoder join one for
// each problem.
type OptionError struct {
	Option string // format, infer, pattern, patterns[N], columns, header, delimiter, keep_line, pretty or quote
	Reason string
}

// Error names the option and what is wrong with it.
func (e *OptionError) Error() string { return fmt.Sprintf("parsers: %s: %s", e.Option, e.Reason) }

// Formats returns the names that New knows, in the order of the documentation.
func Formats() []string {
	return []string{"none", "common", "combined", "vhost_combined", "apache_error", "syslog", "rfc3164", "rfc5424", "json", "logfmt", "csv", "regex", "grok"}
}

// Encodings returns the names that NewEncoder knows, in the order of the documentation.
func Encodings() []string { return []string{"json", "csv", "raw"} }

// New makes a parser of the format with this name. Its error joins an *OptionError for every wrong option.
func New(format string, opt Options) (Parser, error) {
	if !slices.Contains(Formats(), format) {
		return nil, noFormat(format, Formats())
	}
	p, err := newParser(format, opt)
	problems := append(strayOptions(format, opt), err)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = append(problems[:len(problems)-1], joined.Unwrap()...)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if opt.KeepLine == "" {
		return p, nil
	}
	if slices.Contains(Columns(p), opt.KeepLine) {
		return nil, &OptionError{"keep_line", fmt.Sprintf("format %s has a field %q already; choose another name", format, opt.KeepLine)}
	}
	return keepLine(p, opt.KeepLine), nil
}

// newParser makes a parser of a format that there is.
func newParser(format string, opt Options) (Parser, error) {
	switch format {
	case "common":
		return &access{infer: opt.Infer}, nil
	case "combined":
		return &access{infer: opt.Infer, combined: true}, nil
	case "vhost_combined":
		return &access{infer: opt.Infer, combined: true, vhost: true}, nil
	case "apache_error":
		return &apacheError{infer: opt.Infer}, nil
	case "syslog":
		return &syslog{infer: opt.Infer, old: true, new: true}, nil
	case "rfc3164":
		return &syslog{infer: opt.Infer, old: true}, nil
	case "rfc5424":
		return &syslog{infer: opt.Infer, new: true}, nil
	case "json":
		return new(jsonParser), nil
	case "logfmt":
		return &logfmt{infer: opt.Infer}, nil
	case "csv":
		return newCSV(opt)
	case "regex":
		return newRegex(opt)
	case "grok":
		return newGrok(opt)
	}
	return none{}, nil
}

// strayOptions reports the options that belong to another format: silently ignored, they would hide a mistake.
func strayOptions(format string, opt Options) []error {
	var problems []error
	stray := func(is bool, option, owner string) {
		if is {
			problems = append(problems, &OptionError{option, fmt.Sprintf("belongs to format %s, not to %s", owner, format)})
		}
	}
	stray(opt.Pattern != "" && format != "regex" && format != "grok", "pattern", "regex or grok")
	stray(len(opt.Patterns) > 0 && format != "grok", "patterns", "grok")
	stray(len(opt.Columns) > 0 && format != "csv", "columns", "csv")
	stray(opt.Header && format != "csv", "header", "csv")
	stray(opt.Delimiter != "" && format != "csv", "delimiter", "csv")
	if opt.Infer && format == "none" {
		problems = append(problems, &OptionError{"infer", "has nothing to work on with format none"})
	}
	if opt.KeepLine != "" && format == "none" {
		problems = append(problems, &OptionError{"keep_line", "has no effect: with format none the whole line is the field message"})
	}
	return problems
}

// NewEncoder makes an encoder of the format with this name. Its error joins an *OptionError for every wrong option.
func NewEncoder(format string, opt EncodeOptions) (Encoder, error) {
	if !slices.Contains(Encodings(), format) {
		return nil, noFormat(format, Encodings())
	}
	if err := errors.Join(strayEncodeOptions(format, opt)...); err != nil {
		return nil, err
	}
	switch format {
	case "json":
		return &jsonEncoder{lineEnd: !opt.NoLineEnd, pretty: opt.Pretty}, nil
	case "csv":
		return newCSVEncoder(opt)
	}
	return &rawEncoder{lineEnd: !opt.NoLineEnd}, nil
}

// strayEncodeOptions reports the options that belong to another format.
func strayEncodeOptions(format string, opt EncodeOptions) []error {
	var problems []error
	stray := func(is bool, option, owner string) {
		if is && format != owner {
			problems = append(problems, &OptionError{option, fmt.Sprintf("belongs to format %s, not to %s", owner, format)})
		}
	}
	stray(opt.Pretty, "pretty", "json")
	stray(len(opt.Columns) > 0, "columns", "csv")
	stray(opt.Delimiter != "", "delimiter", "csv")
	stray(opt.Quote != "" && opt.Quote != Quotes()[0], "quote", "csv")
	stray(opt.Header, "header", "csv")
	return problems
}

func noFormat(format string, known []string) error {
	return &OptionError{"format", fmt.Sprintf("there is no format %q; there are %s", format, strings.Join(known, ", "))}
}

// Columns returns the names of all fields that p can produce, in order, or nil if the lines decide that (json, logfmt, csv with a header).
func Columns(p Parser) []string {
	if p, ok := p.(interface{ columns() []string }); ok {
		return p.columns()
	}
	return nil
}
