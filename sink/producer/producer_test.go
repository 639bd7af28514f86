package producer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink"
)

// entries makes entries of texts, all under one key.
func entries(key string, texts ...string) []sink.Entry {
	list := make([]sink.Entry, len(texts))
	for i, text := range texts {
		list[i] = sink.Entry{Data: []byte(text), PartitionKey: key}
	}
	return list
}

// numbered returns n texts of the given length.
func numbered(prefix string, n, size int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s-%06d-", prefix, i)
		list[i] += strings.Repeat("x", max(0, size-len(list[i])))
	}
	return list
}

// put puts and fails the test on an error.
func (r *rig) put(n int, list []sink.Entry) {
	r.t.Helper()
	if err := r.producer.Put(context.Background(), list, r.done(n)); err != nil {
		r.t.Fatalf("Put: %v", err)
	}
}

// bubble runs a test in a bubble of synctest, where time stands still while anybody works.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func TestAggregates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true}, nil)
		texts := numbered("line", 2000, 200)
		r.put(0, entries("", texts...))
		r.close()
		r.wantAnswers(1)
		r.wantOnce(texts)
		calls, stored := r.service.snapshot()
		if len(calls) != 1 || len(calls[0].Records) != 9 || calls[0].StreamName != "logs" {
			t.Errorf("%d requests, the first of %d records for %q; want 1 of 9 aggregates for logs", len(calls), len(calls[0].Records), calls[0].StreamName)
		}
		keys := map[string]bool{}
		for _, rec := range calls[0].Records {
			keys[rec.PartitionKey] = true
			if len(rec.Data) > 50<<10 || len(rec.PartitionKey) != drawnKey {
				t.Errorf("an aggregate of %d bytes with key %q", len(rec.Data), rec.PartitionKey)
			}
		}
		if len(keys) != 9 {
			t.Errorf("9 aggregates have %d keys", len(keys))
		}
		for i, d := range stored {
			if d.data != texts[i] {
				t.Fatalf("record %d is %.20q, want %.20q", i, d.data, texts[i])
			}
		}
		want := sink.Stats{Records: 2000, Bytes: 400000, Requests: 1}
		if got := r.producer.Stats(); got != want {
			t.Errorf("Stats are %+v, want %+v", got, want)
		}
	})
}

func TestLoneRecordIsNotWrapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true}, nil)
		r.put(0, entries("", "alone"))
		time.Sleep(time.Second)
		r.put(1, []sink.Entry{{Data: []byte("a"), PartitionKey: "x"}, {Data: []byte("b"), PartitionKey: "y"}, {Data: []byte("c"), PartitionKey: "y"}})
		r.close()
		r.wantAnswers(2)
		calls, _ := r.service.snapshot()
		if rec := calls[0].Records[0]; string(rec.Data) != "alone" || len(rec.PartitionKey) != drawnKey {
			t.Errorf("a lone record travels as %q under %q", rec.Data, rec.PartitionKey)
		}
		if rec := calls[1].Records[0]; string(rec.Data) != "a" || rec.PartitionKey != "x" {
			t.Errorf("a lone record with a key travels as %q under %q", rec.Data, rec.PartitionKey)
		}
		if got := fmt.Sprint(open(t, calls[1].Records[1])); got != "[{y b} {y c}]" || calls[1].Records[1].PartitionKey != "y" {
			t.Errorf("neighbours with one key travel as %s under %q", got, calls[1].Records[1].PartitionKey)
		}
	})
}

func TestWithoutAggregation(t *testing.T) {
	for _, delivery := range []bool{false, true} {
		bubble(t, fmt.Sprintf("delivery %v", delivery), func(t *testing.T) {
			r := newRig(t, delivery, Config{}, nil)
			texts := append(numbered("line", 1200, 30), "", "\x00\xff\n")
			r.put(0, entries("", texts...))
			r.close()
			r.wantAnswers(1)
			r.wantOnce(texts)
			calls, _ := r.service.snapshot()
			if len(calls) != 3 {
				t.Errorf("1202 records took %d requests, want 3", len(calls))
			}
			want := "Kinesis_20131202.PutRecords"
			if delivery {
				want = "Firehose_20150804.PutRecordBatch"
			}
			for _, c := range calls {
				if c.action != want || (c.Delivery == "logs") != delivery {
					t.Errorf("action %s, stream %q, delivery stream %q", c.action, c.StreamName, c.Delivery)
				}
			}
		})
	}
}

func TestKeysSurviveJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, nil)
		keys := []string{"plain", "clé-鍵🔑", `q"b\s/`, "tab\tnl\nnul\x00esc\x1b\x7f", "<&>\u2028", strings.Repeat("\x01", 256), strings.Repeat("🔑", 128)}
		for i, key := range keys {
			r.put(i, entries(key, "data"))
		}
		r.put(len(keys), entries("bad\xff\xc3utf8", "data"))
		keys = append(keys, "bad\uFFFDutf8")
		r.close()
		r.wantAnswers(len(keys))
		_, stored := r.service.snapshot()
		for i, d := range stored {
			if d.key != keys[i] {
				t.Errorf("key %q arrives as %q", keys[i], d.key)
			}
		}
	})
}

func TestLinger(t *testing.T) {
	for _, linger := range []time.Duration{-1, 0, time.Millisecond, time.Second} {
		bubble(t, linger.String(), func(t *testing.T) {
			r := newRig(t, false, Config{Aggregate: true, Linger: linger}, nil)
			want := linger
			if linger == 0 {
				want = 100 * time.Millisecond
			}
			for round := range 3 { // the timer must come back
				start := time.Now()
				answered := make(chan time.Duration, 2)
				for _, key := range []string{"", "key"} {
					err := r.producer.Put(t.Context(), entries(key, "one", "two"), func(sink.Result) { answered <- time.Since(start) })
					if err != nil {
						t.Fatal(err)
					}
				}
				for range 2 {
					if took := <-answered; took != max(want, 0) {
						t.Errorf("round %d: answered after %v, want %v", round, took, want)
					}
				}
			}
			r.close()
		})
	}
}

// Each lane has its own time, whichever began first.
func TestLingerOfBothLanes(t *testing.T) {
	for _, keys := range [][]string{{"", "key"}, {"key", ""}} {
		bubble(t, fmt.Sprintf("%q", keys), func(t *testing.T) {
			r := newRig(t, false, Config{Aggregate: true}, nil)
			answered := make(chan time.Duration, 2)
			for _, key := range keys {
				start := time.Now()
				if err := r.producer.Put(t.Context(), entries(key, "a"), func(sink.Result) { answered <- time.Since(start) }); err != nil {
					t.Fatal(err)
				}
				time.Sleep(60 * time.Millisecond)
			}
			for range 2 {
				if took := <-answered; took != 100*time.Millisecond {
					t.Errorf("answered after %v, want 100ms", took)
				}
			}
			r.close()
		})
	}
}

// TestLingerOfALaneThatWasSealed: a lane whose request the other one sends away, since there is no other, still sends in time what it has not put into it.
func TestLingerOfALaneThatWasSealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Aggregate: true, Linger: 100 * time.Millisecond}
		c.Memory = c.MinMemory()
		r := newRig(t, false, c, nil)
		r.put(0, entries("", "drawn"))                                                             // waits as an aggregate
		r.put(1, append(entries("a", "in the request"), entries("b", "waits as an aggregate")...)) // takes the only request
		time.Sleep(time.Second)
		r.wantAnswers(2)
		r.close()
	})
}

