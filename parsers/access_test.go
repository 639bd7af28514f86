package parsers

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

const stamp = `[05/Feb/2024:10:11:12 +0000]`

func TestCombined(t *testing.T) {
	const head = "host=203.0.113.7|ident=~-|authuser=~-|time=05/Feb/2024:10:11:12 +0000|"
	runParse(t, mustParser(t, "combined", Options{}), []parseCase{
		{"plain", `203.0.113.7 - - ` + stamp + ` "GET /cart?id=9 HTTP/1.1" 200 5120 "https://example.org/a" "curl/8.4.0"`,
			head + "method=GET|path=/cart?id=9|protocol=HTTP/1.1|status=200|bytes=5120|referer=https://example.org/a|agent=curl/8.4.0"},
		{"dashes", `203.0.113.7 - - ` + stamp + ` "-" 408 - "-" "-"`,
			head + "request=~-|status=408|bytes=~-|referer=~-|agent=~-"},
		{"empty texts", `203.0.113.7 - - ` + stamp + ` "" 400 0 "" ""`,
			head + "request=|status=400|bytes=0|referer=|agent="},
		{"tail", `203.0.113.7 - - ` + stamp + ` "GET / HTTP/2.0" 200 17 "-" "-" 0.123 "x"`,
			head + `method=GET|path=/|protocol=HTTP/2.0|status=200|bytes=17|referer=~-|agent=~-|extra=0.123 "x"`},
		{"tail of one space", `203.0.113.7 - - ` + stamp + ` "GET / HTTP/2.0" 200 17 "-" "-" `,
			head + `method=GET|path=/|protocol=HTTP/2.0|status=200|bytes=17|referer=~-|agent=~-|extra=`},
		{"escaped quotes", `203.0.113.7 - - ` + stamp + ` "GET /\"a\" HTTP/1.1" 200 1 "\\" "say \"hi\\\""`,
			head + `method=GET|path=/\"a\"|protocol=HTTP/1.1|status=200|bytes=1|referer=\\|agent=say \"hi\\\"`},
		{"path with spaces", `203.0.113.7 - - ` + stamp + ` "GET /a b  c HTTP/1.0" 404 1 "-" "-"`,
			head + `method=GET|path=/a b  c|protocol=HTTP/1.0|status=404|bytes=1|referer=~-|agent=~-`},
		{"path that is a dash", `203.0.113.7 - - ` + stamp + ` "GET - HTTP/1.0" 404 1 "-" "-"`,
			head + `method=GET|path=~-|protocol=HTTP/1.0|status=404|bytes=1|referer=~-|agent=~-`},
		{"request without a path", `203.0.113.7 - - ` + stamp + ` "GET  HTTP/1.0" 400 1 "-" "-"`,
			head + `request=GET  HTTP/1.0|status=400|bytes=1|referer=~-|agent=~-`},
		{"HTTP/0.9", `203.0.113.7 - - ` + stamp + ` "GET /" 009 1 "-" "-"`,
			head + `request=GET /|status=009|bytes=1|referer=~-|agent=~-`},
		{"TLS to a plain port", `203.0.113.7 - - ` + stamp + ` "\x16\x03\x01" 400 226 "-" "-"`,
			head + `request=\x16\x03\x01|status=400|bytes=226|referer=~-|agent=~-`},
		{"IPv6", `2001:db8::7 - - ` + stamp + ` "-" 408 - "-" "-"`,
			"host=2001:db8::7|ident=~-|authuser=~-|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=~-"},
		{"user with space and at", `h - bob b@example.com ` + stamp + ` "-" 408 - "-" "-"`,
			"host=h|ident=~-|authuser=bob b@example.com|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=~-"},
		{"user with a bracket", `h - a [b] ` + stamp + ` "-" 408 - "-" "-"`,
			"host=h|ident=~-|authuser=a [b]|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=~-"},
		{"empty user as Apache writes it", `h - "" ` + stamp + ` "-" 408 - "-" "-"`,
			`host=h|ident=~-|authuser=""|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=~-`},
		{"ident", `h id bob ` + stamp + ` "-" 408 - "-" "-"`,
			"host=h|ident=id|authuser=bob|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=~-"},
		{"stray carriage return in the agent", `h - - ` + stamp + ` "-" 408 - "-" "a` + "\r" + `b"`,
			"host=h|ident=~-|authuser=~-|time=05/Feb/2024:10:11:12 +0000|request=~-|status=408|bytes=~-|referer=~-|agent=a\rb"},

		{"empty line", "", noMatch},
		{"common only", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5`, noMatch},
		{"virtual host first", `www.example.com:443 203.0.113.7 - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"agent cut off", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (http`, noMatch},
		{"agent ends in a backslash", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "C:\"`, noMatch},
		{"bare quotes in the agent", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "a "b" c"`, noMatch},
		{"no space after the agent", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "-"x`, noMatch},
		{"missing bytes", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 "-" "-"`, noMatch},
		{"negative bytes", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 -5 "-" "-"`, noMatch},
		{"two spaces", `h - - ` + stamp + `  "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"empty user", `h -  ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"empty ident", `h  - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"empty host", ` - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"status of two digits", `h - - ` + stamp + ` "GET / HTTP/1.1" 20 5 "-" "-"`, noMatch},
		{"status not a number", `h - - ` + stamp + ` "GET / HTTP/1.1" 2x0 5 "-" "-"`, noMatch},
		{"another time format", `h - - [2024-02-05T10:11:12+00:00] "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"time without a zone", `h - - [05/Feb/2024:10:11:12] "GET / HTTP/1.1" 200 5 "-" "-"`, noMatch},
		{"syslog", `Jun 14 15:16:01 alpha sshd[4711]: session closed; bob`, noMatch},
	})
}

func TestCommon(t *testing.T) {
	const head = "host=h|ident=~-|authuser=~-|time=05/Feb/2024:10:11:12 +0000|"
	runParse(t, mustParser(t, "common", Options{Infer: true}), []parseCase{
		{"plain", `h - - ` + stamp + ` "GET / HTTP/1.1" 200 5120`, head + "method=GET|path=/|protocol=HTTP/1.1|status=#200|bytes=#5120"},
		{"dashes", `h - - ` + stamp + ` "-" - -`, head + "request=~-|status=~-|bytes=~-"},
		{"not canonical", `h - - ` + stamp + ` "GET /" 009 007`, head + "request=GET /|status=009|bytes=007"},
		{"a combined line", `h - - ` + stamp + ` "-" 408 0 "-" "curl/8"`, head + `request=~-|status=#408|bytes=#0|extra="-" "curl/8"`},
		{"cut off", `h - - ` + stamp + ` "-" 408 `, noMatch},
		{"joined", `h - - ` + stamp + ` "-" 408 0x`, noMatch},
	})
}

func TestAppendCombinedFromAnyOrder(t *testing.T) {
	fields := []Field{
		{Name: "bytes", Kind: Null}, {Name: "agent", Value: []byte("curl/8")}, {Name: "host", Value: []byte("h")},
		{Name: "time", Value: []byte("05/Feb/2024:10:11:12 +0000")}, {Name: "request", Value: []byte("x")},
		{Name: "status", Value: []byte("400"), Kind: Number}, {Name: "region", Value: []byte("eu")},
		{Name: "authuser", Value: []byte(`b\u00e9`), Kind: Escaped},
	}
	const want = `h - bé ` + stamp + ` "x" 400 - "-" "curl/8"`
	if got := string(AppendCombined(nil, fields)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// rebuildable reports an error if a matched line cannot be made from its JSON record again.
func rebuildable(tb testing.TB, p Parser, line []byte) (matched bool) {
	tb.Helper()
	rec := &Record{Line: line}
	if !p.Parse(rec) {
		return false
	}
	if got := AppendCombined(nil, rec.Fields); !bytes.Equal(got, line) {
		tb.Fatalf("rebuilt from fields\n got %q\nline %q", got, line)
	}
	if !utf8.Valid(line) {
		return true
	}
	e := &jsonEncoder{lineEnd: true}
	object := e.Append(nil, rec)
	if got := AppendCombined(nil, decodeObject(tb, object)); !bytes.Equal(got, line) {
		tb.Fatalf("rebuilt from %s got %q\nline %q", object, got, line)
	}
	return true
}

// TestCombinedRebuilds makes lines of hostile pieces, most of which match, and undoes their conversion.
func TestCombinedRebuilds(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := []string{" ", "-", "[", "]", `"`, `\`, `\"`, `\\`, "a", "GET", "HTTP/1.1", "/x", "é", "\u2028", "\t", "\x00", "<&>", "0", "007",
		"\r", "null", stamp, "\U0001F600", "{}", ","}
	some := func() string {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	matched := 0
	for range 20000 {
		line := strings.Join([]string{"h" + some(), " - ", "u" + some(), " ", stamp, ` "`, some(), `" 200 `, "17", ` "`, some(), `" "`, some(), `"`}, "")
		if r.IntN(2) == 0 {
			line += " " + some()
		}
		for _, format := range []string{"combined", "common"} {
			for _, infer := range []bool{false, true} {
				if rebuildable(t, mustParser(t, format, Options{Infer: infer}), []byte(line)) {
					matched++
				}
			}
		}
	}
	if matched < 20000 {
		t.Errorf("seed %d: only %d of 80000 matched: the test lost its grip", seed, matched)
	}
}

func TestCombinedGolden(t *testing.T) {
	p := mustParser(t, "combined", Options{Infer: true})
	e := mustEncoder(t, "json", EncodeOptions{})
	got := convert(p, e, `2001:db8::7 - bob `+stamp+` "POST /<x>&y HTTP/1.1" 302 - "" "say \"hi\"" rt=0.1`, "\r\n")
	want := `{"host":"2001:db8::7","ident":null,"authuser":"bob","time":"05/Feb/2024:10:11:12 +0000","method":"POST",` +
		`"path":"/<x>&y","protocol":"HTTP/1.1","status":302,"bytes":null,"referer":"","agent":"say \\\"hi\\\"","extra":"rt=0.1"}` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not valid JSON")
	}
}
