package parsers

import (
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	p := mustParser(t, "csv", Options{Columns: []string{"a", "b", "c"}})
	runParse(t, p, []parseCase{
		{"plain", `x,y z,1`, `a=x|b=y z|c=1`},
		{"quoted", `"x,y","say ""hi""",""`, `a=x,y|b=say "hi"|c=`},
		{"two with quotes inside", `"""","a""b",""""""`, `a="|b=a"b|c=""`},
		{"empty ones", `,,`, `a=|b=|c=`},
		{"empty line", ``, `a=|b=~|c=~`},
		{"fewer", `x,y`, `a=x|b=y|c=~`},
		{"space kept", ` x , y,`, `a= x |b= y|c=`},
		{"a dash is text", `-,null,true`, `a=-|b=null|c=true`},
		{"not UTF-8", "\xff,é,\x00", "a=\xff|b=é|c=\x00"},
		{"more", `1,2,3,4`, noMatch},
		{"one comma too many", `1,2,3,`, noMatch},
		{"not closed", `1,"2`, noMatch},
		{"closed too early", `1,"2"x,3`, noMatch},
		{"ends in an escaped quote", `1,"2""`, noMatch},
		{"bare quote", `1,2",3`, noMatch},
		{"space before the quote", `1, "2,3"`, noMatch},
	})
}

func TestCSVInfer(t *testing.T) {
	p := mustParser(t, "csv", Options{Columns: []string{"a", "b", "c"}, Delimiter: ";", Infer: true})
	runParse(t, p, []parseCase{
		{"types", `1;true;null`, `a=#1|b=!true|c=~null`},
		{"quoted ones are text", `"1";"true";""`, `a=1|b=true|c=`},
		{"empty ones are null", `;false;`, `a=~|b=!false|c=~`},
		{"a comma is text", `1,5;-2.5;x`, `a=1,5|b=#-2.5|c=x`},
	})
}

func TestCSVTab(t *testing.T) {
	runParse(t, mustParser(t, "csv", Options{Columns: []string{"a", "b"}, Delimiter: "\t"}), []parseCase{
		{"tabs", "x,y\t\"a\tb\"", "a=x,y|b=a\tb"},
	})
}

func TestCSVHeader(t *testing.T) {
	p := mustParser(t, "csv", Options{Header: true, Infer: true, Delimiter: "tab"})
	runParse(t, p, []parseCase{{"no header so far", "1\t2", noMatch}})
	for _, c := range []struct{ name, header, line, want string }{
		{"plain", "a\tb", "1\tx", "a=#1|b=x"},
		{"another one", "b\ta\tc", "1\tx", "b=#1|a=x|c=~"},
		{"quoted", "\"a\tb\"\t\"say \"\"hi\"\"\"", "1\t2", "a\tb=#1|say \"hi\"=#2"},
		{"more values than names", "a", "1\t2", noMatch},
		{"none, twice the same, and such a name", "\ta\ta\ta_3\tcolumn_1", "1\t2\t3\t4\t5", "column_1=#1|a=#2|a_3=#3|a_3_4=#4|column_1_5=#5"},
		{"no header", "", "1", noMatch},
		{"quotes that do not close", "a\t\"b", "1\t2", noMatch},
		{"too many", strings.Repeat("\t", maxMembers), "1", noMatch},
	} {
		SetHeader(p, []byte(c.header))
		runParse(t, p, []parseCase{{c.name, c.line, c.want}})
	}
	plain := mustParser(t, "csv", Options{Columns: []string{"a"}})
	SetHeader(plain, []byte("b"))
	SetHeader(mustParser(t, "json", Options{}), []byte("b"))
	runParse(t, plain, []parseCase{{"columns stay", "1", "a=1"}})
}

func TestCSVEncoder(t *testing.T) {
	p := mustParser(t, "json", Options{})
	e := mustEncoder(t, "csv", EncodeOptions{Columns: []string{"a", "x\"", "c"}})
	for _, c := range []struct{ name, line, want string }{
		{"plain", `{"a":1,"x\"":"y","c":true}`, "1,y,true\n"},
		{"order of the columns", `{"c":3,"b":"left out","a":1}`, "1,,3\n"},
		{"null, empty and missing", `{"a":null,"c":""}`, ",,\"\"\n"},
		{"quoted", `{"a":"x,y","c":"say \"hi\""}`, `"x,y",,"say ""hi"""` + "\n"},
		{"line break", `{"a":"x\ny","c":"\r"}`, "\"x\ny\",,\"\r\"\n"},
		{"escapes undone", `{"a":"\u00e9\ud83d\ude00\ud83d\t","c":"\\"}`, "é😀\uFFFD\t,,\\\n"},
		{"nested", `{"a":{"k":[1,2]},"c":[]}`, `"{""k"":[1,2]}",,[]` + "\n"},
		{"the last of two", `{"a":1,"a":2}`, "2,,\n"},
		{"no match goes into the first", `a "b", c`, `"a ""b"", c",,` + "\n"},
		{"empty line", ``, `"",,` + "\n"},
	} {
		if got := convert(p, e, c.line, "\r\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCSVEncoderMessageColumn(t *testing.T) {
	p := mustParser(t, "json", Options{})
	e := mustEncoder(t, "csv", EncodeOptions{Columns: []string{"a", "message"}, NoLineEnd: true})
	for line, want := range map[string]string{
		`{"a":1,"message":"m"}`: `1,m`,
		`no object`:             `,no object`,
	} {
		if got := convert(p, e, line, "\n"); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
