package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
)

// TestStartEndWithUnreadableFile: one file that cannot be read must not make every later start a first one, which would jump
// over what was written in between.
func TestStartEndWithUnreadableFile(t *testing.T) {
	const unreadable = "/proc/self/mem" // a regular file to statx, and an error to whoever reads its beginning
	if _, err := os.Stat(unreadable); err != nil {
		t.Skip(err)
	}
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.write("old.log", 0, 10)
	if err := os.Symlink(unreadable, filepath.Join(b.logs, "bad.log")); err != nil {
		t.Fatal(err)
	}
	r := b.run()
	b.started()
	r.mustStop()
	b.write("late.log", 0, 5)
	r = b.run()
	eventually(t, "what was written while weir was down arrives", func() bool { return len(b.stream.count()) == 5 })
	r.mustStop()
	for _, f := range r.Status().Flows[0].Files {
		if strings.HasSuffix(f.Path, "bad.log") && f.Error == "" {
			t.Errorf("nothing is said about the file that cannot be read: %+v", f)
		}
	}
}

// started waits until the agent says that the flow has started.
func (b *bench) started() {
	b.t.Helper()
	eventually(b.t, "the flow has started", func() bool { return strings.Contains(b.log.String(), "starts for the first time") })
}

// TestStartEndWithoutDestination: what is written after the first start arrives, also if nothing could be delivered before a crash.
func TestStartEndWithoutDestination(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Read.Start = config.StartEnd
	b.stream.stop()
	b.write("empty.log", 0, 0)
	b.write("old.log", 0, 10)
	r := b.run()
	b.started()
	b.write("empty.log", 0, 5)
	b.write("old.log", 10, 5)
	eventually(t, "lines are read", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.Kill()
	r.wait()
	b.stream.start()
	r = b.run()
	eventually(t, "all lines after the first start arrive", func() bool { return len(b.stream.count()) == 10 })
	r.mustStop()
}

// TestTwoProducersForOneStream: flows that send to one stream in different ways have a producer each, and the metrics must tell them apart.
func TestTwoProducersForOneStream(t *testing.T) {
	b := newBench(t)
	b.cfg.Socket = filepath.Join(b.cfg.StateDir, "weir.sock")
	other := b.flow("other", "*.txt")
	other.Send[0].Stream, other.Send[0].Aggregate = "web", false
	b.cfg.Flows = append(b.cfg.Flows, other)
	r := b.run()
	s := r.Status()
	if len(s.Destinations) != 2 || s.Destinations[0].Name == s.Destinations[1].Name {
		t.Errorf("destinations %+v, want two names", s.Destinations)
	}
	r.mustStop()
}
