package agent

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
	"github.com/weir-logs/weir/tailer"
)

// lettersOf returns the lines in the dead letters of a flow for one destination.
func lettersOf(t *testing.T, path, destination string) string {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var text strings.Builder
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l flow.Letter
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Destination == destination {
			if l.Cause != flow.CauseGivenUp {
				t.Errorf("cause %q", l.Cause)
			}
			text.Write(l.Data)
		}
	}
	return text.String()
}

// onlyOnce reports lines of want that are not in got exactly once.
func onlyOnce(t *testing.T, what, got, want string) {
	t.Helper()
	count := map[string]int{}
	for line := range strings.Lines(got) {
		count[line]++
	}
	missing, twice := 0, 0
	for line := range strings.Lines(want) {
		switch n := count[line]; {
		case n == 0:
			missing++
		case n > 1:
			twice++
		}
		delete(count, line)
	}
	if missing > 0 || twice > 0 || len(count) > 0 {
		t.Errorf("%s: %d lines are missing, %d came twice, %d are foreign", what, missing, twice, len(count))
	}
}

// offsetOf returns how far a destination's position is saved, of the flow's one file.
func offsetOf(t *testing.T, r *running, destination string) int64 {
	t.Helper()
	rows, err := r.Positions("web")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Destination == destination {
			return row.Offset
		}
	}
	return -1
}

