package parsers

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// checkJSON has two decoders that are not weir's read one whole object: encoding/json, and jsontext, which keeps to RFC 8259 and takes duplicate
// names only if told so. Both are told so: a record keeps the duplicates of its line. jsontext would also refuse half a surrogate pair in an
// escape, which the grammar allows and a record keeps; that the bytes are UTF-8 is checked apart.
func checkJSON(tb testing.TB, object []byte) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	var first map[string]any
	if err := d.Decode(&first); err != nil {
		tb.Fatalf("encoding/json refuses %q: %v", object, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		tb.Fatalf("encoding/json finds more than one value in %q (%v)", object, err)
	}
	if !jsontext.Value(object).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		tb.Fatalf("jsontext refuses %q", object)
	}
	if !utf8.Valid(object) {
		tb.Fatalf("not UTF-8: %q", object)
	}
}

// coding is an encoder with what it was made of.
type coding struct {
	opt EncodeOptions
	Encoder
}

// codings are the ways to write a record that FuzzEncode goes through.
func codings(f *testing.F) (all []coding) {
	columns := []string{"a", "message", "host", "line"}
	for _, opt := range []EncodeOptions{
		{}, {Pretty: true}, {NoLineEnd: true},
		{Columns: columns}, {Columns: columns, Delimiter: "tab", Quote: "all"}, {Columns: columns, Delimiter: ";", Header: true, NoLineEnd: true}, {Columns: columns[:1]},
	} {
		format := "json"
		if opt.Columns != nil {
			format = "csv"
		}
		all = append(all, coding{opt, mustEncoder(f, format, opt)})
	}
	return all
}

// allParsers are those of every format, with and without infer and keep_line.
func allParsers(f *testing.F) (all []Parser) {
	for _, format := range Formats() {
		for flags := range 4 {
			opt := options(format)
			opt.Infer = format != "none" && flags&1 > 0
			if format != "none" && flags&2 > 0 {
				opt.KeepLine = "line"
			}
			all = append(all, mustParser(f, format, opt))
		}
	}
	return all
}

// FuzzEncode crosses every format and its options with every encoding and its options. Whatever the line and what is known beside it: JSON is valid for two
// other decoders, has the same members in either layout, and gives every field back; CSV reads as the fields; raw is the line.
func FuzzEncode(f *testing.F) {
	parsers, codings, raw := allParsers(f), codings(f), mustEncoder(f, "raw", EncodeOptions{})
	seeds := []string{"", "-", `{}`, `{"a":[{}],"a":"\ud800","b": [ { "c" : [ ] } ]}`, `a,"b""c",`, "\xff\x00\"", `{"a":1e999,"b":{"c":"` + "\xff\n" + `"}}`, `{"host":1,"log_host":2,"line":{}}`}
	for _, c := range benchCases() {
		seeds = append(seeds, c.line)
	}
	for pick := 3; pick < len(parsers); pick += 4 { // the fullest of each format
		for _, line := range seeds {
			f.Add([]byte(line), []byte("pod-\xff"), uint8(pick), pick%3 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, line, meta []byte, pick uint8, beside bool) {
		before := bytes.Clone(line)
		rec := &Record{Line: line, End: []byte("\r\n")}
		if beside {
			rec.Meta = []Field{{Name: "host", Value: meta}, {Name: "zone", Kind: Null}}
		}
		p := parsers[int(pick)%len(parsers)]
		if p.Parse(rec) != rec.Parsed || !rec.Parsed && len(rec.Fields) > 0 {
			t.Fatalf("%q: Parsed %v, %d fields", line, rec.Parsed, len(rec.Fields))
		}
		for _, c := range codings {
			checkCoding(t, rec, c)
		}
		if got := raw.Append(nil, rec); !bytes.Equal(got, append(before, "\r\n"...)) {
			t.Fatalf("raw %q became %q", before, got)
		}
	})
}

func checkCoding(t *testing.T, rec *Record, c coding) {
	t.Helper()
	out := c.Append(nil, rec)
	if c.opt.Columns != nil {
		checkRow(t, rec, c.opt, out)
		return
	}
	checkJSON(t, out)
	if ended := bytes.HasSuffix(out, []byte("}\n")); ended == c.opt.NoLineEnd || !c.opt.Pretty && bytes.IndexByte(bytes.TrimSuffix(out, []byte("\n")), '\n') >= 0 {
		t.Fatalf("%+v: lines %q", c.opt, out)
	}
	checkMembers(t, rec, out)
}

// checkMembers compares an object, member by member, with the record.
func checkMembers(t *testing.T, rec *Record, object []byte) {
	t.Helper()
	fields := rec.Fields
	if !rec.Parsed {
		fields = []Field{{Name: Message, Value: rec.Line}}
	}
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	d.Token()
	for i, f := range slices.Concat(rec.Meta, fields) {
		var value json.RawMessage
		key, err := d.Token()
		if err != nil || d.Decode(&value) != nil {
			t.Fatalf("%q has no member %d", object, i)
		}
		name := f.Name
		if f.EscapedName {
			name = unescaped(t, name)
		}
		if name = string([]rune(name)); i >= len(rec.Meta) && rec.Parsed && slices.ContainsFunc(rec.Meta, func(m Field) bool { return m.Name == name }) {
			name = OwnPrefix + name
		}
		if key != name {
			t.Fatalf("%q: member %d is %q, want %q", object, i, key, name)
		}
		var want string
		switch f.Kind {
		case String:
			text, _ := json.Marshal(string(f.Value))
			want = normal(t, text)
		case Null:
			want = "null"
		case Escaped:
			want = normal(t, []byte(`"`+string(f.Value)+`"`))
		default:
			want = normal(t, f.Value)
		}
		if got := normal(t, value); got != want {
			t.Fatalf("%q: %q is %s, want %s", object, name, got, want)
		}
	}
	if d.More() {
		t.Fatalf("%q: more members than fields", object)
	}
}

// unescaped is what the inside of a JSON string stands for, by encoding/json.
func unescaped(t *testing.T, s string) (text string) {
	t.Helper()
	if err := json.Unmarshal([]byte(`"`+s+`"`), &text); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return text
}

// checkRow has encoding/csv read a record and compares it with the fields.
func checkRow(t *testing.T, rec *Record, opt EncodeOptions, out []byte) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(out))
	switch opt.Delimiter {
	case "tab":
		r.Comma = '\t'
	case ";":
		r.Comma = ';'
	}
	rows, err := r.ReadAll()
	var want [][]string
	if opt.Header {
		want = append(want, opt.Columns)
	}
	want = append(want, wantRow(rec, opt.Columns))
	if err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
		t.Fatalf("%+v: %q reads as %q (%v), want %q", opt, out, rows, err, want)
	}
	if ended := bytes.HasSuffix(out, []byte("\n")); !opt.NoLineEnd && !ended {
		t.Fatalf("%+v: %q has no line end", opt, out)
	}
}

// wantRow is what the columns of a record are, after encoding/csv has made LF of CRLF in them.
func wantRow(rec *Record, columns []string) []string {
	row, whole := make([]string, len(columns)), max(slices.Index(columns, Message), 0)
	for i, name := range columns {
		if f := rec.Lookup(name); f != nil {
			row[i] = string(f.AppendText(nil))
		}
		if !rec.Parsed && i == whole {
			row[i] = string(rec.Line)
		}
		row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
	}
	return row
}
