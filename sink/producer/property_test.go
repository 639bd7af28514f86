package producer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/sink"
)

// randomConfig draws a configuration.
func randomConfig(random *rand.Rand, delivery bool) Config {
	c := Config{
		Aggregate:     !delivery && random.IntN(3) > 0,
		AggregateSize: 100 + random.IntN(100_000),
		RequestSize:   1<<20 + random.IntN(3<<20),
		Linger:        time.Duration(random.IntN(200)-10) * time.Millisecond,
		Concurrency:   1 + random.IntN(6),
		Timeout:       20 * time.Second,
		Rand:          random.Uint64,
	}
	if random.IntN(2) == 0 {
		c.Memory = c.MinMemory() + random.Int64N(10<<20)
	}
	return c
}

// randomFault draws what the service does. Without doubt, every fault tells whether the records were taken.
func randomFault(random *rand.Rand, doubt bool) *reaction {
	refuse := func(int, wireRecord) string {
		switch random.IntN(10) {
		case 0:
			return "ProvisionedThroughputExceededException"
		case 1:
			if doubt { // it leaves open whether the record was stored
				return "InternalFailure"
			}
			return "ServiceUnavailable"
		}
		return ""
	}
	kinds := []*reaction{
		nil, nil, {refuse: refuse}, {refuse: refuse, delay: time.Duration(random.IntN(3000)) * time.Millisecond},
		reply(400, "ProvisionedThroughputExceededException", ""), reply(503, "ServiceUnavailable", ""), reply(400, "ExpiredTokenException", ""),
		{status: 503, header: map[string]string{"Retry-After": "2"}},
	}
	if doubt {
		kinds = append(kinds, reply(500, "InternalFailure", ""), &reaction{hangUp: true}, &reaction{hangUp: true, storeFirst: true}, &reaction{status: 504, storeFirst: true},
			&reaction{delay: time.Minute, storeFirst: true}, &reaction{body: "<html>"}, &reaction{refuse: refuse, hangUp: true, storeFirst: true})
	}
	return kinds[random.IntN(len(kinds))]
}

// randomEntries draws the entries of one Put; every data begins with its own name. A few are too large.
func randomEntries(random *rand.Rand, name string) (list []sink.Entry, fit []string, large int) {
	key := ""
	for i := range random.IntN(60) {
		if random.IntN(4) == 0 {
			key = []string{"", "", "a", "b", "clé\"\n"}[random.IntN(5)]
		}
		data := fmt.Sprintf("%s-%d-", name, i)
		switch random.IntN(300) {
		case 0:
			data += strings.Repeat("L", 1<<20)
		case 1:
			data += strings.Repeat("B", random.IntN(900_000))
		default:
			data += strings.Repeat("s", random.IntN(1<<random.IntN(12)))
		}
		list = append(list, sink.Entry{Data: []byte(data), PartitionKey: key})
		if len(data) < 1<<20 {
			fit = append(fit, data)
		} else {
			large++
		}
	}
	return list, fit, large
}

// Random entries, random faults: every entry arrives, exactly once unless an answer was missing; every Put is answered
// exactly once.
func TestRandomEntriesAndFaults(t *testing.T) {
	for round := range 8 {
		delivery, doubt := round%3 == 0, round%2 == 0
		seed := rand.Uint64()
		bubble(t, fmt.Sprintf("seed %d, delivery %v, doubt %v", seed, delivery, doubt), func(t *testing.T) {
			testRandom(t, newRandom(seed, 0), delivery, doubt)
		})
	}
}

