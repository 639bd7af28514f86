package framing

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRestartAnywhere reads files in random pieces, goes on anew at each place that was offered for that, and wants the same records.
func TestRestartAnywhere(t *testing.T) {
	for name, cfg := range map[string]Config{
		"lines":     {MaxRecord: 300, SkipHeaderLines: 1},
		"latin-1":   {MaxRecord: 300, Encoding: Latin1, Multiline: Multiline{Continue: `^ `}},
		"groups":    {MaxRecord: 300, Multiline: Multiline{Start: `^\d`, MaxLines: 4}},
		"cut off":   {MaxRecord: 300, Multiline: Multiline{Start: `^\d`, MaxLines: 4}, Oversize: Truncate},
		"ends":      {MaxRecord: 300, Multiline: Multiline{End: `;$`}},
		"cri":       {MaxRecord: 300, Container: CRI, PartialTimeout: 5 * time.Second},
		"cri start": {MaxRecord: 300, Container: CRI, Multiline: Multiline{Start: `^\d`, Timeout: 2 * time.Second}, PartialTimeout: 5 * time.Second},
		"cri end":   {MaxRecord: 300, Container: Auto, Multiline: Multiline{End: `;$`, MaxLines: 3, Timeout: 2 * time.Second}, Oversize: Truncate},
		"narrow":    {MaxRecord: 300, room: 100, Container: Auto, Multiline: Multiline{Start: `^\d`, Timeout: 2 * time.Second}, PartialTimeout: 5 * time.Second},
		"narrower":  {MaxRecord: 256, room: 60, Container: CRI, Multiline: Multiline{Continue: `^ `}, Oversize: Truncate},
		"java":      {MaxRecord: 3000, Container: Auto, Multiline: Multiline{Mode: "java", Timeout: 2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			places := 0
			for seed := range uint64(6) {
				places += restartAnywhere(t, cfg, seed)
			}
			if places < 20 {
				t.Errorf("only %d places", places)
			}
		})
	}
}

func restartAnywhere(t *testing.T, cfg Config, seed uint64) (places int) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	data := randomLog(rnd, cfg.Container != "")
	want := all(t, cfg, data)
	sorted(want.records)
	seen := map[int]bool{}
	for range 10 {
		r := newReader(t, cfg, data, 1+rnd.IntN(500))
		for size := 0; size < len(data); size += 1 + rnd.IntN(200) {
			for more := true; more; more = r.turn(size, Nothing) {
				seen[r.pos] = true
			}
		}
	}
	for pos := range seen {
		r := newReader(t, cfg, data, 1+rnd.IntN(500))
		r.pos, r.started = pos, pos > 0
		r.read(len(data), EndOfFile)
		sorted(r.records)
		i, _ := slices.BinarySearchFunc(want.records, int64(pos), func(g got, pos int64) int { return cmp.Compare(g.start, pos) })
		if !slices.Equal(want.records[i:], r.records) {
			t.Fatalf("seed %d, from %d on: %d records %+v, want %d %+v", seed, pos, len(r.records), r.records[:min(3, len(r.records))], len(want.records)-i, want.records[i:min(i+3, len(want.records))])
		}
	}
	return len(seen)
}

// sorted puts records into the order of the file: of streams that lie across each other it is free.
func sorted(records []got) {
	slices.SortStableFunc(records, func(a, b got) int { return cmp.Compare(a.start, b.start) })
}

// randomLog makes a few hundred lines, of a container with two busy streams or of none.
func randomLog(rnd *rand.Rand, container bool) string {
	texts := []string{"1 begin", "2", " more", "end;", "", "a.b.Exception: x", "\tat a.b(C.java:1)", strings.Repeat("long ", 50), "caf\xc3\xa9", strings.Repeat("\xc3\xa9", 160)}
	var b strings.Builder
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for range 300 {
		text := texts[rnd.IntN(len(texts))]
		at = at.Add(time.Duration(rnd.IntN(400)) * time.Millisecond)
		if rnd.IntN(40) == 0 {
			at = at.Add(3 * time.Second)
		}
		switch tag := "FFFFP"[rnd.IntN(5)]; {
		case !container || rnd.IntN(60) == 0:
			fmt.Fprintf(&b, "%s\n", text)
		default:
			fmt.Fprintf(&b, "%s %s %c %s\n", at.Format(time.RFC3339Nano), []string{"stdout", "stderr"}[rnd.IntN(2)], tag, text)
		}
	}
	return b.String()
}

// TestBusyStreams: where both streams of a container have groups, nothing is torn, and little waits.
func TestBusyStreams(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		stream := []string{"o", "e"}[i%2]
		b.WriteString(cri(fmt.Sprintf("00.%04d", i), stream, "F", fmt.Sprintf("%d begin", i)))
		b.WriteString(cri(fmt.Sprintf("00.%04d", i), stream, "F", " more"))
	}
	cfg := Config{MaxRecord: 300, Container: CRI, Multiline: Multiline{Start: `^\d`, Timeout: time.Second}}
	r := newReader(t, cfg, b.String(), 1<<16)
	r.read(b.Len(), Nothing)
	if len(r.records) != 498 || r.forced != 0 {
		t.Errorf("%d records, %d forced; want 498, the last group of each stream waits", len(r.records), r.forced)
	}
	if r = all(t, cfg, b.String()); len(r.records) != 500 || r.forced != 0 {
		t.Errorf("%d records in the end, %d forced", len(r.records), r.forced)
	}
}
