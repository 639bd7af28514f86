package framing

import (
	"fmt"
	"strings"
	"testing"
)

// got is one record as a test sees it.
type got struct {
	text  string
	start int64
	meta  string
}

// reader reads a file as the tailer does: it keeps a position and nothing else.
type reader struct {
	t       testing.TB
	rules   *Rules
	data    []byte
	block   int
	pos     int
	started bool
	records []got
	split, truncated, forced, foreign,
	skipped int
}

func newReader(t testing.TB, cfg Config, data string, block int) *reader {
	t.Helper()
	rules, err := Compile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t: t, rules: rules, data: []byte(data), block: block}
}

// read reads as far as there is something to take when the file has the given size.
func (r *reader) read(size int, how Close) {
	for r.turn(size, how) {
	}
}

func (r *reader) turn(size int, how Close) bool {
	f := r.rules.NewFramer() // nothing is kept
	big := r.rules.NeedsHead() && size > 1 && r.rules.BigEndian(r.data[:2])
	in := func(n int) Input {
		end := min(r.pos+n, size)
		how := how
		if end < size {
			how = Nothing
		}
		return Input{Data: r.data[r.pos:end:end], At: int64(r.pos), Big: big, Close: how}
	}
	if r.pos == 0 && !r.started {
		n, ok := f.Preamble(in(r.rules.Window()))
		if !ok {
			return false
		}
		r.pos, r.skipped, r.started = n, n, n > 0
	}
	res := f.Frame(in(r.block))
	if res.Taken == 0 && !res.Long && r.block < size-r.pos {
		res = f.Frame(in(max(r.rules.Window(), r.block)))
	}
	if res.Long {
		n := f.FindEnd(r.data[r.pos:size], int64(r.pos), big)
		if n < 0 && how >= Lines {
			n = size - r.pos
		}
		if n < 0 {
			return false
		}
		res.Taken = n
	}
	r.note(&res)
	return res.Taken > 0 && r.pos < size
}

func (r *reader) note(res *Result) {
	r.t.Helper()
	from, last := 0, int64(-1)
	for i, end := range res.Ends {
		g := got{text: string(res.Data[from:end]), start: int64(r.pos + from)}
		if res.Starts != nil {
			g.start = res.Starts[i]
		}
		if res.Meta != nil {
			m := res.Meta[i]
			g.meta = strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Stream.Text(), m.Time, m.Cut.Text()))
		}
		if g.start < int64(r.pos) || g.start >= int64(r.pos+res.Taken) {
			r.t.Errorf("record %q starts at %d, not in %d to %d", g.text, g.start, r.pos, r.pos+res.Taken)
		}
		_ = last
		from = end
		r.records = append(r.records, g)
	}
	if from != len(res.Data) {
		r.t.Errorf("records end at %d of %d bytes", from, len(res.Data))
	}
	r.pos += res.Taken
	r.split += res.Split
	r.truncated += res.Truncated
	r.forced += res.Forced
	r.foreign += res.Foreign
}

// all reads the whole file.
func all(t testing.TB, cfg Config, data string) *reader {
	t.Helper()
	r := newReader(t, cfg, data, 1<<16)
	r.read(len(data), EndOfFile)
	if r.pos != len(data) {
		t.Fatalf("%d of %d bytes are taken", r.pos, len(data))
	}
	return r
}

// texts joins the records, each with a bar after it.
func (r *reader) texts() string {
	var b strings.Builder
	for _, g := range r.records {
		b.WriteString(g.text + "|")
	}
	return b.String()
}
