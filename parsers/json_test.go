package parsers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	many := func(n int) string { return "{" + strings.TrimSuffix(strings.Repeat(`"a":1,`, n), ",") + "}" }
	p := mustParser(t, "json", Options{})
	runParse(t, p, []parseCase{
		{"every kind", `{"s":"text","n":-1.50e+3,"t":true,"f":false,"z":null,"a":[1, 2],"o":{"k" : "v"}}`,
			`s=text|n=#-1.50e+3|t=!true|f=!false|z=~null|a={[1, 2]|o={{"k" : "v"}`},
		{"empty", `{}`, ``},
		{"empty with space", ` { } `, ``},
		{"space everywhere", "\t{ \"a\" : 1 ,\r\"b\" : \"\" } ", `a=#1|b=`},
		{"big number", `{"id":123456789012345678901234567890.000}`, `id=#123456789012345678901234567890.000`},
		{"duplicates in order", `{"b":1,"a":2,"b":3}`, `b=#1|a=#2|b=#3`},
		{"escapes kept", `{"a\u0041\"":"x\/\n\ud83d\ude00"}`, `a\u0041\"=\x\/\n\ud83d\ude00`},
		{"empty key", `{"":1}`, `=#1`},
		{"not UTF-8", "{\"k\xff\":\"v\xff\"}", "k\uFFFD=v\xff"},
		{"long texts", `{"a":"0123456789abcdef","b":"0123456789abcdef0"}`, `a=0123456789abcdef|b=0123456789abcdef0`},

		{"nothing", ``, noMatch},
		{"array", `[1]`, noMatch},
		{"text", `"a"`, noMatch},
		{"number", `1`, noMatch},
		{"half", `{"a":1`, noMatch},
		{"half a text", `{"a":"b`, noMatch},
		{"half an escape", `{"a":"\`, noMatch},
		{"half a \\u", `{"a":"\u12"}`, noMatch},
		{"wrong \\u", `{"a":"\u12g4"}`, noMatch},
		{"unknown escape", `{"a":"\x"}`, noMatch},
		{"tail", `{"a":1} x`, noMatch},
		{"two", `{"a":1}{"b":2}`, noMatch},
		{"comma at the end", `{"a":1,}`, noMatch},
		{"comma in front", `{,"a":1}`, noMatch},
		{"no colon", `{"a" 1}`, noMatch},
		{"no value", `{"a":}`, noMatch},
		{"key without quotes", `{a:1}`, noMatch},
		{"single quotes", `{'a':1}`, noMatch},
		{"leading zero", `{"a":01}`, noMatch},
		{"plus", `{"a":+1}`, noMatch},
		{"bare point", `{"a":1.}`, noMatch},
		{"bare exponent", `{"a":1e}`, noMatch},
		{"NaN", `{"a":NaN}`, noMatch},
		{"wrong word", `{"a":trux}`, noMatch},
		{"half a word", `{"a":tru`, noMatch},
		{"bare tab in a text", "{\"a\":\"\t\"}", noMatch},
		{"broken inside", `{"a":{"b":[1,{"c":}]}}`, noMatch},
		{"comma inside at the end", `{"a":[1,]}`, noMatch},
		{"wrong bracket", `{"a":[1}}`, noMatch},

		{"deepest", deep(maxDepth - 1), "a={" + deep(maxDepth - 1)[5:2*maxDepth+3]},
		{"too deep", deep(maxDepth), noMatch},
		{"too deep by far", deep(100000), noMatch},
		{"too many members", many(maxMembers + 1), noMatch},
	})
	rec := &Record{Line: []byte(many(maxMembers))}
	if !p.Parse(rec) || len(rec.Fields) != maxMembers {
		t.Errorf("%d members: %d fields", maxMembers, len(rec.Fields))
	}
}

// TestJSONNames: a name that was given out stays what it is, whatever the parser sees later.
func TestJSONNames(t *testing.T) {
	p := mustParser(t, "json", Options{})
	line := []byte(`{"first":1}`)
	rec := &Record{Line: line}
	p.Parse(rec)
	name := rec.Fields[0].Name
	copy(line, `{"other":1}`)
	p.Parse(rec)
	if name != "first" || rec.Fields[0].Name != "other" {
		t.Errorf("names %q, %q", name, rec.Fields[0].Name)
	}
	for i := range 5000 { // many keys for few slots
		key := fmt.Sprintf("key-%d-%s", i, strings.Repeat("x", i%200))
		rec.Line = []byte(`{"` + key + `":1}`)
		if p.Parse(rec); rec.Fields[0].Name != key {
			t.Fatalf("key %q became %q", key, rec.Fields[0].Name)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	p, e := mustParser(t, "json", Options{}), mustEncoder(t, "json", EncodeOptions{})
	for _, c := range []struct{ name, line, want string }{
		{"kept", `{"b\n":"\u0041\"","a":[1, {"x" : 1E5}],"b\n":-0.0}`, `{"b\n":"\u0041\"","a":[1, {"x" : 1E5}],"b\n":-0.0}`},
		{"compact above, kept below", ` { "a" : { "b" : 1 } , "c" : "<>&" } `, `{"a":{ "b" : 1 },"c":"<>&"}`},
		{"not UTF-8 anywhere", "{\"a\xff\":\"\xfe\xff\",\"b\":[\"\xc3\"],\"c\":\"\\n\xe2\x82\"}", "{\"a\uFFFD\":\"\uFFFD\uFFFD\",\"b\":[\"\uFFFD\"],\"c\":\"\\n\uFFFD\uFFFD\"}"},
		{"broken across lines", "{\"a\":[1,\r\n2]}", `{"a":[1,  2]}`},
		{"broken", "{\"a\":\"\x01\"", `{"message":"{\"a\":\"\u0001\""}`},
	} {
		got := convert(p, e, c.line, "\n")
		if got != c.want+"\n" {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: %q is not valid", c.name, got)
		}
	}
}
