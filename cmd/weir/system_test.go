package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// system is a backend and an agent in processes of their own, with everything they keep in one folder.
type system struct {
	t      *testing.T
	dir    string
	addr   string
	server *process
	agent  *process
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{t: t, dir: shortTempDir(t), addr: freeAddress(t)}
	t.Cleanup(func() {
		s.agent.kill()
		s.server.kill()
		if t.Failed() {
			t.Logf("server log:\n%s", tail(s.path("server.log")))
			t.Logf("agent log:\n%s", tail(s.path("agent.log")))
		}
	})
	return s
}

// shortTempDir is t.TempDir with a path short enough for a unix socket.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *system) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// write writes a file below the system's folder; ADDR and DIR in it are replaced.
func (s *system) write(name, content string) {
	s.t.Helper()
	content = strings.NewReplacer("ADDR", s.addr, "DIR", s.dir).Replace(content)
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) startServer() {
	s.t.Helper()
	s.server = start(s.t, s.path("server.log"), "serve", "-c", s.path("server.yaml"))
	s.until("the backend answers", 30*time.Second, func() error {
		resp, err := http.Get("http://" + s.addr + "/_weir/health")
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	})
}

func (s *system) startAgent() {
	s.t.Helper()
	s.agent = start(s.t, s.path("agent.log"), "run", "-c", s.path("weir.yaml"))
	s.until("the agent answers", 30*time.Second, func() error {
		_, err := s.status()
		return err
	})
}

// status asks the agent on its socket.
func (s *system) status() (witness.Status, error) {
	return witness.AskAgent(s.t.Context(), s.path("state", "weir.sock"))
}

// judge waits until every line of a log has come below a folder of the bucket, however long that takes as long as lines come, and judges them.
func (s *system) judge(log string, written int, folder string) (v verdict) {
	s.t.Helper()
	came := newDelivered(s.path("out", folder), log)
	s.until("every line of "+log+" is delivered", time.Minute, func() (err error) {
		v, err = came.judge(log, written)
		return err
	})
	return v
}

// until calls check again and again until it returns nil, and fails the test when for limit its error stays the same: that a loaded host
// is slow is no fault, that nothing happens is one.
func (s *system) until(what string, limit time.Duration, check func() error) {
	s.t.Helper()
	if err := wait(what, limit, check); err != nil {
		s.t.Fatal(err)
	}
}

// wait is until for other goroutines than that of the test.
func wait(what string, limit time.Duration, check func() error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var since time.Time
	for last := ""; ; <-tick.C {
		err := check()
		switch {
		case err == nil:
			return nil
		case err.Error() != last:
			last, since = err.Error(), time.Now()
		case time.Since(since) > limit:
			return fmt.Errorf("waited %v until %s, and nothing changed: %w", limit, what, err)
		}
	}
}

// process is a running weir.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

func start(t *testing.T, logFile string, args ...string) *process {
	t.Helper()
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := &process{cmd: exec.Command(os.Args[0], args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), asWeir+"=1")
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p
}

// kill ends the process as kill -9 does and waits for its end.
func (p *process) kill() {
	if p != nil {
		p.cmd.Process.Kill()
		<-p.done
	}
}

// stop ends the process as systemd does and returns how it ended.
func (p *process) stop(limit time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(limit):
		p.kill()
		return fmt.Errorf("still running %v after SIGTERM", limit)
	}
}

// hasOpen returns an error unless the process has the file open that a path leads to.
func (p *process) hasOpen(path string) error {
	want, err := os.Stat(path)
	if err != nil {
		return err
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.cmd.Process.Pid))
	for _, fd := range fds {
		if have, err := os.Stat(fd); err == nil && os.SameFile(have, want) {
			return nil
		}
	}
	return errors.Join(fmt.Errorf("%s is not open", path), err)
}

// tail returns the end of a file, for the message of a failed test.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	if len(content) > 6000 {
		content = content[len(content)-6000:]
		if i := bytes.IndexByte(content, '\n'); i >= 0 {
			content = content[i+1:]
		}
	}
	return string(content)
}
