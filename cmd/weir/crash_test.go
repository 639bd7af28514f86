package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

const crashServer = `
listen: ADDR
data_dir: DIR/data
streams: [{name: lines, shards: 2}]
buckets: {out: {directory: DIR/out}}
delivery_streams:
  - name: from-stream
    source: {stream: lines}
    destination: {bucket: out, prefix: 'stream/', compression: GZIP}
    buffer: {size: 1MiB, time: 1s}
  - name: direct
    destination: {bucket: out, prefix: 'direct/', compression: GZIP}
    buffer: {size: 1MiB, time: 1s}
`

// in_flight is small, so that the bound on duplicates is worth something.
const crashAgent = `
endpoint: http://ADDR
credentials: local
state_dir: DIR/state
flows:
  - name: a
    in_flight: 256KiB
    read: {paths: [DIR/logs/a.log], max_record: 64KiB}
    send: [{stream: lines}]
  - name: b
    in_flight: 256KiB
    read: {paths: [DIR/logs/b.log], max_record: 64KiB}
    send: [{delivery_stream: direct}]
`

const crashWindow = 256 << 10 // in_flight of the flows above

// TestCrash kills agent and backend with SIGKILL at random moments, each time with data in flight, while two logs are
// written and rotated, and then compares what the folder holds with what was written.
func TestCrash(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 4
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	s := newSystem(t)
	s.write("server.yaml", crashServer)
	s.write("weir.yaml", crashAgent)
	s.write("logs/keep", "")
	s.startServer()
	s.startAgent()

	writers := []*writer{{log: "a", path: s.path("logs/a.log"), burst: 150}, {log: "b", path: s.path("logs/b.log"), burst: 150}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, len(writers))
	for i, w := range writers {
		go func() { ended <- w.run(ctx, 9000+3000*i) }()
	}

	var table strings.Builder
	fmt.Fprintf(&table, "%4s  %-8s  %12s  %9s  %9s\n", "kill", "process", "in flight", "lines a", "lines b")
	for i := range kills {
		pause(random.IntN(700) + 50)
		var flying int64
		s.until("data is in flight", 30*time.Second, func() error {
			a, err := s.status()
			if err != nil {
				return err
			}
			if flying = a.InFlight(); flying == 0 {
				return errors.New("nothing in flight")
			}
			return nil
		})
		victim := [...]string{"agent", "server", "agent", "both"}[i%4]
		if victim != "agent" {
			s.server.kill()
		}
		if victim != "server" {
			s.agent.kill()
		}
		fmt.Fprintf(&table, "%4d  %-8s  %12d  %9d  %9d\n", i+1, victim, flying, writers[0].written.Load(), writers[1].written.Load())
		if victim != "agent" {
			s.startServer()
		}
		if victim != "server" {
			s.startAgent()
		}
	}
	stop()
	for range writers {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}

	for i, prefix := range []string{"stream", "direct"} {
		w := writers[i]
		written := int(w.written.Load())
		v := s.judge(w.log, written, prefix)
		fmt.Fprintf(&table, "log %s -> %s: written %d, %v\n", w.log, prefix, written, v)
		if len(v.foreign) > 0 {
			t.Errorf("log %s: lines that nobody wrote: %q", w.log, v.foreign)
		}
		if bound := kills * crashWindow; v.doubledBytes > bound {
			t.Errorf("log %s: %d bytes twice, more than the %d in flight at %d kills", w.log, v.doubledBytes, bound, kills)
		}
	}
	t.Logf("\n%s", &table)
	if err := s.agent.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the agent: %v", err)
	}
	if err := s.server.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the backend: %v", err)
	}
}

// pause lets the processes work for a random while: the moment of a kill is what is random here.
func pause(milliseconds int) {
	<-time.After(time.Duration(milliseconds) * time.Millisecond)
}

// TestAcknowledgedSurvives puts records straight into a stream while the backend is killed again and again, and then reads
// back every sequence number that was acknowledged.
func TestAcknowledgedSurvives(t *testing.T) {
	kills := 5
	if testing.Short() {
		kills = 2
	}
	s := newSystem(t)
	s.write("server.yaml", crashServer)
	s.startServer()
	client := witness.NewClient(s.addr)
	acked := map[string]string{} // sequence number -> data
	for k := range kills {
		enough := make(chan struct{})
		go func() {
			<-enough
			s.server.kill()
		}()
		for n := 0; ; n++ {
			data := fmt.Sprintf("kill %d record %d", k, n)
			seq, err := putRecord(t.Context(), client, "lines", data)
			if err != nil {
				break
			}
			acked[seq] = data
			if n == 200 {
				close(enough)
			}
		}
		s.server.kill()
		s.startServer()
	}
	got, err := readStream(t.Context(), client, "lines")
	if err != nil {
		t.Fatal(err)
	}
	for seq, data := range acked {
		if got[seq] != data {
			t.Errorf("sequence number %s: acknowledged %q, read %q", seq, data, got[seq])
		}
	}
	t.Logf("%d kills: %d sequence numbers acknowledged, %d records in the stream", kills, len(acked), len(got))
	if len(acked) < 200*kills {
		t.Errorf("only %d records acknowledged", len(acked))
	}
}
