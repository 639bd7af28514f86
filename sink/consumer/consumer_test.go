package consumer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
	"github.com/weir-logs/weir/sink/kpl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keeper takes batches and keeps what a handler with a disk would keep.
type keeper struct {
	mu      sync.Mutex
	got     map[string][]string // data by shard
	order   []string            // data
	batches []Batch
	at      map[string]Position
	reports []string
	refuse  func(Batch) error
}

func newKeeper() *keeper { return &keeper{got: map[string][]string{}, at: map[string]Position{}} }

func (k *keeper) handle(_ context.Context, b Batch) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refuse != nil {
		if err := k.refuse(b); err != nil {
			return err
		}
	}
	k.batches = append(k.batches, b)
	for _, r := range b.Records {
		k.got[b.Shard] = append(k.got[b.Shard], string(r.Data))
		k.order = append(k.order, string(r.Data))
	}
	if b.Next == (Position{}) {
		delete(k.at, b.Shard)
	} else {
		k.at[b.Shard] = b.Next
	}
	return nil
}

func (k *keeper) report(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reports = append(k.reports, err.Error())
}

func (k *keeper) text() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.order, " ")
}

// start runs a consumer until the returned function is called; that waits for its end.
func (k *keeper) start(s *consumertest.Stream, change func(*Config)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	cfg := Config{Source: s, Stream: "web", Handle: k.handle, Report: k.report, Positions: maps.Clone(k.at)}
	if change != nil {
		change(&cfg)
	}
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	return func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			panic(err)
		}
	}
}

func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func put(s *consumertest.Stream, shard string, data ...string) {
	for _, d := range data {
		s.Put(shard, "key", []byte(d))
	}
}

func TestReadsAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 3), newKeeper()
		for i := range 25 {
			put(s, "0", fmt.Sprint("a", i))
		}
		stop := k.start(s, nil)
		synctest.Wait()
		if got := len(k.order); got != 25 {
			t.Errorf("%d records without a wait, want all 25: behind the tip there is none", got)
		}
		put(s, "1", "b0")
		put(s, "2", "c0")
		settle(200 * time.Millisecond)
		stop()
		put(s, "0", "a25")
		put(s, "1", "b1")

		stop = k.start(s, nil)
		settle(time.Second)
		stop()
		if got := strings.Join(k.got["0"], " "); len(k.got["0"]) != 26 || !strings.HasPrefix(got, "a0 a1 a2 ") || !strings.HasSuffix(got, " a24 a25") {
			t.Errorf("shard 0: %s", got)
		}
		if got := strings.Join(append(k.got["1"], k.got["2"]...), " "); got != "b0 b1 c0" {
			t.Errorf("shards 1 and 2: %s", got)
		}
		if len(k.reports) > 0 {
			t.Errorf("reports: %v", k.reports)
		}
	})
}

func TestPollsAtTheTip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 1), newKeeper()
		stop := k.start(s, func(c *Config) { c.Idle = 500 * time.Millisecond })
		defer stop()
		settle(10 * time.Second)
		if got := s.Calls("GetRecords"); got != 21 {
			t.Errorf("%d looks in 10s with one each 500ms, want 21", got)
		}
		if got := s.Calls("ListShards"); got != 2 {
			t.Errorf("%d looks for shards in 10s, want 2", got)
		}
	})
}

func TestParentsBeforeChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 2), newKeeper()
		put(s, "0", strings.Fields(strings.Repeat("p ", 35))...)
		l, r := s.Split("0") // before the first look: all of them are listed at once
		put(s, l, "l1")
		put(s, r, "r1")
		m := s.Merge(r, "1")
		put(s, m, "m1")
		k.refuse = func(b Batch) error { // the parent is slow
			if b.Shard == "0" && len(k.order) == 10 && time.Since(started) < time.Minute {
				return errors.New("no room")
			}
			return nil
		}
		stop := k.start(s, nil)
		settle(2 * time.Minute)
		ll, _ := s.Split(l) // while it is read
		put(s, ll, "g1")
		settle(time.Second)
		stop()
		text := k.text()
		for _, pair := range [][2]string{{"p", "l1"}, {"p", "r1"}, {"r1", "m1"}, {"l1", "g1"}} {
			parent, child := strings.LastIndex(text+" ", pair[0]+" "), strings.Index(text, pair[1])
			if child < 0 || parent > child {
				t.Errorf("%s before the last %s in %s", pair[1], pair[0], text)
			}
		}
		if strings.Count(text, "p") != 35 {
			t.Errorf("the parent came as %s", text)
		}
		for _, id := range []string{"0", "1", l, r} {
			if !k.at[id].Ended || k.at[id].Sequence == "" {
				t.Errorf("shard %s ended at %+v", id, k.at[id])
			}
		}
		before := s.Calls("GetShardIterator")
		stop = k.start(s, nil) // what has ended is not opened again
		settle(time.Second)
		stop()
		if got := s.Calls("GetShardIterator") - before; got != 3 {
			t.Errorf("%d shards opened after a restart, want the 3 open ones", got)
		}
		if k.text() != text {
			t.Errorf("read again: %s", k.text())
		}
	})
}

