package edit

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-logs/weir/parsers"
)

// Part is a piece of a Template: a text, or a variable.
type Part struct {
	Text       string
	Variable   string // if not empty: its name stands for the piece
	Default    string // in its place, if HasDefault and the variable has no value or an empty one
	HasDefault bool
}

// Template is a value with variables in it: those of Variables, field.NAME for a field of the record, and any that Options.Values knows.
// One that is nothing but a variable has its type: a field's own, a number for offset. Without variables Typed says whether it has the
// type that infer gives its text; in any other case it is a text.
type Template struct {
	Parts []Part
	Typed bool
}

// FieldPrefix begins the name of a variable that stands for a field.
const FieldPrefix = "field."

// Variables returns the names of the variables that every record has.
func Variables() []string {
	return []string{"record_id", "file_id", "path", "file", "offset", "ingest_time"}
}

// layout of ingest_time: RFC 3339 with milliseconds.
const ingestLayout = "2006-01-02T15:04:05.000Z07:00"

// reads returns the fields that the template asks for without saying what to take if they are missing.
func (t *Template) reads(option string) []Ref {
	var refs []Ref
	for _, p := range t.Parts {
		if name, ok := strings.CutPrefix(p.Variable, FieldPrefix); ok && !p.HasDefault {
			refs = append(refs, Ref{option, name})
		}
	}
	return refs
}

// template is a Template made ready.
type template struct {
	parts []Part
	kind  parsers.Kind // of a template without variables
	fixed []byte       // its value; nil: there are variables
}

func newTemplate(t Template) template {
	out := template{parts: t.Parts}
	if slices.ContainsFunc(t.Parts, func(p Part) bool { return p.Variable != "" }) {
		return out
	}
	out.fixed = []byte{}
	for _, p := range t.Parts {
		out.fixed = append(out.fixed, p.Text...)
	}
	if t.Typed {
		out.kind = parsers.Infer(out.fixed)
	}
	return out
}

// value makes the value for the record, in memory of the chain. It fails if a variable has none, or if it becomes too long.
func (t *template) value(rec *parsers.Record, s *Scratch) (value []byte, kind parsers.Kind, ok bool) {
	if t.fixed != nil {
		return t.fixed, t.kind, s.grow(len(t.fixed))
	}
	from := len(s.text)
	for i := range t.parts {
		p := &t.parts[i]
		if p.Variable == "" {
			s.text = append(s.text, p.Text...)
			continue
		}
		start := len(s.text)
		if kind, ok = s.variable(rec, p.Variable); p.HasDefault && len(s.text) == start {
			kind, ok = parsers.String, true
			s.text = append(s.text, p.Default...)
		}
		if !ok || len(s.text)-from > MaxGrowth-s.grown {
			s.text = s.text[:from]
			return nil, 0, false
		}
	}
	if len(t.parts) > 1 {
		kind = parsers.String
	}
	return s.since(from), kind, s.grow(len(s.text) - from)
}

// variable appends the value of a variable to the chain's text. It reports false if there is none, or no room for it.
func (s *Scratch) variable(rec *parsers.Record, name string) (parsers.Kind, bool) {
	switch name {
	case "record_id":
		s.text = s.recordID(s.text)
	case "file_id":
		s.text = append(s.text, s.file.ID...)
	case "path":
		s.text = append(s.text, s.file.Path...)
	case "file":
		s.text = append(s.text, filepath.Base(s.file.Path)...)
	case "offset":
		s.text = strconv.AppendInt(s.text, s.offset, 10)
		return parsers.Number, true
	case "ingest_time":
		if len(s.read) == 0 {
			s.read = s.file.Read.UTC().AppendFormat(s.read, ingestLayout)
		}
		s.text = append(s.text, s.read...)
	default:
		if field, ok := strings.CutPrefix(name, FieldPrefix); ok {
			return s.field(rec, field)
		}
		if s.opt.Values == nil {
			return 0, false
		}
		value, ok := s.opt.Values(name)
		if !ok || len(value) > MaxGrowth {
			return 0, false
		}
		s.text = append(s.text, value...)
	}
	return parsers.String, true
}

// field appends the value of a field. The line of a record that did not match is its message.
func (s *Scratch) field(rec *parsers.Record, name string) (parsers.Kind, bool) {
	f := find(rec, name)
	switch {
	case f == nil && isLine(rec, name) && len(rec.Line) <= MaxGrowth:
		s.text = append(s.text, rec.Line...)
		return parsers.String, true
	case f == nil || len(f.Value) > MaxGrowth:
		return 0, false
	case f.Kind == parsers.Null:
		return parsers.Null, true
	}
	s.text = f.AppendText(s.text)
	if f.Kind == parsers.Escaped {
		return parsers.String, true
	}
	return f.Kind, true
}
