package original

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// references returns the expression that each format stands for, for RE2.
func references() map[string]*regexp.Regexp {
	const (
		dot    = `[^\n\r\x{85}\x{2028}\x{2029}]`
		label  = `[0-9A-Za-z][0-9A-Za-z-]{0,62}`
		host   = label + `(?:\.` + label + `)*`
		day    = `(?:0?[1-9]|[12][0-9]|3[01])`
		month  = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`
		year   = `(?:[0-9]{2}){1,2}`
		clock  = `(?:2[0-3]|[01]?[0-9]):[0-5][0-9]:(?:[0-5][0-9]|60)`
		number = `(?:[+-]?[0-9]+|-)`
		access = `(` + host + `) ([A-Za-z0-9._-]+) ([A-Za-z0-9._-]+) \[(` + day + `/` + month + `/` + year + `:` + clock + ` [+-]?[0-9]+)\] "([^"]+)" (` + number + `) (` + number + `)`
		source = ` (?:<[0-9]+` + dot + `[0-9]+> )?([A-Za-z0-9._-]+) ([A-Za-z0-9_./%-]+)(?:\[([1-9][0-9]*)\])?: (` + dot + `*)`
	)
	all := map[string]*regexp.Regexp{}
	for name, text := range map[string]string{
		"COMMONAPACHELOG":   access + dot + `*`,
		"COMBINEDAPACHELOG": access + ` "([^"]+)" "([^"]+)"` + dot + `*`,
		"APACHEERRORLOG": `\[((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ` + month + ` ` + day + ` ` + clock + `(?:\.[0-9]+)? ` + year + `)\] \[(?:([0-9A-Za-z_]+):)?([0-9A-Za-z_]+)\] ` +
			`\[pid ([0-9]+)(?::tid ([0-9]+))?\] \[client (` + host + `(?::[0-9]+)?)\] (` + dot + `*)`,
		"SYSLOG":        `(` + month + ` +` + day + ` ` + clock + `)` + source,
		"RFC3339SYSLOG": `([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))` + source,
	} {
		all[name] = regexp.MustCompile(`\A(?:` + text + `)\z`)
	}
	return all
}

// sampleLines are lines of all formats, most of which have one.
func sampleLines() []string {
	return []string{
		`203.0.113.7 - alice [05/Feb/2024:10:11:12 +0000] "GET /cart?id=9 HTTP/1.1" 200 5120`,
		`web-1.example.net - - [5/Feb/24:1:11:60 0] "-" - -5 tail`,
		`a - - [31/Dec/1999:23:59:59 -0800] "x" -x -x "r" "a"`,
		`203.0.113.7 - - [05/Feb/2024:10:11:12 +0000] "POST /x HTTP/1.1" 302 - "https://example.org/a" "curl/8.4.0" 0.123`,
		`[Thu Jun 27 11:55:44.569531 2024] [proxy_fcgi:error] [pid 812:tid 140001] [client 198.51.100.4:51514] AH01071: upstream said "no"`,
		`[Thu Jun 27 11:55:44 2024] [error] [pid 12] [client web-1.example.com] -`,
		`Feb  5 10:11:12 db01 sshd[4242]: Accepted publickey for ops `,
		`Feb 29 0:11:12 <134> db01 a/b%c: x`, `Feb 5 10:11:12 <1>2> db01 a: x`, `Feb 5 10:11:12 <13> db01 a: x`, `Feb 5 10:11:12 <134>5> db01 a: x`, "Feb 5 10:11:12 <1é2> db01 a: x", "Feb 5 10:11:12 <1\u20282> db01 a: x",
		`Feb 32 10:11:12 db01 a: x`, `Feb 0 10:11:12 db01 a: x`, `Feb 5 24:11:12 db01 a: x`, `Feb 5 10:60:12 db01 a: x`,
		`2024-02-05T10:11:12.345678+01:00 ip-10-0-0-9 cron[77]: (root) CMD (run-parts)`,
		`2024-02-05T10:11:12Z <1.2> web01 nginx: `, `2024-02-05T10:11:12. web01 nginx: x`, "",
	}
}

func compare(t *testing.T, all map[string]*regexp.Regexp, line string) {
	if strings.ToValidUTF8(line, "") != line {
		return
	}
	for _, name := range LogFormats() {
		f, _ := formatOf(name)
		spans := slices.Repeat([]span{{-1, -1}}, len(f.fields))
		var want []span
		if found := all[name].FindStringSubmatchIndex(line); found != nil {
			for i := 2; i < len(found); i += 2 {
				want = append(want, span{found[i], found[i+1]})
			}
		}
		switch ok := f.match([]byte(line), spans); {
		case ok != (want != nil):
			t.Errorf("%s on %q: %v, by the expression %v", name, line, ok, !ok)
		case ok && !slices.Equal(spans, want):
			t.Errorf("%s on %q: %v, by the expression %v", name, line, spans, want)
		}
	}
}

// TestFormatsByExpression: each line, and each with a byte changed, left out or put in.
func TestFormatsByExpression(t *testing.T) {
	all := references()
	for _, line := range sampleLines() {
		compare(t, all, line)
		for i := range len(line) + 1 {
			compare(t, all, line[:i])
			for _, b := range []string{"", " ", "-", "0", "9", "a", ".", ":", `"`, "]", "[", "<", ">", "\r", "\n", "\u0085", "é"} {
				compare(t, all, line[:i]+b+line[i:])
				if i < len(line) {
					compare(t, all, line[:i]+b+line[i+1:])
				}
			}
		}
	}
}

func FuzzFormats(f *testing.F) {
	for _, line := range sampleLines() {
		f.Add(line)
	}
	all := references()
	f.Fuzz(func(t *testing.T, line string) { compare(t, all, line) })
}