// TestDeadDestination: a flow has three destinations and one does not exist. What the others get, what is saved, what the status says, and that nothing
// is lost or doubled once it exists, by each choice.
func TestDeadDestination(t *testing.T) {
	for _, choice := range []config.Failure{config.FailureBlock, config.FailureDeadLetter, config.FailureLag} {
		t.Run(string(choice), func(t *testing.T) {
			b := newBench(t)
			b.cfg.Memory, b.cfg.Flows[0].DeadLetter.MaxSize = 64<<20, 16<<20
			service := &fakeService{streams: map[string][]string{"a": nil, "b": nil}}
			server := httptest.NewServer(service)
			b.cfg.Endpoint, b.cfg.Credentials.Local = server.URL, true
			b.cfg.Flows[0].Send = []config.Send{
				{Stream: "a", Linger: time.Millisecond}, {DeliveryStream: "b", Linger: time.Millisecond},
				{Stream: "dead", Linger: time.Millisecond, OnFailure: choice, GiveUpAfter: time.Second},
			}
			path := filepath.Join(b.logs, "a.log")
			content := func() string {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			b.write("a.log", 0, 3000)
			size := int64(len(content()))
			r := b.run(realProducers)
			eventually(t, "the living destinations have all lines", func() bool {
				return strings.Count(service.got("a"), "\n") == 3000 && strings.Count(service.got("b"), "\n") == 3000
			})
			var problems string
			eventually(t, "the status says what is wrong", func() bool {
				problems = strings.Join(r.Status().Problems, "\n")
				return strings.Contains(problems, "stream/dead fails")
			})
			first := service.got("a")
			switch choice {
			case config.FailureBlock:
				if !strings.Contains(problems, "waiting for it: flow web") {
					t.Errorf("problems %q", problems)
				}
				if got := offsetOf(t, r, "stream/a"); got != 0 {
					t.Errorf("the checkpoint goes on to %d though a destination has nothing", got)
				}
			case config.FailureDeadLetter:
				eventually(t, "all is given up and saved", func() bool { return offsetOf(t, r, "stream/dead") == size })
				s := r.Status()
				if c := s.Flows[0].Counters; c.GivenUp != 3000 || c.DeadLettered != 3000 || s.Destinations[2].Stats.GivenUp != 3000 {
					t.Errorf("counters %+v, %+v", c, s.Destinations[2].Stats)
				}
				if problems = strings.Join(s.Problems, "\n"); !strings.Contains(problems, "3000 records were given up since the start and are in the dead letters of flow web") {
					t.Errorf("problems %q", problems)
				}
			case config.FailureLag:
				eventually(t, "the others are saved", func() bool { return offsetOf(t, r, "stream/a") == size && offsetOf(t, r, "delivery/b") == size })
				if got := offsetOf(t, r, "stream/dead"); got != 0 {
					t.Errorf("the dead one is saved at %d", got)
				}
				f := r.Status().Flows[0]
				if len(f.Readings) != 2 || f.Readings[0].Lag != 0 || f.Readings[1].Lag != size || f.Readings[1].Destinations[0] != "stream/dead" || f.Lag() != size {
					t.Errorf("status %+v", f)
				}
				if !strings.Contains(problems, "lagging behind the other destinations of flow web") {
					t.Errorf("problems %q", problems)
				}
			}
			letters := r.Status().Flows[0].Counters.DeadLetters.Path
			r.Kill()
			if err := r.wait(); err != nil {
				t.Fatal(err)
			}
			server.Close() // so that no request of the killed agent is answered later
			server = httptest.NewServer(service)
			defer server.Close()
			b.cfg.Endpoint = server.URL
			service.create("dead")
			b.write("a.log", 3000, 500)
			r = b.run(realProducers)
			r.idle()
			r.mustStop()
			onlyOnce(t, "the dead one", service.got("dead")+lettersOf(t, letters, "stream/dead"), content())
			if choice == config.FailureDeadLetter && strings.Count(service.got("dead"), "\n") != 500 {
				t.Error("what is new does not go to a destination that works again")
			}
			rest := service.got("a")
			if choice == config.FailureBlock {
				rest = strings.TrimPrefix(rest, first) // was in flight when the agent was killed, and is sent again
			}
			onlyOnce(t, "the living one", rest, content())
		})
	}
}

// lagBench is a bench whose flow has a destination that moves with no other.
func lagBench(t *testing.T) (b *bench, slow *fakeStream) {
	b, slow = newBench(t), newFakeStream()
	b.cfg.Flows[0].Send = append(b.cfg.Flows[0].Send, config.Send{Stream: "slow", OnFailure: config.FailureLag})
	return b, slow
}

// toBoth lets agents send to both streams.
func (b *bench) toBoth(slow *fakeStream) func(*Options) {
	return func(o *Options) {
		o.Destination = func(s config.Send) (sink.Destination, error) {
			if s.Stream == "slow" {
				return slow.open(s)
			}
			return b.stream.open(s)
		}
	}
}

// sameIDs fails unless both readings know each file under one id.
func sameIDs(t *testing.T, f status.Flow) {
	t.Helper()
	ids := map[string]string{}
	for _, file := range f.Files {
		if file.ID != (tailer.FileID{}).String() { // nobody has looked into it yet
			ids[file.Path] = file.ID
		}
	}
	for _, file := range f.Readings[1].Files {
		if id, ok := ids[file.Path]; ok && file.ID != (tailer.FileID{}).String() && file.State != "rotated" && file.State != tailer.StatePipe && id != file.ID {
			t.Errorf("%s is %s in one reading and %s in the other", file.Path, id, file.ID)
		}
	}
}

// TestLagTakesItsPlaceAlong: a destination begins to lag where it is, and moves with the others again from where it is.
func TestLagTakesItsPlaceAlong(t *testing.T) {
	b, slow := lagBench(t)
	lag := &b.cfg.Flows[0].Send[1].OnFailure
	lines := 0
	step := func(mode config.Failure) {
		t.Helper()
		*lag = mode
		b.write("a.log", lines, 300)
		b.write(fmt.Sprintf("%s%d.log", mode, lines), lines, 20)
		lines += 300
		r := b.run(b.toBoth(slow))
		r.idle()
		r.mustStop()
	}
	step(config.FailureBlock)
	step(config.FailureLag)
	step(config.FailureLag)
	step(config.FailureBlock)
	b.mustHaveAll(true)
	fast := b.stream
	b.stream = slow
	b.mustHaveAll(true)
	b.stream = fast

	// Behind when it stops to lag: the others get again what is between, and it loses nothing.
	*lag = config.FailureLag
	slow.stop()
	b.write("a.log", lines, 300)
	lines += 300
	r := b.run(b.toBoth(slow))
	eventually(t, "the others are there", func() bool {
		f := r.Status().Flows[0]
		return len(f.Readings) == 2 && f.Readings[0].Lag == 0 && f.Readings[1].Lag > 0 && r.units()[0].reader.Load().tracker.Idle()
	})
	sameIDs(t, r.Status().Flows[0])
	r.Kill()
	if err := r.wait(); err != nil {
		t.Fatal(err)
	}
	slow.start()
	step(config.FailureBlock)
	b.mustHaveAll(false)
	b.stream = slow
	b.mustHaveAll(true)
}

// TestLagProperty interleaves writing, rotation, outages of the one that lags, changes of its choice, stops and kills. Nothing may be lost by either, the one that works is not held
// up, and ids agree.
func TestLagProperty(t *testing.T) {
	steps := 60
	if testing.Short() {
		steps = 20
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	b, slow := lagBench(t)
	b.cfg.Memory = 16 << 20
	b.cfg.Flows[0].InFlight = 64 << 10
	b.stream.delay, slow.delay = 3*time.Millisecond, 3*time.Millisecond
	lines, rotated, down := 0, 0, false
	write := func() {
		for _, name := range []string{"a.log", "b.log"} {
			b.write(name, lines, 150)
		}
		lines += 150
	}
	var r *running
	fast := func() bool { // all that is there has arrived at the one that works
		f := r.Status().Flows[0]
		for _, file := range f.Files {
			if file.Acked != file.Size {
				return false
			}
		}
		return len(f.Files) > 0
	}
	end := func(kill bool) {
		if kill || down {
			r.Kill()
		} else {
			r.stop()
		}
		if err := r.wait(); err != nil {
			t.Fatal(err)
		}
		r = nil
	}
	write()
	r = b.run(b.toBoth(slow))
	r.idle() // what is rotated before the first start is history
	for range steps {
		if r == nil {
			r = b.run(b.toBoth(slow))
		}
		switch random.IntN(6) {
		case 0, 1:
			write()
		case 2:
			name := []string{"a.log", "b.log"}[random.IntN(2)]
			if err := os.Rename(filepath.Join(b.logs, name), filepath.Join(b.logs, fmt.Sprintf("%s.%d", name, rotated))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			rotated++
			write()
		case 3:
			if down = !down; down {
				slow.stop()
			} else {
				slow.start()
			}
		case 4:
			end(random.IntN(2) == 0)
		case 5:
			eventually(t, "the one that works has all", fast)
		}
	}
	if down {
		slow.start()
		down = false
	}
	if r == nil {
		r = b.run(b.toBoth(slow))
	}
	r.idle()
	b.mustHaveAll(false)
	other := *b
	other.stream = slow
	other.mustHaveAll(false)
	sameIDs(t, r.Status().Flows[0])
	r.mustStop()
}

// TestLagPositions: positions are shown for each destination, and edited for one or for all.
func TestLagPositions(t *testing.T) {
	b, slow := lagBench(t)
	b.write("a.log", 0, 100)
	path := filepath.Join(b.logs, "a.log")
	r := b.run(b.toBoth(slow))
	r.idle()
	edit := func(e positions.Edit) {
		t.Helper()
		e.Flow = "web"
		if _, err := r.EditPositions(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		r.idle()
	}
	times := func(s *fakeStream) (most int) {
		for _, n := range s.count() {
			most = max(most, n)
		}
		return most
	}
	edit(positions.Edit{Set: []positions.Place{{File: path}}, Destination: "stream/slow"})
	if a, b := times(b.stream), times(slow); a != 1 || b != 2 {
		t.Errorf("sent %d and %d times, want 1 and 2", a, b)
	}
	edit(positions.Edit{Set: []positions.Place{{File: path}}})
	if a, b := times(b.stream), times(slow); a != 2 || b != 3 {
		t.Errorf("sent %d and %d times, want 2 and 3", a, b)
	}
	slow.stop()
	b.write("a.log", 100, 100)
	eventually(t, "the slow one has something in flight", func() bool { return r.units()[1].reader.Load().tracker.InFlight() > 0 })
	edit2 := positions.Edit{Flow: "web", Set: []positions.Place{{File: path}}, Destination: "stream/web"} // the dead one is not asked
	if _, err := r.EditPositions(t.Context(), edit2); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the living one has sent it again", func() bool { return times(b.stream) == 3 })
	sameIDs(t, r.Status().Flows[0])
	var refused *positions.RefusedError
	if _, err := r.EditPositions(t.Context(), positions.Edit{Flow: "web", All: true, Destination: "stream/nobody"}); !errors.As(err, &refused) {
		t.Errorf("an unknown destination: %v", err)
	}
	slow.start()
	r.idle()
	r.mustStop()
}

// TestLagBuriesOnce: a line without the flow's format is one dead letter, however many readings there are.
func TestLagBuriesOnce(t *testing.T) {
	b, slow := lagBench(t)
	f := &b.cfg.Flows[0]
	f.Parse = config.Parse{Format: "json", OnMismatch: config.MismatchDeadLetter}
	if err := os.WriteFile(filepath.Join(b.logs, "a.log"), []byte("{\"a\":1}\nno JSON\n{\"a\":2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := b.run(b.toBoth(slow))
	r.idle()
	if c := r.Status().Flows[0].Counters; c.DeadLettered != 1 || c.Mismatched != 1 || c.DroppedMismatch != 0 || c.RecordsRead != 3 || len(slow.count()) != 2 || len(b.stream.count()) != 2 {
		t.Errorf("counters %+v", c)
	}
	r.mustStop()
}

// TestPlanCountsReadings: each reading takes its memory, and packs theirs.
func TestPlanCountsReadings(t *testing.T) {
	f := &config.Flow{Read: config.Read{MaxRecord: 1 << 20}, Send: []config.Send{{Stream: "a"}, {DeliveryStream: "b"}}}
	s := shapes()[0]
	one := s.readers(f)
	f.Send[1].Pack = 5000
	if got := s.readers(f); got != one+int64(s.workers*s.chunk) {
		t.Errorf("with packs %d bytes, without %d", got, one)
	}
	f.Send[1].Pack, f.Send[1].OnFailure = 0, config.FailureLag
	if got := s.readers(f); got != 2*one {
		t.Errorf("with two readings %d bytes, with one %d", got, one)
	}
}

// TestReadingsDecideAsOne: conditions, the default entry and records that nobody gets are as if there were one reading, however many there are.
func TestReadingsDecideAsOne(t *testing.T) {
	for name, lag := range map[string][]int{"together": nil, "the default lags": {1}, "a condition lags": {0}, "all lag": {0, 1, 2}} {
		for _, unrouted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, unrouted %v", name, unrouted), func(t *testing.T) {
				b := newBench(t)
				streams := map[string]*fakeStream{"errors": newFakeStream(), "rest": newFakeStream(), "lost": newFakeStream()}
				f := &b.cfg.Flows[0]
				f.Parse, f.Encode.Format, f.OnUnrouted = config.Parse{Format: "json", OnMismatch: config.MismatchKeep}, "json", config.UnroutedDeadLetter
				f.Send = []config.Send{
					{Stream: "errors", When: "status >= 500", PartitionKey: "hash"}, {Stream: "rest", Default: true}, {Stream: "lost", When: "status == 404", PartitionKey: "field:status"},
				}
				if unrouted {
					f.Send[1].Default, f.Send[1].When = false, "status == 200"
				}
				for _, i := range lag {
					f.Send[i].OnFailure = config.FailureLag
				}
				lines := []string{`{"status":200}`, `{"status":500}`, `{"status":404}`, `{"status":503}`, `{"status":301}`}
				if err := os.WriteFile(filepath.Join(b.logs, "a.log"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				r := b.run(func(o *Options) {
					o.Destination = func(s config.Send) (sink.Destination, error) { return streams[s.Stream].open(s) }
				})
				r.idle()
				s := r.Status().Flows[0].Counters
				r.mustStop()
				want := map[string][]int{"errors": {1, 3}, "rest": {0, 4}, "lost": {2}}
				left, delivered := 0, int64(5)
				if unrouted {
					want["rest"], left, delivered = []int{0}, 1, 4
				}
				for stream, which := range want {
					got := streams[stream].count()
					for _, i := range which {
						if got[lines[i]+"\n"] != 1 {
							t.Errorf("%s lacks %s", stream, lines[i])
						}
					}
					if len(got) != len(which) {
						t.Errorf("%s has %v", stream, got)
					}
				}
				if s.RecordsRead != 5 || s.RecordsDelivered != delivered || s.Unrouted != int64(left) || s.DeadLettered != int64(left) {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}