// started is when a bubble's clock starts.
var started = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestStartAtTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 1), newKeeper()
		put(s, "0", "old")
		time.Sleep(time.Second)
		start := time.Now()
		put(s, "0", "new")
		stop := k.start(s, func(c *Config) { c.Start = start })
		settle(time.Second)
		stop()
		if k.text() != "new" {
			t.Errorf("got %q, want new", k.text())
		}
	})
}

func TestBatchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 1), newKeeper()
		put(s, "0", strings.Repeat("a", 60), strings.Repeat("b", 40), strings.Repeat("c", 1), strings.Repeat("d", 500), strings.Repeat("e", 1))
		stop := k.start(s, func(c *Config) { c.MaxBatch = 100 })
		settle(time.Second)
		stop()
		var sizes []int
		for _, b := range k.batches {
			sizes = append(sizes, len(b.Records))
			if last := b.Records[len(b.Records)-1]; b.Next.Sequence != last.Sequence || b.Next.Ended {
				t.Errorf("batch ends at %s, its position is %+v", last.Sequence, b.Next)
			}
		}
		if !slices.Equal(sizes, []int{2, 1, 1, 1}) {
			t.Errorf("records per batch %v, want [2 1 1 1]", sizes)
		}
	})
}

func TestOpensAggregates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// V1 of the format's vectors, whole; with a digest that does not fit; and with an index that is not there.
		v1, err := hex.DecodeString("f3899ac20a03706b311a0908001a0568656c6c6f1a0908001a05776f726c64f5fb92b07d5dc986bb5915e9657557aa")
		if err != nil {
			t.Fatal(err)
		}
		torn := slices.Clone(v1)
		torn[len(torn)-1]++
		var a kpl.Aggregate
		a.Add("other", nil, []byte("x"))
		s, k := consumertest.New("web", 1), newKeeper()
		for _, data := range [][]byte{v1, []byte("plain"), torn, a.Bytes()} {
			s.Put("0", "envelope", data)
		}
		stop := k.start(s, nil)
		settle(time.Second)
		stop()
		var got []string
		for _, r := range k.batches[0].Records {
			got = append(got, fmt.Sprintf("%.5s %s %d", r.Data, r.PartitionKey, r.Sub))
		}
		want := []string{"hello pk1 0", "world pk1 1", "plain envelope 0", fmt.Sprintf("%.5s envelope 0", torn), "x other 0"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if r := k.batches[0].Records; r[0].Sequence != r[1].Sequence || !r[0].Arrival.Equal(r[1].Arrival) || r[0].Arrival.IsZero() {
			t.Errorf("members differ in sequence or arrival: %+v", r[:2])
		}
	})
}

// A damaged aggregate is not half a loss: it is handed on whole, and reported.
func TestDamagedAggregate(t *testing.T) {
	var a kpl.Aggregate
	a.Add("k", nil, []byte("one"))
	a.Add("k", nil, []byte("two"))
	data := slices.Clone(a.Bytes())
	at := strings.LastIndex(string(data), "\x08\x00")
	data[at+1] = 7
	fixDigest(data)
	records, err := (&opener{}).appendTo(nil, types.Record{Data: data, PartitionKey: aws.String("p")})
	if !errors.Is(err, kpl.ErrIndex) {
		t.Errorf("got %v, want the damage", err)
	}
	if len(records) != 1 || string(records[0].Data) != string(data) {
		t.Errorf("got %d records", len(records))
	}
}

func TestErrorsAreReportedAndTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		call string
		err  error
		want string
	}{
		{"ListShards", &types.ResourceNotFoundException{Message: aws.String("Stream web not found.")}, "stream web: list shards: ResourceNotFoundException"},
		{"GetShardIterator", &types.InvalidArgumentException{Message: aws.String("no")}, "stream web: shard 0: get iterator: InvalidArgumentException"},
		{"GetRecords", &types.ProvisionedThroughputExceededException{Message: aws.String("slow")}, "stream web: shard 0: get records: ProvisionedThroughputExceededException"},
		{"GetRecords", errors.New("broken pipe"), "stream web: shard 0: get records: broken pipe"},
		{"GetRecords", &types.ResourceNotFoundException{Message: aws.String("gone")}, "stream web: shard 0: get records: ResourceNotFoundException"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, k := consumertest.New("web", 1), newKeeper()
			put(s, "0", "x")
			s.Fail(func(call string) error {
				if call == tt.call {
					return tt.err
				}
				return nil
			})
			stop := k.start(s, nil)
			settle(time.Minute)
			calls := s.Calls(tt.call)
			if calls < 6 || calls > 20 {
				t.Errorf("%s: %d calls in a minute, want more and more rare ones", tt.want, calls)
			}
			s.Fail(nil)
			settle(2 * longWait)
			stop()
			if k.text() != "x" {
				t.Errorf("%s: got %q afterwards", tt.want, k.text())
			}
			if len(k.reports) < 6 || !strings.HasPrefix(k.reports[0], tt.want) {
				t.Errorf("%s: %d reports: %.300v", tt.want, len(k.reports), k.reports)
			}
		})
	}
}

func TestExpiredIteratorIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 1), newKeeper()
		put(s, "0", "x")
		stop := k.start(s, nil)
		settle(time.Second)
		once := true
		s.Fail(func(call string) error {
			if call == "GetRecords" && once {
				once = false
				return &types.ExpiredIteratorException{}
			}
			return nil
		})
		put(s, "0", "y")
		settle(time.Second)
		stop()
		if k.text() != "x y" || len(k.reports) > 0 {
			t.Errorf("got %q, reports %v", k.text(), k.reports)
		}
	})
}

func TestHandlerRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 2), newKeeper()
		put(s, "0", "x", "y")
		put(s, "1", "z")
		k.refuse = func(b Batch) error {
			if b.Shard == "0" && time.Since(started) < 30*time.Second {
				return errors.New("no room")
			}
			return nil
		}
		stop := k.start(s, nil)
		settle(20 * time.Second)
		if k.text() != "z" {
			t.Errorf("got %q, want the other shard to go on", k.text())
		}
		settle(30 * time.Second)
		stop()
		if k.text() != "z x y" {
			t.Errorf("got %q", k.text())
		}
		if len(k.reports) == 0 || k.reports[0] != "stream web: shard 0: no room" {
			t.Errorf("reports %v", k.reports)
		}
	})
}

func TestStreamMadeAnew(t *testing.T) {
	for _, running := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s, k := consumertest.New("web", 1), newKeeper()
			put(s, "0", "old")
			stop := k.start(s, nil)
			settle(time.Second)
			if !running {
				stop()
			}
			s.Recreate(1)
			put(s, "0", "new")
			if !running {
				stop = k.start(s, nil)
			}
			settle(time.Minute)
			stop()
			if k.text() != "old new" {
				t.Errorf("running %v: got %q", running, k.text())
			}
			if !strings.Contains(strings.Join(k.reports, "\n"), "is from an earlier stream of that name") {
				t.Errorf("running %v: reports %v", running, k.reports)
			}
		})
	}
}

func TestShardsThatLeaveAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := consumertest.New("web", 2), newKeeper()
		put(s, "0", "x")
		put(s, "1", "y")
		s.Split("0")
		stop := k.start(s, nil)
		settle(time.Second)
		stop()
		s.Expire("0")
		s.Expire("1")
		stop = k.start(s, nil)
		settle(time.Second)
		stop()
		if len(k.at) != 0 {
			t.Errorf("kept: %v", k.at)
		}
		if len(k.reports) != 1 || !strings.Contains(k.reports[0], "shard 1 left the stream before it was read to its end") {
			t.Errorf("reports %v, want one about the shard that was still open", k.reports)
		}
	})
}

// Random streams and restarts: every record comes once, those of a shard in order, children after parents.
func TestRandomReshardsAndRestarts(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			s, k := consumertest.New("web", 2), newKeeper()
			refusals := rand.New(rand.NewPCG(seed, 8)) // handle holds the keeper's lock
			k.refuse = func(Batch) error {
				if refusals.IntN(5) == 0 {
					return errors.New("no room")
				}
				return nil
			}
			openShards, n := []string{"0", "1"}, 0
			stop := k.start(s, nil)
			for range 60 {
				switch i := rng.IntN(len(openShards)); rng.IntN(8) {
				case 0:
					a, b := s.Split(openShards[i])
					openShards[i] = a
					openShards = append(openShards, b)
				case 1:
					if len(openShards) > 1 {
						j := (i + 1) % len(openShards)
						openShards[i] = s.Merge(openShards[i], openShards[j])
						openShards = slices.Delete(openShards, j, j+1)
					}
				case 2:
					stop()
					stop = k.start(s, nil)
				default:
					for range rng.IntN(15) {
						n++
						put(s, openShards[i], fmt.Sprintf("%06d", n))
					}
				}
				settle(time.Duration(rng.IntN(2000)) * time.Millisecond)
			}
			settle(4 * time.Minute)
			stop()
			if got := slices.Sorted(slices.Values(k.order)); len(got) != n || len(slices.Compact(got)) != n {
				t.Errorf("seed %d: %d records, %d put", seed, len(k.order), n)
			}
			for shard, got := range k.got {
				if !slices.IsSorted(got) {
					t.Errorf("seed %d: shard %s out of order", seed, shard)
				}
			}
		})
	}
}

func TestRunNeeds(t *testing.T) {
	if err := Run(t.Context(), Config{}); err == nil {
		t.Error("an empty Config was taken")
	}
}
