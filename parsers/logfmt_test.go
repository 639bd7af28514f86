package parsers

import (
	"strings"
	"testing"
)

func TestLogfmt(t *testing.T) {
	runParse(t, mustParser(t, "logfmt", Options{}), []parseCase{
		{"plain", `level=info msg="request served" path=/a?b=c took=12ms`, `level=info|msg=request served|path=/a?b=c|took=12ms`},
		{"bare keys", `at=info cached hit=1 done`, `at=info|cached=~|hit=1|done=~`},
		{"empty values", `a= b="" c=`, `a=|b=|c=`},
		{"dots, brackets and dashes in keys", `http.status=200 sample#mem[0]-x=1 é=é`, `http.status=200|sample#mem[0]-x=1|é=é`},
		{"duplicates in order", `a=1 b=2 a=3`, `a=1|b=2|a=3`},
		{"white space", "\t a=1 \t b=2\t", `a=1|b=2`},
		{"JSON's escapes", `a="say \"hi\"\n\u00e9\\"`, `a=\say \"hi\"\n\u00e9\\`},
		{"other escapes", `a="\x1b[1m\a\v\'\U0001F600 C:\dir\" \u12 \ud83d\ude00\t"`, "a=\x1b[1m\a\v'\U0001F600 C:\\dir\" \\u12 \U0001F600\t"},
		{"escapes that are cut off", `a="\x1 \U0001F6" b="\xzz"`, `a=\x1 \U0001F6|b=\xzz`},
		{"a bare tab in quotes", "a=\"x\ty\"", "a=x\ty"},
		{"and an escape beside it", "a=\"x\ty\\n\"", "a=x\ty\n"},
		{"quotes and equal signs in a value", `a=b"c" d==e=f`, `a=b"c"|d==e=f`},
		{"not UTF-8", "a=\xff k\xff=1", "a=\xff|k\uFFFD=1"},
		{"values are text", `a=1 b=true c=null d=-`, `a=1|b=true|c=null|d=-`},
		{"backslash in a key", `a\b=1`, `a\b=1`},

		{"empty", ``, noMatch},
		{"white space only", " \t", noMatch},
		{"a sentence", `the quick brown fox`, noMatch},
		{"text before the pairs", `2024-02-05 INFO a=1`, noMatch},
		{"no key", `=1`, noMatch},
		{"no key later", `a=1 =2`, noMatch},
		{"quoted key", `"a"=1`, noMatch},
		{"quote in a key", `a=1 b"c=2`, noMatch},
		{"text between quotes and the next pair", `a="b"c d=1`, noMatch},
		{"not closed", `a="b c=1`, noMatch},
		{"ends in a backslash", `a="b\"`, noMatch},
		{"control character", "a=1\x00", noMatch},
		{"line break", "a=1\nb=2", noMatch},
		{"too many", strings.Repeat("a=1 ", maxMembers+1), noMatch},
	})
}

func TestLogfmtInfer(t *testing.T) {
	runParse(t, mustParser(t, "logfmt", Options{Infer: true}), []parseCase{
		{"types", `a=1 b=true c=null d= e="1" f="" g h=007`, `a=#1|b=!true|c=~null|d=~|e=1|f=|g=~|h=007`},
	})
}

func TestLogfmtToJSON(t *testing.T) {
	got := convert(mustParser(t, "logfmt", Options{Infer: true}), mustEncoder(t, "json", EncodeOptions{}), `a\b=1 k="x\ty" l="\x1b\ufffd" m`, "\n")
	if want := `{"a\\b":1,"k":"x\ty","l":"\u001b` + "\uFFFD" + `","m":null}` + "\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}
