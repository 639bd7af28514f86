package edit

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/weir-logs/weir/parsers"
)

// anyStep makes one of the steps out of a byte.
func anyStep(n byte, name string) Spec {
	switch n % 13 {
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
	}
	return Add{{name, text(name, true)}}
}

// FuzzChain: whatever the steps and the line, nothing panics, what comes out is JSON, and what edits add is bounded.
func FuzzChain(f *testing.F) {
	for _, line := range []string{`{"a":"{\"b\":1}","c":{"x":["10.0.0.1 a@b.com 4111111111111111"]}}`, `{"a":"\ud83d\u0031.2.3.4","a":null}`, "a=1 b=\"x\"", "plain 1.2.3.4 eyJabcdefgh.abcdefghij.c", `{"a":1707094800123}`, ""} {
		f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "a", line)
		f.Add([]byte{8, 4, 5, 0, 0, 7}, "b\x00é\"", line)
		f.Add([]byte{4, 11, 139, 6, 1}, "%Y-%m", line)
	}
	f.Fuzz(func(t *testing.T, steps []byte, name, line string) {
		var specs []Spec
		for _, n := range steps[:min(len(steps), 20)] {
			if spec := anyStep(n, name); spec != nil {
				if _, err := spec.Build(); err == nil {
					specs = append(specs, spec)
				}
			}
		}
		for _, raw := range []bool{false, true} {
			chain := mustChain(t, Options{Line: raw, Values: values}, specs...)
			e, _ := parsers.NewEncoder("json", parsers.EncodeOptions{})
			for _, format := range []string{"json", "logfmt", "none"} {
				p, _ := parsers.New(format, parsers.Options{})
				rec := &parsers.Record{Line: []byte(line), Meta: []parsers.Field{{Name: "a", Value: []byte("x"), EscapedName: true}, {Name: parsers.Oversize, Value: []byte("split")}}}
				for range 2 {
					p.Parse(rec)
					chain.Apply(rec, 1)
					out := e.Append(nil, rec)
					if !json.Valid(out) || !utf8.Valid(out) {
						t.Fatalf("%s: %q becomes %q", format, line, out)
					}
					if most := 6*((1+Copies(specs))*2*len(line)+MaxGrowth) + 64*len(rec.Fields) + 1024; len(out) > most {
						t.Fatalf("%s: %d bytes become %d, at most %d are expected", format, len(line), len(out), most)
					}
					rec = &parsers.Record{Line: []byte(line)}
				}
			}
		}
	})
}
