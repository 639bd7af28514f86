package producer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-logs/weir/sink"
)

// TestGivesUp: what is not taken for so long comes back, also what is put later, until the service takes something again.
func TestGivesUp(t *testing.T) {
	for name, fault := range map[string]reaction{
		"no such stream": *reply(400, "ResourceNotFoundException", "not found"), "throttled": *reply(400, "ProvisionedThroughputExceededException", ""),
		"entries throttled": {refuse: func(int, wireRecord) string { return "ProvisionedThroughputExceededException" }}, "no answer": {hangUp: true},
		"retry after": {status: 503, header: map[string]string{"Retry-After": "300"}},
	} {
		bubble(t, name, func(t *testing.T) {
			var mu sync.Mutex
			down := true
			r := newRig(t, false, Config{Aggregate: true, Linger: -1, GiveUp: GiveUp{After: time.Minute}}, func(*call) *reaction {
				mu.Lock()
				defer mu.Unlock()
				if down {
					return &fault
				}
				return nil
			})
			r.put(0, entries("", "a", "b", "c"))
			time.Sleep(59 * time.Second)
			if r.answered(0) != 0 {
				t.Fatal("given up too early")
			}
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if r.answered(0) != 1 {
				t.Fatal("not given up")
			}
			r.put(1, entries("", "d"))
			time.Sleep(time.Second)
			if r.answered(1) != 1 {
				t.Fatal("a later record was not given up after one try")
			}
			mu.Lock()
			down = false
			mu.Unlock()
			r.put(2, entries("", "e"))
			time.Sleep(time.Second)
			r.close()
			r.wantAnswers(3)
			r.wantOnce([]string{"e"})
			r.mu.Lock()
			defer r.mu.Unlock()
			if !slices.Equal(r.refused, []string{"a", "b", "c", "d"}) {
				t.Errorf("refused %q", r.refused)
			}
			if s := r.producer.Stats(); s.GivenUp != 4 || s.Refused != 0 || s.Pending != 0 || s.Records != 1 || s.LastError != "" {
				t.Errorf("Stats %+v", s)
			}
		})
	}
}

// TestGiveUpIsNotForAll: while some records are taken none is given up, and after a long pause the time begins anew.
func TestGiveUpIsNotForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		phase := 0
		enter := func(n int) { mu.Lock(); defer mu.Unlock(); phase = n }
		r := newRig(t, false, Config{Linger: -1, GiveUp: GiveUp{After: time.Minute}}, func(*call) *reaction {
			mu.Lock()
			defer mu.Unlock()
			switch phase {
			case 0:
				return &reaction{refuse: func(i int, w wireRecord) string {
					if string(w.Data) == "slow" {
						return "ProvisionedThroughputExceededException"
					}
					return ""
				}}
			case 1:
				return reply(400, "ResourceNotFoundException", "")
			}
			return nil
		})
		r.put(0, entries("", "slow"))
		for i := range 95 {
			r.put(1+i, entries("", "quick"))
			time.Sleep(10 * time.Second)
		}
		if r.answered(0) != 0 {
			t.Fatal("given up although others were taken")
		}
		enter(1)
		time.Sleep(10 * time.Minute)
		if r.answered(0) != 1 {
			t.Fatal("not given up")
		}
		time.Sleep(time.Hour)
		r.put(96, entries("", "later"))
		time.Sleep(30 * time.Second)
		if r.answered(96) != 0 {
			t.Error("given up after the first try that followed a long pause")
		}
		enter(2)
		r.close()
	})
}

// TestGiveUpWaitsForRoom: one request at a time comes back, and only when there is room for it.
func TestGiveUpWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := make(chan struct{})
		var asked atomic.Int64
		r := newRig(t, false, Config{Linger: -1, Concurrency: 4, GiveUp: GiveUp{After: time.Second, Room: func(ctx context.Context) error {
			asked.Add(1)
			select {
			case <-room:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}}, func(*call) *reaction { return reply(400, "AccessDeniedException", "") })
		for i := range 4 {
			r.put(i, entries("", strings.Repeat("x", 900_000)))
		}
		time.Sleep(time.Minute)
		back := func() (n int) { return r.answered(0) + r.answered(1) + r.answered(2) + r.answered(3) }
		if asked.Load() != 1 || back() != 0 {
			t.Fatalf("asked for room %d times, %d records came back; want 1 and none", asked.Load(), back())
		}
		room <- struct{}{}
		time.Sleep(time.Minute)
		if asked.Load() != 2 || back() != 1 {
			t.Fatalf("asked for room %d times, %d records came back; want 2 and 1", asked.Load(), back())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.producer.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		r.shut()
	})
}

// TestPackIsOneEntry: records that were joined are sent, counted and given back together.
func TestPackIsOneEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{Linger: -1}, func(*call) *reaction {
			return &reaction{refuse: func(_ int, w wireRecord) string {
				if string(w.Data) == "c\nd\n" {
					return "ValidationException"
				}
				return ""
			}}
		})
		var refused []sink.Refusal
		err := r.producer.Put(t.Context(), []sink.Entry{{Data: []byte("a\nb\n"), Records: 2}, {Data: []byte("c\nd\n"), Records: 2}, {Data: []byte("e\n")}},
			func(res result) { refused = res.Refused })
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		r.close()
		if len(refused) != 1 || refused[0].Count() != 2 || string(refused[0].Data) != "c\nd\n" {
			t.Errorf("refused %+v", refused)
		}
		if s := r.producer.Stats(); s.Records != 3 || s.Refused != 2 || s.Pending != 0 {
			t.Errorf("Stats %+v", s)
		}
	})
}
