package parsers

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func mustParser(tb testing.TB, format string, opt Options) Parser {
	tb.Helper()
	p, err := New(format, opt)
	if err != nil {
		tb.Fatalf("New(%q, %+v): %v", format, opt, err)
	}
	return p
}

func mustEncoder(tb testing.TB, format string, opt EncodeOptions) Encoder {
	tb.Helper()
	e, err := NewEncoder(format, opt)
	if err != nil {
		tb.Fatalf("NewEncoder(%q, %+v): %v", format, opt, err)
	}
	return e
}

// show writes fields as name=value with a mark for each kind but String: #Number, !Bool, ~Null, {JSON, \Escaped.
func show(fields []Field) string {
	marks := map[Kind]string{Number: "#", Bool: "!", Null: "~", JSON: "{", Escaped: `\`}
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Name+"="+marks[f.Kind]+string(f.Value))
	}
	return strings.Join(parts, "|")
}

// noMatch is what show-tables expect of a line without the format.
const noMatch = "no match"

// parseCase is one line of a table: what show prints of it, or noMatch.
type parseCase struct{ name, line, want string }

// runParse parses each line of the table, all into one record, as callers do.
func runParse(t *testing.T, p Parser, cases []parseCase) {
	t.Helper()
	rec := &Record{}
	for _, c := range cases {
		rec.Line = []byte(c.line)
		ok := p.Parse(rec)
		got := show(rec.Fields)
		if !ok {
			if len(rec.Fields) != 0 {
				t.Errorf("%s: no match, but fields %s", c.name, got)
			}
			got = noMatch
		}
		if rec.Parsed != ok {
			t.Errorf("%s: Parse says %v, Parsed is %v", c.name, ok, rec.Parsed)
		}
		if got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.name, c.line, got, c.want)
		}
		if string(rec.Line) != c.line {
			t.Errorf("%s: the line was changed to %q", c.name, rec.Line)
		}
	}
}

// convert parses and encodes one line.
func convert(p Parser, e Encoder, line, end string) string {
	rec := &Record{Line: []byte(line), End: []byte(end)}
	p.Parse(rec)
	return string(e.Append(nil, rec))
}

// decodeObject decodes one JSON object with encoding/json: its members in order, as fields.
func decodeObject(tb testing.TB, text []byte) []Field {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	next := func() json.Token {
		tok, err := d.Token()
		if err != nil {
			tb.Fatalf("encoding/json refuses %q: %v", text, err)
		}
		return tok
	}
	next()
	var fields []Field
	for d.More() {
		f := Field{Name: next().(string)}
		switch v := next().(type) {
		case string:
			f.Value = []byte(v)
		case json.Number:
			f.Value, f.Kind = []byte(v), Number
		case nil:
			f.Kind = Null
		default:
			tb.Fatalf("%q: %s is a %T", text, f.Name, v)
		}
		fields = append(fields, f)
	}
	next()
	return fields
}
