package parsers

import "testing"

func TestKeepLine(t *testing.T) {
	runParse(t, mustParser(t, "json", Options{KeepLine: "raw"}), []parseCase{
		{"last", `{"a":1}`, `a=#1|raw={"a":1}`},
		{"a field of that name", `{"raw":1,"r\u0061w":2,"a":3}`, `log_raw=#1|log_raw=#2|a=#3|raw={"raw":1,"r\u0061w":2,"a":3}`},
		{"no match", `x`, noMatch},
	})
	p := mustParser(t, "common", Options{KeepLine: `the "line"`, Infer: true})
	if names := Columns(p); names[len(names)-1] != `the "line"` {
		t.Errorf("columns %q", names)
	}
	got := convert(mustParser(t, "regex", Options{Pattern: `(?P<a>\d+) .*`, KeepLine: `"l"`, Infer: true}), mustEncoder(t, "json", EncodeOptions{}), `1 "x"`, "\n")
	if want := `{"a":1,"\"l\"":"1 \"x\""}` + "\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}
