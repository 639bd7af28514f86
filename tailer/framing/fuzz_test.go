package framing

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// fuzzed are the configurations that the fuzz test chooses from.
func fuzzed() []Config {
	multi := []Multiline{{}, {Start: `^1`}, {Continue: `^\s`, MaxLines: 3}, {End: `;$`}, {Mode: "java"}, {Mode: "python"}, {Mode: "go"}}
	var all []Config
	for _, m := range multi {
		m.Timeout = time.Second
		for _, o := range []Oversize{Split, Truncate} {
			base := Config{MaxRecord: 40, Oversize: o, Multiline: m, PartialTimeout: 5 * time.Second}
			if o == Truncate {
				base.TruncateMark = "[cut]"
			}
			for _, e := range Encodings() {
				c := base
				c.Encoding = Encoding(e)
				all = append(all, c)
				c.LineEnd, c.SkipHeaderLines = ";;", 1
				all = append(all, c)
			}
			for _, k := range Containers() {
				c := base
				c.Container = Container(k)
				all = append(all, c)
				c.room = 500
				all = append(all, c)
			}
		}
	}
	return all
}

// FuzzFrame checks that the records of a file do not depend on the pieces that it comes in, nor on the size of the buffer, and that every
// byte is covered.
func FuzzFrame(f *testing.F) {
	for i := range fuzzed() {
		f.Add(uint16(i), uint64(1), []byte("1 one\n two\r\n\n1;;\x00"+strings.Repeat("long ", 30)+"\n at x;\n"+utf16Text("wide;;\n1\n", i%2 == 0)))
		f.Add(uint16(i), uint64(i), []byte(cri("01", "o", "F", "1")+cri("01", "e", "P", " x")+cri("03", "o", "F", "java.lang.Error: x")+
			`{"log":"a\n","stream":"stdout"}`+"\n"+strings.Repeat("y", 300)+"\n"+cri("02", "e", "F", "y")+"end"))
	}
	f.Fuzz(func(t *testing.T, choice uint16, seed uint64, data []byte) {
		configs := fuzzed()
		cfg := configs[int(choice)%len(configs)]
		if cfg.Container != "" && len(data) > 0 {
			// lines long enough to fill a window
			data = append(data, bytes.Repeat(append(data[:len(data):len(data)], '\n'), int(seed%8)*4000/len(data))...)
		}
		whole := all(t, cfg, string(data))
		pieces := newReader(t, cfg, string(data), 1+int(seed%100))
		rnd := rand.New(rand.NewPCG(seed, 1))
		for size := 0; size < len(data); size += 1 + rnd.IntN(1+len(data)/4) {
			pieces.read(size, Nothing)
		}
		pieces.read(len(data), EndOfFile)
		if pieces.pos != len(data) {
			t.Fatalf("%+v: %d of %d bytes are taken", cfg, pieces.pos, len(data))
		}
		byStart := func(a, b got) int { return cmp.Compare(a.start, b.start) } // of streams that lie across each other the order is free
		slices.SortStableFunc(whole.records, byStart)
		slices.SortStableFunc(pieces.records, byStart)
		if !slices.Equal(whole.records, pieces.records) {
			for i := range min(len(whole.records), len(pieces.records)) {
				if a, b := whole.records[i], pieces.records[i]; a != b {
					t.Fatalf("%+v\n%d bytes, record %d\nat once:   %+v\nin pieces: %+v", cfg, len(data), i, a, b)
				}
			}
			t.Fatalf("%+v\n%d bytes\nat once:   %d records\nin pieces: %d", cfg, len(data), len(whole.records), len(pieces.records))
		}
		if whole.split != pieces.split || whole.truncated != pieces.truncated || whole.forced != pieces.forced || whole.foreign != pieces.foreign {
			t.Fatalf("%+v: counts differ: split %d, %d, truncated %d, %d, forced %d, %d, foreign %d, %d", cfg, whole.split, pieces.split,
				whole.truncated, pieces.truncated, whole.forced, pieces.forced, whole.foreign, pieces.foreign)
		}
		checkText(t, cfg, whole)
	})
}

// checkText compares the records of a file without a container with its text.
func checkText(t *testing.T, cfg Config, r *reader) {
	starts := map[int64]bool{}
	for _, g := range r.records {
		if starts[g.start] && g.text != "" {
			t.Fatalf("%+v: two records start at %d", cfg, g.start)
		}
		starts[g.start] = true
		if body := strings.TrimSuffix(strings.TrimSuffix(g.text, "\n"), "\r"); len(body) > cfg.MaxRecord+1 {
			t.Fatalf("%+v: a record of %d bytes", cfg, len(body))
		}
	}
	if cfg.Container != "" || cfg.Oversize == Truncate || cfg.LineEnd != "" {
		return
	}
	want := string(r.data[r.skipped:])
	switch cfg.Encoding {
	case UTF8:
	case Latin1:
		f := r.rules.NewFramer()
		f.in = Input{}
		text, _ := f.decode([]byte(want), 0, 1<<20)
		want = string(text)
	default:
		return // an over-long line may be cut in the middle of CR and LF, and halves of pairs
	}
	if got := strings.ReplaceAll(r.texts(), "|", ""); got != strings.ReplaceAll(want, "|", "") {
		t.Fatalf("%+v: the records are %q, the file %q", cfg, got, want)
	}
}

// FuzzPlain compares the lines that need no copy with what the general way makes of the same bytes.
func FuzzPlain(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree\nfour"), uint8(5), int64(3))
	f.Add([]byte("123456789\r\n12345678\r\n123456789\n"), uint8(8), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, limit uint8, stop int64) {
		cfg := Config{MaxRecord: int(limit) + 1}
		rules, err := Compile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		in := Input{Data: data, At: 7, Stop: stop}
		plain := rules.NewFramer()
		fast, ok := plain.lines(in)
		if !ok {
			return
		}
		rules.cfg.Encoding = "as UTF-8, but not plain"
		general := rules.NewFramer().Frame(in)
		if len(general.Ends) == maxRecords || len(fast.Ends) == maxLines {
			return
		}
		if fast.Taken != general.Taken || !slices.Equal(fast.Ends, general.Ends) || !bytes.Equal(fast.Data, general.Data) {
			t.Fatalf("%q, limit %d, stop %d: the fast way takes %d in %v, the general one %d in %v",
				data, cfg.MaxRecord, stop, fast.Taken, fast.Ends, general.Taken, general.Ends)
		}
		from := int64(0)
		for i, start := range general.Starts {
			if start != 7+from {
				t.Fatalf("record %d starts at %d, want %d", i, start, 7+from)
			}
			from = int64(general.Ends[i])
		}
	})
}
