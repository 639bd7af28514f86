package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLogrotate has the real logrotate rotate logs in all its ways while they are written, the backend is down for a while so that files
// are rotated, compressed and deleted unread, and, in its second part, the agent is killed again and again. Nothing may be lost;
// twice comes only what was in flight at a kill, of the agent or the backend.

// rotation is one way of using logrotate.
type rotation struct {
	name    string
	options string // of logrotate, beside missingok and the like
	keeps   bool   // the writer keeps its descriptor
	harms   bool   // what weir has never seen is deleted, or compressed and so left to a backfill: not done to it before it has, or while it is killed
}

var rotations = []rotation{
	{"create", "rotate 30\ncreate", false, false},
	{"nocreate", "rotate 30\nnocreate", false, false},
	{"copytruncate", "rotate 30\ncopytruncate", true, false},
	{"compress", "rotate 30\ncompress", false, true},
	{"delaycompress", "rotate 30\ncompress\ndelaycompress", false, true},
	{"zstd", "rotate 30\ncompress\ncompresscmd /usr/bin/zstd\nuncompresscmd /usr/bin/unzstd\ncompressoptions -q --rm\ncompressext .zst", false, true},
	{"copytruncatecompress", "rotate 30\ncopytruncate\ncompress", true, true},
	{"dateext", "rotate 30\ndateext\ndateformat -%Y%m%d-%s", false, false},
	{"extension", "rotate 30\ndateext\ndateformat -%Y%m%d-%s\nextension .log", false, false},
	{"extensioncopy", "rotate 30\ndateext\ndateformat -%Y%m%d-%s\nextension .log\ncopytruncate", true, false},
	{"numberedextension", "rotate 30\nextension .log", false, false},
	{"olddir", "rotate 30\nolddir DIR/old", false, false},
	{"olddircompress", "rotate 30\nolddir DIR/old\ncompress", false, true},
	{"rotateone", "rotate 1", false, true},
	{"rotatenone", "rotate 0", false, true},
}

