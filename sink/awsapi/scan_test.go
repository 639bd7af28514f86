package awsapi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// documents are JSON texts, good and bad, for tests and as seeds.
var documents = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `null`, `true`, `false`, ` { "a" : [ 1 , 2.5e-3 , "x" ] } `, `{"a":{"b":{"c":[[[]]]}}}`,
	`"\u00e4\ud83d\ude00\ud800x\"\\\/\b\f\n\r\t"`, `1e5`, `1E+5`, `-1.25`, "\"\u2028\"", "\t\r\n {}",
	``, ` `, `{`, `}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[1,]`, `[,1]`, `[1 2]`, `{"a" 1}`, `{a:1}`, `{'a':1}`, `01`, `-`, `1.`, `.5`,
	`1e`, `+1`, `0x1`, `nul`, `nulll`, `TRUE`, `"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", `{} {}`, `[]]`, `NaN`, `"a`,
	"\ufeff{}", `{"a":1}}`, `--1`, `1-`, `[`, `"\u`, `tru`,
}

// agrees says whether the standard library has the same opinion of a document.
func agrees(t *testing.T, doc []byte) {
	t.Helper()
	if !utf8.Valid(doc) || strings.Count(string(doc), "[")+strings.Count(string(doc), "{") >= maxDepth {
		return // on both we are stricter
	}
	if got, want := wellFormed(doc) == nil, json.Valid(doc); got != want {
		t.Errorf("%q: well-formed %v (%v), want %v", doc, got, wellFormed(doc), want)
	}
}

func TestWellFormed(t *testing.T) {
	for _, doc := range documents {
		agrees(t, []byte(doc))
	}
}

func TestWellFormedIsStricter(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for doc, want := range map[string]bool{
		deep(maxDepth):     true,
		deep(maxDepth + 1): false,
		deep(1 << 20):      false,
		"\"\xff\"":         false,
		"{\"\xc3\x28\":1}": false,
		`{"a":` + deep(64): false,
	} {
		if got := wellFormed([]byte(doc)) == nil; got != want {
			t.Errorf("%.20q of %d bytes: %v, want %v", doc, len(doc), got, want)
		}
	}
}

func TestScannerText(t *testing.T) {
	for _, doc := range documents {
		var want string
		if json.Unmarshal([]byte(doc), &want) != nil || !strings.HasPrefix(doc, `"`) {
			continue
		}
		s := scanner{data: []byte(doc)}
		got, err := s.text()
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", doc, got, err, want)
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		agrees(t, doc)
		s := scanner{data: doc}
		got, err := s.text()
		if err != nil {
			return
		}
		var want string
		if json.Unmarshal(doc[:s.pos], &want) != nil || string(got) != want {
			t.Errorf("%q reads as %q, want %q", doc, got, want)
		}
	})
}

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                     `""`,
		"a<b>&c":               `"a<b>&c"`,
		"\"\\/":                `"\"\\/"`,
		"\n\r\t\b\x00\x1f\x7f": `"\n\r\t\u0008\u0000\u001f` + "\x7f\"",
		"ä語😀\u2028":            "\"ä語😀\u2028\"",
		"a\xffb":               "\"a\ufffdb\"",
		"\xc3":                 "\"\ufffd\"",
	} {
		if got := string(appendString(nil, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, doc := range documents {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var got string
		if err := json.Unmarshal(appendString(nil, in), &got); err != nil || got != strings.ToValidUTF8(in, "\ufffd") &&
			utf8.ValidString(in) {
			t.Errorf("%q comes back as %q, %v", in, got, err)
		}
	})
}
