package condition

import (
	"testing"

	"github.com/weir-logs/weir/parsers"
)

// line is one of combined with all that the benchmarks ask for.
const line = `203.0.113.7 - alice [05/Feb/2024:10:11:12 +0000] "GET /api/cart?id=9 HTTP/1.1" 404 5120 "https://www.example.com/list" ` +
	`"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`

// simple are what the usual conditions are made of: they must not allocate.
var simple = map[string]string{
	"number":  `status >= 400`,
	"text":    `method == "GET"`,
	"and":     `status >= 400 and path startsWith "/api" and not (agent contains "bot")`,
	"set":     `status in [404, 500, 502, 503]`,
	"matches": `path matches "^/api/[a-z]+"`,
}

func compiled(tb testing.TB, expression string) *Condition {
	tb.Helper()
	c, err := Compile(expression, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestAllocations(t *testing.T) {
	inside := `{"kubernetes":{"pod":"web-1","ports":[80,443]},"msg":"a\tb"}`
	for expression, rec := range map[string]*parsers.Record{
		simple["number"]:                    record(t, "combined", line),
		simple["text"]:                      record(t, "combined", line),
		simple["and"]:                       record(t, "combined", line),
		simple["set"]:                       record(t, "combined+infer", line),
		simple["matches"]:                   record(t, "combined", line),
		`kubernetes.pod == "web-1"`:         record(t, "json", inside),
		`443 in kubernetes.ports`:           record(t, "json", inside),
		`msg contains "b" or absent == "x"`: record(t, "json", inside),
	} {
		c := compiled(t, expression)
		got := testing.AllocsPerRun(100, func() {
			if holds, err := c.Eval(rec); !holds || err != nil {
				t.Fatalf("%s: %v, %v", expression, holds, err)
			}
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", expression, got)
		}
	}
}

// BenchmarkEval evaluates a condition on a parsed line of combined of 190 bytes.
func BenchmarkEval(b *testing.B) {
	for name, expression := range simple {
		b.Run(name, func(b *testing.B) { benchmark(b, expression) })
	}
	b.Run("lower", func(b *testing.B) { benchmark(b, `lower(method) == "get"`) })
}

func benchmark(b *testing.B, expression string) {
	c, rec := compiled(b, expression), record(b, "combined", line)
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := c.Eval(rec); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLimitParse is what the same line costs to parse: what a condition adds to.
func BenchmarkLimitParse(b *testing.B) {
	parser, err := parsers.New("combined", parsers.Options{})
	if err != nil {
		b.Fatal(err)
	}
	rec := &parsers.Record{Line: []byte(line)}
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		parser.Parse(rec)
	}
}

// BenchmarkFailing is a condition that a record gives no answer to.
func BenchmarkFailing(b *testing.B) {
	c, rec := compiled(b, `absent > 4`), record(b, "combined", line)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Eval(rec); err == nil {
			b.Fatal("it did not fail")
		}
	}
}
