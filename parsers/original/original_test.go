package original

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers"
)

// TestDecode: what OpenJDK 17 makes of bytes that are not UTF-8, ? for U+FFFD.
func TestDecode(t *testing.T) {
	for bytes, want := range map[string]string{
		"80": "?", "c341": "?A", "c0af": "??", "c1bf": "??", "e2": "?", "e282": "?", "e28241": "?A", "e08041": "??A", "e0809f": "???", "e0a041": "?A", "e1c0": "??",
		"eda080": "?", "edbfbf": "?", "eda0": "?", "eda041": "?A", "ed41": "?A", "edb041e2": "?A?", "f09f98": "?", "f09f9841": "?A", "f09f": "?", "f041": "?A",
		"f08080": "???", "f0808080": "????", "f08f41": "??A", "f4908080": "????", "f49080": "???", "f490": "??", "f8808080": "????", "f580": "??", "fe": "?", "ff": "?",
		"fc80808080": "?????", "f1c0": "??", "f180c0": "??",
	} {
		in, _ := hex.DecodeString(bytes)
		got, changed := decode(nil, in)
		if text := strings.ReplaceAll(string(got), replacement, "?"); text != want || !changed {
			t.Errorf("%s: got %s, want %s", bytes, text, want)
		}
	}
	if got, changed := decode(nil, []byte("é\uFFFD😀\uFFFE")); changed || got != nil {
		t.Errorf("valid text is decoded: %q", got)
	}
}

