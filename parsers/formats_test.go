package parsers

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// options returns the least that each format needs.
func options(format string) Options {
	switch format {
	case "csv":
		return Options{Columns: []string{"a", "b"}}
	case "regex":
		return Options{Pattern: `(?P<a>.*)-(?P<b>.*)`}
	case "grok":
		return Options{Pattern: `%{DATA:a}-%{GREEDYDATA:b}`}
	}
	return Options{}
}

func TestEveryName(t *testing.T) {
	columns := map[string]string{
		"none":           "message",
		"common":         "host ident authuser time request method path protocol status bytes extra",
		"combined":       "host ident authuser time request method path protocol status bytes referer agent extra",
		"vhost_combined": "vhost host ident authuser time request method path protocol status bytes referer agent extra",
		"apache_error":   "time module level pid tid source error_code error_text client remote port code message",
		"syslog":         "priority facility severity time host app pid msgid structured_data message",
		"rfc3164":        "priority facility severity time host app pid message",
		"rfc5424":        "priority facility severity time host app pid msgid structured_data message",
		"json":           "",
		"logfmt":         "",
		"csv":            "a b",
		"regex":          "a b",
		"grok":           "a b",
	}
	for _, format := range Formats() {
		p := mustParser(t, format, options(format))
		want, ok := columns[format]
		if got := strings.Join(Columns(p), " "); !ok || got != want {
			t.Errorf("%s: columns %q, want %q", format, got, want)
		}
	}
	for _, encoding := range Encodings() {
		opt := EncodeOptions{}
		if encoding == "csv" {
			opt.Columns = []string{"a"}
		}
		mustEncoder(t, encoding, opt)
	}
}

// TestColumnsHold: a parser produces no field that Columns does not name.
func TestColumnsHold(t *testing.T) {
	for _, c := range benchCases() {
		p := mustParser(t, c.format, c.opt)
		rec := &Record{Line: []byte(c.line)}
		if !p.Parse(rec) {
			t.Errorf("%s: the line does not match", c.name)
		}
		for _, f := range rec.Fields {
			if names := Columns(p); names != nil && !slices.Contains(names, f.Name) {
				t.Errorf("%s: field %s is not in %v", c.name, f.Name, names)
			}
		}
	}
}

func TestWrongOptions(t *testing.T) {
	for _, c := range []struct {
		format string
		opt    Options
		want   string // option: part of the reason, one a line
	}{
		{"cvs", Options{Columns: []string{"a"}, Infer: true}, `format: no format "cvs"`},
		{"none", Options{Infer: true}, "infer: nothing to work on"},
		{"combined", Options{Pattern: "x", Columns: []string{"a"}, Delimiter: ";"}, "pattern: belongs to format regex or grok\ncolumns: belongs to format csv\ndelimiter: belongs to format csv"},
		{"csv", Options{}, "columns: needs the names"},
		{"csv", Options{Columns: []string{"a", "a"}}, `columns: "a" is named twice`},
		{"csv", Options{Columns: []string{""}}, "columns: empty name"},
		{"csv", Options{Columns: make([]string, maxMembers+1)}, "columns: too many"},
		{"csv", Options{Columns: []string{"a"}, Delimiter: ";;"}, "delimiter: one ASCII character"},
		{"csv", Options{Columns: []string{"a"}, Delimiter: `"`}, "delimiter: one ASCII character"},
		{"csv", Options{Columns: []string{"a"}, Delimiter: "é", Pattern: "x"}, "pattern: belongs to format regex\ndelimiter: one ASCII character"},
		{"csv", Options{Columns: []string{"a"}, KeepLine: "a"}, `keep_line: has a field "a" already`},
		{"csv", Options{Header: true, Columns: []string{"a"}}, "columns: stand in the header"},
		{"json", Options{Header: true}, "header: belongs to format csv"},
		{"none", Options{KeepLine: "line"}, "keep_line: has no effect"},
		{"json", Options{Patterns: []string{"A b"}}, "patterns: belongs to format grok"},
		{"regex", Options{}, "pattern: needs a pattern"},
		{"regex", Options{Pattern: `(`}, "pattern: not a regular expression"},
		{"regex", Options{Pattern: `(?=x)(?P<a>x)`}, "pattern: not a regular expression"},
		{"regex", Options{Pattern: `(?P<a>x)\Q`}, "pattern: not a regular expression"},
		{"regex", Options{Pattern: `a(b)`}, "pattern: no named group"},
		{"grok", Options{}, "pattern: needs a pattern"},
		{"grok", Options{Pattern: `%{WORD}`}, "pattern: no field"},
		{"grok", Options{Pattern: `%{NOPE:a}`}, "pattern: there is no pattern NOPE"},
		{"grok", Options{Pattern: `%{WORD:a:date}`}, `pattern: type "date"`},
		{"grok", Options{Pattern: `%{WORD:a`}, "pattern: is not %{NAME}"},
		{"grok", Options{Pattern: `(?<=x)%{WORD:a}`}, "pattern: not a regular expression"},
		{"grok", Options{Pattern: `%{A:a}`, Patterns: []string{"A %{B}", "B %{A}"}}, "pattern: without an end"},
		{"grok", Options{Pattern: `%{A:a}`, Patterns: []string{"A %{B}%{B}%{B}%{B}", "B %{C}%{C}%{C}%{C}", "C " + strings.Repeat("x", 8192)}}, "pattern: has more than"},
		{"grok", Options{Pattern: `%{WORD:a}`, Patterns: []string{"A", "a:b c", "B x"}}, "patterns[0]: is not a name\npatterns[1]: is not a name"},
	} {
		p, err := New(c.format, c.opt)
		if p != nil {
			t.Errorf("%s %+v: a parser", c.format, c.opt)
		}
		checkOptionErrors(t, err, c.want)
	}
}

