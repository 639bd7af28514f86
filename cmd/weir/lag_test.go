package main

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

const lagAgent = `
endpoint: http://ADDR
credentials: local
state_dir: DIR/state
flows:
  - name: a
    in_flight: 256KiB
    read: {paths: [DIR/logs/a.log], max_record: 64KiB}
    send:
      - {stream: lines}
      - {delivery_stream: direct, on_failure: lag, pack: 5KiB}
`

// TestLagCrash kills the agent with SIGKILL while one of two destinations does not exist and lags, and again while it catches up, with rotations all the time. Both get every
// line, and what a kill doubles is at most what each of the two readings may have in flight.
func TestLagCrash(t *testing.T) {
	kills := 8
	if testing.Short() {
		kills = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))

	s := newSystem(t)
	whole, lacking := crashServer, crashServer[:strings.Index(crashServer, "  - name: direct")]
	s.write("server.yaml", lacking)
	s.write("weir.yaml", lagAgent)
	s.write("logs/keep", "")
	s.startServer()
	s.startAgent()
	w := &writer{log: "a", path: s.path("logs/a.log"), burst: 100}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx, 9000) }()

	crash := func() {
		for range kills {
			pause(random.IntN(500) + 50)
			s.until("data is in flight", 30*time.Second, func() error {
				a, err := s.status()
				if err == nil && a.InFlight() == 0 {
					err = errors.New("nothing in flight")
				}
				return err
			})
			s.agent.kill()
			s.startAgent()
		}
	}
	crash()
	before, stream := int(w.written.Load()), newDelivered(s.path("out", "stream"), "a")
	s.until("the stream has what was written before, the delivery stream nothing", time.Minute, func() error {
		_, err := stream.judge("a", before)
		return err
	})
	s.server.kill()
	s.write("server.yaml", whole)
	s.startServer()
	crash()
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	written := int(w.written.Load())
	for _, prefix := range []string{"stream", "direct"} {
		v := s.judge("a", written, prefix)
		t.Logf("%s: written %d, %v", prefix, written, v)
		if len(v.foreign) > 0 {
			t.Errorf("%s: lines that nobody wrote: %q", prefix, v.foreign)
		}
		if bound := (2*kills + 1) * crashWindow; v.doubledBytes > bound {
			t.Errorf("%s: %d bytes twice, more than the %d in flight at the kills", prefix, v.doubledBytes, bound)
		}
	}
	if err := s.agent.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the agent: %v", err)
	}
	if err := s.server.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the backend: %v", err)
	}
}

// TestGiveUpCrash kills the agent with SIGKILL while it writes what one of two destinations does not take to the dead letters. Each line is at the destination or among
// the dead letters.
func TestGiveUpCrash(t *testing.T) {
	kills := 6
	if testing.Short() {
		kills = 2
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))

	s := newSystem(t)
	s.write("server.yaml", crashServer[:strings.Index(crashServer, "  - name: direct")])
	s.write("weir.yaml", strings.Replace(lagAgent, "on_failure: lag, pack: 5KiB", "on_failure: dead_letter, give_up_after: 1s", 1))
	s.write("logs/keep", "")
	s.startServer()
	s.startAgent()
	w := &writer{log: "a", path: s.path("logs/a.log"), burst: 100}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx, 3000) }()
	crash := func(what string, ready func(witness.Status) bool) {
		s.until(what, 30*time.Second, func() error {
			a, err := s.status()
			if err == nil && !ready(a) {
				err = errors.New("not yet")
			}
			return err
		})
		pause(random.IntN(300))
		s.agent.kill()
		s.startAgent()
	}
	for range kills {
		crash("records are given up", func(a witness.Status) bool { return a.Flows[0].Counters.GivenUp > 0 })
	}
	s.server.kill()
	s.write("server.yaml", crashServer)
	s.startServer()
	crash("the delivery stream takes records", func(a witness.Status) bool { return a.Destinations[1].Stats.Records > 0 })
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	written := int(w.written.Load())
	s.judge("a", written, "stream")
	if err := s.agent.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the agent: %v", err)
	}

	came := newDelivered(s.path("out", "direct"), "a")
	letters := 0
	buried, err := os.ReadFile(s.path("state", "dead-letter", "a.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(buried)) {
		var l struct {
			Cause, Destination string
			Data               []byte
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Cause != "given_up" || l.Destination != "delivery/direct" {
			t.Fatalf("dead letter %s: %v", line, err)
		}
		came.first.add(strings.TrimSuffix(string(l.Data), "\n"))
		letters++
	}
	var v verdict
	s.until("each line is delivered or a dead letter", time.Minute, func() (err error) {
		v, err = came.judge("a", written)
		return err
	})
	t.Logf("written %d, %d dead letters, %v", written, letters, v)
	if bound := (kills + 2) * crashWindow; letters == 0 || len(v.foreign) > 0 || v.doubledBytes > bound {
		t.Errorf("%d dead letters, %q foreign, %d bytes twice, more than the %d in flight at the kills", letters, v.foreign, v.doubledBytes, bound)
	}
	if err := s.server.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the backend: %v", err)
	}
}
