package parsers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Options are what a format needs besides its name. The zero value does for none, common, combined and json.
type Options struct {
	Infer     bool     // give values their type: see the formats; without it they are text or null
	Pattern   string   // of regex: RE2 with named groups
	Columns   []string // of csv: the names of the columns
	Delimiter string   // of csv: one byte; empty is a comma
}

// EncodeOptions are what an encoder needs besides its name. The zero value does for json and raw.
type EncodeOptions struct {
	Columns   []string // of csv: which fields, in which order
	NoLineEnd bool     // write no line end at all
}

// OptionError is one option that does not go with the format, or is wrong in itself. New and NewEncoder join one for
// each problem.
type OptionError struct {
	Option string // format, infer, pattern, columns or delimiter
	Reason string
}

// Error names the option and what is wrong with it.
func (e *OptionError) Error() string { return fmt.Sprintf("parsers: %s: %s", e.Option, e.Reason) }

// Formats returns the names that New knows, in the order of the documentation.
func Formats() []string { return []string{"none", "common", "combined", "json", "csv", "regex"} }

// Encodings returns the names that NewEncoder knows, in the order of the documentation.
func Encodings() []string { return []string{"json", "csv", "raw"} }

// New makes a parser of the format with this name. Its error joins an *OptionError for every wrong option.
func New(format string, opt Options) (Parser, error) {
	if !slices.Contains(Formats(), format) {
		return nil, noFormat(format, Formats())
	}
	problems := strayOptions(format, opt)
	var p Parser
	var err error
	switch format {
	case "none":
		p = none{}
	case "common":
		p = &access{infer: opt.Infer}
	case "combined":
		p = &access{infer: opt.Infer, combined: true}
	case "json":
		p = newJSON()
	case "csv":
		p, err = newCSV(opt)
	case "regex":
		p, err = newRegex(opt)
	}
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, err
	}
	return p, nil
}

// strayOptions reports the options that belong to another format: silently ignored, they would hide a mistake.
func strayOptions(format string, opt Options) []error {
	var problems []error
	stray := func(is bool, option, owner string) {
		if is {
			problems = append(problems, &OptionError{option, fmt.Sprintf("belongs to format %s, not to %s", owner, format)})
		}
	}
	stray(opt.Pattern != "" && format != "regex", "pattern", "regex")
	stray(len(opt.Columns) > 0 && format != "csv", "columns", "csv")
	stray(opt.Delimiter != "" && format != "csv", "delimiter", "csv")
	if opt.Infer && format == "none" {
		problems = append(problems, &OptionError{"infer", "has nothing to work on with format none"})
	}
	return problems
}

// NewEncoder makes an encoder of the format with this name. Its error joins an *OptionError for every wrong option.
func NewEncoder(format string, opt EncodeOptions) (Encoder, error) {
	if !slices.Contains(Encodings(), format) {
		return nil, noFormat(format, Encodings())
	}
	if len(opt.Columns) > 0 && format != "csv" {
		return nil, &OptionError{"columns", fmt.Sprintf("belongs to format csv, not to %s", format)}
	}
	switch format {
	case "json":
		return &jsonEncoder{lineEnd: !opt.NoLineEnd}, nil
	case "csv":
		return newCSVEncoder(opt)
	}
	return &rawEncoder{lineEnd: !opt.NoLineEnd}, nil
}

func noFormat(format string, known []string) error {
	return &OptionError{"format", fmt.Sprintf("there is no format %q; there are %s", format, strings.Join(known, ", "))}
}

// Columns returns the names of all fields that p can produce, in order, or nil if the lines decide that (json).
func Columns(p Parser) []string {
	if p, ok := p.(interface{ columns() []string }); ok {
		return p.columns()
	}
	return nil
}