func TestWrongEncodeOptions(t *testing.T) {
	for _, c := range []struct {
		format string
		opt    EncodeOptions
		want   string
	}{
		{"jsn", EncodeOptions{Columns: []string{"a"}}, `format: no format "jsn"`},
		{"json", EncodeOptions{Columns: []string{"a"}}, "columns: belongs to format csv"},
		{"csv", EncodeOptions{}, "columns: needs the names"},
		{"csv", EncodeOptions{Columns: []string{"a", "a"}}, `columns: "a" is named twice`},
	} {
		e, err := NewEncoder(c.format, c.opt)
		if e != nil {
			t.Errorf("%s %+v: an encoder", c.format, c.opt)
		}
		checkOptionErrors(t, err, c.want)
	}
}

func checkOptionErrors(t *testing.T, err error, want string) {
	t.Helper()
	var all []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	} else {
		all = []error{err}
	}
	wants := strings.Split(want, "\n")
	if len(all) != len(wants) {
		t.Fatalf("%v: %d errors, want %d", err, len(all), len(wants))
	}
	for i, err := range all {
		var oe *OptionError
		option, reason, _ := strings.Cut(wants[i], ": ")
		if !errors.As(err, &oe) || oe.Option != option || !strings.Contains(oe.Reason, reason) || !strings.Contains(err.Error(), option+": ") {
			t.Errorf("got %v, want %s", err, wants[i])
		}
	}
}

// TestAllocations: nothing is allocated per line, but for the one slice of regex and grok.
func TestAllocations(t *testing.T) {
	for _, c := range benchCases() {
		p := mustParser(t, c.format, c.opt)
		columns := []string{"time", "msg", "message", "path"}
		for _, to := range []struct {
			encoding string
			opt      EncodeOptions
		}{
			{"json", EncodeOptions{}}, {"json", EncodeOptions{Pretty: true}}, {"csv", EncodeOptions{Columns: columns}},
			{"csv", EncodeOptions{Columns: columns, Delimiter: "tab", Quote: "all", Header: true}}, {"raw", EncodeOptions{}},
		} {
			e := mustEncoder(t, to.encoding, to.opt)
			rec := &Record{Line: []byte(c.line), End: []byte("\n")}
			var dst []byte
			got := testing.AllocsPerRun(100, func() {
				p.Parse(rec)
				dst = e.Append(dst[:0], rec)
			})
			want := 0.0
			if c.format == "regex" || c.format == "grok" {
				want = 2 // one, and one when the race detector has emptied the pool of the regexp package
			}
			if got > want {
				t.Errorf("%s to %s %+v: %v allocations per line, want %v", c.name, to.encoding, to.opt, got, want)
			}
		}
	}
}