const logrotateServer = `
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

// rotated is one log that is written and rotated.
type rotated struct {
	rotation
	*writer
	conf string
	mu   sync.Mutex // held while the writer writes, and by what must not be disturbed by that
	file *os.File
}

func TestLogrotate(t *testing.T) {
	if _, err := exec.LookPath("logrotate"); err != nil {
		t.Skip("logrotate is not installed")
	}
	for _, kills := range []bool{false, true} {
		t.Run(map[bool]string{false: "steady", true: "killed"}[kills], func(t *testing.T) { rotateAll(t, kills) })
	}
}

func rotateAll(t *testing.T, kills bool) {
	rounds := 12
	if testing.Short() {
		rounds = 6
	}
	s := newSystem(t)
	s.write("server.yaml", logrotateServer)
	logs := s.rotatedLogs(kills)
	s.startServer()
	s.startAgent()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	for _, r := range logs {
		writers.Go(func() { r.write(ctx, t) })
	}
	for round := range rounds {
		pause(1050) // the names with dates count seconds
		if round == rounds/2 {
			s.server.kill()
		}
		down := kills && round%3 == 2
		if down {
			s.agent.kill()
		}
		var all sync.WaitGroup
		outage := round >= rounds/2 && round <= rounds/2+2
		for _, r := range logs {
			if outage && r.keeps && r.harms {
				continue // a copy that is packed at once may be gone before anybody has looked at it: what reading waits for is named in the log, and left to a backfill
			}
			all.Go(func() { s.rotate(r) })
		}
		all.Wait()
		if down {
			s.startAgent()
		}
		if round == rounds/2+2 {
			s.startServer()
		}
	}
	stop()
	writers.Wait()
	s.judgeAll(logs, kills)
	if err := s.agent.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the agent: %v", err)
	}
}

// rotatedLogs writes the configurations.
func (s *system) rotatedLogs(kills bool) (logs []*rotated) {
	s.t.Helper()
	var flows strings.Builder
	for _, way := range rotations {
		if kills && way.harms {
			continue
		}
		if strings.Contains(way.options, "zstd") {
			if _, err := exec.LookPath("zstd"); err != nil {
				continue
			}
		}
		r := &rotated{rotation: way, writer: &writer{log: way.name, path: s.path(way.name, "app.log"), burst: 20}}
		r.conf = s.path(way.name + ".conf")
		s.write(way.name+"/old/keep", "")
		reopen := ""
		if !way.keeps {
			reopen = fmt.Sprintf("postrotate\ntouch %[1]s\nwhile [ -e %[1]s ]; do sleep 0.01; done\nendscript", r.signal())
		}
		options := strings.ReplaceAll(way.options, "DIR", s.path(way.name))
		s.write(way.name+".conf", fmt.Sprintf("%s {\nmissingok\n%s\n%s\n}\n", r.path, options, reopen))
		fmt.Fprintf(&flows, "  - name: %s\n    in_flight: 256KiB\n    read: {paths: [%s], max_record: 64KiB, rotated_to: [%s]}\n    send: [{stream: lines}]\n",
			way.name, r.path, s.path(way.name, "old"))
		f, err := openLog(r.path)
		if err != nil {
			s.t.Fatal(err)
		}
		r.file = f
		logs = append(logs, r)
	}
	s.write("weir.yaml", "endpoint: http://ADDR\ncredentials: local\nstate_dir: DIR/state\nflows:\n"+flows.String())
	return logs
}

// write writes until the context ends, and opens the log anew when it is told to.
func (r *rotated) write(ctx context.Context, t *testing.T) {
	defer func() { r.file.Close() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.step(); err != nil {
			t.Error(err)
			return
		}
	}
}

func (r *rotated) step() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.append(r.file); err != nil {
		return err
	}
	if _, err := os.Stat(r.signal()); err != nil {
		return nil
	}
	f, err := openLog(r.path)
	if err != nil {
		return err
	}
	r.file.Close()
	r.file = f
	return os.Remove(r.signal())
}

// signal is the file by which the log is to be opened anew; once it is gone that is done.
func (r *rotated) signal() string { return filepath.Join(filepath.Dir(r.path), "reopen") }

// rotate runs logrotate. A writer that keeps its descriptor is paused: what it writes between the copy and the cut is lost to everybody.
func (s *system) rotate(r *rotated) {
	if r.keeps {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	if r.harms {
		if err := wait("the agent has seen "+r.path, time.Minute, func() error { return s.seen(r) }); err != nil {
			s.t.Error(err)
		}
	}
	if out, err := exec.Command("logrotate", "-f", "-s", r.conf+".state", r.conf).CombinedOutput(); err != nil {
		s.t.Errorf("%s: logrotate: %v\n%s", r.name, err, out)
	}
}

// seen returns an error while a rotation would take from the agent what it cannot find again: an open file is safe, of one that is copied
// only what was read.
func (s *system) seen(r *rotated) error {
	if !r.keeps {
		return s.agent.hasOpen(r.path)
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	a, err := s.status()
	if err != nil {
		return err
	}
	read := int64(0)
	for _, flow := range a.Flows {
		for _, f := range flow.Files {
			if f.Path == r.path {
				read = f.Read
			}
		}
	}
	if read != info.Size() {
		return fmt.Errorf("%d bytes of %d", read, info.Size())
	}
	return nil
}

// judgeAll waits until all lines are delivered and judges them.
func (s *system) judgeAll(logs []*rotated, kills bool) {
	s.t.Helper()
	verdicts := map[string]verdict{}
	var names []string
	for _, r := range logs {
		names = append(names, r.log)
	}
	came := newDelivered(s.path("out"), names...)
	s.until("every line of every log is delivered", time.Minute, func() (missing error) {
		for _, r := range logs {
			v, err := came.judge(r.log, int(r.written.Load()))
			verdicts[r.log], missing = v, errors.Join(missing, err)
		}
		return missing
	})
	a, err := s.status()
	if err != nil {
		s.t.Fatal(err)
	}
	again := kills // or the backend was killed after it had written what it did not answer any more
	for _, d := range a.Destinations {
		again = again || d.Stats.Unanswered > 0
	}
	for _, r := range logs {
		v := verdicts[r.log]
		s.t.Logf("%-22s written %7d, %v", r.log, r.written.Load(), v)
		if len(v.foreign) > 0 {
			s.t.Errorf("%s: lines that nobody wrote: %q", r.log, v.foreign)
		}
		if v.doubled > 0 && !again {
			s.t.Errorf("%s: %d lines came twice, and all was answered", r.log, v.doubled)
		}
	}
}
