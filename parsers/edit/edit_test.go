package edit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/parsers"
)

// readAt is when the records of tests are read.
var readAt = time.Date(2026, time.January, 2, 3, 4, 5, 678e6, time.UTC)

func mustChain(tb testing.TB, opt Options, specs ...Spec) *Chain {
	tb.Helper()
	c, err := New(specs, opt)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	c.Open(File{ID: "0102", Path: "/var/log/a.log", Read: readAt})
	return c
}

// edited parses a line, edits it, and encodes it without its line end; "" is a record that was dropped.
func edited(tb testing.TB, c *Chain, format, encoding, line string, meta ...parsers.Field) (out string, failed int) {
	tb.Helper()
	p, err := parsers.New(format, parsers.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	e, err := parsers.NewEncoder(encoding, parsers.EncodeOptions{NoLineEnd: true})
	if err != nil {
		tb.Fatal(err)
	}
	rec := &parsers.Record{Line: []byte(line), Meta: meta}
	p.Parse(rec)
	keep, failed := c.Apply(rec, 42)
	if !keep {
		return "", failed
	}
	out = string(e.Append(nil, rec))
	if encoding == "json" && !json.Valid([]byte(out)) {
		tb.Errorf("%s: not JSON: %s", line, out)
	}
	return out, failed
}

// editCase is a line of JSON and what the steps make of it; the failures are counted in failed.
type editCase struct {
	name   string
	specs  []Spec
	line   string
	want   string
	failed int
}

func runEdits(t *testing.T, cases []editCase) {
	t.Helper()
	for _, c := range cases {
		chain := mustChain(t, Options{Values: values}, c.specs...)
		for range 2 { // the second time on used memory
			if got, failed := edited(t, chain, "json", "json", c.line); got != c.want || failed != c.failed {
				t.Errorf("%s: %s\n got %s, %d failed\nwant %s, %d failed", c.name, c.line, got, failed, c.want, c.failed)
			}
		}
	}
}

// values has what the environment of a test knows.
func values(name string) (string, bool) {
	if name == "ec2.region" {
		return "eu-west-1", true
	}
	return "", false
}

// one is a template that is nothing but a variable.
func one(variable string) Template { return Template{Parts: []Part{{Variable: variable}}} }

// text is a template without variables.
func text(s string, typed bool) Template { return Template{Parts: []Part{{Text: s}}, Typed: typed} }

func TestAdd(t *testing.T) {
	add := func(name string, value Template) []Spec { return []Spec{Add{{name, value}}} }
	runEdits(t, []editCase{
		{"text", add("a", text("1", false)), `{"b":2}`, `{"b":2,"a":"1"}`, 0},
		{"number", add("a", text("1", true)), `{"b":2}`, `{"b":2,"a":1}`, 0},
		{"boolean", add("a", text("true", true)), `{}`, `{"a":true}`, 0},
		{"no number", add("a", text("007", true)), `{}`, `{"a":"007"}`, 0},
		{"empty", add("a", Template{Typed: true}), `{}`, `{"a":""}`, 0},
		{"in place", add("a", text("x", false)), `{"a":1,"b":2}`, `{"a":"x","b":2}`, 0},
		{"an escaped name is found", add("a", text("x", false)), `{"\u0061":1,"b":2}`, `{"\u0061":"x","b":2}`, 0},
		{"a name to escape", add("a\"\x01", text("x", false)), `{}`, `{"a\"\u0001":"x"}`, 0},
		{"record id", add("a", one("record_id")), `{}`, `{"a":"0102-42"}`, 0},
		{"file id", add("a", one("file_id")), `{}`, `{"a":"0102"}`, 0},
		{"path", add("a", one("path")), `{}`, `{"a":"/var/log/a.log"}`, 0},
		{"file", add("a", one("file")), `{}`, `{"a":"a.log"}`, 0},
		{"offset is a number", add("a", one("offset")), `{}`, `{"a":42}`, 0},
		{"ingest time", add("a", one("ingest_time")), `{}`, `{"a":"2026-01-02T03:04:05.678Z"}`, 0},
		{"of the host", add("a", one("ec2.region")), `{}`, `{"a":"eu-west-1"}`, 0},
		{"not of the host", add("a", one("ec2.zone")), `{}`, `{}`, 1},
		{"a field with its type", add("a", one("field.b")), `{"b":1.50}`, `{"b":1.50,"a":1.50}`, 0},
		{"nested", add("a", one("field.b")), `{"b":{"c":[1]}}`, `{"b":{"c":[1]},"a":{"c":[1]}}`, 0},
		{"null", add("a", one("field.b")), `{"b":null}`, `{"b":null,"a":null}`, 0},
		{"escapes", add("a", one("field.b")), `{"b":"x\u0022\n"}`, `{"b":"x\u0022\n","a":"x\"\n"}`, 0},
		{"no field", add("a", one("field.c")), `{"b":1}`, `{"b":1}`, 1},
		{"a default", add("a", Template{Parts: []Part{{Variable: "field.c", Default: "d", HasDefault: true}}}), `{}`, `{"a":"d"}`, 0},
		{"a default for null", add("a", Template{Parts: []Part{{Variable: "field.c", Default: "d", HasDefault: true}}}), `{"c":null}`, `{"c":null,"a":"d"}`, 0},
		{"mixed", add("a", Template{Parts: []Part{{Text: "x-"}, {Variable: "field.b"}, {Text: "-y"}}}), `{"b":1}`, `{"b":1,"a":"x-1-y"}`, 0},
		{"one after the other", []Spec{Add{{"a", text("1", true)}, {"c", one("field.nope")}, {"b", one("field.a")}}}, `{}`, `{"a":1,"b":1}`, 1},
		{"too long", add("a", one("field.b")), `{"b":"` + strings.Repeat("x", MaxGrowth+1) + `"}`, `{"b":"` + strings.Repeat("x", MaxGrowth+1) + `"}`, 1},
	})
}

func TestNames(t *testing.T) {
	runEdits(t, []editCase{
		{"rename", []Spec{Rename{{"a", "c"}}}, `{"a":1,"b":2}`, `{"c":1,"b":2}`, 0},
		{"rename to a name that is there", []Spec{Rename{{"b", "a"}}}, `{"a":1,"b":2}`, `{"a":2}`, 0},
		{"rename to the same", []Spec{Rename{{"a", "a"}}}, `{"a":1,"a":2}`, `{"a":1,"a":2}`, 0},
		{"rename what is not there", []Spec{Rename{{"x", "a"}}}, `{"a":1}`, `{"a":1}`, 0},
		{"swap", []Spec{Rename{{"a", "t"}, {"b", "a"}, {"t", "b"}}}, `{"a":1,"b":2}`, `{"b":1,"a":2}`, 0},
		{"rename an escaped name", []Spec{Rename{{"a/b", "c"}}}, `{"a\/b":1}`, `{"c":1}`, 0},
		{"remove", []Spec{Remove{"a", "c"}}, `{"a":1,"b":2,"a":3}`, `{"b":2}`, 0},
		{"remove all", []Spec{Remove{"a"}}, `{"a":1}`, `{}`, 0},
		{"keep", []Spec{Keep{"a", "x"}}, `{"b":2,"a":1,"oversize":"split"}`, `{"a":1,"oversize":"split"}`, 0},
	})
}

func TestTruncate(t *testing.T) {
	runEdits(t, []editCase{
		{"short", []Spec{Truncate{"a", 3, ""}}, `{"a":"abc"}`, `{"a":"abc"}`, 0},
		{"long", []Spec{Truncate{"a", 3, ""}}, `{"a":"abcd"}`, `{"a":"abc"}`, 0},
		{"mark", []Spec{Truncate{"a", 4, "..."}}, `{"a":"abcde"}`, `{"a":"a..."}`, 0},
		{"character", []Spec{Truncate{"a", 3, ""}}, `{"a":"aéé"}`, `{"a":"aé"}`, 0},
		{"torn character", []Spec{Truncate{"a", 4, ""}}, `{"a":"aéé"}`, `{"a":"aé"}`, 0},
		{"first character", []Spec{Truncate{"a", 3, ""}}, `{"a":"😀😀"}`, `{"a":""}`, 0},
		{"escapes count as what they stand for", []Spec{Truncate{"a", 3, ""}}, `{"a":"\u0061\n\u00e9x"}`, `{"a":"a\n"}`, 0},
		{"escapes, short", []Spec{Truncate{"a", 3, ""}}, `{"a":"\u0061\n"}`, `{"a":"\u0061\n"}`, 0},
		{"number", []Spec{Truncate{"a", 3, ""}}, `{"a":12345}`, `{"a":"123"}`, 0},
		{"nested", []Spec{Truncate{"a", 3, ""}}, `{"a":["x","y"]}`, `{"a":"[\"x"}`, 0},
		{"null and booleans", []Spec{Truncate{"a", 1, ""}}, `{"a":null,"a":false}`, `{"a":null,"a":false}`, 0},
	})
	for in, want := range map[string]int{"ab\xff\xff": 3, "\x80\x80\x80\x80\x80": 3, "ab\xc3": 3} {
		if got := cutAt([]byte(in+"xx"), 3); got != want {
			t.Errorf("cutAt(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestHash(t *testing.T) {
	h := func(algorithm, secret string) []Spec { return []Spec{Hash{[]string{"a"}, algorithm, secret}} }
	runEdits(t, []editCase{ // printf %s abc | sha256sum, and openssl dgst -hmac
		{"sha256", h("", ""), `{"a":"abc"}`, `{"a":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}`, 0},
		{"sha1", h("sha1", ""), `{"a":"a\u0062c"}`, `{"a":"a9993e364706816aba3e25717850c26c9cd0d89d"}`, 0},
		{"md5", h("md5", ""), `{"a":"abc","a":"abc"}`, `{"a":"900150983cd24fb0d6963f7d28e17f72","a":"900150983cd24fb0d6963f7d28e17f72"}`, 0},
		{"hmac", h("md5", "key"), `{"a":"The quick brown fox jumps over the lazy dog"}`, `{"a":"80070713463e7749b90c2dc24911e275"}`, 0},
		{"number", h("md5", ""), `{"a":123}`, `{"a":"202cb962ac59075b964b07152d234b70"}`, 0},
		{"null", h("md5", ""), `{"a":null,"b":1}`, `{"a":null,"b":1}`, 0},
	})
	// A line that repeats the name hides what it has no room for.
	chain := mustChain(t, Options{}, h("sha512", "")...)
	line := `{"a":"secret"` + strings.Repeat(`,"a":"secret"`, 500) + `}`
	if got, failed := edited(t, chain, "json", "json", line); strings.Contains(got, "secret") || failed != 1 {
		t.Errorf("repeated: %d failed, %.80s", failed, got)
	}
}

func TestParseJSON(t *testing.T) {
	p := func(p ParseJSON) []Spec { p.Field = "a"; return []Spec{p} }
	runEdits(t, []editCase{
		{"members", p(ParseJSON{}), `{"x":0,"a":"{\"b\":1e400,\"c\":[12345678901234567890]}","y":9}`, `{"x":0,"b":1e400,"c":[12345678901234567890],"y":9}`, 0},
		{"its own name", p(ParseJSON{}), `{"a":" {\"a\":\"\\u0041\"} "}`, `{"a":"\u0041"}`, 0},
		{"empty", p(ParseJSON{}), `{"a":"{}","b":1}`, `{"b":1}`, 0},
		{"a name that is there", p(ParseJSON{}), `{"b":1,"a":"{\"b\":2,\"c\":3}"}`, `{"b":1,"log_b":2,"c":3}`, 0},
		{"an escaped name that is there", p(ParseJSON{}), `{"b":1,"a":"{\"\\u0062\":2}"}`, `{"b":1,"log_\u0062":2}`, 0},
		{"prefix", p(ParseJSON{Prefix: "é."}), `{"b":1,"a":"{\"b\":2}"}`, `{"b":1,"é.b":2}`, 0},
		{"keep", p(ParseJSON{Keep: true}), `{"a":"{\"a\":2}"}`, `{"a":"{\"a\":2}","log_a":2}`, 0},
		{"into", p(ParseJSON{Into: "n"}), `{"a":" {\"b\": {}} ","c":1}`, `{"c":1,"n":{"b": {}}}`, 0},
		{"into itself", p(ParseJSON{Into: "a"}), `{"a":"{\"b\":1}","c":1}`, `{"a":{"b":1},"c":1}`, 0},
		{"into another, kept", p(ParseJSON{Into: "c", Keep: true}), `{"a":"{}","c":1}`, `{"a":"{}","c":{}}`, 0},
		{"nested already", p(ParseJSON{}), `{"a":{"b":1}}`, `{"b":1}`, 0},
		{"an array", p(ParseJSON{}), `{"a":"[1]"}`, `{"a":"[1]"}`, 1},
		{"no JSON", p(ParseJSON{}), `{"a":"\"{\\n"}`, `{"a":"\"{\\n"}`, 1},
		{"a number", p(ParseJSON{}), `{"a":1}`, `{"a":1}`, 1},
		{"null, nothing", p(ParseJSON{}), `{"a":null}`, `{"a":null}`, 0},
		{"nothing", p(ParseJSON{}), `{"b":1}`, `{"b":1}`, 0},
		{"twice", append(p(ParseJSON{}), ParseJSON{Field: "m"}), `{"a":"{\"m\":\"{\\\"n\\\":1}\"}"}`, `{"n":1}`, 0},
	})
}

// TestUnparsed: of a line without its format redact hides parts, add adds to it, and nothing else changes it. Fields that are not from
// the line can be edited.
func TestUnparsed(t *testing.T) {
	meta := func() []parsers.Field {
		return []parsers.Field{{Name: "pod", Value: []byte("web-1")}, {Name: "stream", Value: []byte("stdout")}}
	}
	redact := Redact{Kinds: []string{"ip"}, With: "***", Names: []string{"other"}}
	for _, c := range []struct {
		name     string
		specs    []Spec
		encoding string
		want     string
		failed   int
	}{
		{"add", []Spec{Add{{"env", text("prod", true)}}}, "json", `{"pod":"web-1","stream":"stdout","env":"prod","message":"from 10.0.0.1"}`, 0},
		{"add the line", []Spec{Add{{"message", text("x", true)}}}, "json", `{"pod":"web-1","stream":"stdout","message":"from 10.0.0.1"}`, 1},
		{"add a copy", []Spec{Add{{"m", one("field.message")}}, Keep{"m"}}, "json", `{"m":"from 10.0.0.1","message":"from 10.0.0.1"}`, 0},
		{"redact", []Spec{redact}, "json", `{"pod":"web-1","stream":"stdout","message":"from ***"}`, 0},
		{"redact, raw", []Spec{redact}, "raw", `from ***`, 0},
		{"rename and remove", []Spec{Rename{{"pod", "p"}, {"message", "m"}}, Remove{"stream", "message"}}, "json", `{"p":"web-1","message":"from 10.0.0.1"}`, 0},
		{"rename to the line's name", []Spec{Rename{{"pod", "message"}}}, "json", `{"pod":"web-1","stream":"stdout","message":"from 10.0.0.1"}`, 1},
		{"others", []Spec{Truncate{"message", 1, ""}, Hash{[]string{"message"}, "", ""}, ParseJSON{Field: "message"}, Timestamp{Field: "message", From: []string{"unix"}}},
			"json", `{"pod":"web-1","stream":"stdout","message":"from 10.0.0.1"}`, 0},
	} {
		chain := mustChain(t, Options{Line: c.encoding == "raw"}, c.specs...)
		for range 2 {
			if got, failed := edited(t, chain, "json", c.encoding, "from 10.0.0.1", meta()...); got != c.want || failed != c.failed {
				t.Errorf("%s: got %s, %d failed, want %s, %d", c.name, got, failed, c.want, c.failed)
			}
		}
	}
}

// TestMeta: fields that are not from the line are in front, and what they shadow stays out of their way when they are gone.
func TestMeta(t *testing.T) {
	for _, c := range []struct {
		specs []Spec
		want  string
	}{
		{[]Spec{Add{{"x", text("1", true)}}}, `{"pod":"web","log_pod":"fake","a":1,"x":1}`},
		{[]Spec{Remove{"pod"}}, `{"log_pod":"fake","a":1}`},
		{[]Spec{Rename{{"pod", "p"}}}, `{"p":"web","log_pod":"fake","a":1}`},
		{[]Spec{Keep{"pod"}}, `{"pod":"web"}`},
	} {
		chain := mustChain(t, Options{}, c.specs...)
		if got, _ := edited(t, chain, "json", "json", `{"p\u006fd":"fake","a":1}`, parsers.Field{Name: "pod", Value: []byte("web"), EscapedName: true}); got != c.want {
			t.Errorf("%v: got %s, want %s", c.specs, got, c.want)
		}
	}
}

type dropAll struct{ Remove }

func (dropAll) Build() (Step, error)                    { return dropAll{}, nil }
func (dropAll) Apply(*parsers.Record, *Scratch) Verdict { return Drop }

func TestDrop(t *testing.T) {
	if got, failed := edited(t, mustChain(t, Options{}, Add{{"a", one("field.x")}}, dropAll{}), "json", "json", `{}`); got != "" || failed != 1 {
		t.Errorf("got %q, %d failed", got, failed)
	}
}

// TestLongChain: a long chain on a long record keeps what the record has, not what it had.
func TestLongChain(t *testing.T) {
	var specs []Spec
	for range 30 {
		specs = append(specs, Redact{Pattern: `x`, With: "y"}, Redact{Pattern: `y`, With: "x"})
	}
	chain := mustChain(t, Options{}, specs...)
	line := `{"a":"x` + strings.Repeat("z", 200<<10) + `","b":1}`
	if got, failed := edited(t, chain, "json", "json", line); got != line || failed != 0 {
		t.Errorf("%d failed, %.40s", failed, got)
	}
	if most := int(Memory(specs, int64(len(line)))); chain.Memory() > most {
		t.Errorf("the chain holds %d bytes, planned were %d", chain.Memory(), most)
	}
	chain.Release()
	if chain.Memory() > 4*smallText {
		t.Errorf("the chain holds %d bytes after Release", chain.Memory())
	}
}

// TestFields: the names that are known after a step.
func TestFields(t *testing.T) {
	before := []string{"a", "b", "c"}
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Add{{"d", text("", true)}, {"a", text("", true)}}, "a b c d"},
		{Rename{{"a", "d"}, {"x", "y"}}, "d b c"},
		{Rename{{"a", "c"}}, "c b"},
		{Remove{"a", "x"}, "b c"},
		{Keep{"c", "a"}, "a c"},
		{Redact{}, "a b c"},
		{ParseJSON{Field: "a"}, "unknown"},
		{ParseJSON{Field: "a", Into: "n"}, "b c n"},
		{ParseJSON{Field: "a", Into: "n", Keep: true}, "a b c n"},
		{Timestamp{Field: "a", Into: "at"}, "a b c at"},
	} {
		got := strings.Join(c.spec.Fields(before), " ")
		if c.spec.Fields(before) == nil {
			got = "unknown"
		}
		if got != c.want || strings.Join(before, " ") != "a b c" {
			t.Errorf("%+v: got %q, want %q", c.spec, got, c.want)
		}
		if _, keep := c.spec.(Keep); c.spec.Fields(nil) != nil && !keep {
			t.Errorf("%+v: knows fields of records of which nothing is known", c.spec)
		}
	}
}

// TestWrong: what is wrong is told with its key.
func TestWrong(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	for _, c := range []struct {
		spec Spec
		want string // the keys
	}{
		{Add{}, ""}, {Add{{"", text("", true)}}, ""}, {Add{{long, text("", true)}}, ""},
		{Rename{}, ""}, {Rename{{"a", ""}}, "a"}, {Rename{{"a", long}}, "a"}, {Remove{}, ""}, {Keep{}, ""},
		{Redact{}, ""}, {Redact{Pattern: "(", Kinds: []string{"ip", "x"}, With: "\n"}, "pattern kinds[1] with"}, {Redact{Pattern: "a*"}, "pattern"},
		{Truncate{Mark: "x"}, "field size"}, {Truncate{"a", 3, "..."}, "mark"},
		{Hash{Algorithm: "sha3"}, "fields algorithm"},
		{ParseJSON{Prefix: `"`, Into: "x"}, "field prefix prefix"}, {ParseJSON{Field: "a", Into: "a", Keep: true}, "keep"},
		{Timestamp{}, "field from"}, {Timestamp{Field: "a", From: []string{"%Q", "%H:%M", "x", "unix"}, To: "y", Zone: "Mars/Olympus", ToZone: "?"}, "from[0] from[1] from[2] to zone output_zone"},
	} {
		_, err := c.spec.Build()
		if err == nil {
			t.Errorf("%+v: no error", c.spec)
			continue
		}
		all := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = joined.Unwrap()
		}
		var keys []string
		for _, err := range all {
			var option *parsers.OptionError
			if !errors.As(err, &option) || option.Reason == "" {
				t.Errorf("%+v: %v", c.spec, err)
				continue
			}
			keys = append(keys, option.Option)
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.spec, got, c.want)
		}
		if _, err := New([]Spec{c.spec}, Options{}); err == nil {
			t.Errorf("%+v: a chain of it", c.spec)
		}
	}
}
