package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// crowd is an agent that follows many files, what was written to them, and what arrived.
type crowd struct {
	sink  *sink
	logs  string // folder
	log   *os.File
	cmd   *exec.Cmd
	limit int // of descriptors

	lines   map[string]int // written: the size of each
	written int64          // bytes

	watching sync.WaitGroup
	enough   context.CancelFunc
	most     int    // descriptors at a time
	note     string // what else there is to say
}

// lineSize is large enough that a slow destination stops the reading, and small enough that many files are quickly written.
const lineSize = 300

// gather starts an agent with the given flows, in which LOGS stands for the folder with the files, and no more than limit descriptors.
func (b *bench) gather(ctx context.Context, flows string, limit int) (*crowd, error) {
	dir, err := os.MkdirTemp(b.dir, "crowd-")
	if err != nil {
		return nil, err
	}
	c := &crowd{logs: filepath.Join(dir, "logs"), limit: limit, lines: map[string]int{}}
	config := filepath.Join(dir, "weir.yaml")
	if c.sink, err = startSink(filepath.Join(dir, "ca.pem")); err != nil {
		return nil, err
	}
	c.sink.keep()
	text := fmt.Sprintf("endpoint: https://%s\ncredentials: local\nstate_dir: %s\nmemory: 64MiB\nflows:\n%s",
		c.sink.addr, filepath.Join(dir, "state"), strings.ReplaceAll(flows, "LOGS", c.logs))
	if c.log, err = os.Create(filepath.Join(dir, "agent.log")); err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(c.logs, 0o755), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	c.cmd = exec.CommandContext(ctx, "sh", "-c", `ulimit -n "$0" && exec "$@"`, strconv.Itoa(limit), filepath.Join(b.bin, "weir-agent"), "run", "-c", config)
	c.cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+c.sink.ca)
	c.cmd.Stderr = c.log
	return c, nil
}

// start runs the agent, and looks at its descriptors from now on.
func (c *crowd) start(ctx context.Context) error {
	if err := c.cmd.Start(); err != nil {
		return err
	}
	ctx, c.enough = context.WithCancel(ctx)
	c.watching.Go(func() {
		for wait(ctx, 10*time.Millisecond) == nil {
			if fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.cmd.Process.Pid)); err == nil {
				c.most = max(c.most, len(fds))
			}
		}
	})
	return nil
}

// add appends a line to a file, made if need be; no two lines are equal.
func (c *crowd) add(name string) error {
	_, err := c.line(name)
	return err
}

// line is add, and returns the line.
func (c *crowd) line(name string) (string, error) {
	path := filepath.Join(c.logs, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		}
	}
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("%07d %s ", len(c.lines), name)
	line += strings.Repeat("x", max(lineSize-len(line)-1, 0)) + "\n"
	c.lines[line] = len(line)
	c.written += int64(len(line))
	_, err = f.WriteString(line)
	return line, errors.Join(err, f.Close())
}

// backlog writes so many bytes of lines that are only counted, under a name that is followed when it is complete.
func (c *crowd) backlog(name string, size int64) error {
	path := filepath.Join(c.logs, name)
	line := bulkMark + strings.Repeat("x", lineSize-len(bulkMark)-1) + "\n"
	block := []byte(strings.Repeat(line, 4000))
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	for written := int64(0); written < size && err == nil; written += int64(len(block)) {
		_, err = f.Write(block)
	}
	return errors.Join(err, f.Close(), os.Rename(path+".part", path))
}

// each does something with each of n file names.
func each(n int, do func(name string) error) error {
	for i := range n {
		if err := do(fmt.Sprintf("%05d.log", i)); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until each line has arrived copies times, or the agent has reported the bytes that are missing, or a minute long nothing more came.
func (c *crowd) settle(ctx context.Context, copies int) error {
	last, since := 0, time.Now()
	for time.Since(since) < time.Minute {
		arrived := c.sink.arrived()
		if arrived >= len(c.lines)*copies {
			return nil
		}
		if arrived != last {
			last, since = arrived, time.Now()
		} else if _, lost, err := c.report(); err != nil || lost > 0 && c.tally(copies).missing == lost {
			return err
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// tally is how what arrived differs from what was written.
type tally struct {
	lines, arrived  int
	lost, twice     int
	foreign         int   // lines that nobody wrote
	missing         int64 // bytes of the lost lines
	reported        int64 // of them, by the agent
	descriptorsFail bool  // it had too few
	usage           usage
}

// tally compares; each line is to arrive copies times.
func (c *crowd) tally(copies int) tally {
	c.sink.mu.Lock()
	defer c.sink.mu.Unlock()
	t := tally{lines: len(c.lines)}
	for line, size := range c.lines {
		n := c.sink.lines[line]
		t.arrived += n
		t.twice += max(n-copies, 0)
		if n < copies {
			t.lost += copies - n
			t.missing += int64((copies - n) * size)
		}
	}
	for line := range c.sink.lines {
		if c.lines[line] == 0 {
			t.foreign++
		}
	}
	return t
}

// end stops the agent and returns the result.
func (c *crowd) end(copies int) (t tally, err error) {
	defer c.sink.srv.Close()
	defer c.log.Close()
	u, err := finish(c.cmd)
	c.enough()
	c.watching.Wait()
	t = c.tally(copies)
	t.usage = u
	starved, reported, logErr := c.report()
	t.descriptorsFail, t.reported = starved, reported
	return t, errors.Join(err, logErr)
}

var lostBytes = regexp.MustCompile(`bytes_lost=([0-9]+)`)

// report reads in the agent's log whether it had too few descriptors, and how many bytes it has reported as lost.
func (c *crowd) report() (starved bool, lost int64, err error) {
	text, err := os.ReadFile(c.log.Name())
	if err != nil {
		return false, 0, err
	}
	for _, m := range lostBytes.FindAllSubmatch(text, -1) {
		n, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err != nil {
			return false, 0, err
		}
		lost += n
	}
	return strings.Contains(string(text), "too many open files"), lost, nil
}
