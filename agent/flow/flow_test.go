package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

const combinedLine = `203.0.113.9 - frank [10/Oct/2025:13:55:36 +0000] "GET /a.gif HTTP/1.1" 200 2326 "http://example.com/start" "Mozilla/5.0"`

func TestLineEnds(t *testing.T) {
	raw, rawBare := config.Encode{Format: "raw", Newline: true}, config.Encode{Format: "raw"}
	js, jsBare := config.Encode{Format: "json", Newline: true}, config.Encode{Format: "json"}
	tests := []struct {
		encode config.Encode
		record string
		want   string
	}{
		{raw, "a\n", "a\n"}, {raw, "a\r\n", "a\r\n"}, {raw, "a", "a\n"}, {raw, "a\r", "a\r\n"}, {raw, "a\rb\n", "a\rb\n"},
		{raw, "\n", "\n"}, {raw, "\r\n", "\r\n"}, {raw, "a\r\r\n", "a\r\r\n"},
		{rawBare, "a\n", "a"}, {rawBare, "a\r\n", "a"}, {rawBare, "a", "a"}, {rawBare, "a\r\r\n", "a\r"}, {rawBare, "\r\n", ""},
		{js, "a\n", `{"message":"a"}` + "\n"}, {js, "a\r\n", `{"message":"a"}` + "\n"}, {js, "a", `{"message":"a"}` + "\n"},
		{js, "a\rb\n", `{"message":"a\rb"}` + "\n"}, {jsBare, "a\n", `{"message":"a"}`}, {jsBare, "\n", `{"message":""}`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %v %q", tt.encode.Format, tt.encode.Newline, tt.record), func(t *testing.T) {
			for _, key := range []string{"random", "field:message"} { // a key per record takes the road through the parser
				d := newFake()
				k, err := ParseKey(key, "h")
				if err != nil {
					t.Fatal(err)
				}
				r := newRig(t, func(c *Config) { c.Encode = tt.encode; c.Sends[0].Key = k }, d)
				r.handle(t, tt.record)
				if got := strings.Join(d.records(), "|"); got != tt.want {
					t.Errorf("key %s: delivered %q, want %q", key, got, tt.want)
				}
				if got := r.frontier(); got != int64(len(tt.record)) {
					t.Errorf("key %s: acknowledged to %d, want %d", key, got, len(tt.record))
				}
				if got := r.Stats().DroppedEmpty; got != int64(1-len(d.records())) {
					t.Errorf("key %s: %d counted as empty, delivered %d", key, got, len(d.records()))
				}
			}
		})
	}
}

func TestRawPointsIntoTheBlock(t *testing.T) {
	d := &peeking{fake: newFake()}
	r := newRig(t, func(c *Config) { c.Sends = []Send{{Name: "stream/a", Destination: d}} })
	b := r.block("one\n", "two\n")
	if err := r.Handle(t.Context(), t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if d.first != unsafe.SliceData(b.Data) {
		t.Error("the entry is a copy of the block's bytes")
	}
}

func TestMismatch(t *testing.T) {
	lines := []string{combinedLine + "\n", "not a request\r\n", combinedLine + "\n"}
	tests := []struct {
		on        config.Mismatch
		format    string
		delivered int
		second    string
		letters   int
	}{
		{config.MismatchKeep, "json", 3, `{"message":"not a request"}` + "\n", 0},
		{config.MismatchKeep, "raw", 3, "not a request\r\n", 0},
		{config.MismatchDrop, "json", 2, "", 0},
		{config.MismatchDeadLetter, "json", 2, "", 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.on)+" "+tt.format, func(t *testing.T) {
			d, told := newFake(), ""
			r := newRig(t, func(c *Config) {
				c.Parse = config.Parse{Format: "combined", OnMismatch: tt.on}
				c.Encode.Format = tt.format
				c.Mismatched = func(b *tailer.Block, lines int, first int64) { told += fmt.Sprintf("%s:%d %d;", b.Path, first, lines) }
			}, d)
			r.handle(t, lines...)
			eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
			if want := fmt.Sprintf("/var/log/a.log:%d 1;", len(lines[0])); told != want {
				t.Errorf("told of %s, want %s", told, want)
			}
			got := d.records()
			if len(got) != tt.delivered || tt.second != "" && got[1] != tt.second {
				t.Errorf("delivered %q, want %d with %q second", got, tt.delivered, tt.second)
			}
			s := r.Stats()
			if s.Mismatched != 1 || s.DeadLettered != int64(tt.letters) || s.DroppedMismatch != int64(3-tt.delivered-tt.letters) {
				t.Errorf("stats %+v", s)
			}
			letters := readLetters(t, s.DeadLetters.Path)
			if len(letters) != tt.letters {
				t.Fatalf("%d dead letters, want %d", len(letters), tt.letters)
			}
			if tt.letters == 1 {
				l, from := letters[0], int64(len(lines[0]))
				if string(l.Data) != lines[1] || l.Offset != from || l.End != from+int64(len(lines[1])) || l.Cause != CauseMismatch ||
					l.File != "/var/log/a.log" || l.FileID != fileID || l.Flow != "web" || l.Version != 1 {
					t.Errorf("letter %+v", l)
				}
			}
		})
	}
}