// What is due while all workers are busy goes out when the first of them is free, without anybody's help.
func TestDueWhileBusy(t *testing.T) {
	for _, key := range []string{"", "key"} {
		bubble(t, "key "+key, func(t *testing.T) {
			r := newRig(t, false, Config{Concurrency: 1}, func(*call) *reaction { return &reaction{delay: 10 * time.Second} })
			start := time.Now()
			answered := make(chan time.Duration, 3)
			for range 3 {
				if err := r.producer.Put(t.Context(), entries(key, "a"), func(sink.Result) { answered <- time.Since(start) }); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
			for _, want := range []time.Duration{10100 * time.Millisecond, 20100 * time.Millisecond, 20100 * time.Millisecond} {
				if took := <-answered; took != want {
					t.Errorf("answered after %v, want %v", took, want)
				}
			}
			r.close()
		})
	}
}

func TestSlowServiceGetsFullerRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Concurrency: 1}, func(*call) *reaction { return &reaction{delay: 10 * time.Second} })
		for i := range 100 {
			r.put(i, entries("", fmt.Sprint(i)))
			time.Sleep(100 * time.Millisecond)
		}
		r.close()
		r.wantAnswers(100)
		if calls, _ := r.service.snapshot(); len(calls) > 3 {
			t.Errorf("%d requests for 100 records in 10 s, with one in flight that takes 10 s; want at most 3", len(calls))
		}
	})
}

func TestConcurrency(t *testing.T) {
	for _, c := range []struct {
		key  string
		most int
	}{{"", 3}, {"key", 1}} {
		bubble(t, "key "+c.key, func(t *testing.T) {
			r := newRig(t, false, Config{Concurrency: 3}, func(*call) *reaction { return &reaction{delay: time.Second} })
			r.put(0, entries(c.key, numbered("line", 6000, 20)...))
			r.close()
			r.wantAnswers(1)
			if r.service.most != c.most {
				t.Errorf("%d requests were in flight at once, want %d", r.service.most, c.most)
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	for _, aggregate := range []bool{false, true} {
		for _, key := range []string{"", "key"} {
			bubble(t, fmt.Sprintf("aggregate %v, key %q", aggregate, key), func(t *testing.T) {
				hold := make(chan struct{})
				c := Config{Aggregate: aggregate, Memory: 4 << 20}
				r := newRig(t, false, c, func(*call) *reaction { return &reaction{hold: hold} })
				texts, taken := numbered("line", 400, 50_000), 0
				for ; taken < len(texts); taken++ {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					err := r.producer.Put(ctx, entries(key, texts[taken]), r.done(taken))
					cancel()
					if err != nil {
						if !errors.Is(err, context.DeadlineExceeded) {
							t.Fatal(err)
						}
						break
					}
				}
				if held := int64(taken) * 50_000; held > c.Memory || held < c.Memory/4 {
					t.Errorf("%d bytes were taken while nothing was answered, with a memory of %d", held, c.Memory)
				}
				if got := r.producer.Stats().Pending; got != int64(taken) {
					t.Errorf("%d records are pending, want %d", got, taken)
				}
				close(hold)
				r.put(taken, entries(key, texts[taken])) // there is room again
				r.close()
				r.wantAnswers(taken + 1)
				if got := r.producer.Stats(); got.Pending != 0 || got.Unanswered == 0 {
					t.Errorf("Stats are %+v: want nothing pending, and time-outs that count as unanswered", got)
				}
			})
		}
	}
}

// A lane must not keep the only request while the other lane waits for it.
func TestLeastMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Aggregate: true, Linger: time.Hour}
		c.Memory = c.MinMemory()
		r := newRig(t, false, c, nil)
		var want []string
		for i := range 200 {
			texts := numbered(fmt.Sprint("put", i), 3, 30_000)
			want = append(want, texts...)
			r.put(i, entries([]string{"", "a", "b"}[i%3], texts...))
		}
		r.close()
		r.wantAnswers(200)
		r.wantOnce(want)
	})
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		delivery bool
		key      string
		size     int
		refused  bool
	}{
		{false, "", 1<<20 - drawnKey, false},
		{false, "", 1<<20 - drawnKey + 1, true},
		{false, strings.Repeat("k", 100), 1<<20 - 100, false},
		{false, strings.Repeat("k", 100), 1<<20 - 99, true},
		{false, strings.Repeat("é", 256), 1, false},
		{false, strings.Repeat("é", 257), 1, true},
		{false, strings.Repeat("🔑", 129), 1, true},
		{true, "", 1_024_000, false},
		{true, "", 1_024_001, true},
		{true, strings.Repeat("k", 1000), 1, false},
	} {
		for _, aggregate := range []bool{false, !c.delivery} {
			bubble(t, fmt.Sprintf("delivery %v, key of %d, %d bytes", c.delivery, len(c.key), c.size), func(t *testing.T) {
				r := newRig(t, c.delivery, Config{Aggregate: aggregate}, nil)
				big := strings.Repeat("b", c.size)
				r.put(0, append(entries("", "before"), append(entries(c.key, big), entries("", "after")...)...))
				r.close()
				r.wantAnswers(1)
				if limit := r.producer.Limits().Record; c.key == "" && (c.size > limit) != c.refused {
					t.Errorf("Limits say %d, %d bytes refused: %v", limit, c.size, c.refused)
				}
				if !c.refused {
					r.wantOnce([]string{"before", big, "after"})
					return
				}
				r.wantOnce([]string{"before", "after"})
				if len(r.refused) != 1 || r.refused[0] != big || r.producer.Stats().Refused != 1 {
					t.Errorf("%d refusals, want the big record", len(r.refused))
				}
			})
		}
	}
}

func TestHugeRecordsFillRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true, RequestSize: 3 << 20}, nil)
		texts := append(numbered("huge", 7, 1_000_000), numbered("small", 100, 10)...)
		texts = append(texts, numbered("edge", 10, 51_000)...)
		r.put(0, entries("", texts...))
		r.close()
		r.wantAnswers(1)
		r.wantOnce(texts)
		if calls, _ := r.service.snapshot(); len(calls) != 3 {
			t.Errorf("%d requests of at most 3 MiB, want 3", len(calls))
		}
	})
}

func TestPutNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, nil)
		r.put(0, nil)
		r.wantAnswers(1)
		r.close()
		if calls, _ := r.service.snapshot(); len(calls) != 0 {
			t.Errorf("%d requests for nothing", len(calls))
		}
	})
}

func TestPutAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, nil)
		r.close()
		if err := r.producer.Put(t.Context(), entries("", "x"), r.done(0)); !errors.Is(err, ErrClosed) {
			t.Errorf("Put after Close: %v", err)
		}
		if err := r.producer.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
		r.wantAnswers(0)
	})
}

func TestPutWithEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, false, Config{Aggregate: true, Memory: Config{Aggregate: true}.MinMemory()}, func(*call) *reaction { return &reaction{hold: hold} })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		texts := numbered("line", 100_000, 100)
		if err := r.producer.Put(ctx, entries("", texts...), r.done(0)); !errors.Is(err, context.Canceled) {
			t.Errorf("Put: %v", err)
		}
		close(hold)
		r.close()
		r.wantAnswers(0) // an error is the answer
		_, stored := r.service.snapshot()
		for i, d := range stored {
			if d.data != texts[i] {
				t.Fatalf("record %d is %.20q", i, d.data)
			}
		}
		if got := r.producer.Stats(); got.Pending != 0 || got.Records != int64(len(stored)) {
			t.Errorf("Stats %+v after %d records were stored", got, len(stored))
		}
	})
}

func TestCloseWakesPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		r := newRig(t, false, Config{Memory: Config{}.MinMemory()}, func(*call) *reaction { return &reaction{hold: hold} })
		errs := make(chan error, 2)
		for range 2 { // one waits for room, one for the other
			go func() {
				errs <- r.producer.Put(t.Context(), entries("", numbered("line", 100, 100_000)...), func(sink.Result) { t.Error("answered") })
			}()
		}
		synctest.Wait()
		time.AfterFunc(time.Second, func() { close(hold) })
		r.close()
		for range 2 {
			if err := <-errs; !errors.Is(err, ErrClosed) {
				t.Errorf("Put: %v, want ErrClosed", err)
			}
		}
	})
}

func TestCloseWhileFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true}, func(*call) *reaction { return &reaction{status: 500, body: `{"__type":"InternalFailure"}`} })
		r.put(0, entries("", numbered("line", 30_000, 100)...))
		r.put(1, entries("key", "keyed"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if err := r.producer.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("Close took %v, want a minute", took)
		}
		r.wantAnswers(0)
		if got := r.producer.Stats(); got.Pending != 30_001 || got.LastError == "" {
			t.Errorf("Stats %+v: want 30001 pending and an error", got)
		}
		r.shut()
	})
}
