package edit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/weir-logs/weir/parsers"
)

// anyStep makes one of the steps out of a byte.
func anyStep(n byte, name string) Spec {
	switch n % 18 {
	case 0:
		return Add{{name, Template{Parts: []Part{{Text: name}, {Variable: "field.a"}}}}, {"b", one("field." + name)}}
	case 1:
		return Rename{{"a", name}}
	case 2:
		return Remove{name}
	case 3:
		return Keep{"a", "b", name}
	case 4:
		return Redact{Kinds: kinds(), With: "***"}
	case 5:
		return Redact{Names: []string{"a", name}, Pattern: `[a-f"\\]+`, With: name}
	case 6:
		return Truncate{Field: name, Size: 5, Mark: "é"}
	case 7:
		return Hash{Names: []string{name, "c"}, Secret: name}
	case 8:
		return ParseJSON{Field: "a", Prefix: name}
	case 9:
		return ParseJSON{Field: name, Into: "a", Keep: n > 127}
	case 10:
		return ParseJSON{Field: "message", Keep: n > 127}
	case 11:
		return Timestamp{Field: "a", From: []string{"syslog", "apache", "unix_ms", "rfc3339", name}, Into: name}
	case 12:
		return Add{{name, text(name, true)}}
	case 13:
		return KeepIf(name) // seldom an expression
	case 14:
		return DropIf("a > 3 and b contains " + strconv.Quote(name))
	case 15:
		return KeepIf("a != " + strconv.Quote(name) + " or c.x[0] == b")
	case 16:
		return KeepIf("message == nil or len(message) < 1000 or not (a in [1, null, true])")
	}
	return Timestamp{Field: name, From: []string{name, "unix_ns"}, To: name}
}

// fuzzEncoders are all ways to write a record.
func fuzzEncoders(tb testing.TB) map[string]parsers.Encoder {
	all := make(map[string]parsers.Encoder)
	for name, opt := range map[string]parsers.EncodeOptions{
		"json": {}, "pretty": {Pretty: true}, "raw": {}, "csv": {Columns: []string{"a", "b", "message", parsers.Oversize}, Quote: "all"}, "tsv": {Columns: []string{"a", "c"}, Delimiter: "tab"},
	} {
		format := map[string]string{"pretty": "json", "tsv": "csv"}[name]
		if format == "" {
			format = name
		}
		e, err := parsers.NewEncoder(format, opt)
		if err != nil {
			tb.Fatal(err)
		}
		all[name] = e
	}
	return all
}

// checkEncoded has decoders that are not weir's read the record.
func checkEncoded(tb testing.TB, encoding string, out []byte) {
	tb.Helper()
	switch encoding {
	case "json", "pretty":
		if !json.Valid(out) || !jsontext.Value(out).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) || !utf8.Valid(out) {
			tb.Fatalf("%s: %q", encoding, out)
		}
	case "csv", "tsv":
		r := csv.NewReader(bytes.NewReader(out))
		want := 4
		if encoding == "tsv" {
			r.Comma, want = '\t', 2
		}
		if rows, err := r.ReadAll(); err != nil || len(rows) != 1 || len(rows[0]) != want {
			tb.Fatalf("%s: %q is %q: %v", encoding, out, rows, err)
		}
	}
}

// FuzzChain: whatever the steps and the line, nothing panics, the same record comes out the same again, what is encoded is read by independent decoders,
// what edits add is bounded, and a line that nothing redacts leaves as it was.
func FuzzChain(f *testing.F) {
	for _, line := range []string{`{"a":"{\"b\":1}","c":{"x":["10.0.0.1 a@b.com 4111111111111111"]}}`, `{"a":"\ud83d\u0031.2.3.4","a":null}`, "a=1 b=\"x\"", "plain 1.2.3.4 eyJabcdefgh.abcdefghij.c", `{"a":1707094800123}`, ""} {
		f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "a", line)
		f.Add([]byte{8, 4, 5, 0, 0, 7}, "b\x00é\"", line)
		f.Add([]byte{4, 11, 139, 6, 1, 17}, "%Y-%m", line)
		f.Add([]byte{8, 13, 14, 15, 16, 17, 0}, "c.x[0] startsWith b", line)
	}
	encoders := fuzzEncoders(f)
	f.Fuzz(func(t *testing.T, steps []byte, name, line string) {
		var specs []Spec
		for _, n := range steps[:min(len(steps), 20)] {
			spec := anyStep(n, name)
			if _, err := spec.Build(); err == nil {
				specs = append(specs, spec)
			}
		}
		redacts := slices.ContainsFunc(specs, func(s Spec) bool { return s.Key() == "redact" })
		for encoding, e := range encoders {
			chain := mustChain(t, Options{Line: encoding == "raw", Values: values}, specs...)
			for _, format := range []string{"json", "logfmt", "syslog", "none"} {
				p, _ := parsers.New(format, parsers.Options{})
				rec := new(parsers.Record)
				for _, meta := range [][]parsers.Field{{{Name: "a", Value: []byte("x"), EscapedName: true}, {Name: parsers.Oversize, Value: []byte("split")}}, nil} {
					var first []byte
					for again := range 2 {
						rec.Line, rec.End, rec.Meta = []byte(line), []byte("\r\n"), meta
						p.Parse(rec)
						keep, _ := chain.Apply(rec, 1)
						var out []byte
						if keep {
							out = e.Append(nil, rec)
							checkEncoded(t, encoding, out)
						}
						if again > 0 && !bytes.Equal(out, first) {
							t.Fatalf("%s, %s: %q became %q, and then %q", format, encoding, line, first, out)
						}
						first = out
						if encoding == "raw" && keep && !redacts && string(out) != line+"\r\n" {
							t.Fatalf("%s: %q leaves as %q", format, line, out)
						}
						if most := 6*((1+Copies(specs))*2*len(line)+MaxGrowth) + 64*len(rec.Fields) + 1024; len(out) > most {
							t.Fatalf("%s, %s: %d bytes become %d, at most %d are expected", format, encoding, len(line), len(out), most)
						}
					}
				}
			}
		}
	})
}
