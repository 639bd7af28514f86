package parsers

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// The fuzz tests here join the fields of a line again, with code of their own, and compare that with the line: no byte of it is lost.

// part returns the text of a field, and whether the record has it.
func part(rec *Record, name string) (string, bool) {
	f := rec.Lookup(name)
	if f == nil {
		return "", false
	}
	return string(f.Value), true
}

// around returns before, the text of a field and after, or nothing if the record has no such field.
func around(rec *Record, before, name, after string) string {
	if v, ok := part(rec, name); ok {
		return before + v + after
	}
	return ""
}

func FuzzSyslog(f *testing.F) {
	seedLines(f)
	for _, line := range []string{"<34>1 - - - - - - \xEF\xBB\xBFx", `<0>1 - h a 1 m [a b="\"]\]"][c] x`, `<13>Jul 9 12:16:49.5 h a[b]: c`,
		`: 2024 Feb  5 10:11:12 UTC: %a: b`, `*Feb 05 2024 10:11:12.1: %a: b`, `Feb  5 10:11:12 fd:: : %b: c`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, infer := range []bool{false, true} {
			rec := &Record{Line: line}
			both := mustParser(t, "syslog", Options{Infer: infer}).Parse(rec)
			fields := show(rec.Fields)
			_, isNew := part(rec, "msgid")
			for _, only := range []string{"rfc3164", "rfc5424"} {
				again := &Record{Line: line}
				if got := mustParser(t, only, Options{Infer: infer}).Parse(again); got != (both && isNew == (only == "rfc5424")) || got && show(again.Fields) != fields {
					t.Fatalf("%q: %s says %v, %s; syslog %v, %s", line, only, got, show(again.Fields), both, fields)
				}
			}
			if !both {
				continue
			}
			if n, ok := part(rec, "priority"); ok {
				pri, err := strconv.Atoi(n)
				facility, _ := part(rec, "facility")
				severity, _ := part(rec, "severity")
				if err != nil || slices.Index(facilities[:], facility)*8+slices.Index(severities[:], severity) != pri {
					t.Fatalf("%q: priority %s is %s and %s", line, n, facility, severity)
				}
			}
			if isNew {
				checkNew(t, rec)
				continue
			}
			tag := around(rec, " ", "app", "") + around(rec, "[", "pid", "]")
			if tag != "" {
				tag += ":"
			}
			var all []string
			for _, colon := range []string{"", ": "} { // those of network gear
				for _, colons := range [][2]string{{"", ""}, {":", ""}, {"", " :"}} {
					all = append(all, around(rec, "<", "priority", ">")+around(rec, colon, "time", colons[0])+around(rec, " ", "host", colons[1])+tag+around(rec, " ", "message", ""))
				}
			}
			if !slices.Contains(all, string(line)) {
				t.Fatalf("%q is joined to %q", line, all)
			}
		}
	})
}

// checkNew joins the fields of RFC 5424 again. Structured data may have been written in another way: joined, parsed and joined again it must
// be the same.
func checkNew(t *testing.T, rec *Record) {
	t.Helper()
	head := around(rec, "<", "priority", ">1 ")
	for _, name := range []string{"time", "host", "app", "pid", "msgid"} {
		head += around(rec, "", name, " ")
	}
	text, _ := part(rec, "message")
	if !strings.HasPrefix(string(rec.Line), head) || !strings.HasSuffix(string(rec.Line), text) {
		t.Fatalf("%q: has neither %q nor %q", rec.Line, head, text)
	}
	data := "-"
	if f := rec.Lookup("structured_data"); f.Kind == JSON {
		data = joinData(t, f.Value)
	} else if string(f.Value) != "-" {
		t.Fatalf("%q: structured data %q", rec.Line, f.Value)
	}
	again := &Record{Line: []byte(head + data + around(rec, " ", "message", ""))}
	if !mustParser(t, "rfc5424", Options{}).Parse(again) || len(again.Fields) != len(rec.Fields) {
		t.Fatalf("%q: joined to %q it does not match", rec.Line, again.Line)
	}
	want, got := rec.Lookup("structured_data"), again.Lookup("structured_data")
	if !bytes.Equal(want.Value, got.Value) {
		t.Fatalf("%q: structured data %q, again %q", rec.Line, want.Value, got.Value)
	}
}

// joinData writes structured data from its JSON, as encoding/json decodes it.
func joinData(t *testing.T, object []byte) string {
	t.Helper()
	var out strings.Builder
	d := json.NewDecoder(bytes.NewReader(object))
	next := func() json.Token {
		tok, err := d.Token()
		if err != nil {
			t.Fatalf("encoding/json refuses %q: %v", object, err)
		}
		return tok
	}
	next()
	for d.More() {
		out.WriteString("[" + next().(string))
		next()
		for d.More() {
			name, value := next().(string), next().(string)
			out.WriteString(" " + name + `="` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, `]`, `\]`).Replace(value) + `"`)
		}
		next()
		out.WriteString("]")
	}
	return out.String()
}

