package edit

import (
	"testing"

	"github.com/weir-logs/weir/parsers"
)

const accessLine = `203.0.113.7 - user12 [10/Oct/2025:13:55:36 +0000] "GET /shop/item/4711?ref=1f HTTP/1.1" 200 2326 ` +
	`"https://www.example.com/list/17" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`

// fiveEdits are typical of an access log.
func fiveEdits() []Spec {
	return []Spec{
		Add{{"id", one("record_id")}, {"env", text("prod", true)}},
		Rename{{"host", "client"}},
		Remove{"ident", "authuser"},
		Timestamp{Field: "time", From: []string{"apache"}},
		Truncate{Field: "agent", Size: 64, Mark: "..."},
	}
}

func benchmarkChain(b *testing.B, specs ...Spec) {
	chain := mustChain(b, Options{}, specs...)
	p, _ := parsers.New("combined", parsers.Options{Infer: true})
	e, _ := parsers.NewEncoder("json", parsers.EncodeOptions{})
	rec, line, out := &parsers.Record{}, []byte(accessLine), []byte(nil)
	b.ReportAllocs()
	b.SetBytes(int64(len(accessLine)))
	for b.Loop() {
		rec.Line = line
		p.Parse(rec)
		chain.Apply(rec, 4711)
		out = e.Append(out[:0], rec)
	}
}

// The input of all of them is one combined line of about 200 bytes, parsed, edited, and encoded as JSON.
func BenchmarkNoEdit(b *testing.B)    { benchmarkChain(b) }
func BenchmarkFiveEdits(b *testing.B) { benchmarkChain(b, fiveEdits()...) }
func BenchmarkHash(b *testing.B)      { benchmarkChain(b, Hash{Names: []string{"host"}, Secret: "k"}) }
func BenchmarkRedact(b *testing.B) {
	benchmarkChain(b, Redact{Kinds: kinds(), With: "***"})
}
func BenchmarkRedactPattern(b *testing.B) {
	benchmarkChain(b, Redact{Names: []string{"path"}, Pattern: `token=[^&]+`, With: "***"})
}

// TestAllocations: the usual path allocates nothing.
func TestAllocations(t *testing.T) {
	for name, specs := range map[string][]Spec{
		"five edits": fiveEdits(),
		"redact":     {Redact{Kinds: kinds(), With: "***"}},
		"hash":       {Hash{Names: []string{"host"}, Secret: "k"}},
		"hash, sha1": {Hash{Names: []string{"host"}, Algorithm: "sha1"}},
		"keep, parse": {Keep{"host", "message"}, ParseJSON{Field: "host"}, Add{{"j", text(`{"a":"b","c":1}`, false)}}, ParseJSON{Field: "j", Prefix: "p_"},
			Timestamp{Field: "c", From: []string{"unix"}, Zone: "Asia/Kolkata"}},
	} {
		chain := mustChain(t, Options{}, specs...)
		p, _ := parsers.New("combined", parsers.Options{})
		rec, line, meta := &parsers.Record{}, []byte(accessLine), []parsers.Field{{Name: "host", Value: []byte("x")}}
		do := func() {
			rec.Line, rec.Meta = line, meta
			p.Parse(rec)
			chain.Apply(rec, 1)
			rec.Line, rec.Meta = line[1:20], meta // one without the format
			p.Parse(rec)
			chain.Apply(rec, 1)
		}
		do()
		if n := testing.AllocsPerRun(100, do); n > 0 {
			t.Errorf("%s: %.0f allocations", name, n)
		}
	}
}
