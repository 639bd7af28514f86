package agentjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// plain returns v as encoding/json would give it, numbers as json.Number.
func plain(v *value) any {
	switch v.kind {
	case object:
		all := map[string]any{}
		for _, m := range v.members {
			all[m.name] = plain(m.value)
		}
		return all
	case list:
		all := []any{}
		for _, one := range v.items {
			all = append(all, plain(one))
		}
		return all
	case number:
		return json.Number(v.text)
	case boolean:
		return v.text == "true"
	case text:
		return v.text
	}
	return nil
}

func TestScan(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"{}", "map[]"},
		{"\ufeff { } ", "map[]"},
		{"// one\n{ /* two\n * three */ \"a\" /**/ : // four\r\n 1 }\n// five", "map[a:1]"},
		{`{"a": "\u00e9\/\"\\\b\f\n\r\t\ud83d\ude00", "b": "\ud83d", "c": "\ude00\ud83dx"}`, "map[a:é/\"\\\b\f\n\r\t😀 b:\ufffd c:\ufffd\ufffdx]"},
		{`["http://x // y", "/* z */"]`, "[http://x // y /* z */]"},
		{"\t[\t-0.5e+3,\t1E9 ,0]", "[-0.5e+3 1E9 0]"},
		{`{"a": 1, "a": 2}`, "map[a:2]"},
		{"[true,false,null]", "[true false <nil>]"},
	} {
		v, rest, err := scan([]byte(tt.in), 0)
		if err != nil || rest != nil {
			t.Errorf("%s: %v, rest at %v", tt.in, err, rest)
		} else if got := fmt.Sprint(plain(v)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestScanErrors(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "1:1 the file is empty"},
		{" // only this", "1:14 the file is empty"},
		{"{\n  \"a\": 1,\n}", "3:1 a comma too many"},
		{"[1,,2]", "1:4 a comma too many"},
		{"[,]", "1:2 a value is expected here, not ','"},
		{"{\"ä\" 1}", `1:6 a colon is expected after the key "ä", not '1'`},
		{"{a: 1}", `1:2 a key in double quotes is expected here, not 'a'`},
		{"{'a': 1}", `1:2 a key in double quotes`},
		{`{"a": yes}`, "1:7 yes is no value; a text needs double quotes"},
		{`{"a": 'x'}`, `1:7 a value is expected here, not '\''`},
		{`{"a": 1`, "1:8 the file ends within an object that begins at line 1, column 1"},
		{"[1 2]", "1:4 a comma or ] is expected here, not '2'"},
		{"[01]", "1:2 this is no number"},
		{"[1.]", "1:2 this is no number"},
		{"[-]", "1:2 this is no number"},
		{"[1.2.3]", "1:2 this is no number"},
		{`["\d+"]`, `1:3 \d is no escape of JSON; a backslash itself is written \\`},
		{`["\u12g4"]`, `1:3 \u is no escape`},
		{"[\"a\tb\"]", `1:4 a text must not hold '\t' itself`},
		{`["abc`, "1:2 this text has no closing quote"},
		{"{} /* x", ""},
		{"/* x", "1:1 this comment has no end"},
		{"/x", "1:1 a comment begins with // or /*"},
		{"{\"a\xff\": 1}", "1:4 the file is not UTF-8 from here on"},
		{strings.Repeat("[", 100), "1:66 more than 64 levels"},
		{"[" + strings.Repeat("1,", maxValues) + "1]", "more than 100000 values"},
	} {
		v, rest, err := scan([]byte(tt.in), 0)
		var wrong *syntaxError
		switch {
		case tt.want == "":
			if err != nil || v == nil || rest == nil {
				t.Errorf("%s: got %v, rest at %v", tt.in, err, rest)
			}
		case !errors.As(err, &wrong):
			t.Errorf("%.40q: no error", tt.in)
		default:
			if got := fmt.Sprintf("%d:%d %s", wrong.line, wrong.column, wrong.reason); !strings.Contains(got, tt.want) {
				t.Errorf("%.40q: got %s, want %s", tt.in, got, tt.want)
			}
		}
	}
}

// FuzzScan: what is JSON is read as encoding/json reads it; nothing panics; places are inside the file.
func FuzzScan(f *testing.F) {
	for _, s := range []string{"{}", `{"a.b": ["\u00e9\ud83d\ude00", 1e3, -0.0, true, null, {"": ""}]}`, "{ // c\n/* d */ }", `"\ud800x"`, "[1,]", "\ufeff[]", "[[[", "0x", "1 2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, rest, err := scan(data, 0)
		var wrong *syntaxError
		if errors.As(err, &wrong) && (wrong.line < 1 || wrong.line > 1+bytes.Count(data, []byte("\n")) || wrong.column < 1 || wrong.column > len(data)+1) {
			t.Fatalf("%q: the place %d:%d is outside", data, wrong.line, wrong.column)
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		if !json.Valid(data) {
			if err == nil && rest == nil && !bytes.Contains(data, []byte("/")) && !bytes.HasPrefix(data, []byte("\ufeff")) {
				t.Fatalf("%q is taken and is no JSON", data)
			}
			return
		}
		if err := d.Decode(&want); err != nil {
			return
		}
		if err != nil {
			if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxDepth || !bytes.Equal(bytes.ToValidUTF8(data, nil), data) {
				return // bounds that encoding/json has wider; text that it repairs
			}
			t.Fatalf("%q: %v", data, err)
		}
		if got := plain(v); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
			t.Fatalf("%q: got %#v, want %#v", data, got, want)
		}
	})
}