func FuzzApacheError(f *testing.F) {
	seedLines(f)
	for _, line := range []string{`[Mon Feb 05 04:47:44 2005] [:error] [client ::1:80] (OS 5)a: b`, `[2005-06-09 06:07:05] [a:b] [pid 1] x.c(1): (2)c: [remote h:1] AH00001: d`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, infer := range []bool{false, true} {
			rec := &Record{Line: line}
			if !mustParser(t, "apache_error", Options{Infer: infer}).Parse(rec) {
				continue
			}
			pid := around(rec, " [pid ", "pid", "") + around(rec, ":tid ", "tid", "")
			if pid != "" {
				pid += "]"
			}
			head := around(rec, "[", "time", "] [") + around(rec, "", "module", ":") + around(rec, "", "level", "]") + pid
			peer := around(rec, "[client ", "client", "") + around(rec, "[remote ", "remote", "") + around(rec, ":", "port", "")
			if peer != "" {
				peer += "] "
			}
			var all []string
			for _, os := range []string{"(", "(OS "} {
				failure := around(rec, os, "error_code", ")") + around(rec, "", "error_text", ": ")
				tail := around(rec, "", "code", ": ") + around(rec, "", "message", "")
				source := around(rec, "", "source", ": ")
				all = append(all, head+" "+source+failure+peer+tail, head+" "+source+peer+failure+tail)
			}
			if _, ok := part(rec, "message"); !ok {
				all = []string{head}
			}
			if !slices.Contains(all, string(line)) {
				t.Fatalf("%q is joined to %q", line, all)
			}
		}
	})
}

// FuzzLogfmt compares lines without quotes with the standard library's way to cut them.
func FuzzLogfmt(f *testing.F) {
	seedLines(f)
	p := mustParser(f, "logfmt", Options{})
	f.Fuzz(func(t *testing.T, line []byte) {
		rec := &Record{Line: line}
		if bytes.IndexByte(line, '"') >= 0 || !p.Parse(rec) {
			return
		}
		words := strings.FieldsFunc(string(line), func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) != len(rec.Fields) {
			t.Fatalf("%q: %d fields", line, len(rec.Fields))
		}
		for i, f := range rec.Fields {
			key, value, pair := strings.Cut(words[i], "=")
			if f.Name != string(bytes.ToValidUTF8([]byte(key), nil)) && utf8.ValidString(key) || string(f.Value) != value || pair != (f.Kind == String) {
				t.Fatalf("%q: field %d is %s=%q, want %q", line, i, f.Name, f.Value, words[i])
			}
		}
	})
}

// FuzzLogfmtQuoted: what strconv and encoding/json quote is read back as it was.
func FuzzLogfmtQuoted(f *testing.F) {
	for _, s := range []string{``, `say "hi"`, "\x00\a\v\x1b\xff\t\n", "é\u2028\U0001F600", `C:\dir\`} {
		f.Add(s)
	}
	p := mustParser(f, "logfmt", Options{Infer: true})
	f.Fuzz(func(t *testing.T, s string) {
		quoted := []string{strconv.Quote(s), strconv.QuoteToASCII(s)}
		if object, err := json.Marshal(s); err == nil && utf8.ValidString(s) {
			quoted = append(quoted, string(object))
		}
		for _, q := range quoted {
			rec := &Record{Line: []byte("a=" + q + " b=1")}
			if !p.Parse(rec) || len(rec.Fields) != 2 {
				t.Fatalf("%s: does not match", rec.Line)
			}
			if got := string(rec.Fields[0].AppendText(nil)); got != s {
				t.Fatalf("%s: read as %q", rec.Line, got)
			}
		}
	})
}

// FuzzCSVHeader: the names of a header are fit for JSON and for CSV, whatever the line is, and a line of as many values as encoding/csv
// finds in the header has as many fields.
func FuzzCSVHeader(f *testing.F) {
	for _, line := range []string{"a,b,c", "", ",,", "a,a,a_2", `"x,y","say ""hi""",`, "\xff", `"`, "column_2,,"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := mustParser(t, "csv", Options{Header: true, KeepLine: "line"})
		SetHeader(p, []byte(line))
		names := Columns(p.(*original).Parser)
		seen := map[string]bool{}
		for _, name := range names {
			if name == "" || seen[name] || !utf8.ValidString(name) {
				t.Fatalf("%q: names %q", line, names)
			}
			seen[name] = true
		}
		if want, err := csv.NewReader(strings.NewReader(line)).Read(); err == nil && !strings.ContainsAny(line, "\r\n") && len(want) <= maxMembers && len(want) != len(names) {
			t.Fatalf("%q: names %q, want %d", line, names, len(want))
		}
		rec := &Record{Line: []byte(strings.Repeat(",", max(len(names)-1, 0)))}
		if got := p.Parse(rec); got != (len(names) > 0) || got && len(rec.Fields) != len(names)+1 {
			t.Fatalf("%q: matched %v, %s", line, got, show(rec.Fields))
		}
		if out := mustEncoder(t, "json", EncodeOptions{}).Append(nil, rec); !json.Valid(out) {
			t.Fatalf("%q: %s", line, out)
		}
	})
}

// FuzzGrok: patterns, whatever they are, become a parser or an *OptionError.
func FuzzGrok(f *testing.F) {
	f.Add(`%{IP:a} %{A:b:int}(?P<c>x)`, `A %{WORD}|%{B}`, "1.2.3.4 x")
	f.Add(`%{`, `A %{A}`, "")
	f.Add(`(?P<grok_field_9>x)%{WORD:grok_field_0}`, `A b`, "xy")
	f.Fuzz(func(t *testing.T, pattern, more, line string) {
		p, err := New("grok", Options{Pattern: pattern, Patterns: []string{more}})
		if err != nil {
			var option *OptionError
			if !errors.As(err, &option) {
				t.Fatalf("%q: %v", pattern, err)
			}
			return
		}
		rec := &Record{Line: []byte(line)}
		if p.Parse(rec) && len(rec.Fields) != len(Columns(p)) {
			t.Fatalf("%q: %d fields, columns %q", pattern, len(rec.Fields), Columns(p))
		}
	})
}
