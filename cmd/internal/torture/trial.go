package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// trial is one case under way: a backend and an agent in processes of their own, the writers, and a folder for everything.
type trial struct {
	c      scenario
	o      options
	dir    string
	client *witness.Client
	random *rand.Rand // of the scenario's own goroutine
	w      *writer    // of the log logs/app.log, number 0
	group  writers

	server, agent *process
	watch         *watch
	counters      counters
	source        source
	killed        []int64 // bytes in flight at each kill
	notes         []string
}

// errSkip says that a case cannot be tried on this host.
var errSkip = errors.New("cannot be tried here")

const serverConfig = `
listen: ADDR
data_dir: DIR/data
streams: [{name: lines, shards: 2}]
buckets: {out: {directory: DIR/out}}
delivery_streams:
  - name: lines
    destination: {bucket: out, compression: GZIP}
    buffer: {size: 4MiB, time: 1s}
faults: []
`

// The agent runs with the settings of users who set nothing.
const agentConfig = `
endpoint: http://ADDR
credentials: local
state_dir: DIR/state
flows:
  - name: app
    read: {READ}FLOW
    send: [{TARGET: lines}]
`

func newTrial(c scenario, o options) (*trial, error) {
	dir, err := os.MkdirTemp(o.dir, "weir-torture-") // short: a unix socket's path is
	if err != nil {
		return nil, err
	}
	t := &trial{c: c, o: o, dir: dir, random: rand.New(rand.NewPCG(o.seed, 1))}
	t.watch = newWatch(t.inFlight())
	for _, folder := range []string{"logs", "state", "data", "old"} {
		if err := os.Mkdir(t.path(folder), 0o755); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.client = witness.NewClient(l.Addr().String())
	l.Close()
	t.source = streamSource{t.client.Stream("lines")}
	if c.delivery {
		t.source = objectSource{witness.NewObjects(t.path("out"))}
	}
	if err := t.config("server.yaml", serverConfig); err != nil {
		return nil, err
	}
	return t, t.config("weir.yaml", agentConfig)
}

func (t *trial) path(parts ...string) string {
	return filepath.Join(append([]string{t.dir}, parts...)...)
}

func (t *trial) config(name, text string) error {
	read, target, flow := t.c.read, "stream", ""
	if read == "" {
		read = "paths: [DIR/logs/app.log]"
	}
	if t.c.delivery {
		target = "delivery_stream"
	}
	if t.c.inFlight > 0 {
		flow = fmt.Sprintf("\n    in_flight: %d", t.c.inFlight)
	}
	text = strings.NewReplacer("READ", read, "TARGET", target, "FLOW", flow).Replace(text)
	text = strings.NewReplacer("ADDR", t.client.Addr(), "DIR", t.dir).Replace(text)
	return os.WriteFile(t.path(name), []byte(text), 0o644)
}

// final is an error that waiting does not mend.
type final struct{ error }

// until calls check again and again until it returns nil, or a final error.
func until(ctx context.Context, what string, limit time.Duration, check func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := check()
		var last final
		if err == nil || errors.As(err, &last) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v until %s: %w", limit, what, err)
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (t *trial) startServer(ctx context.Context) (err error) {
	if t.server, err = startProcess(t.path("server.log"), t.o.program("weir"), "serve", "-c", t.path("server.yaml")); err != nil {
		return err
	}
	return until(ctx, "the backend answers", 30*time.Second, func() error {
		if err := t.server.ended(); err != nil {
			return final{err}
		}
		return t.client.Get(ctx, "/_weir/faults", nil)
	})
}

func (t *trial) startAgent(ctx context.Context) (err error) {
	if t.agent, err = startProcess(t.path("agent.log"), t.o.program("weir-agent"), "run", "-c", t.path("weir.yaml")); err != nil {
		return err
	}
	t.watch.follow(t.agent, t.path("state", "weir.sock"))
	return until(ctx, "the agent answers", 30*time.Second, func() error {
		if err := t.agent.ended(); err != nil {
			return final{err}
		}
		_, err := t.status(ctx)
		return err
	})
}

// stopAgent ends the agent as systemd does, and keeps what it cost.
func (t *trial) stopAgent() error {
	t.counters.add(t.watch.leave())
	err := t.agent.stop(40 * time.Second)
	t.counters.cpu += t.agent.cpu()
	return err
}

// killAgent ends the agent with SIGKILL when data is in flight.
func (t *trial) killAgent(ctx context.Context) error {
	var flying int64
	err := until(ctx, "data is in flight", 30*time.Second, func() error {
		s, err := t.status(ctx)
		if flying = s.InFlight(); err == nil && flying == 0 {
			err = errors.New("nothing is in flight")
		}
		return err
	})
	if err != nil {
		return err
	}
	t.counters.add(t.watch.leave())
	t.agent.kill()
	t.counters.cpu += t.agent.cpu()
	t.killed = append(t.killed, flying)
	return nil
}

// fault makes the backend's puts go wrong from now on; the keys are those of its configuration, without the operation.
func (t *trial) fault(ctx context.Context, keys string) error {
	operation := "PutRecords"
	if t.c.delivery {
		operation = "PutRecordBatch"
	}
	return t.faults(ctx, fmt.Sprintf("faults: [{operation: %s, seed: %d, %s}]", operation, 1+t.o.seed%(1<<60), keys))
}

func (t *trial) faults(ctx context.Context, text string) error {
	return t.client.Put(ctx, "/_weir/faults", []byte(text))
}

// happened returns how many requests the faults in force have met, and fails if none.
func (t *trial) happened(ctx context.Context) error {
	var answer struct {
		Faults []struct{ Done struct{ Met int } }
	}
	if err := t.client.Get(ctx, "/_weir/faults", &answer); err != nil {
		return err
	}
	for _, f := range answer.Faults {
		if f.Done.Met == 0 {
			return errors.New("the fault met no request: the case shows nothing; let it run longer")
		}
		t.note("%d requests met", f.Done.Met)
	}
	return nil
}

// hold makes the backend refuse every put, release makes it take them again.
func (t *trial) hold(ctx context.Context) error    { return t.fault(ctx, "records: 100%") }
func (t *trial) release(ctx context.Context) error { return t.faults(ctx, "faults: []") }

func (t *trial) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// end ends the processes that are left and removes the folder.
func (t *trial) end() {
	t.watch.leave()
	t.agent.kill()
	t.server.kill()
	unmount(t.path("state"))
	unmount(t.path("data"))
	if !t.o.keep {
		os.RemoveAll(t.dir)
	}
}

// tail returns the end of a file, for messages.
func tail(path string, size int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-size):])
}
