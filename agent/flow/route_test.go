package flow

import (
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"

	"github.com/weir-logs/weir/parsers/edit"
)

// route gives the sends of a configuration conditions; "default" is the default entry.
func route(format string, conditions ...string) func(*Config) {
	return func(c *Config) {
		c.Parse = config.Parse{Format: format, OnMismatch: config.MismatchKeep}
		c.Encode.Format = "json"
		for i, when := range conditions {
			if when == "default" {
				c.Sends[i].Default = true
			} else {
				c.Sends[i].When = when
			}
		}
	}
}

func fakes(n int) []*fake {
	all := make([]*fake, n)
	for i := range all {
		all[i] = newFake()
	}
	return all
}

func TestRoutes(t *testing.T) {
	d := fakes(4)
	r := newRig(t, route("json", `status >= 500`, "", "default", `level == "warn" or status == 503`), d...)
	lines := []string{`{"status":200}`, `{"status":500}`, `{"status":503}`, `{"level":"warn","status":1}`, `{"level":"info"}`, `no json`}
	for i := range lines {
		lines[i] += "\n"
	}
	r.handle(t, lines...)
	last := `{"message":"no json"}` + "\n"
	want := [][]string{lines[1:3], append(slices.Clone(lines[:5]), last), {lines[0], lines[4], last}, lines[2:4]}
	for i := range d {
		if got := d[i].records(); !slices.Equal(got, want[i]) {
			t.Errorf("destination %d got %q, want %q", i, got, want[i])
		}
	}
	s := r.Stats()
	if s.ConditionFailed != 2 || s.Unrouted != 0 || s.RecordsRead != 6 || s.RecordsDelivered != 6 { // failed: the last two have no status
		t.Errorf("%+v", s)
	}
	if r.frontier() != r.offset {
		t.Errorf("acknowledged to %d of %d", r.frontier(), r.offset)
	}
}

func TestUnrouted(t *testing.T) {
	for _, on := range []config.Unrouted{config.UnroutedDrop, config.UnroutedDeadLetter} {
		d := fakes(2)
		r := newRig(t, func(c *Config) {
			route("json", `status == 1`, `status == 2`)(c)
			c.OnUnrouted = on
		}, d...)
		r.handle(t, `{"status":3}`+"\n", `{"status":4}`+"\n")
		eventually(t, "all of it is acknowledged", func() bool { return r.frontier() == r.offset })
		if n := len(d[0].records()) + len(d[1].records()); n != 0 {
			t.Errorf("%s: %d records were sent", on, n)
		}
		letters := readLetters(t, r.letters.State().Path)
		if s := r.Stats(); s.Unrouted != 2 || s.RecordsRead != 2 || s.RecordsDelivered != 0 || int(s.DeadLettered) != len(letters) {
			t.Errorf("%s: %+v", on, s)
		}
		if on == config.UnroutedDrop && len(letters) != 0 {
			t.Errorf("%d dead letters", len(letters))
		}
		if on == config.UnroutedDeadLetter && (len(letters) != 2 || letters[1].Cause != CauseUnrouted || string(letters[1].Data) != `{"status":4}`+"\n") {
			t.Errorf("%+v", letters)
		}
	}
}

// TestRoutesPlainLines: format none has the field message, and raw sends the line as it is, to the byte.
func TestRoutesPlainLines(t *testing.T) {
	d := fakes(2)
	r := newRig(t, func(c *Config) {
		route("none", `message contains "ERROR"`, "default")(c)
		c.Encode.Format = "raw"
	}, d...)
	r.handle(t, "an ERROR\r\n", "fine\n", "ERROR without an end")
	if got := strings.Join(d[0].records(), "|"); got != "an ERROR\r\n|ERROR without an end\n" {
		t.Errorf("%q", got)
	}
	if got := strings.Join(d[1].records(), "|"); got != "fine\n" {
		t.Errorf("%q", got)
	}
}

