package producer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/weir-logs/weir/sink"
)

func TestPartialFailures(t *testing.T) {
	for _, percent := range []int{5, 50} {
		for _, delivery := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%d%%, delivery %v", percent, delivery), func(t *testing.T) {
				random := newRandom(uint64(percent), 1)
				code := "ProvisionedThroughputExceededException"
				refusals := 0
				r := newRig(t, delivery, Config{}, func(*call) *reaction {
					return &reaction{refuse: func(int, wireRecord) string {
						if random.IntN(100) >= percent {
							return ""
						}
						refusals++
						return code
					}}
				})
				texts := numbered("line", 3000, 100)
				r.put(0, entries("", texts...))
				r.close()
				r.wantAnswers(1)
				r.wantOnce(texts)
				got := r.producer.Stats()
				if got.Retried != int64(refusals) || got.Unanswered != 0 || got.Records != 3000 || got.LastError != "" {
					t.Errorf("Stats %+v after %d refusals", got, refusals)
				}
			})
		}
	}
}

func TestOnlyRefusedAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, func(c *call) *reaction {
			if c.number > 0 {
				return nil
			}
			return &reaction{refuse: func(i int, _ wireRecord) string {
				return map[int]string{0: "InternalFailure", 3: "ServiceUnavailable", 4: "SomethingNew", 9: "InternalFailure"}[i]
			}}
		})
		r.put(0, entries("", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"))
		r.close()
		r.wantAnswers(1)
		calls, _ := r.service.snapshot()
		var second []string
		for _, rec := range calls[1].Records {
			second = append(second, string(rec.Data))
		}
		if len(calls) != 2 || !slices.Equal(second, []string{"0", "3", "4", "9"}) {
			t.Errorf("%d requests, the second holds %v; want 2, and 0 3 4 9", len(calls), second)
		}
		if calls[0].Records[3].PartitionKey != calls[1].Records[1].PartitionKey {
			t.Error("a record changed its key")
		}
	})
}

// reply is an error of the service as a whole.
func reply(status int, code, message string) *reaction {
	return &reaction{status: status, body: fmt.Sprintf(`{"__type":%q,"message":%q}`, code, message)}
}

