package parsers

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestJSONEncoderTexts(t *testing.T) {
	p, e := mustParser(t, "none", Options{}), mustEncoder(t, "json", EncodeOptions{NoLineEnd: true})
	for _, c := range []struct{ name, line, want string }{
		{"plain", `hello`, `hello`},
		{"empty", ``, ``},
		{"quote and backslash", `a"b\c`, `a\"b\\c`},
		{"no HTML escaping", `</script>&'`, `</script>&'`},
		{"control characters", "\x00\x01\b\t\n\v\f\r\x1f\x7f", `\u0000\u0001\u0008\t\n\u000b\u000c\r\u001f` + "\x7f"},
		{"other scripts", "é\u2028😀", "é\u2028😀"},
		{"each byte that is not UTF-8", "a\xffb\xc3\xe2\x82c\xed\xa0\x80", "a\uFFFDb\uFFFD\uFFFD\uFFFDc\uFFFD\uFFFD\uFFFD"},
		{"a real U+FFFD", "\uFFFD", "\uFFFD"},
		{"in the middle of long runs", strings.Repeat("x", 21) + `"` + strings.Repeat("y", 19) + "é" + strings.Repeat("z", 9), strings.Repeat("x", 21) + `\"` + strings.Repeat("y", 19) + "é" + strings.Repeat("z", 9)},
	} {
		got := convert(p, e, c.line, "\n")
		if want := `{"message":"` + c.want + `"}`; got != want {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
		checkDecodes(t, []byte(got), c.line)
	}
}

// checkDecodes has encoding/json read the message of an object and compares it with the line that went in.
func checkDecodes(tb testing.TB, object []byte, line string) {
	tb.Helper()
	var got struct{ Message string }
	if err := json.Unmarshal(object, &got); err != nil || !utf8.Valid(object) {
		tb.Fatalf("%q: %v, UTF-8 %v", object, err, utf8.Valid(object))
	}
	if want := string([]rune(line)); got.Message != want { // a conversion to runes replaces by the same rule
		tb.Errorf("decoded %q, want %q", got.Message, want)
	}
}

// TestSpecials puts every byte at every place of a run of ordinary ones: the eight-at-a-time loops must see what a plain loop sees.
func TestSpecials(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := []byte(strings.Repeat("a", 20))
			s[at] = byte(c)
			want := at
			if c >= ' ' && c != '"' && c != '\\' {
				want = len(s)
			}
			if got := ordinary(s, 0); got != want {
				t.Errorf("ordinary(%q) = %d, want %d", s, got, want)
			}
			checkDecodes(t, append(appendEscaped([]byte(`{"message":"`), s), `"}`...), string(s))
			valid := string([]rune(string(s)))
			if c == '\n' || c == '\r' {
				valid = strings.Replace(valid, string(rune(c)), " ", 1)
			}
			if got := string(appendValid(nil, s)); got != valid {
				t.Errorf("appendValid(%q) = %q, want %q", s, got, valid)
			}
		}
	}
}

func TestUnmatchedLine(t *testing.T) {
	p := mustParser(t, "combined", Options{})
	e := mustEncoder(t, "json", EncodeOptions{})
	if got, want := convert(p, e, "not an\taccess line", "\r\n"), `{"message":"not an\taccess line"}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRawEncoder(t *testing.T) {
	for _, c := range []struct {
		line, end string
		none      bool
		want      string
	}{
		{"a", "\n", false, "a\n"},
		{"a", "\r\n", false, "a\r\n"},
		{"a", "", false, "a\n"},
		{"", "\n", false, "\n"},
		{"a\r\xff", "\n", false, "a\r\xff\n"},
		{"a", "\r\n", true, "a"},
		{"a", "", true, "a"},
	} {
		e := mustEncoder(t, "raw", EncodeOptions{NoLineEnd: c.none})
		if got := convert(mustParser(t, "json", Options{}), e, c.line, c.end); got != c.want {
			t.Errorf("%q with end %q: got %q, want %q", c.line, c.end, got, c.want)
		}
	}
}

func TestAppendGoesOn(t *testing.T) {
	rec := &Record{Line: []byte(`{"a":"b"}`), End: []byte("\n")}
	mustParser(t, "json", Options{}).Parse(rec)
	for name, want := range map[string]string{"json": `{"a":"b"}`, "csv": `b`, "raw": `{"a":"b"}`} {
		opt := EncodeOptions{}
		if name == "csv" {
			opt.Columns = []string{"a"}
		}
		if got := string(mustEncoder(t, name, opt).Append([]byte("before "), rec)); got != "before "+want+"\n" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestLookup(t *testing.T) {
	rec := &Record{Line: []byte(`{"a":1,"b":"x\ty","a":2,"\u0063":null,"d":{"e":1}}`)}
	mustParser(t, "json", Options{}).Parse(rec)
	for name, want := range map[string]string{"a": "2", "b": "x\ty", "c": "", "d": `{"e":1}`} {
		f := rec.Lookup(name)
		if f == nil {
			t.Errorf("%s: not found", name)
		} else if got := string(f.AppendText(nil)); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if f := rec.Lookup("e"); f != nil {
		t.Errorf("e = %q, want nothing", f.Value)
	}
}