// TestReprint: what Jackson 2.17 makes of JSON that it reads and writes again; raw where it does not take it.
func TestReprint(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1.10,"b":1e3,"c":-0,"d":-0.0,"e":12345678901234567890,"f":1e400}`:  `{"a":1.1,"b":1000.0,"c":0,"d":-0.0,"e":12345678901234567890,"f":"Infinity"}`,
		`{"g":0.0001,"h":10000000.0,"i":1234567.5,"j":123456789.125,"k":5e-324}`: `{"g":1.0E-4,"h":1.0E7,"i":1234567.5,"j":1.23456789125E8,"k":4.9E-324}`,
		`{"l":1E+2,"m":0.001,"n":2e-3,"o":9007199254740993.0,"p":123e-7}`:        `{"l":100.0,"m":0.001,"n":0.002,"o":9.007199254740992E15,"p":1.23E-5}`,
		`{"u":"\u00e9\u2028\/\u0001\u001f\u007f<>&\ud83d\ude00\b\f\u0008"}`:      "{\"u\":\"é\u2028/\\u0001\\u001F\x7f<>&😀\\b\\f\\b\"}",
		`{"a":1,"b":2,"a":3} x`:                   `{"a":3,"b":2}`,
		`{"\u0061":1,"a":2}`:                      `{"a":2}`,
		" {\"a\" : 1 }\n":                         `{"a":1}`,
		`{"a":1}x`:                                `{"a":1}`,
		`{"a":[],"b":{},"c":[1,[2,{"d":[]}],{}]}`: `{"a":[],"b":{},"c":[1,[2,{"d":[]}],{}]}`,
		`{"a":01}`:                                "raw", `[1]`: "raw", `{"a":1,}`: "raw", `{'a':1}`: "raw", "\ufeff{}": "raw", "{\"a\":\"\t\"}": "raw", `{"a":NaN}`: "raw", `{"a":1.}`: "raw",
		`{"a":.5}`: "raw", `{"a":+1}`: "raw", `"x"`: "raw", "": "raw", "null": "raw", `{"a":tru}`: "raw", `{"a":1 "b":2}`: "raw", `{"a":/*x*/1}`: "raw",
		`{"a":[0` + strings.Repeat(",0", maxValues) + "]}":              "raw",
		strings.Repeat(`{"a":`, 1001) + "1" + strings.Repeat("}", 1001): "raw",
		`{"a":` + strings.Repeat("1", 1001) + "}":                       "raw",
	} {
		tree, _, err := readTree([]byte(in))
		got := "raw"
		if err == nil && tree.object != nil {
			got = string(tree.append(nil))
		}
		if got != want {
			t.Errorf("%.80s: got %.200s, want %s", in, got, want)
		}
	}
}

// TestSplit: what String.split of OpenJDK 17 makes of lines.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ line, delimiter, want string }{
		{"a,b", ",*", `["a","","b"]`}, {"abc", "b*", `["a","","c"]`}, {"a,,", ",", `["a"]`}, {",,a", ",", `["","","a"]`}, {"a1b22c", `\d*`, `["a","","b","","c"]`},
		{"xay", "a?", `["x","","y"]`}, {"a|b|c", "|", `["a","|","b","|","c"]`}, {"", ",", `[""]`}, {"", "|", `[""]`}, {",", ",", `null`}, {"é.x", "|", `["é",".","x"]`},
		{"a  b\tc", `\s+`, `["a","b","c"]`}, {"a::b", "::", `["a","b"]`}, {"a.b", `\.`, `["a","b"]`}, {" a", `\s`, `["","a"]`}, {"aXbxc", "(?i)x", `["a","b","c"]`},
	} {
		m := maker{Option: Option{Delimiter: c.delimiter, CustomFieldNames: []string{"a"}}}
		split := m.csv(false).(*csv)
		split.split([]byte(c.line))
		var pieces []string
		for _, p := range split.pieces {
			pieces = append(pieces, c.line[p.start:p.end])
		}
		if got, _ := json.Marshal(pieces); string(got) != c.want {
			t.Errorf("%q by %q: got %s, want %s", c.line, c.delimiter, got, c.want)
		}
	}
}

// TestSingleLine: pieces that are empty.
func TestSingleLine(t *testing.T) {
	for _, c := range []struct{ in, escaped, plain string }{
		{"\n", "\n", "\n"}, {"", "\n", "\n"}, {"a\n", "a\n", "a\n"}, {"\n\na\n\n\n", `\\n\\na` + "\n", "a\n"}, {"a\n  \n", `a\\n` + "\n", "a\n"},
		{"\x00a\x1f\n b\r\n", `a\\nb` + "\n", "ab\n"}, {"a b\n\u00a0c", "a b\\\\n\u00a0c\n", "a b\u00a0c\n"},
	} {
		for _, o := range []struct {
			options []string
			want    string
		}{{nil, c.plain}, {[]string{"ESCAPE_NEW_LINE"}, c.escaped}} {
			chain, err := New([]Option{{Name: "SINGLELINE", ParseOptions: o.options}}, Env{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := chain.Append(nil, []byte(c.in)); string(got) != o.want {
				t.Errorf("%q with %v: got %q, want %q", c.in, o.options, got, o.want)
			}
		}
	}
}

// TestUnknownMachine: a record stays as it is while nothing is known of the machine, but must be JSON all the same.
func TestUnknownMachine(t *testing.T) {
	chain, err := New([]Option{{Name: "ADDEC2METADATA"}}, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if got, outcome := chain.Append(nil, []byte("{ \"a\":1.10}\n")); string(got) != "{ \"a\":1.10}\n" || outcome != Sent {
		t.Errorf("got %q, %d", got, outcome)
	}
	if got, outcome := chain.Append(nil, []byte("a\n")); string(got) != "a\n" || outcome != Raw {
		t.Errorf("got %q, %d", got, outcome)
	}
}

// TestDeepPretty: a record that grows out of all bounds is sent as it is.
func TestDeepPretty(t *testing.T) {
	chain, err := New([]Option{{Name: "ADDEC2METADATA", JSONFormat: "PRETTYPRINT"}}, testEnv())
	if err != nil {
		t.Fatal(err)
	}
	in := []byte(strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 900))
	if got, outcome := chain.Append(nil, in); string(got) != string(in) || outcome != Raw {
		t.Errorf("got %d bytes, %d", len(got), outcome)
	}
}

// TestProblems: every key that is wrong, with its place.
func TestProblems(t *testing.T) {
	_, err := New([]Option{
		{Name: "LOGTOJSON", MatchPattern: `a(?=b)`, CustomFieldNames: []string{"a"}, JSONFormat: "PRETTY"},
		{Name: "USINGPLUGGIN"},
		{Name: "LOGTOJSON", LogFormat: "SYSLOG", MatchPattern: `(a)(b)`, CustomFieldNames: []string{"a"}},
		{Name: "LOGTOJSON", LogFormat: "SYSLOG", CustomFieldNames: []string{"a"}},
		{Name: "CSVTOJSON", Delimiter: `^,`, MatchPattern: "x"},
		{Name: "CSVTOJSON", Delimiter: `,(?=x)`, CustomFieldNames: []string{"a"}},
		{Name: "ADDMETADATA", Metadata: `{"a":1} x`, Timestamp: "yes"},
		{Name: "SINGLELINE", ParseOptions: []string{"TRIM"}},
		{Name: "BRACES"},
		{},
	}, Env{})
	want := []string{"[0].jsonFormat", "[0].logFormat", "[0].matchPattern", "[1].optionName", "[2].customFieldNames", "[3].customFieldNames", "[4].matchPattern",
		"[4].customFieldNames", "[4].delimiter", "[5].delimiter", "[6].timestamp", "[6].metadata", "[7].parseOptions", "[8].optionName", "[9].optionName"}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, err := range joined.Unwrap() {
		var wrong *parsers.OptionError
		if errors.As(err, &wrong) && wrong.Reason != "" {
			got = append(got, wrong.Option)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got\n%v, want\n%v\n%v", got, want, err)
	}
	if !strings.Contains(err.Error(), "character 2: the lookahead (?=") {
		t.Errorf("the construct is not named: %v", err)
	}
}

// chains are some that a fuzz test tries; their last step writes JSON.
func chains() [][]Option {
	names := []string{"a", "b\"", "c"}
	var all [][]Option
	for _, format := range LogFormats() {
		all = append(all, []Option{{Name: "LOGTOJSON", LogFormat: format}})
	}
	return append(all,
		[]Option{{Name: "LOGTOJSON", LogFormat: "SYSLOG", MatchPattern: `(\S*) ([^x]*)(.*)?`, CustomFieldNames: names, JSONFormat: "PRETTYPRINT"}},
		[]Option{{Name: "CSVTOJSON", CustomFieldNames: names}},
		[]Option{{Name: "CSVTOJSON", CustomFieldNames: names, Delimiter: `\s*|,`}},
		[]Option{{Name: "SINGLELINE", ParseOptions: []string{"ESCAPE_NEW_LINE"}}, {Name: "ADDMETADATA", Metadata: `[1.0,{"a":"é"}]`, Timestamp: "true"}, {Name: "ADDEC2METADATA"}},
		[]Option{{Name: "ADDMETADATA", Metadata: `{}`}, {Name: "ADDMETADATA", Metadata: `{}`}},
		[]Option{{Name: "ADDEC2METADATA", JSONFormat: "PRETTYPRINT"}},
	)
}

// FuzzChains: no record makes a chain fall over, what is sent is valid JSON on one record, and it takes no more memory than Growth says.
func FuzzChains(f *testing.F) {
	for _, line := range sampleLines() {
		f.Add([]byte(line + "\n"))
	}
	f.Add([]byte(`{"a":[{"b":1e5}],"region":null}`))
	f.Add([]byte("\xff\x00\"\\\n,,\xed\xa0\x80"))
	f.Fuzz(func(t *testing.T, record []byte) {
		for _, options := range chains() {
			chain, err := New(options, testEnv())
			if err != nil {
				t.Fatal(err)
			}
			got, outcome := chain.Append(nil, record)
			switch outcome {
			case Sent:
				if !json.Valid(got) || got[len(got)-1] != '\n' && options[0].Name != "ADDEC2METADATA" {
					t.Errorf("%v: %q became %q", options, record, got)
				}
				if len(got) > Growth(options)*len(record)+added+4096 {
					t.Errorf("%v: %d bytes became %d", options, len(record), len(got))
				}
			case Dropped:
				if len(got) > 0 {
					t.Errorf("%v: %q is dropped and %q is there", options, record, got)
				}
			case Raw:
				if string(got) != string(record) {
					t.Errorf("%v: %q became %q", options, record, got)
				}
			}
		}
	})
}

// TestAllocations: the converters allocate no more often than they have to.
func TestAllocations(t *testing.T) {
	for name, c := range benchChains() {
		chain, err := New(c.options, Env{})
		if err != nil {
			t.Fatal(err)
		}
		dst, record := make([]byte, 0, 4096), []byte(c.line+"\n")
		n := testing.AllocsPerRun(100, func() { dst, _ = chain.Append(dst[:0], record) })
		if n > c.allocations || len(dst) == 0 {
			t.Errorf("%s: %g allocations, want at most %g", name, n, c.allocations)
		}
	}
}

type benchChain struct {
	options     []Option
	line        string
	allocations float64 // at most
}

func benchChains() map[string]benchChain {
	const line = `203.0.113.79 - - [17/May/2025:10:05:43 +0000] "GET /presentations/2013/images/dashboard3.png?v=18 HTTP/1.1" 200 171717 "https://www.example.com/presentations/2013/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"`
	names := []string{"host", "ident", "user", "time", "request", "status", "bytes", "referer", "agent"}
	combined := Option{Name: "LOGTOJSON", LogFormat: "COMBINEDAPACHELOG"}
	custom := combined
	custom.MatchPattern, custom.CustomFieldNames = `(\S+) (\S+) (\S+) \[(.+)\] "([^"]+)" (\S+) (\S+) "([^"]+)" "([^"]+)"`, names
	meta := Option{Name: "ADDMETADATA", Metadata: `{"env":"prod"}`, Timestamp: "true"}
	return map[string]benchChain{
		"combined":          {[]Option{combined}, line, 0},
		"combined+metadata": {[]Option{combined, meta}, line, 0},
		"pattern":           {[]Option{custom}, line, 4}, // one; the race detector makes its pools forget
		"csv":               {[]Option{{Name: "CSVTOJSON", CustomFieldNames: names, Delimiter: " "}}, line, 0},
		"singleline":        {[]Option{{Name: "SINGLELINE", ParseOptions: []string{"ESCAPE_NEW_LINE"}}}, line, 0},
		"metadata":          {[]Option{meta}, line, 0},
		"brackets":          {[]Option{{Name: "ADDBRACKETS"}}, line, 0},
		"syslog":            {[]Option{{Name: "LOGTOJSON", LogFormat: "SYSLOG"}}, `Jun 14 15:16:01 alpha sshd[4711]: no key of this user fits; name=bob uid=1000 tty=pts9 key=ed25519 host=192.0.2.18`, 0},
	}
}

// BenchmarkChain: one record converted.
func BenchmarkChain(b *testing.B) {
	for name, c := range benchChains() {
		b.Run(name, func(b *testing.B) {
			chain, err := New(c.options, Env{})
			if err != nil {
				b.Fatal(err)
			}
			dst, record := make([]byte, 0, 4096), []byte(c.line+"\n")
			b.SetBytes(int64(len(record)))
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = chain.Append(dst[:0], record)
			}
		})
	}
}
