package parsers

import (
	"bytes"
	"fmt"
	"testing"
)

// Lines of about the length and make-up of real logs. The access line has the average length of the ones on busy
// servers, about 230 bytes.
const (
	benchCombined = `203.0.113.79 - - [17/May/2025:10:05:43 +0000] "GET /presentations/2013/images/dashboard3.png?v=18 HTTP/1.1" 200 171717 "https://www.example.com/presentations/2013/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"`
	benchCommon   = `203.0.113.79 - - [17/May/2025:10:05:43 +0000] "GET /presentations/2013/images/dashboard3.png?v=18 HTTP/1.1" 200 171717`
	benchJSON     = `{"time":"2025-05-17T10:05:43.118Z","level":"info","msg":"request served","method":"GET","path":"/presentations/2013/images/dashboard3.png?v=18","status":200,"bytes":171717,"took_ms":12.75,"user":null,"tags":["static","cache"],"agent":"Mozilla/5.0 (X11; Linux x86_64)"}`
	benchCSV      = `2025-05-17T10:05:43.118Z,info,"request served, from ""cache""",GET,/presentations/2013/images/dashboard3.png?v=18,200,171717,12.75,,Mozilla/5.0 (X11; Linux x86_64)`
	benchError    = `[Thu Jun 09 06:07:05.123456 2005] [core:error] [pid 35708:tid 4328636416] (70007)The timeout specified has expired: [client 192.0.2.15:53102] AH00135: request failed: error reading the headers`
	benchSyslog   = `Jun 14 15:16:01 alpha sshd(pam_unix)[4711]: no key of this user fits; name=bob uid=1000 tty=pts9 key=ed25519 host=192.0.2.18`
	benchNew      = `<165>1 2025-05-17T10:05:43.118Z web-1.example.com evntslog 8710 ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An application event log entry was written`
	benchLogfmt   = `time=2025-05-17T10:05:43.118Z level=info msg="request served" method=GET path=/presentations/2013/images/dashboard3.png?v=18 status=200 bytes=171717 took=12.75 user= agent="Mozilla/5.0 (X11; Linux x86_64)"`
	benchGrok     = `%{NOTSPACE:time} %{LOGLEVEL:level} \[%{DATA:thread}\] %{JAVACLASS:class}: %{GREEDYDATA:message}`
	benchPattern  = `(?P<time>\S+) (?P<level>[A-Z]+) \[(?P<thread>[^\]]*)\] (?P<class>[\w.]+): (?P<message>.*)`
	benchRegex    = `2025-05-17T10:05:43,118 INFO [main] com.example.web.RequestHandler: request served from the cache in 12.75 ms`
)

type benchCase struct {
	name   string
	format string
	opt    Options
	line   string
}

func benchCases() []benchCase {
	columns := []string{"time", "level", "msg", "method", "path", "status", "bytes", "took", "user", "agent"}
	return []benchCase{
		{"none", "none", Options{}, benchCombined},
		{"common", "common", Options{Infer: true}, benchCommon},
		{"combined", "combined", Options{Infer: true}, benchCombined},
		{"vhost_combined", "vhost_combined", Options{Infer: true}, "www.example.com:443 " + benchCombined},
		{"apache_error", "apache_error", Options{Infer: true}, benchError},
		{"syslog", "syslog", Options{Infer: true}, benchSyslog},
		{"rfc3164", "rfc3164", Options{Infer: true}, benchSyslog},
		{"rfc5424", "rfc5424", Options{Infer: true}, benchNew},
		{"json", "json", Options{}, benchJSON},
		{"logfmt", "logfmt", Options{Infer: true}, benchLogfmt},
		{"csv", "csv", Options{Infer: true, Columns: columns}, benchCSV},
		{"regex", "regex", Options{Pattern: benchPattern}, benchRegex},
		{"grok", "grok", Options{Pattern: benchGrok}, benchRegex},
		{"keep_line", "combined", Options{Infer: true, KeepLine: "line"}, benchCombined},
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range benchCases() {
		b.Run(c.name, func(b *testing.B) {
			p := mustParser(b, c.format, c.opt)
			rec := &Record{Line: []byte(c.line), End: []byte("\n")}
			b.SetBytes(int64(len(c.line) + 1))
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				if !p.Parse(rec) {
					b.Fatal("the line does not match")
				}
			}
		})
	}
}

// BenchmarkConvert parses and encodes, each format to each encoding.
func BenchmarkConvert(b *testing.B) {
	for _, c := range benchCases() {
		for _, to := range Encodings() {
			b.Run(fmt.Sprintf("%s-%s", c.name, to), func(b *testing.B) {
				p := mustParser(b, c.format, c.opt)
				opt := EncodeOptions{}
				if to == "csv" {
					if opt.Columns = Columns(p); opt.Columns == nil {
						opt.Columns = []string{"time", "level", "msg", "method", "path", "status", "bytes"}
					}
				}
				e := mustEncoder(b, to, opt)
				rec := &Record{Line: []byte(c.line), End: []byte("\n")}
				var dst []byte
				b.SetBytes(int64(len(c.line) + 1))
				b.ReportAllocs()
				defer reportCPU(b)()
				for b.Loop() {
					p.Parse(rec)
					dst = e.Append(dst[:0], rec)
				}
			})
		}
	}
}

// BenchmarkLimit is what no parser can beat: the line looked through once for its end, and copied once.
func BenchmarkLimit(b *testing.B) {
	line := []byte(benchCombined + "\n")
	dst := make([]byte, 0, len(line))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	defer reportCPU(b)()
	for b.Loop() {
		dst = append(dst[:0], line[:bytes.IndexByte(line, '\n')+1]...)
	}
}
