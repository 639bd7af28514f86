package parsers

import (
	"errors"
	"strings"
	"testing"
)

func TestPretty(t *testing.T) {
	p, e := mustParser(t, "json", Options{}), mustEncoder(t, "json", EncodeOptions{Pretty: true})
	for _, c := range []struct{ name, line, want string }{
		{"values", `{"a":1.50,"b":null,"c":"x\ty","d":true}`, "{\n  \"a\": 1.50,\n  \"b\": null,\n  \"c\": \"x\\ty\",\n  \"d\": true\n}\n"},
		{"empty", `{ }`, "{}\n"},
		{"empty ones within", `{"a":{},"b":[ ]}`, "{\n  \"a\": {},\n  \"b\": []\n}\n"},
		{"nested", `{"a":[1,{"b":"]"}]}`, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"]\"\n    }\n  ]\n}\n"},
		{"deeper than three levels", `{"a":{"b":{"c":{"d": [1,"}\""]}}}}`, "{\n  \"a\": {\n    \"b\": {\n      \"c\": {\"d\": [1,\"}\\\"\"]}\n    }\n  }\n}\n"},
		{"duplicates and big numbers", `{"a":123456789012345678901234567890,"a":1e999}`, "{\n  \"a\": 123456789012345678901234567890,\n  \"a\": 1e999\n}\n"},
	} {
		if got := convert(p, e, c.line, "\n"); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
	}
	if got, want := convert(mustParser(t, "common", Options{}), e, `no "match`, "\n"), "{\n  \"message\": \"no \\\"match\"\n}\n"; got != want {
		t.Errorf("no match: got %q, want %q", got, want)
	}
}

// TestPrettyGrowth: the memory for records is planned for six times their line.
func TestPrettyGrowth(t *testing.T) {
	p, e := mustParser(t, "json", Options{}), mustEncoder(t, "json", EncodeOptions{Pretty: true})
	const n = 10_000
	for name, nested := range map[string]string{
		"flat": strings.Repeat(`1,`, n) + "1", "lists": strings.Repeat(`[1],`, n) + "1", "deep": strings.Repeat("[", 100) + strings.Repeat(`1,`, n) + "1" + strings.Repeat("]", 100),
		"objects": strings.Repeat(`{"":1},`, n) + "1", "two": "[" + strings.Repeat(`1,`, n) + "1]", "three": strings.Repeat(`[[]],`, n) + "1",
	} {
		line := `{"a":[` + nested + `]}`
		out := convert(p, e, line, "\n")
		if !strings.HasPrefix(out, "{\n  \"a\": [\n") {
			t.Fatalf("%s: does not match: %.40q", name, out)
		}
		if most := 6*len(line) + 64; len(out) > most {
			t.Errorf("%s: %d bytes of %d, at most %d are planned", name, len(out), len(line), most)
		}
	}
}

func TestCSVOptions(t *testing.T) {
	p := mustParser(t, "json", Options{})
	columns := []string{"a", "b;c"}
	for _, c := range []struct {
		name, line string
		opt        EncodeOptions
		want       string
	}{
		{"semicolon", `{"a":"x;y","b;c":"1,2"}`, EncodeOptions{Delimiter: ";"}, "\"x;y\";1,2\n"},
		{"tab", `{"a":"x\ty","b;c":"1,2"}`, EncodeOptions{Delimiter: "tab"}, "\"x\ty\"\t1,2\n"},
		{"all, but null", `{"a":"x"}`, EncodeOptions{Quote: "all"}, "\"x\",\n"},
		{"all", `{"a":"say \"hi\"","b;c":7}`, EncodeOptions{Quote: "all"}, "\"say \"\"hi\"\"\",\"7\"\n"},
		{"needed", `{"a":"x"}`, EncodeOptions{Quote: "needed"}, "x,\n"},
		{"header", `{"a":"x"}`, EncodeOptions{Header: true, Delimiter: ";"}, "a;\"b;c\"\nx;\n"},
		{"header, no line end", `{"a":"x"}`, EncodeOptions{Header: true, NoLineEnd: true}, "a,b;c\nx,"},
		{"header, no match", `x`, EncodeOptions{Header: true, Quote: "all"}, "\"a\",\"b;c\"\n\"x\",\n"},
	} {
		c.opt.Columns = columns
		if got := convert(p, mustEncoder(t, "csv", c.opt), c.line, "\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	one := mustEncoder(t, "csv", EncodeOptions{Columns: []string{"a"}})
	for line, want := range map[string]string{`{}`: "\"\"\n", `{"a":null}`: "\"\"\n", `{"a":""}`: "\"\"\n", `{"a":1}`: "1\n"} {
		if got := convert(p, one, line, "\n"); got != want {
			t.Errorf("one column, %s: got %q, want %q", line, got, want)
		}
	}
}

func TestEncodeOptionErrors(t *testing.T) {
	for _, c := range []struct {
		format string
		opt    EncodeOptions
		want   string // options, in order
	}{
		{"xml", EncodeOptions{}, "format"},
		{"json", EncodeOptions{Columns: []string{"a"}, Delimiter: ";", Quote: "all", Header: true}, "columns delimiter quote header"},
		{"raw", EncodeOptions{Pretty: true}, "pretty"},
		{"csv", EncodeOptions{Pretty: true, Columns: []string{"a"}}, "pretty"},
		{"csv", EncodeOptions{Delimiter: "::", Quote: "some"}, "delimiter columns quote"},
		{"json", EncodeOptions{Quote: "needed", Pretty: true}, ""},
	} {
		_, err := NewEncoder(c.format, c.opt)
		var names []string
		all := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = joined.Unwrap()
		}
		for _, err := range all {
			var option *OptionError
			if errors.As(err, &option) {
				names = append(names, option.Option)
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s %+v: %v, want problems with %q", c.format, c.opt, err, c.want)
		}
	}
}

// TestNeedsQuotes puts every byte at every place of a run of ordinary ones.
func TestNeedsQuotes(t *testing.T) {
	for _, delimiter := range []byte{',', '\t', ';', 0, 0x7f} {
		e := &csvEncoder{delimiter: delimiter}
		for c := range 256 {
			for at := range 20 {
				v := []byte(strings.Repeat("a", 20))
				v[at] = byte(c)
				want := byte(c) == delimiter || c == '"' || c == '\n' || c == '\r'
				if got := e.needsQuotes(v); got != want {
					t.Fatalf("%q with delimiter %q: %v, want %v", v, delimiter, got, want)
				}
			}
		}
	}
}

// TestCSVPlaces: what is remembered of one record does not decide where the fields of another one go.
func TestCSVPlaces(t *testing.T) {
	p, e := mustParser(t, "json", Options{}), mustEncoder(t, "csv", EncodeOptions{Columns: []string{"a", "b", "a\"b"}})
	for _, c := range []struct{ line, want string }{
		{`{"a":1,"b":2}`, "1,2,\n"},
		{`{"b":1,"a":2}`, "2,1,\n"},
		{`{"a":1,"b":2,"a":3}`, "3,2,\n"},
		{`{"x":1,"\u0061":2,"a\"b":4}`, "2,,4\n"},
		{`{"b":9}`, ",9,\n"},
		{`{"` + strings.Repeat("x", 200) + `":1,"b":2}`, ",2,\n"},
		{`{"":1,"b":2}`, ",2,\n"},
		{`no`, "no,,\n"},
		{`{"x":1,"a":2}`, "2,,\n"},
	} {
		if got := convert(p, e, c.line, "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}
