package main

import (
	"context"
	"fmt"
	"testing"
	"time"
)

const smokeServer = `
listen: ADDR
data_dir: DIR/data
streams: [{name: lines, shards: 2}]
buckets: {out: {directory: DIR/out}}
delivery_streams:
  - name: archive
    source: {stream: lines}
    destination: {bucket: out, compression: GZIP}
    buffer: {size: 4MiB, time: 1s}
`

// The agent runs with the settings that users get who set nothing.
const smokeAgent = `
endpoint: http://ADDR
credentials: local
state_dir: DIR/state
flows:
  - name: app
    read: {paths: [DIR/logs/app.log]}
    send: [{stream: lines}]
`

func newSmoke(t *testing.T) (*system, *writer) {
	t.Helper()
	s := newSystem(t)
	s.write("server.yaml", smokeServer)
	s.write("weir.yaml", smokeAgent)
	s.write("logs/keep", "")
	s.startServer()
	s.startAgent()
	return s, &writer{log: "app", path: s.path("logs/app.log"), burst: 500} // 50,000 lines a second
}

// expect waits until all lines are delivered and judges them.
func (s *system) expect(w *writer) verdict {
	s.t.Helper()
	written := int(w.written.Load())
	v := s.judge(w.log, written, "")
	s.t.Logf("written %d, %v", written, v)
	if len(v.foreign) > 0 {
		s.t.Errorf("lines that nobody wrote: %q", v.foreign)
	}
	return v
}

// TestSmokeRename rotates by renaming, 20 times, about four times a second, at 50,000 lines a second.
func TestSmokeRename(t *testing.T) {
	s, w := newSmoke(t)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	if err := w.run(ctx, 12000); err != nil {
		t.Fatal(err)
	}
	if v := s.expect(w); v.doubled != 0 {
		t.Errorf("%d lines came twice, and nothing was killed", v.doubled)
	}
}

// TestSmokeCopytruncate truncates the log ten times, each time when the agent has read it to its end.
func TestSmokeCopytruncate(t *testing.T) {
	s, w := newSmoke(t)
	f, err := openLog(w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range 10 {
		for range 20 {
			if err := w.append(f); err != nil {
				t.Fatal(err)
			}
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		s.until("the agent has read the log", 30*time.Second, func() error {
			a, err := s.status()
			if err != nil {
				return err
			}
			for _, file := range a.Flows[0].Files {
				if file.Path == w.path && file.Acked == info.Size() {
					return nil
				}
			}
			return fmt.Errorf("files: %+v", a.Flows[0].Files)
		})
		if err := w.copyTruncate(i); err != nil {
			t.Fatal(err)
		}
	}
	if v := s.expect(w); v.doubled != 0 {
		t.Errorf("%d lines came twice, and nothing was killed", v.doubled)
	}
}

// TestSmokeKill kills the agent once while it works and the log is rotated.
func TestSmokeKill(t *testing.T) {
	s, w := newSmoke(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx, 30000) }()
	await := func(lines int64) {
		s.until("lines are written", 10*time.Second, func() error {
			if n := w.written.Load(); n < lines {
				return fmt.Errorf("%d lines of %d", n, lines)
			}
			return nil
		})
	}
	await(70000)
	s.agent.kill()
	s.startAgent()
	await(140000)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	s.expect(w)
}
