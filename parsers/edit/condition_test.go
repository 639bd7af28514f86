package edit

import (
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers"
)

func TestConditions(t *testing.T) {
	add := Add{{Name: "level", Value: Template{Parts: []Part{{Text: "high"}}}}}
	for _, c := range []struct {
		name   string
		specs  []Spec
		line   string
		meta   bool
		keep   bool
		failed int
	}{
		{"keep", []Spec{KeepIf("status >= 400")}, `{"status":"404"}`, false, true, 0},
		{"keep not", []Spec{KeepIf("status >= 400")}, `{"status":200}`, false, false, 0},
		{"drop", []Spec{DropIf(`path startsWith "/health"`)}, `{"path":"/healthz"}`, false, false, 0},
		{"drop not", []Spec{DropIf(`path startsWith "/health"`)}, `{"path":"/"}`, false, true, 0},
		{"a failing one keeps", []Spec{KeepIf("status >= 400"), DropIf("status >= 400")}, `{"path":"/"}`, false, true, 2},
		{"what is no record of the format", []Spec{KeepIf("status >= 400")}, `garbage`, false, true, 1},
		{"unparsed ones", []Spec{KeepIf("parsed")}, `garbage`, false, false, 0},
		{"their line", []Spec{DropIf(`not parsed and message contains "arb"`)}, `garbage`, true, false, 0},
		{"after another step", []Spec{add, KeepIf(`level == "high"`)}, `{"level":"low"}`, false, true, 0},
		{"before it", []Spec{KeepIf(`level == "high"`), add}, `{"level":"low"}`, false, false, 0},
		{"removed before", []Spec{Remove{"status"}, KeepIf(`status == nil`)}, `{"status":1}`, false, true, 0},
		{"not from the line", []Spec{KeepIf(`pod == "web-1" and log_pod == "forged"`)}, `{"pod":"forged"}`, true, true, 0},
		{"not from the line, unparsed", []Spec{KeepIf(`pod == "web-1"`)}, `garbage`, true, true, 0},
	} {
		chain, err := New(c.specs, Options{})
		if err != nil {
			t.Fatal(err)
		}
		parser, err := parsers.New("json", parsers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rec := &parsers.Record{Line: []byte(c.line)}
		if c.meta {
			rec.Meta = []parsers.Field{{Name: "pod", Value: []byte("web-1"), EscapedName: true}}
		}
		parser.Parse(rec)
		if keep, failed := chain.Apply(rec, 0); keep != c.keep || failed != c.failed {
			t.Errorf("%s: kept %v, failed %d times", c.name, keep, failed)
		}
	}
}

func TestWrongConditions(t *testing.T) {
	for _, spec := range []Spec{KeepIf("status >"), DropIf("status +")} {
		if _, err := spec.Build(); err == nil || !strings.Contains(err.Error(), "column 8 of the expression") {
			t.Errorf("%v: %v", spec, err)
		}
	}
	if refs := KeepIf(`a == 1 and b.c == 2`).Reads(); !slices.Equal(refs, []Ref{{Name: "a"}, {Name: "b"}}) {
		t.Errorf("%v", refs)
	}
}