// Each of these goes on for some tries and then heals. Nothing may be lost or, unless no answer came, doubled.
func TestFailuresThatHeal(t *testing.T) {
	for name, c := range map[string]struct {
		fault       reaction
		text        string // in LastError
		unanswered  bool
		doubled     bool
		least, most time.Duration // until it has healed, after four tries
	}{
		"throttled": {
			fault: *reply(400, "ProvisionedThroughputExceededException", "Rate exceeded"),
			text:  "stream logs: PutRecords: ProvisionedThroughputExceededException: Rate exceeded; if it lasts, give the stream more shards",
			least: 750 * time.Millisecond, most: 1500 * time.Millisecond,
		},
		"status 500": {
			fault: *reply(500, "InternalFailure", ""), text: "stream logs: PutRecords: InternalFailure", unanswered: true,
			least: 750 * time.Millisecond, most: 1500 * time.Millisecond,
		},
		"503 with Retry-After": {
			fault: reaction{status: 503, header: map[string]string{"Retry-After": "7"}}, text: "status 503",
			least: 28 * time.Second, most: 28 * time.Second,
		},
		"502 of a proxy that has passed it on": {
			fault: reaction{status: 502, body: "<html>bad gateway</html>", storeFirst: true}, text: "status 502",
			unanswered: true, doubled: true, most: 1500 * time.Millisecond,
		},
		"hung up, nothing taken": {
			fault: reaction{hangUp: true}, text: "no answer from service.test", unanswered: true, most: 1500 * time.Millisecond,
		},
		"hung up, all taken": {
			fault: reaction{hangUp: true, storeFirst: true}, text: "no answer from service.test", unanswered: true, doubled: true, most: 1500 * time.Millisecond,
		},
		"too slow": {
			fault: reaction{delay: time.Hour, storeFirst: true}, text: "no answer from service.test: waited 30s", unanswered: true, doubled: true,
			least: 2 * time.Minute, most: 2*time.Minute + 1500*time.Millisecond,
		},
		"no JSON": {
			fault: reaction{body: "hello", storeFirst: true}, text: "the answer is not what the service documents: byte 0 of 5",
			unanswered: true, doubled: true, most: 1500 * time.Millisecond,
		},
		"too few entries": {
			fault: reaction{body: `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1"}]}`}, text: "the answer has 1 entries for 3 records",
			unanswered: true, doubled: true, most: 1500 * time.Millisecond,
		},
		"an answer without end": {
			fault: reaction{body: `{"Records":[` + strings.Repeat(" ", 2*maxAnswer)}, text: "the answer is longer than", unanswered: true, doubled: true, most: 1500 * time.Millisecond,
		},
		"no such stream": {
			fault: *reply(400, "com.amazonaws.kinesis.v20131202#ResourceNotFoundException", "Stream logs under account 1 not found."),
			text:  "stream logs: PutRecords: ResourceNotFoundException: Stream logs under account 1 not found.; create it, or mend its name",
			least: 750 * time.Millisecond, most: 1500 * time.Millisecond,
		},
		"access denied, in a header": {
			fault: reaction{status: 400, header: map[string]string{"X-Amzn-Errortype": "AccessDeniedException:http://internal/"}, body: `{"Message":"not you"}`},
			text:  "AccessDeniedException: not you; allow these credentials",
		},
		"expired token":  {fault: *reply(400, "ExpiredTokenException", "expired"), text: "renew the credentials"},
		"clock skew":     {fault: *reply(403, "RequestTimeTooSkewed", ""), text: "set this host's clock"},
		"wrong endpoint": {fault: reaction{status: 301}, text: "status 301; check that the endpoint"},
	} {
		bubble(t, name, func(t *testing.T) {
			start, fault := time.Now(), c.fault
			var seen string
			var r *rig
			r = newRig(t, false, Config{Linger: -1}, func(call *call) *reaction {
				if call.number > 0 {
					seen = r.producer.Stats().LastError
				}
				if call.number < 4 {
					return &fault
				}
				return nil
			})
			r.put(0, entries("", "a", "b", "c"))
			if err := r.producer.Close(t.Context()); err != nil {
				t.Error(err)
			}
			took := time.Since(start)
			time.Sleep(2 * time.Hour) // slow handlers end
			r.shut()
			r.wantAnswers(1)
			if c.most > 0 && (took < c.least || took > c.most) {
				t.Errorf("healed after %v, want %v to %v", took, c.least, c.most)
			}
			if !strings.Contains(seen, c.text) {
				t.Errorf("the last error was %q, want %q in it", seen, c.text)
			}
			got := r.producer.Stats()
			if (got.Unanswered == 12) != c.unanswered || (got.Retried == 12) == c.unanswered || got.Requests < 1 || got.LastError != "" || got.Records != 3 {
				t.Errorf("Stats %+v", got)
			}
			if !c.doubled {
				r.wantOnce([]string{"a", "b", "c"})
			} else if _, stored := r.service.snapshot(); counts(stored)["a"] != 5 {
				t.Errorf("stored %d times, want 5 times", counts(stored)["a"])
			}
		})
	}
}

func TestCannotConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		c := Config{Linger: -1}
		var told, recovered atomic.Int64
		c.Events.Failing = func(error, time.Duration) { told.Add(1) }
		c.Events.Recovered = func(after time.Duration) { recovered.Store(int64(after)) }
		r := newRig(t, false, c, nil)
		r.pipes.refuse = func() error {
			if !up.Load() {
				return errors.New("connection refused")
			}
			return nil
		}
		r.put(0, entries("", "a"))
		time.Sleep(5 * time.Minute)
		got := r.producer.Stats()
		const want = "stream logs: PutRecords: cannot reach service.test: connection refused; check the endpoint and the network"
		if got.LastError != want || got.FailingFor < 290_000 || got.FailingFor > 300_000 || got.Requests != 0 || got.Pending != 1 {
			t.Errorf("Stats %+v, want the error %q for 300 s", got, want)
		}
		if n := told.Load(); n < 4 || n > 5 {
			t.Errorf("told %d times in five minutes, want once a minute", n)
		}
		up.Store(true)
		r.close()
		r.wantOnce([]string{"a"})
		if got := r.producer.Stats(); got.Unanswered != 0 || got.Retried != 0 || got.FailingFor != 0 {
			t.Errorf("Stats %+v: nothing was sent twice", got)
		}
		if after := time.Duration(recovered.Load()); after < 5*time.Minute || after > 5*time.Minute+10*time.Second {
			t.Errorf("recovered after %v", after)
		}
	})
}

// A worker that waits long because somebody has to act goes on as soon as another one gets through.
func TestRecoveryIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var allowed atomic.Bool
		r := newRig(t, false, Config{Linger: -1}, func(*call) *reaction {
			if !allowed.Load() {
				return reply(400, "AccessDeniedException", "")
			}
			return nil
		})
		r.put(0, entries("", "a"))
		time.Sleep(10*time.Minute - time.Millisecond)
		allowed.Store(true)
		start := time.Now()
		r.put(1, entries("key", "b"))
		r.close()
		r.wantOnce([]string{"a", "b"})
		if took := time.Since(start); took > time.Second {
			t.Errorf("both went through after %v, want at once", took)
		}
	})
}