func testRandom(t *testing.T, random *rand.Rand, delivery, doubt bool) {
	var mu sync.Mutex // guards want and large
	faults := newRandom(random.Uint64(), 0)
	r := newRig(t, delivery, randomConfig(random, delivery), func(*call) *reaction {
		return randomFault(faults, doubt)
	})
	const writers, puts = 3, 15
	var want []string
	large := 0
	var tasks sync.WaitGroup
	for w := range writers {
		source := newRandom(random.Uint64(), 0)
		tasks.Go(func() {
			for n := range puts {
				list, fit, tooLarge := randomEntries(source, fmt.Sprintf("w%d-%d", w, n))
				mu.Lock()
				want = append(want, fit...)
				large += tooLarge
				mu.Unlock()
				if err := r.producer.Put(t.Context(), list, r.done(w*puts+n)); err != nil {
					t.Error(err)
				}
				for _, e := range list {
					clear(e.Data) // the producer must have copied it
				}
				time.Sleep(time.Duration(source.IntN(300)) * time.Millisecond)
			}
		})
	}
	tasks.Wait()
	if err := r.producer.Close(t.Context()); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Hour)
	r.shut()
	r.wantAnswers(writers * puts)
	stats := r.producer.Stats()
	if int(stats.Records) != len(want) || int(stats.Refused) != large || len(r.refused) != large || stats.Pending != 0 {
		t.Errorf("Stats %+v, %d refusals; want %d records and %d refused", stats, len(r.refused), len(want), large)
	}
	if !doubt {
		r.wantOnce(want)
		if stats.Unanswered != 0 {
			t.Errorf("%d records count as unanswered, every request was answered", stats.Unanswered)
		}
		return
	}
	_, stored := r.service.snapshot()
	got := counts(stored)
	for _, data := range want {
		if got[data] == 0 {
			t.Errorf("%.20q is lost", data)
		}
	}
	if len(got) != len(want) || len(stored)-len(want) > int(stats.Unanswered) {
		t.Errorf("%d different records of %d, %d more than once; only %d may be", len(got), len(want), len(stored)-len(want), stats.Unanswered)
	}
}

// Close with a deadline in the midst of it all: what was answered has arrived, and nothing hangs.
func TestRandomStop(t *testing.T) {
	for range 4 {
		seed := rand.Uint64()
		bubble(t, fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := newRandom(seed, 0)
			faults := newRandom(seed, 1)
			r := newRig(t, false, randomConfig(random, false), func(*call) *reaction {
				return randomFault(faults, true)
			})
			puts := map[int][]string{}
			for n := range 30 {
				list, fit, _ := randomEntries(random, fmt.Sprint(n))
				puts[n] = fit
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				_ = r.producer.Put(ctx, list, r.done(n))
				cancel()
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(5000))*time.Millisecond)
			_ = r.producer.Close(ctx)
			cancel()
			time.Sleep(time.Hour)
			r.shut()
			_, stored := r.service.snapshot()
			got := counts(stored)
			for n, times := range r.answers {
				if times != 1 {
					t.Errorf("Put %d was answered %d times", n, times)
				}
				for _, data := range puts[n] {
					if got[data] == 0 {
						t.Errorf("%.20q was answered for and is lost", data)
					}
				}
			}
		})
	}
}

// The same without a bubble, so that the race detector sees real interleavings.
func TestRandomInParallel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	faults := newRandom(seed, 0)
	c := Config{Aggregate: true, Linger: time.Millisecond, Backoff: Backoff{First: time.Millisecond, Most: 2 * time.Millisecond, Blocked: 2 * time.Millisecond}}
	r := newRig(t, false, c, func(*call) *reaction {
		switch faults.IntN(4) { // under the service's lock
		case 0:
			return reply(500, "InternalFailure", "")
		case 1:
			return &reaction{refuse: func(i int, _ wireRecord) string { return []string{"", "InternalFailure"}[i%2] }}
		}
		return nil
	})
	var want []string
	var mu sync.Mutex
	var tasks sync.WaitGroup
	for w := range 8 {
		tasks.Go(func() {
			for n := range 50 {
				texts := numbered(fmt.Sprintf("w%d-%d", w, n), 20, 1000)
				mu.Lock()
				want = append(want, texts...)
				mu.Unlock()
				r.put(w*50+n, entries([]string{"", "k1", "k2"}[n%3], texts...))
				r.producer.Stats()
			}
		})
	}
	tasks.Wait()
	r.close()
	r.wantAnswers(400)
	r.wantOnce(want)
}
