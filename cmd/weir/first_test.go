package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const firstAgent = `
endpoint: http://ADDR
credentials: local
state_dir: DIR/state
flows:
  - name: a
    read: {paths: ['DIR/logs/*.log']}
    send: [{delivery_stream: direct}]
`

// TestFirstStartIsKilled kills the agent with SIGKILL at random moments of its first start, while nothing can be delivered. It must know
// either no file then or all; and once it knows them, all of them are rotated out of the pattern, and nothing may be missing.
func TestFirstStartIsKilled(t *testing.T) {
	const files = 1000
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	s := newSystem(t)
	s.write("server.yaml", crashServer)
	s.write("weir.yaml", firstAgent)
	name := func(i int) string { return s.path("logs", fmt.Sprintf("%d.log", i)) }
	for i := range files {
		s.write(fmt.Sprintf("logs/%d.log", i), numbered("a", i+1)+"\n")
	}

	span := 60                                     // milliseconds
	for known := 0; known == 0; span += span / 4 { // in the end it is started before it is killed, however slow the machine is
		s.agent = start(t, s.path("agent.log"), "run", "-c", s.path("weir.yaml"))
		pause(random.IntN(span))
		s.agent.kill()
		if known = s.known(); known != 0 && known != files {
			t.Fatalf("killed during the first start, it knows %d files of %d", known, files)
		}
		t.Logf("killed: %d files known", known)
	}

	for i := range files {
		if err := os.Rename(name(i), name(i)+".1"); err != nil {
			t.Fatal(err)
		}
		s.write(fmt.Sprintf("logs/%d.log", i), numbered("a", files+i+1)+"\n")
	}
	s.startServer()
	s.startAgent()
	if v := s.judge("a", 2*files, "direct"); len(v.foreign) > 0 {
		t.Errorf("lines that nobody wrote: %q", v.foreign)
	}
	if err := s.agent.stop(20 * time.Second); err != nil {
		t.Errorf("stopping the agent: %v", err)
	}
}

// known is how many files have a position, while no agent runs.
func (s *system) known() int {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], "positions", "list", "-c", s.path("weir.yaml"), "--json")
	cmd.Env = append(os.Environ(), asWeir+"=1")
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Count(string(out), `"path": `)
}