func TestOversizeGoesToDeadLetters(t *testing.T) {
	small, large := newFake(), newFake()
	small.limit = 9
	key, err := ParseKey("constant:key", "")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *Config) { c.Sends[0].Key = key }, small, large)
	r.handle(t, "12345\n", "123456\n", "1\n") // 9, 10 and 5 bytes with the key
	r.handle(t, "1234567\n")
	eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
	if got := small.records(); !slices.Equal(got, []string{"12345\n", "1\n"}) {
		t.Errorf("the small destination got %q", got)
	}
	if got := large.records(); len(got) != 4 {
		t.Errorf("the large destination got %q, want all 4", got)
	}
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 2 || string(letters[0].Data) != "123456\n" || letters[0].Offset != 6 || letters[0].Destination != "stream/a" ||
		letters[1].Offset != 15 || letters[0].Cause != CauseOversize {
		t.Errorf("letters %+v", letters)
	}
	if s := r.Stats(); s.Oversize != 2 || s.RecordsRead != 4 || s.RecordsDelivered != 2 || s.Destinations[1].Records != 4 {
		t.Errorf("stats %+v", s)
	}
}

// TestLargeRecords: a record that escapes make much longer arrives if it may, and goes to the dead letters as it is in the file if not.
func TestLargeRecords(t *testing.T) {
	d := newFake()
	d.limit = 6 * 1000
	r := newRig(t, func(c *Config) { c.Encode, c.ChunkBytes = config.Encode{Format: "json", Newline: true}, 1000 }, d)
	fits, tooLong := strings.Repeat("\x01", 900)+"\n", strings.Repeat("\x02", 1000)+"\n"
	r.handle(t, "a\n", fits, tooLong, "b\n")
	eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
	want := []string{`{"message":"a"}` + "\n", `{"message":"` + strings.Repeat(`\u0001`, 900) + `"}` + "\n", `{"message":"b"}` + "\n"}
	if got := d.records(); !slices.Equal(got, want) {
		t.Errorf("delivered %q", got)
	}
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || string(letters[0].Data) != tooLong || letters[0].Offset != 903 || letters[0].End != 903+1001 || letters[0].Destination != "stream/a" {
		t.Errorf("letters %+v", letters)
	}
	if s := r.Stats(); s.Oversize != 1 || s.DeadLettered != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestRefusedGoesToDeadLetters(t *testing.T) {
	d := newFake()
	d.refuse = func(data []byte) bool { return data[0] == 'x' }
	d.hold = true
	r := newRig(t, nil, d)
	r.handle(t, "a\n", "x\n", "b\n")
	if got := r.frontier(); got != -1 {
		t.Errorf("acknowledged to %d before any answer", got)
	}
	d.answer(0)
	eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || string(letters[0].Data) != "x\n" || letters[0].Reason != "will not have it" || letters[0].End != 6 {
		t.Errorf("letters %+v", letters)
	}
	if s := r.Stats(); s.Refused != 1 || s.DeadLettered != 1 || s.RecordsDelivered != 2 || s.BytesDelivered != 4 {
		t.Errorf("stats %+v", s)
	}
}

func TestAnswersInAnyOrder(t *testing.T) {
	one, two := newFake(), newFake()
	one.hold, two.hold = true, true
	r := newRig(t, nil, one, two)
	r.handle(t, "a\n")
	r.handle(t, "b\n")
	for _, step := range []struct {
		from *fake
		n    int
		want int64
	}{{one, 1, -1}, {two, 1, -1}, {two, 0, -1}, {one, 0, 4}} {
		step.from.answer(step.n)
		if got := r.frontier(); got != step.want {
			t.Errorf("acknowledged to %d, want %d", got, step.want)
		}
	}
}

func TestBlockWithoutRecords(t *testing.T) {
	d := newFake()
	r := newRig(t, nil, d)
	b := &tailer.Block{ID: fileID, Skipped: 100, Next: tailer.Position{ID: fileID, Offset: 100}}
	if err := r.Handle(t.Context(), t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if r.frontier() != 100 || d.puts != 0 {
		t.Errorf("acknowledged to %d with %d puts, want 100 and none", r.frontier(), d.puts)
	}
}

// TestFailedBlockIsOfferedAgain: what a failed Handle left behind must not hold up the second attempt.
func TestFailedBlockIsOfferedAgain(t *testing.T) {
	d := newFake()
	d.failing = errors.New("closed")
	r := newRig(t, nil, d)
	b := r.block("a\n", "b\n")
	if err := r.Handle(t.Context(), t.Context(), b); !errors.Is(err, d.failing) {
		t.Fatalf("Handle: %v, want %v", err, d.failing)
	}
	d.failing = nil
	if err := r.Handle(t.Context(), t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if r.frontier() != 4 || r.Stats().RecordsRead != 2 {
		t.Errorf("acknowledged to %d with %d records read, want 4 and 2", r.frontier(), r.Stats().RecordsRead)
	}
}

// TestStopFinishesBlocks: a block that is begun when reading ends is put as a whole, none is begun after it.
func TestStopFinishesBlocks(t *testing.T) {
	d := newFake()
	d.blocked = make(chan struct{})
	r := newRig(t, nil, d)
	reading, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	b := r.block("a\n")
	go func() { done <- r.Handle(reading, t.Context(), b) }()
	eventually(t, "the block is begun", func() bool { return r.tracker.InFlight() == 2 })
	stop()
	close(d.blocked)
	if err := <-done; err != nil || r.frontier() != 2 {
		t.Errorf("Handle: %v, acknowledged to %d; want success and 2", err, r.frontier())
	}
	if err := r.Handle(reading, t.Context(), r.block("b\n")); !errors.Is(err, context.Canceled) || r.frontier() != 2 {
		t.Errorf("Handle after the end of reading: %v, acknowledged to %d; want %v and 2", err, r.frontier(), context.Canceled)
	}
}

func TestBlockedDestination(t *testing.T) {
	d := newFake()
	d.blocked = make(chan struct{})
	r := newRig(t, nil, d)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := r.Handle(ctx, ctx, r.block("a\n")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Handle: %v, want %v", err, context.DeadlineExceeded)
	}
	if got := r.tracker.InFlight(); got != 0 {
		t.Errorf("%d bytes in flight after a block that was not taken", got)
	}
}

// TestEveryRecordOnce sends random blocks through chunks of every size to destinations that refuse at random and answer in random order: each
// record arrives at each destination in order, or is a dead letter, once.
func TestEveryRecordOnce(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { everyRecordOnce(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func everyRecordOnce(t *testing.T, rng *rand.Rand) {
	dests := []*fake{newFake(), newFake()}
	for i, d := range dests {
		d.hold = true
		d.limit = 30 + rng.IntN(60)
		modulus := byte(3 + i)
		d.refuse = func(data []byte) bool { return data[len(data)/2]%modulus == 0 }
	}
	r := newRig(t, func(c *Config) {
		c.ChunkBytes = 1 + rng.IntN(300)
		if rng.IntN(2) == 0 {
			c.Encode.Format = "json"
		}
	}, dests...)
	sent := 0
	for range 20 {
		var records []string
		for range rng.IntN(20) {
			records = append(records, fmt.Sprintf("%06d %s\n", sent, strings.Repeat("x", rng.IntN(60))))
			sent++
		}
		r.handle(t, records...)
		for range rng.IntN(8) {
			answerOne(rng, dests)
		}
	}
	for answerOne(rng, dests) {
	}
	eventually(t, "all acknowledged", func() bool { return r.frontier() == r.offset })
	letters := readLetters(t, r.letters.State().Path)
	for i, d := range dests {
		got := make(map[string]int)
		last := ""
		for _, rec := range d.records() {
			rec = strings.TrimPrefix(rec, `{"message":"`)[:6]
			if rec <= last {
				t.Errorf("destination %d: %s after %s", i, rec, last)
			}
			last = rec
			got[rec]++
		}
		for _, l := range letters {
			if l.Destination == r.cfg.Sends[i].Name {
				got[strings.TrimPrefix(string(l.Data), `{"message":"`)[:6]]++
			}
		}
		for n := range sent {
			if times := got[fmt.Sprintf("%06d", n)]; times != 1 {
				t.Errorf("destination %d: record %d is there %d times", i, n, times)
			}
		}
	}
	if s := r.Stats(); s.DeadLettered != int64(len(letters)) || s.Oversize+s.Refused != s.DeadLettered || s.RecordsRead != int64(sent) {
		t.Errorf("stats %+v with %d letters, %d sent", s, len(letters), sent)
	}
}

func answerOne(rng *rand.Rand, dests []*fake) bool {
	d := dests[rng.IntN(len(dests))]
	if len(d.waiting) == 0 {
		d = dests[0]
		if len(d.waiting) == 0 {
			d = dests[1]
		}
	}
	if len(d.waiting) == 0 {
		return false
	}
	d.answer(rng.IntN(len(d.waiting)))
	return true
}

func TestObserve(t *testing.T) {
	r := newRig(t, nil, newFake())
	for _, e := range []tailer.Event{
		{Kind: tailer.LineSplit, Count: 3}, {Kind: tailer.PartialSent, Bytes: 5}, {Kind: tailer.FileTruncated, Bytes: 40},
		{Kind: tailer.FileGone, Bytes: 40}, {Kind: tailer.FileGone, NewID: tailer.FileID{1}, Bytes: -1}, {Kind: tailer.FileGone, Bytes: -1, Earlier: true}, {Kind: tailer.FileGone, Earlier: true},
		{Kind: tailer.FileGone, Bytes: 2, Earlier: true}, {Kind: tailer.FileFound, Bytes: 9},
	} {
		r.Observe(e)
	}
	if s := r.Stats(); s.Split != 3 || s.Partial != 1 || s.Gaps != 3 || s.GapBytes != 42 || s.Vanished != 2 {
		t.Errorf("stats %+v", s)
	}
}

func TestNewReportsBadFormats(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"format":  func(c *Config) { c.Parse.Format = "combinde" },
		"pattern": func(c *Config) { c.Parse = config.Parse{Format: "regex", Pattern: "("} },
		"encode":  func(c *Config) { c.Encode.Format = "xml" },
		"sends":   func(c *Config) { c.Sends = nil },
	} {
		r := newRig(t, nil, newFake())
		cfg := r.cfg
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "web") {
			t.Errorf("%s: New: %v, want an error that names the flow", name, err)
		}
	}
}
