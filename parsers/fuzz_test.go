package parsers

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
)

// seedLines adds lines of every format, good and bad, to f.
func seedLines(f *testing.F) {
	for _, c := range benchCases() {
		f.Add([]byte(c.line))
	}
	for _, line := range []string{"", "-", `{}`, `{"a":[{}],"a":"\ud800"}`, `a,"b""c",`, "\xff\x00\"", `{"a":1e999,"b":{"c":"` + "\xff\n" + `"}}`,
		`h - a [b] ` + stamp + ` "GET /\" HTTP/1.1" 009 - "-" "\\" x`} {
		f.Add([]byte(line))
	}
}

// FuzzAccess: a line that matches can be made again from its fields, and from its JSON by way of another decoder.
func FuzzAccess(f *testing.F) {
	seedLines(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, format := range []string{"common", "combined"} {
			for _, infer := range []bool{false, true} {
				rebuildable(t, mustParser(t, format, Options{Infer: infer}), line)
			}
		}
	})
}

// FuzzJSON compares the parser with encoding/json: what it takes, and what comes out.
func FuzzJSON(f *testing.F) {
	seedLines(f)
	p, e := mustParser(f, "json", Options{}), mustEncoder(f, "json", EncodeOptions{})
	f.Fuzz(func(t *testing.T, line []byte) {
		rec := &Record{Line: line}
		var theirs map[string]json.RawMessage
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		valid := json.Valid(line) && bytes.HasPrefix(bytes.TrimLeft(line, " \t\r\n"), []byte("{"))
		if got := p.Parse(rec); got != valid && bytes.Count(line, []byte("{"))+bytes.Count(line, []byte("[")) <= maxDepth {
			t.Fatalf("%q: matched %v, valid %v", line, got, valid)
		}
		if !rec.Parsed {
			return
		}
		if err := d.Decode(&theirs); err != nil {
			t.Fatal(err)
		}
		var ours map[string]json.RawMessage
		if err := json.Unmarshal(e.Append(nil, rec), &ours); err != nil || len(ours) != len(theirs) {
			t.Fatalf("%q: %v, %d members, want %d", line, err, len(ours), len(theirs))
		}
		for key, value := range theirs {
			if got, want := normal(t, ours[key]), normal(t, value); got != want {
				t.Fatalf("%q: %q = %s, want %s", line, key, got, want)
			}
			if f := rec.Lookup(key); f == nil && !bytes.Contains(line, []byte(`\u`)) {
				t.Fatalf("%q: Lookup does not find %q", line, key)
			}
		}
	})
}

// normal decodes and encodes with encoding/json, so that equal values are equal texts.
func normal(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return string(out)
}

// FuzzUnescape compares appendUnescaped with encoding/json.
func FuzzUnescape(f *testing.F) {
	for _, s := range []string{``, `a\n\u00e9`, `\ud83d\ude00`, `\ud83d\ud83d\ude00`, `\ud83d\n`, `\ude00`, `\/\b\f\"\\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := string(appendUnescaped(nil, []byte(s)))
		var want string
		if json.Unmarshal([]byte(`"`+s+`"`), &want) == nil && string([]rune(got)) != want {
			t.Fatalf("%q: got %q, want %q", s, got, want)
		}
	})
}

// FuzzCanonical: a number survives a reader that keeps numbers as 64-bit floats.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"0", "-1", "1.5", "007", "1e5", "123456789012345", "0.00000000000001", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if infer([]byte(s)) != Number {
			return
		}
		v, err := strconv.ParseFloat(s, 64)
		if got := strconv.FormatFloat(v, 'f', -1, 64); err != nil || got != s || !json.Valid([]byte(s)) {
			t.Fatalf("%q prints back as %q (%v)", s, got, err)
		}
	})
}
