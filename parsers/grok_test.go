package parsers

import (
	"strings"
	"testing"
)

func TestGrok(t *testing.T) {
	p := mustParser(t, "grok", Options{
		Pattern:  `%{TIMESTAMP_ISO8601:time} +%{LOGLEVEL:level} \[%{DATA:thread}\] %{QUEUE:queue.id}(?: in %{NUMBER:took:float}ms)?(?: by (?:%{IPV4:peer}|%{WORD:peer}))?: (?P<text>.*)`,
		Patterns: []string{`QUEUE [0-9A-F]{4}-%{HEX}`, `HEX  [0-9a-f]+`},
	})
	runParse(t, p, []parseCase{
		{"all", `2024-02-05 10:11:12,118 INFO [main a] 00FF-ab in 12.5ms by 192.0.2.1: done`,
			`time=2024-02-05 10:11:12,118|level=INFO|thread=main a|queue.id=00FF-ab|took=#12.5|peer=192.0.2.1|text=done`},
		{"the other branch", `2024-02-05T10:11:12Z WARN [] 00FF-ab by me: 5`, `time=2024-02-05T10:11:12Z|level=WARN|thread=|queue.id=00FF-ab|took=~|peer=me|text=5`},
		{"the whole line, not a part", ` 2024-02-05T10:11:12Z WARN [] 00FF-ab: 5`, noMatch},
	})
	if got, want := strings.Join(Columns(p), " "), "time level thread queue.id took peer text"; got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
}

// TestGrokPatterns: every pattern compiles alone and matches what it is for, from end to end.
func TestGrokPatterns(t *testing.T) {
	samples := map[string]string{
		"WORD": "word", "NOTSPACE": "a-b", "SPACE": "  ", "DATA": "any thing", "GREEDYDATA": "any thing", "QUOTEDSTRING": `"say \"hi\""`, "QS": `'it'`,
		"UUID": "123e4567-e89b-12d3-a456-426614174000", "LOGLEVEL": "Warning", "INT": "-12", "POSINT": "12", "NONNEGINT": "0", "NUMBER": "-1.5",
		"BASE10NUM": ".5", "BASE16NUM": "0xFF", "BOOL": "true", "IPV4": "192.0.2.1", "IPV6": "2001:db8::7", "IP": "::ffff:192.0.2.1", "MAC": "00:1a:2B:3c:4d:5e",
		"HOSTNAME": "www.example.com", "HOST": "web-1", "IPORHOST": "web-1.example.com", "HOSTPORT": "example.com:80", "USERNAME": "b.ob", "USER": "bob", "EMAILADDRESS": "a+b@example.com",
		"UNIXPATH": "/var/log/x", "WINPATH": `C:\Program Files\x`, "PATH": "/x", "URIPROTO": "https", "URIHOST": "example.com:8080", "URIPATH": "/a/b", "URIPARAM": "?a=b&c",
		"URIPATHPARAM": "/a?b=c", "URI": "https://bob:x@example.com:8080/a?b=c#d", "MONTH": "Feb", "DAY": "Tuesday", "YEAR": "2024", "MONTHNUM": "12", "MONTHDAY": "31",
		"HOUR": "23", "MINUTE": "59", "SECOND": "60.5", "TIME": "23:59:59", "ISO8601_TIMEZONE": "+01:00", "TIMESTAMP_ISO8601": "2024-02-05T10:11:12.123+01:00",
		"DATE_US": "12/31/2024", "DATE_EU": "31.12.2024", "DATE": "31/12/2024", "SYSLOGTIMESTAMP": "Feb  5 10:11:12", "HTTPDATE": "05/Feb/2024:10:11:12 +0000",
		"PROG": "postfix/smtpd", "SYSLOGPROG": "sshd[12]", "JAVACLASS": "com.example.Main$1", "JAVAFILE": "Main.java",
	}
	for name := range grokPatterns() {
		sample, ok := samples[name]
		if !ok {
			t.Errorf("%s has no sample", name)
			continue
		}
		p := mustParser(t, "grok", Options{Pattern: "%{" + name + ":v}"})
		rec := &Record{Line: []byte(sample)}
		if !p.Parse(rec) || string(rec.Fields[0].Value) != sample {
			t.Errorf("%s does not match %q", name, sample)
		}
	}
	if len(samples) != len(grokPatterns()) {
		t.Errorf("%d samples for %d patterns", len(samples), len(grokPatterns()))
	}
}