// TestRoutesWaitForAll: what is read is acknowledged when each destination that gets a part of it has its part.
func TestRoutesWaitForAll(t *testing.T) {
	d := fakes(2)
	d[0].hold, d[1].hold = true, true
	r := newRig(t, route("json", `a == 1`, `a == 2`), d...)
	r.handle(t, `{"a":1}`+"\n", `{"a":2}`+"\n", `{"a":3}`+"\n")
	d[1].answer(0)
	if got := r.frontier(); got > 0 {
		t.Errorf("acknowledged to %d while one destination has not answered", got)
	}
	d[0].answer(0)
	if got := r.frontier(); got != r.offset {
		t.Errorf("acknowledged to %d of %d", got, r.offset)
	}
}

// TestRoutesKeysAndLimits: keys and what is too large belong to the entry that a destination got, not to its place in the chunk.
func TestRoutesKeysAndLimits(t *testing.T) {
	d := fakes(3)
	d[1].limit = 40
	key, err := ParseKey("field:k", "")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *Config) {
		route("json", `a != 2`, `a >= 2`, "default")(c)
		for i := range c.Sends {
			c.Sends[i].Key = key
		}
	}, d...)
	large := `{"a":4,"k":"x","text":"` + strings.Repeat("y", 40) + `"}`
	r.handle(t, `{"a":1,"k":"one"}`+"\n", `{"a":2,"k":"two"}`+"\n", `{"a":3,"k":"three"}`+"\n", large+"\n")
	if !slices.Equal(d[0].keys, []string{"one", "three", "x"}) || !slices.Equal(d[1].keys, []string{"two", "three"}) || len(d[2].keys) != 0 {
		t.Errorf("keys %q, %q, %q", d[0].keys, d[1].keys, d[2].keys)
	}
	eventually(t, "all of it is acknowledged", func() bool { return r.frontier() == r.offset })
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || letters[0].Destination != "stream/b" || string(letters[0].Data) != large+"\n" {
		t.Errorf("%+v", letters)
	}
}

// TestRoutesLargeRecords: a record that is too large for all is buried for those only that it goes to.
func TestRoutesLargeRecords(t *testing.T) {
	d := fakes(2)
	d[0].limit, d[1].limit = 100, 100
	r := newRig(t, func(c *Config) {
		route("json", `a == 1`, `a == 2`)(c)
		c.ChunkBytes = 600
	}, d...)
	r.handle(t, `{"a":2,"text":"`+strings.Repeat("y", 400)+`"}`+"\n")
	eventually(t, "all of it is acknowledged", func() bool { return r.frontier() == r.offset })
	letters := readLetters(t, r.letters.State().Path)
	if len(letters) != 1 || letters[0].Destination != "stream/b" || r.Stats().Oversize != 1 {
		t.Errorf("%d letters, %+v", len(letters), r.Stats())
	}
}

// TestRoutesAgainstAModel: over many blocks and chunks each record goes to exactly the destinations that a plain reading of the conditions
// gives it to, in order.
func TestRoutesAgainstAModel(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	d := fakes(4)
	r := newRig(t, func(c *Config) {
		route("json", `n % 2 == 0`, `n > 50 and n < 80`, "default", "")(c)
		c.ChunkBytes = 200
	}, d...)
	want := make([][]string, 4)
	for range 40 {
		var block []string
		for range random.IntN(60) {
			n := random.IntN(100)
			line := fmt.Sprintf(`{"n":%d,"x":"%x"}`, n, random.Uint32()) + "\n"
			block = append(block, line)
			even, middle := n%2 == 0, n > 50 && n < 80
			for i, takes := range []bool{even, middle, !even && !middle, true} {
				if takes {
					want[i] = append(want[i], line)
				}
			}
		}
		r.handle(t, block...)
	}
	for i := range d {
		if got := d[i].records(); !slices.Equal(got, want[i]) {
			t.Errorf("seed %d: destination %d got %d records, want %d", seed, i, len(got), len(want[i]))
		}
	}
	if r.frontier() != r.offset || r.Stats().Unrouted != 0 {
		t.Errorf("seed %d: acknowledged to %d of %d, %+v", seed, r.frontier(), r.offset, r.Stats())
	}
}