func TestPoisonIsIsolated(t *testing.T) {
	for _, code := range []string{"ValidationException", "InvalidArgumentException", "SerializationException"} {
		for _, key := range []string{"", "key"} {
			bubble(t, code+" "+key, func(t *testing.T) {
				poison := map[string]bool{"line-000000-": true, "line-000123-": true, "line-000124-": true, "line-000599-": true}
				r := newRig(t, false, Config{}, func(c *call) *reaction {
					for _, rec := range c.Records {
						if poison[string(rec.Data)] {
							return reply(400, code, "1 validation error detected")
						}
					}
					return nil
				})
				texts := numbered("line", 600, 0)
				r.put(0, entries(key, texts...))
				r.close()
				r.wantAnswers(1)
				r.wantOnce(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return poison[s] }))
				slices.Sort(r.refused)
				if want := []string{texts[0], texts[123], texts[124], texts[599]}; !slices.Equal(r.refused, want) {
					t.Errorf("refused are %q, want %q", r.refused, want)
				}
				if got := r.producer.Stats(); got.Refused != 4 || got.Records != 596 || got.Pending != 0 || got.Unanswered != 0 {
					t.Errorf("Stats %+v", got)
				}
			})
		}
	}
}

func TestPoisonAggregate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Aggregate: true, AggregateSize: 2000}, func(c *call) *reaction {
			for _, rec := range c.Records {
				if strings.Contains(string(rec.Data), "line-000050-") {
					return reply(400, "ValidationException", "")
				}
			}
			return nil
		})
		texts := numbered("line", 100, 100)
		r.put(0, entries("", texts[:45]...)) // the aggregate's members are of two Puts
		r.put(1, entries("", texts[45:]...))
		r.close()
		r.wantAnswers(2)
		_, stored := r.service.snapshot()
		all := slices.Clone(r.refused)
		for _, d := range stored {
			all = append(all, d.data)
		}
		slices.Sort(all)
		if !slices.Equal(all, texts) || len(r.refused) < 10 || len(r.refused) > 20 || !slices.Contains(r.refused, texts[50]) {
			t.Errorf("%d are stored and %d refused, of 100; want one aggregate refused", len(stored), len(r.refused))
		}
	})
}

// A delivery stream that takes no puts says InvalidArgument to each: that must not give up a single record.
func TestInvalidArgumentForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var right atomic.Bool
		r := newRig(t, true, Config{Linger: -1}, func(*call) *reaction {
			if !right.Load() {
				return reply(400, "InvalidArgumentException", "This operation is not permitted on KinesisStreamAsSource delivery stream type.")
			}
			return nil
		})
		texts := numbered("line", 20, 0)
		r.put(0, entries("", texts...))
		time.Sleep(time.Hour)
		if got := r.producer.Stats(); got.Refused != 0 || got.Pending != 20 || !strings.Contains(got.LastError, "not permitted") {
			t.Errorf("Stats %+v: want nothing refused", got)
		}
		if calls, _ := r.service.snapshot(); len(calls) > 900 {
			t.Errorf("%d requests in an hour", len(calls))
		}
		right.Store(true)
		r.close()
		r.wantAnswers(1)
		r.wantOnce(texts)
	})
}

func TestEntryThatIsPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{}, func(*call) *reaction {
			return &reaction{refuse: func(_ int, rec wireRecord) string {
				if string(rec.Data) == "bad" {
					return "ValidationException"
				}
				return ""
			}}
		})
		r.put(0, entries("", "good", "bad", "fine"))
		r.close()
		r.wantAnswers(1)
		r.wantOnce([]string{"good", "fine"})
		if !slices.Equal(r.refused, []string{"bad"}) {
			t.Errorf("refused are %q", r.refused)
		}
	})
}

// rotating credentials count how often they are asked.
type rotating struct {
	asked atomic.Int64
	good  atomic.Bool
}

func (p *rotating) Retrieve(context.Context) (aws.Credentials, error) {
	p.asked.Add(1)
	if !p.good.Load() {
		return aws.Credentials{}, errors.New("no role here")
	}
	return aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret, SessionToken: testToken}, nil
}

func TestCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		creds := &rotating{}
		r := newRig(t, false, Config{Linger: -1, Credentials: creds}, func(c *call) *reaction {
			if c.number == 1 {
				return reply(400, "ExpiredTokenException", "")
			}
			return nil
		})
		r.put(0, entries("", "a"))
		time.Sleep(10 * time.Second)
		got := r.producer.Stats()
		if want := "stream logs: PutRecords: cannot get credentials to sign with (set AWS_ACCESS_KEY_ID"; !strings.Contains(got.LastError, want) || !strings.Contains(got.LastError, "no role here") {
			t.Errorf("the last error is %q", got.LastError)
		}
		creds.good.Store(true)
		time.Sleep(time.Minute)
		before := creds.asked.Load()
		r.put(1, entries("", "b")) // its token has expired
		time.Sleep(time.Minute)
		r.put(2, entries("", "c"))
		r.close()
		r.wantAnswers(3)
		r.wantOnce([]string{"a", "b", "c"})
		if creds.asked.Load() != before+1 {
			t.Errorf("credentials were asked for %d times more, want once, after they had expired", creds.asked.Load()-before)
		}
	})
}

// Whole requests fail in all ways; the records of one key must still come in order, repetitions aside.
func TestOrderPerKey(t *testing.T) {
	for _, aggregate := range []bool{false, true} {
		bubble(t, fmt.Sprintf("aggregate %v", aggregate), func(t *testing.T) {
			random := newRandom(3, 4)
			r := newRig(t, false, Config{Aggregate: aggregate, Linger: time.Millisecond}, func(*call) *reaction {
				return []*reaction{
					nil, {delay: time.Second}, {hangUp: true}, {hangUp: true, storeFirst: true}, {status: 502, storeFirst: true},
					{delay: time.Minute, storeFirst: true}, reply(500, "InternalFailure", ""), reply(400, "ThrottlingException", ""),
				}[random.IntN(8)]
			})
			next := map[string]int{}
			for i := range 300 {
				var list []sink.Entry
				for range 1 + random.IntN(20) {
					key := fmt.Sprintf("k%d", random.IntN(3))
					list = append(list, entries(key, fmt.Sprintf("%06d", next[key]))...)
					next[key]++
				}
				r.put(i, list)
				time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
			}
			_ = r.producer.Close(t.Context())
			time.Sleep(time.Hour)
			r.shut()
			r.wantAnswers(300)
			_, stored := r.service.snapshot()
			seen := map[string]int{}
			for _, d := range stored {
				// A handler that stores late stands for a service that took the request and lost the connection: what
				// it stores is a repetition by then. First occurrences must be in order.
				if want := fmt.Sprintf("%06d", seen[d.key]); d.data > want {
					t.Fatalf("key %s: record %s comes before %s", d.key, d.data, want)
				} else if d.data == want {
					seen[d.key]++
				}
			}
			for key, n := range next {
				if seen[key] != n {
					t.Errorf("key %s: %d of %d records", key, seen[key], n)
				}
			}
		})
	}
}

func TestDoneWhileOthersFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, false, Config{Linger: -1, Events: Events{Request: func(Request) {}}}, func(c *call) *reaction {
			return &reaction{refuse: func(_ int, rec wireRecord) string {
				if string(rec.Data) == "stuck" && c.number < 10 {
					return "InternalFailure"
				}
				return ""
			}}
		})
		for i := range 5 {
			r.put(i, entries("key", fmt.Sprint(i)))
		}
		r.put(5, entries("key", "stuck"))
		synctest.Wait()
		for i := range 5 {
			if r.answered(i) != 1 {
				t.Errorf("Put %d waits for its neighbour", i)
			}
		}
		r.close()
		r.wantAnswers(6)
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "0": 0, "-3": 0, "soon": 0, "99999": maxRetryAfter, "99999999999999999999": 0,
		now.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("Retry-After %q means %v, want %v", text, got, want)
		}
	}
}

func TestBackoff(t *testing.T) {
	b := Backoff{First: 100 * time.Millisecond, Most: 10 * time.Second, Blocked: time.Minute}
	for _, c := range []struct {
		class sink.Class
		tries int
		top   time.Duration
	}{
		{sink.Transient, 0, 100 * time.Millisecond}, {sink.Throttled, 3, 800 * time.Millisecond}, {sink.Throttled, 7, 10 * time.Second},
		{sink.Unanswered, 1 << 30, 10 * time.Second}, {sink.Blocked, 8, 25600 * time.Millisecond}, {sink.Blocked, 1 << 30, time.Minute},
	} {
		for range 100 {
			if got := b.wait(c.class, c.tries, rand.Uint64()); got < c.top/2 || got > c.top {
				t.Errorf("%v, try %d: %v, want %v to %v", c.class, c.tries, got, c.top/2, c.top)
			}
		}
	}
}
