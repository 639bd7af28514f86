package parsers

import (
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	const time = ` - - [05/Feb/2024:10:11:12 +0000] `
	for _, c := range []struct {
		format, pattern string
		upTo, rest      string // the line in two parts: what has the format, and what has not
		want            string
	}{
		{"combined", "", `h` + time + `"GET / HTTP/1.1" 200 17 "-" "x"`, "", "none"},
		{"combined", "", "", "", "a host and a space"},
		{"combined", "", "h ", "-", "an ident and a space"},
		{"combined", "", "h - ", "- [2024-02-05T10:11:12Z] \"GET / HTTP/1.1\" 200 17", "a user or a dash, then a time such as"},
		{"vhost_combined", "", "v h - ", "x", "a user or a dash"},
		{"combined", "", `h` + time + `"`, `GET /`, "the closing quote of the request"},
		{"combined", "", `h` + time + `"GET / HTTP/1.1"`, ` 20 17`, "a space and a status"},
		{"combined", "", `h` + time + `"GET / HTTP/1.1" 200`, ` x`, "a space and a number of bytes"},
		{"combined", "", `h` + time + `"GET / HTTP/1.1" 200 17`, ``, "a space and a quoted referer"},
		{"combined", "", `h` + time + `"GET / HTTP/1.1" 200 17 "-"`, ` "Mozilla`, "a space and a quoted agent"},
		{"common", "", `h` + time + `"GET / HTTP/1.1" 200 17`, `x`, "a space, or the end"},
		{"json", "", `{"a":1`, `; "b":2}`, "JSON: invalid character ';'"},
		{"json", "", `{"a":1} `, `x`, "JSON: invalid character 'x'"},
		{"json", "", `{"a":[1`, ``, "the rest of an object"},
		{"json", "", ` `, `[1]`, "an object"},
		{"regex", `(?P<a>\d+) (?P<b>[a-z]+)=(?P<c>\S+)`, "12 ab", ":c", "="},
		{"regex", `(?P<a>\d+) x`, "12 x", " more", "the end"},
		{"regex", `(?P<a>\d+) x`, "", "ab", ""},
		{"grok", `%{INT:a} %{WORD:b}: %{GREEDYDATA:c}`, "12 ab", " c", ": "},
		{"apache_error", "", "", "Mon Feb 05", "a bracket and a time"},
		{"apache_error", "", "[", "Mon Feb 5]", "a time such as"},
		{"apache_error", "", "[Mon Feb 05 04:47:44 2005", "] x", "the closing bracket"},
		{"apache_error", "", "[Mon Feb 05 04:47:44 2005] [", "a b] x", "a level, such as"},
		{"apache_error", "", "[Mon Feb 05 04:47:44 2005] [error]", "x", "a space, or the end"},
		{"syslog", "", "", "<192>Feb  5 10:11:12 h a: m", "a priority from"},
		{"syslog", "", "<13>", "Feb 5th 10:11:12 h a: m", "a time such as Feb"},
		{"syslog", "", "", "2024/02/05 x", "a time such as Feb"},
		{"syslog", "", "Feb  5 10:11:12 ", "", "a host or a tag"},
		{"rfc3164", "", "<13>", "1 2024-02-05T10:11:12Z h a - - - m", "a time such as Feb  5 10:11:12, not"},
		{"rfc5424", "", "<13>", "Feb  5 10:11:12 h a: m", "a priority, a 1"},
		{"syslog", "", "<13>1 ", "2024 h a - - - m", "a time such as 2024"},
		{"syslog", "", "<13>1 - h a ", "1", "a process id"},
		{"syslog", "", "<13>1 - h a - - ", "[x", "a dash, or structured data"},
		{"syslog", "", "<13>1 - h a - - -", "x", "a space, or the end"},
		{"csv", "", "1,2", ",3", "the end after 2 columns"},
		{"csv", "", `1,`, `"2`, "a closing quote"},
		{"csv", "", `1`, `"2`, "the delimiter ','"},
		{"csv", "", `"1"`, `2`, "the delimiter ','"},
		{"logfmt", "", "", "=1", "a key"},
		{"logfmt", "", "word", " b=1", "an equals sign"},
		{"logfmt", "", `a=1 b=`, `"x`, "a value: in quotes"},
		{"logfmt", "", ` `, ``, "a pair such as"},
	} {
		options := Options{Pattern: c.pattern}
		if c.format == "csv" {
			options.Columns = []string{"a", "b"}
		}
		p, err := New(c.format, options)
		if err != nil {
			t.Fatal(err)
		}
		at, wanted := Place(p, []byte(c.upTo+c.rest))
		if c.want == "none" {
			if at != -1 {
				t.Errorf("%s has the format %s: %d, %s", c.upTo, c.format, at, wanted)
			}
			continue
		}
		if at != len(c.upTo) || !strings.HasPrefix(wanted, c.want) {
			t.Errorf("%s %q|%q: %d, %q, want %d, %q", c.format, c.upTo, c.rest, at, wanted, len(c.upTo), c.want)
		}
	}
}

// FuzzPlace: a place lies in the line, and there is one only if the line does not have the format.
func FuzzPlace(f *testing.F) {
	for _, line := range []string{"", `h - - [05/Feb/2024:10:11:12 +0000] "GET / HTTP/1.1" 200 17 "-" "x`, `{"a":[1,}`, "12 ab c",
		"[Mon Feb 05 04:47:44 2005] [error]x", "<13>Feb  5 10:11:12 ", "<13>1 - h a - - [x", `a,"b`, `a=1 b="x`} {
		f.Add([]byte(line))
	}
	var all []Parser
	for _, name := range Formats() {
		var options Options
		if name == "csv" {
			options.Columns = []string{"a", "b"}
		}
		if p, err := New(name, options); err == nil {
			all = append(all, p)
		}
	}
	p, err := New("grok", Options{Pattern: `%{INT:a} %{WORD:b}: (x|%{GREEDYDATA:c})`})
	if err != nil {
		f.Fatal(err)
	}
	all = append(all, p)
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, p := range all {
			at, _ := Place(p, line)
			if matched := p.Parse(&Record{Line: line}); at < -1 || at > len(line) || matched && at >= 0 {
				t.Fatalf("%T: %d of %q", p, at, line)
			}
		}
	})
}
