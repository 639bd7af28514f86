package parsers

import "testing"

func TestRegex(t *testing.T) {
	p := mustParser(t, "regex", Options{Pattern: `(?P<level>[A-Z]+)( \[(?<thread>[^\]]*)\])?: (?P<text>.*)`})
	runParse(t, p, []parseCase{
		{"all", `INFO [main]: started`, `level=INFO|thread=main|text=started`},
		{"a group took no part", `INFO: `, `level=INFO|thread=~|text=`},
		{"a group took part and is empty", `INFO []: x`, `level=INFO|thread=|text=x`},
		{"not UTF-8", "INFO: \xff", "level=INFO|thread=~|text=\xff"},
		{"stray carriage return", "INFO: a\rb", "level=INFO|thread=~|text=a\rb"},
		{"something before", ` INFO: x`, noMatch},
		{"nothing", ``, noMatch},
		{"line break", "INFO: a\nb", noMatch},
	})
	runParse(t, mustParser(t, "regex", Options{Pattern: `(?P<a>x)|(?P<b>\d+)`, Infer: true}), []parseCase{
		{"first branch", `x`, `a=x|b=~`},
		{"second branch", `42`, `a=~|b=#42`},
		{"the whole line, not a part", `x42`, noMatch},
	})
	runParse(t, mustParser(t, "regex", Options{Pattern: `(?P<v>\S*)`, Infer: true}), []parseCase{
		{"true", `true`, `v=!true`}, {"null", `null`, `v=~null`}, {"empty stays text", ``, `v=`},
		{"zero", `0`, `v=#0`}, {"minus zero", `-0`, `v=-0`}, {"minus", `-`, `v=-`}, {"negative", `-12.5`, `v=#-12.5`},
		{"leading zero", `007`, `v=007`}, {"plus", `+1`, `v=+1`}, {"exponent", `1e5`, `v=1e5`}, {"trailing zero", `1.10`, `v=1.10`},
		{"no fraction", `1.`, `v=1.`}, {"no whole", `.5`, `v=.5`}, {"two points", `1.2.3`, `v=1.2.3`}, {"tiny", `0.5`, `v=#0.5`},
		{"15 digits", `123456789012345`, `v=#123456789012345`}, {"16 digits", `1234567890123456`, `v=1234567890123456`},
		{"15 digits with a point", `0.00000000000001`, `v=#0.00000000000001`}, {"16 with a point", `0.000000000000001`, `v=0.000000000000001`},
		{"an address", `10.0.0.1`, `v=10.0.0.1`}, {"letters", `12a`, `v=12a`}, {"word", `truest`, `v=truest`},
	})
}
