package condition

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers"
)

// record parses a line. Its bytes are the caller's.
func record(t testing.TB, format, line string) *parsers.Record {
	t.Helper()
	opt := parsers.Options{Infer: strings.HasSuffix(format, "+infer")}
	if format = strings.TrimSuffix(format, "+infer"); format == "regex" {
		opt.Pattern = `(?P<a>\S*) (?P<b>\S*)`
	}
	parser, err := parsers.New(format, opt)
	if err != nil {
		t.Fatal(err)
	}
	rec := &parsers.Record{Line: []byte(line)}
	parser.Parse(rec)
	return rec
}

const (
	access = `203.0.113.7 - alice [05/Feb/2024:10:11:12 +0000] "GET /api/cart?id=9 HTTP/1.1" 404 - "-" "curl/8.4.0"`
	nested = `{"level":"ERROR","status":500,"share":0.25,"big":9007199254740993,"debug":true,"off":false,"none":null,"user-agent":"curl","log.level":"warn",` +
		`"msg":"a\tb\"c","n":"17","kubernetes":{"pod":"web-1","labels":{"app":"x"},"ports":[80,443]},"tags":["a","b\u0021",3,{"k":"v"}],"empty":"","fields":{"app":"q"},"in":1}`
)

func TestEval(t *testing.T) {
	const fails = "fails: "
	for _, c := range []struct{ format, line, expression, want string }{
		// Numbers, by kind and by text.
		{"combined", access, `status >= 400`, "true"},
		{"combined", access, `status < 400`, "false"},
		{"combined", access, `400 <= status`, "true"},
		{"combined", access, `status == 404`, "true"},
		{"combined", access, `status == 404.0`, "true"},
		{"combined", access, `status == "404"`, "true"},
		{"combined", access, `status != 404`, "false"},
		{"combined+infer", access, `status == "404"`, "true"},
		{"combined+infer", access, `status >= 400 and status < 500`, "true"},
		{"combined+infer", access, `status in 400..499`, "true"},
		{"combined", access, `status in 200..299`, "false"},
		{"combined", access, `status in [404, 410]`, "true"},
		{"combined", access, `status not in [404, 410]`, "false"},
		{"combined", access, `status in ["404"]`, "true"},
		{"combined", access, `method in ["POST", "PUT"]`, "false"},
		{"combined", access, `method == 4`, "false"},
		{"combined", access, `method > 4`, fails + "method is no number"},
		{"combined", access, `status / 100 == 4.04`, "true"},
		{"combined", access, `status % 100 == 4`, "true"},
		{"json", nested, `big == 9007199254740993`, "true"},
		{"json", nested, `big > 9007199254740992`, "true"},
		{"json", nested, `share < 0.5 and share > -1`, "true"},
		{"json", nested, `n > 5`, "true"},
		{"json", nested, `n + 1 == 18`, "true"},
		{"json", nested, `-n < -16`, "true"},
		{"json", nested, `status > n`, "true"},
		{"json", nested, `n < status`, "true"},
		{"json", nested, `int(n) * 2 > 33`, "true"},
		{"json", nested, `len(level) == n - 12`, "true"},

		// Null and missing.
		{"combined", access, `bytes > 100`, "false"},
		{"combined", access, `bytes <= 100`, "false"},
		{"combined", access, `bytes == nil`, "true"},
		{"combined", access, `bytes != nil and bytes > 100`, "false"},
		{"combined", access, `(bytes ?? 0) <= 100`, "true"},
		{"combined", access, `bytes + 1 > 0`, fails + "bytes is null"},
		{"json", nested, `absent > 100`, fails + "the record has no absent"},
		{"json", nested, `absent == 100`, "false"},
		{"json", nested, `absent != 100`, "true"},
		{"json", nested, `absent == nil and none == nil and absent == none`, "true"},
		{"json", nested, `(absent ?? 7) == 7`, "true"},
		{"json", nested, `absent contains "x" or absent startsWith "" or absent matches "."`, "false"},
		{"json", nested, `lower(absent) == ""`, "true"},
		{"json", nested, `absent in ["x"]`, "false"},
		{"json", nested, `absent in ["x", nil]`, "true"},
		{"json", nested, `absent in 1..2`, fails + "the record has no absent"},
		{"json", nested, `kubernetes.absent.more == "x"`, "false"},
		{"json", nested, `kubernetes?.absent == nil`, "true"},
		{"json", nested, `level.pod == nil`, "true"},
		{"json", nested, `absent > status`, fails + "the record has no absent"},
		{"json", nested, `status > none`, "false"},
		{"json", nested, `empty == nil`, "false"},
		{"json", nested, `empty == ""`, "true"},

		// Text.
		{"combined", access, `path startsWith "/api" and agent contains "curl" and path endsWith "9"`, "true"},
		{"combined", access, `not (path startsWith "/api")`, "false"},
		{"combined", access, `path matches "^/api/[a-z]+[?]"`, "true"},
		{"combined", access, `agent not matches "(?i)CURL"`, "false"},
		{"combined", access, `lower(method) == "get" && upper(authuser) == "ALICE"`, "true"},
		{"combined", access, `lower(method) matches "^g"`, "true"},
		{"combined", access, `len(path) > 10`, "true"},
		{"combined", access, `path[0:4] == "/api"`, "true"},
		{"combined", access, `method > "A" and method < "H"`, "true"},
		{"combined", access, `authuser == ident`, "false"},
		{"json", nested, `msg == "a\tb\"c"`, "true"},
		{"json", nested, `msg contains "\""`, "true"},
		{"json", nested, `"x" == level ? true : level == "ERROR"`, "true"},
		{"json", nested, `lower(level) in ["error", "fatal"]`, "true"},
		{"json", nested, `level contains kubernetes.pod`, "false"},
		{"json", nested, `status contains "50"`, "true"},
		{"json", nested, `level | lower() == "error"`, "true"},

		// Booleans.
		{"json", nested, `debug`, "true"},
		{"json", nested, `not off and debug == true`, "true"},
		{"json", nested, `absent or none`, "false"},
		{"json", nested, `level`, fails + "level is neither true nor false"},
		{"logfmt", `debug=true x=1`, `debug and debug == true and debug != false`, "true"},

		// Inside of JSON.
		{"json", nested, `kubernetes.pod == "web-1" and kubernetes.labels.app in ["x"]`, "true"},
		{"json", nested, `kubernetes["labels"]["app"] == "x"`, "true"},
		{"json", nested, `kubernetes.ports[1] == 443`, "true"},
		{"json", nested, `kubernetes.ports[2] == nil`, "true"},
		{"json", nested, `443 in kubernetes.ports and 22 not in kubernetes.ports`, "true"},
		{"json", nested, `"b!" in tags and "pod" in kubernetes and not ("nope" in kubernetes)`, "true"},
		{"json", nested, `"x" in level`, fails + "level is no list"},
		{"json", nested, `tags[3].k == "v"`, "true"},
		{"json", nested, `any(tags, # == "a") and none(tags, # == "z") and count(tags, # == 3) == 1`, "true"},
		{"json", nested, `all(kubernetes.ports, # > 79)`, "true"},
		{"json", nested, `len(tags) == 4 and len(kubernetes) == 3`, "true"},
		{"json", nested, `tags == "a"`, "false"},
		{"json", nested, `tags contains "a"`, fails + "tags is a list or an object"},
		{"json", nested, `fields.app == "q"`, "true"},

		// Names that are no identifiers.
		{"json", nested, `field("user-agent") == "curl" and field("log.level") == "warn" and field("in") == 1`, "true"},
		{"json", nested, `field("kubernetes").pod == "web-1"`, "true"},

		// Lines without the format, and without one.
		{"combined", "garbage", `parsed`, "false"},
		{"combined", access, `parsed`, "true"},
		{"combined", "garbage", `message contains "arb"`, "true"},
		{"combined", "garbage", `status >= 500`, fails + "the record has no status"},
		{"combined", "garbage", `not parsed or status >= 500`, "true"},
		{"combined", access, `message == nil`, "true"},
		{"none", "a line", `message startsWith "a "`, "true"},
		{"regex", "1 10", `a < b`, "true"},
		{"regex", "x y", `a < b`, "true"},
		{"regex", "1 1.0", `a == b`, "false"},
		{"regex", "+1 1.0", `a == 1 and b == 1 and a >= 1`, "true"},
		{"regex", "0x10 1_0", `a == 16 or b == 10`, "false"},
		{"regex", "1e400 inf", `a > 0`, fails + "a is no number"},
	} {
		condition, err := Compile(c.expression, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		holds, err := condition.Eval(record(t, c.format, c.line))
		got := map[bool]string{true: "true", false: "false"}[holds]
		if err != nil {
			got = fails + err.Error()
		}
		if got != c.want && !(strings.HasPrefix(c.want, fails) && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s of %.40s: %s, want %s", c.expression, c.line, got, c.want)
		}
	}
}

func TestMeta(t *testing.T) {
	rec := record(t, "json", `{"pod":"forged","x":1}`)
	rec.Meta = []parsers.Field{{Name: "pod", Value: []byte("web-1")}, {Name: "stream", Value: []byte("stderr")}}
	c, err := Compile(`pod == "web-1" and stream == "stderr" and log_pod == "forged" and x == 1`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if holds, err := c.Eval(rec); !holds || err != nil {
		t.Errorf("%v, %v", holds, err)
	}
}

func TestRefused(t *testing.T) {
	fields := []string{"host", "status", "path"}
	for _, c := range []struct {
		expression string
		column     int
		want       string
	}{
		{``, 1, "unexpected token EOF"},
		{`status >= `, 10, "unexpected token EOF"},
		{`status`, 0, ""},
		{`status + 1`, 1, "it must be true or false"},
		{`"text"`, 1, "it must be true or false"},
		{`status ?? true`, 1, "it must be true or false"},
		{`host == "a" and sttaus == 1`, 17, `records have no field "sttaus"`},
		{`field("sttaus") == 1`, 1, `records have no field "sttaus"`},
		{`field(host) == 1`, 1, "field takes the name of one field"},
		{`message != "" and oversize != nil`, 0, ""},
		{`host matches "("`, 14, "not a regular expression"},
		{`host matches path`, 14, "matches takes a text in quotes"},
		{`lower(host) matches "("`, 21, "not a regular expression"},
		{`loewr(host) == "x"`, 1, `there is no function "loewr"`},
		{`now() > now()`, 1, `there is no function "now"`},
		{`repeat(host, 1000) == "x"`, 1, `there is no function "repeat"`},
		{`let x = host; x == "a"`, 5, "is not for conditions"},
		{`any(1..1000000, # == 1)`, 6, ".. is not for conditions"},
		{`status in 1..path`, 8, "a range takes a field before it"},
		{`any(path, any(path, # == 1))`, 11, "stands in another loop"},
		{`any(path, # == host)`, 16, "in a loop there is only the element"},
		{`$env == nil`, 1, `"$env" is not for conditions`},
		{`host + "x" == "y"`, 6, "+ is for numbers"},
		{`host.x()`, 6, "only functions can be called"},
		{`status in host.list`, 1, "only a constant can be looked for"},
		{`{"a": 1} == nil`, 1, "is not for conditions"},
		{`1 == 1 and "a" > 3`, 12, "a number is needed here"},
		{`true > false`, 6, "invalid operation"},
		{strings.Repeat("not ", 3000) + "true", 1, "at most 8192"},
		{strings.Repeat("true and ", 600) + "true", 0, "exceeds maximum allowed nodes"},
	} {
		_, err := Compile(c.expression, Options{Fields: fields})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.expression, err)
			}
			continue
		}
		var problem *Error
		if !errors.As(err, &problem) || !strings.Contains(problem.Reason, c.want) || c.column > 0 && problem.Column != c.column {
			t.Errorf("%.60s: %v, want column %d: %s", c.expression, err, c.column, c.want)
		}
	}
	_, err := Compile("host == \"a\"\nand sttaus == 1", Options{Fields: fields})
	var problem *Error
	if !errors.As(err, &problem) || problem.Line != 2 || problem.Column != 5 || problem.Word != "sttaus" || !slices.Equal(problem.Known, fields) {
		t.Errorf("%+v", problem)
	}
}