func TestUndecided(t *testing.T) {
	var told []Undecided
	d := fakes(1)
	r := newRig(t, func(c *Config) {
		route("json", `status > 1`)(c)
		c.Undecided = func(u Undecided) { told = append(told, u) }
	}, d...)
	r.handle(t, `{"status":2}`+"\n", `{"other":2}`+"\n", `{"status":"x"}`+"\n")
	r.handle(t, `{"status":2}`+"\n")
	r.handle(t, `{}`+"\n")
	if len(told) != 2 || told[0].Times != 2 || told[0].First != 13 || told[1].Times != 1 || told[1].First != told[1].Block.Offset {
		t.Fatalf("%+v", told)
	}
	if got := told[0].Err.Error(); got != "when status > 1: the record has no status" {
		t.Error(got)
	}
	if s := r.Stats(); s.ConditionFailed != 3 || s.Unrouted != 3 || len(d[0].records()) != 2 {
		t.Errorf("%+v", s)
	}
}

// TestUndone: each block with records that a step failed on is told of once, with the step and the first record.
func TestUndone(t *testing.T) {
	var told []Undone
	d := fakes(1)
	r := newRig(t, func(c *Config) {
		route("json", "")(c)
		c.Edit = []edit.Spec{edit.Remove{"b"}, edit.DropIf("status > 1")}
		c.Undone = func(u Undone) { told = append(told, u) }
	}, d...)
	r.handle(t, `{"status":1}`+"\n", `{"other":2}`+"\n", `{}`+"\n")
	r.handle(t, `{"status":1}`+"\n")
	if len(told) != 1 || told[0].Times != 2 || told[0].First != 13 || told[0].Step != "edit[1].drop_if" {
		t.Fatalf("%+v", told)
	}
	if s := r.Stats(); s.EditFailed != 2 || len(d[0].records()) != 4 {
		t.Errorf("%+v", s)
	}
}

func TestWrongCondition(t *testing.T) {
	r := newRig(t, nil, newFake())
	cfg := r.cfg
	cfg.Sends = []Send{{Name: "stream/a", Destination: newFake(), When: "status >"}}
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "flow web: stream/a: when: column 8 of the expression") {
		t.Error(err)
	}
}

// discardRoutes is the configuration of the benchmark and the test of allocations: half of the records to one of two, all to a third.
func discardRoutes(c *Config) {
	toJSON(c)
	c.Sends = []Send{
		{Name: "stream/a", Destination: discard{}, When: `status >= 400 and path startsWith "/shop"`},
		{Name: "stream/b", Destination: discard{}, Default: true},
		{Name: "stream/c", Destination: discard{}},
	}
}

// BenchmarkRoutes is BenchmarkCombinedToJSON with three destinations, two of which get a part.
func BenchmarkRoutes(b *testing.B) { benchmarkFlow(b, discardRoutes) }

// BenchmarkNoRoutes is the same with three destinations that get all.
func BenchmarkNoRoutes(b *testing.B) {
	benchmarkFlow(b, func(c *Config) {
		discardRoutes(c)
		for i := range c.Sends {
			c.Sends[i].When, c.Sends[i].Default = "", false
		}
	})
}

// TestRoutesHashKeys: a key that is a hash is that of the record that the destination got.
func TestRoutesHashKeys(t *testing.T) {
	d := fakes(2)
	key, err := ParseKey("hash", "")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *Config) {
		route("json", `a == 2`, "default")(c)
		c.Sends[0].Key, c.Sends[1].Key = key, key
	}, d...)
	r.handle(t, `{"a":1}`+"\n", `{"a":2}`+"\n", `{"a":3}`+"\n", `{"a":2}`+"\n")
	for i := range d {
		for j, record := range d[i].records() {
			if want := fmt.Sprintf("%x", md5.Sum([]byte(record))); d[i].keys[j] != want {
				t.Errorf("destination %d: %q has the key %s, want %s", i, record, d[i].keys[j], want)
			}
		}
		if len(d[i].keys) != 2 {
			t.Errorf("destination %d has %d records", i, len(d[i].keys))
		}
	}
}