func TestFields(t *testing.T) {
	c, err := Compile(`a.b == 1 and field("c-d") in [1] and (a == 2 or parsed)`, Options{})
	if err != nil || !slices.Equal(c.Fields(), []string{"a", "c-d"}) {
		t.Errorf("%v, %v", c.Fields(), err)
	}
}

// TestKeepsNothing: what a condition held of one record is not seen with the next, nor kept when it was large.
func TestKeepsNothing(t *testing.T) {
	c, err := Compile(`msg contains "x"`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	large := record(t, "json", `{"msg":"\n`+strings.Repeat("y", 2*keptScratch)+`x"}`)
	for range 2 {
		if holds, err := c.Eval(large); !holds || err != nil {
			t.Fatalf("%v, %v", holds, err)
		}
		if holds, err := c.Eval(record(t, "json", `{"msg":"\n"}`)); holds || err != nil {
			t.Fatalf("%v, %v", holds, err)
		}
	}
	if cap(c.scratch[0]) > keptScratch || c.rec != nil {
		t.Errorf("it keeps %d bytes, and %v", cap(c.scratch[0]), c.rec)
	}
}

func TestTooLargeToDecode(t *testing.T) {
	c, err := Compile(`len(list) > 1`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Eval(record(t, "json", `{"list":[1`+strings.Repeat(",1", mostDecoded)+`]}`))
	if err == nil || err.Error() != "list is larger than 64KiB" {
		t.Error(err)
	}
}
