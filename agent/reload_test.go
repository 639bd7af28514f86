package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
)

// file is a configuration that a test changes while an agent runs.
type file struct {
	mu  sync.Mutex
	cfg config.Config
	err error
}

// load is Options.Load.
func (f *file) load() (*config.Config, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.cfg
	c.Flows = slices.Clone(c.Flows)
	return &c, f.err
}

// edit changes the file.
func (f *file) edit(change func(*config.Config)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.cfg)
}

// runWithFile is run with a configuration that Reload reads again.
func (b *bench) runWithFile(change ...func(*Options)) (*running, *file) {
	b.t.Helper()
	f := &file{cfg: *b.cfg}
	f.cfg.Flows = slices.Clone(b.cfg.Flows)
	return b.run(append(change, func(o *Options) { o.Load = f.load })...), f
}

// mustReload reloads and returns what became of each flow, as name:change.
func (r *running) mustReload() string {
	r.t.Helper()
	result := r.Reload(r.t.Context())
	if result.Outcome != status.ReloadDone {
		r.t.Fatalf("Reload: %+v", result)
	}
	return changes(result)
}

func changes(r status.Reload) string {
	var all []string
	for _, f := range r.Flows {
		all = append(all, f.Name+":"+f.Change)
	}
	return strings.Join(all, " ")
}

func (r *running) reader(flow string) *reader { return r.now.Load().route(flow).units[0].reader.Load() }

// TestReload adds, changes and removes flows while another one is not touched.
func TestReload(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows = append(b.cfg.Flows, b.flow("app", "*.txt"))
	b.write("a.log", 0, 100)
	b.write("b.txt", 0, 100)
	var begun, over int
	r, f := b.runWithFile(func(o *Options) {
		o.Reloading = func() func(*config.Config) { begun++; return func(*config.Config) { over++ } }
	})
	r.idle()
	web, app := r.reader("web"), r.reader("app")
	if got := r.mustReload(); got != "web:unchanged app:unchanged" || r.reader("web") != web || r.reader("app") != app {
		t.Errorf("of the same configuration: %s", got)
	}
	f.edit(func(c *config.Config) {
		c.Flows[1].InFlight = 2 << 20
		c.Flows = append(c.Flows, b.flow("new", "*.new"))
	})
	b.write("c.new", 0, 50)
	if got := r.mustReload(); got != "web:unchanged app:changed new:added" {
		t.Errorf("changes: %s", got)
	}
	b.write("a.log", 100, 100)
	b.write("b.txt", 100, 100)
	r.idle()
	if r.reader("web") != web || r.reader("app") == app {
		t.Error("the wrong reader was replaced")
	}
	s := r.Status()
	if n := s.Flows[1].Counters.RecordsRead; n != 200 {
		t.Errorf("the changed flow has read %d records, want its counters to go on to 200", n)
	}
	f.edit(func(c *config.Config) { c.Flows = c.Flows[:1] })
	if got := r.mustReload(); got != "web:unchanged app:removed new:removed" {
		t.Errorf("changes: %s", got)
	}
	if s = r.Status(); len(s.Flows) != 1 || len(s.Destinations) != 1 || s.Reload == nil || s.Reload.Outcome != status.ReloadDone || !s.Loaded.After(s.Started) {
		t.Errorf("status %+v", s)
	}
	b.mustHaveAll(true)
	f.edit(func(c *config.Config) { c.Flows = append(c.Flows, b.flow("app", "*.txt")) })
	b.write("b.txt", 200, 10)
	if got := r.mustReload(); got != "web:unchanged app:added" {
		t.Errorf("changes: %s", got)
	}
	r.idle()
	b.mustHaveAll(true) // it read on where it was
	r.mustStop()
	if begun != 4 || over != 4 || !strings.Contains(b.log.String(), "msg=reloaded ") {
		t.Errorf("%d reloads begun, %d over; want 4, and that the log speaks of them", begun, over)
	}
}

// TestReloadKeepsNames: a destination that is made anew has the name that it had; metrics go on under it. One that stays keeps its own.
func TestReloadKeepsNames(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows = append(b.cfg.Flows, b.flow("app", "*.txt"))
	b.cfg.Flows[1].Send = slices.Clone(b.cfg.Flows[1].Send)
	b.cfg.Flows[1].Send[0].Stream, b.cfg.Flows[1].Send[0].Linger = b.cfg.Flows[0].Send[0].Stream, time.Second
	name := b.cfg.Flows[0].Send[0].Destination()
	r, f := b.runWithFile()
	r.idle()
	names := func() (all []string) {
		for _, d := range r.Status().Destinations {
			all = append(all, d.Name)
		}
		return all
	}
	for i := range 3 {
		f.edit(func(c *config.Config) {
			send := slices.Clone(c.Flows[0].Send)
			send[0].Linger = time.Duration(i+1) * time.Millisecond
			if i == 2 {
				send[0].OnFailure, send[0].GiveUpAfter = config.FailureDeadLetter, time.Hour
			}
			c.Flows[0].Send = send
		})
		if got := r.mustReload(); got != "web:changed app:unchanged" {
			t.Errorf("changes: %s", got)
		}
		if got := names(); !slices.Equal(got, []string{name, name + "#2"}) {
			t.Errorf("the destinations are called %q", got)
		}
	}
	f.edit(func(c *config.Config) { c.Flows = c.Flows[1:] })
	r.mustReload()
	f.edit(func(c *config.Config) { c.Flows = append([]config.Flow{b.flow("web", "*.log")}, c.Flows...) })
	r.mustReload()
	if got := names(); !slices.Equal(got, []string{name, name + "#2"}) {
		t.Errorf("the destinations are called %q", got)
	}
	r.mustStop()
}

// TestReloadRefuses: what is wrong changes nothing, says why, and is a problem until a reload succeeds.
func TestReloadRefuses(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	r, f := b.runWithFile()
	r.idle()
	web, good := r.reader("web"), f.cfg
	for _, c := range []struct {
		name, want string
		change     func(*config.Config)
	}{
		{"the file is wrong", "weir.yaml:1:1: a\nweir.yaml:2:1: b", func(*config.Config) { f.err = errors.New("weir.yaml:1:1: a\nweir.yaml:2:1: b") }},
		{"another state folder", "a restart is needed to change state_dir (it runs with ", func(c *config.Config) { c.StateDir = "/x" }},
		{"another socket", "a restart is needed to change socket", func(c *config.Config) { c.Socket = "/x" }},
		{"memory", "set memory to at least", func(c *config.Config) { c.Memory = 1 << 20 }},
		{"a key that is none", "partition_key", func(c *config.Config) {
			c.Flows = append(slices.Clone(c.Flows), b.flow("new", "*.new"))
			c.Flows[1].Send[0].PartitionKey = "x"
		}},
	} {
		f.edit(func(cfg *config.Config) { *cfg, f.err = good, nil; c.change(cfg) })
		result := r.Reload(t.Context())
		if result.Outcome != status.ReloadRefused || !strings.Contains(result.Error, c.want) || len(result.Flows) > 0 {
			t.Errorf("%s: %+v, want that it is refused with %q", c.name, result, c.want)
		}
		if s := r.Status(); len(s.Problems) != 1 || len(s.Flows) != 1 || len(s.Destinations) != 1 || r.reader("web") != web {
			t.Errorf("%s: status %+v", c.name, s)
		}
	}
	f.edit(func(cfg *config.Config) { *cfg, f.err = good, nil })
	r.mustReload()
	b.write("a.log", 10, 10)
	r.idle()
	if s := r.Status(); len(s.Problems) != 0 {
		t.Errorf("problems %q after a reload that was done", s.Problems)
	}
	r.mustStop()
	b.mustHaveAll(true)
	if log := b.log.String(); strings.Count(log, "the configuration was not reloaded") != 6 {
		t.Errorf("the log does not say each problem once:\n%s", log)
	}
	if result := r.Reload(t.Context()); result.Outcome != status.ReloadFailed {
		t.Errorf("after the stop: %+v", result)
	}
}

// TestReloadWithDestinationDown: a changed flow whose destination does not answer is stopped all the same; what was in flight is sent again, and the
// other flow does not notice.
func TestReloadWithDestinationDown(t *testing.T) {
	b := newBench(t)
	dead := newFakeStream()
	b.cfg.Flows = append(b.cfg.Flows, b.flow("app", "*.txt"))
	b.write("a.log", 0, 10)
	r, f := b.runWithFile(func(o *Options) {
		o.DrainTimeout = 100 * time.Millisecond
		o.Destination = func(s config.Send) (sink.Destination, error) {
			if s.Stream == "app" {
				return dead.open(s)
			}
			return b.stream.open(s)
		}
	})
	r.idle()
	dead.silence(true)
	b.write("b.txt", 0, 10)
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[1].Counters.InFlight > 0 })
	f.edit(func(c *config.Config) {
		c.Flows[1].Send = []config.Send{{Stream: "web", PartitionKey: "random", Aggregate: true}}
	})
	result := r.Reload(t.Context())
	if result.Outcome != status.ReloadDone || changes(result) != "web:unchanged app:changed" || !strings.Contains(result.Flows[1].Note, "what had arrived arrives twice") {
		t.Fatalf("Reload: %+v", result)
	}
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
	if len(dead.count()) != 10 || !strings.Contains(b.log.String(), "the flow was stopped before all was acknowledged") {
		t.Errorf("%d lines at the dead stream, want 10 that are sent again", len(dead.count()))
	}
}

// TestReloadTakesPositionsOver: a flow that is renamed with was goes on, also when another one takes its place.
func TestReloadTakesPositionsOver(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 20)
	r, f := b.runWithFile()
	r.idle()
	f.edit(func(c *config.Config) { c.Flows[0].Name, c.Flows[0].Was = "nginx", "web" })
	if got := r.mustReload(); got != "nginx:added web:removed" {
		t.Errorf("changes: %s", got)
	}
	b.write("a.log", 20, 20)
	r.idle()
	nginx := r.reader("nginx")
	f.edit(func(c *config.Config) { c.Flows[0].Was = "" })
	if got := r.mustReload(); got != "nginx:unchanged" || r.reader("nginx") != nginx {
		t.Errorf("without was: %s", got)
	}
	b.mustHaveAll(true)
	f.edit(func(c *config.Config) { c.Flows[0].Name = "access" })
	result := r.Reload(t.Context())
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "give that one was: nginx") || !strings.Contains(b.log.String(), "positions are not used") {
		t.Errorf("renamed without was: %+v, want a warning", result)
	}
	r.mustStop()
}

// TestReloadMemory: flows that go on keep their shares of the memory; new ones take what fits beside them.
func TestReloadMemory(t *testing.T) {
	b := newBench(t)
	b.write("a.log", 0, 10)
	r, f := b.runWithFile()
	r.idle()
	web := r.reader("web")
	for i := range 40 { // as many as take the smallest shape
		f.edit(func(c *config.Config) {
			flow := b.flow(fmt.Sprint("f", i), fmt.Sprint(i, "*.many"))
			flow.Send = c.Flows[0].Send
			c.Flows = append(c.Flows, flow)
		})
	}
	result := r.Reload(t.Context())
	if result.Outcome != status.ReloadDone || result.Flows[0].Change != status.FlowUnchanged || r.reader("web") != web {
		t.Fatalf("Reload: %s %s", result.Outcome, changes(result))
	}
	l := r.now.Load()
	if l.routes[1].share.shape == l.routes[0].share.shape || l.memory.readers+l.memory.producers() > l.memory.data {
		t.Errorf("memory %+v does not hold all", l.memory)
	}
	f.edit(func(c *config.Config) { c.Memory = 48 << 20 })
	if result = r.Reload(t.Context()); result.Outcome != status.ReloadDone || result.Flows[0].Change != status.FlowChanged || result.Flows[0].Note == "" {
		t.Errorf("with another memory: %+v", result)
	}
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

// TestReloadUnderLoad reloads again and again, by several callers, while files are written and the state is asked: nothing is lost, nothing is
// sent twice, and nobody sees half a lineup.
func TestReloadUnderLoad(t *testing.T) {
	b := newBench(t)
	b.stream.delay = 2 * time.Millisecond
	b.cfg.Flows[0].InFlight = 64 << 10
	r, f := b.runWithFile()
	quit := make(chan struct{})
	var group sync.WaitGroup
	loop := func(do func(i int)) {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-quit:
					return
				case <-time.After(time.Millisecond):
				}
				do(i)
			}
		})
	}
	loop(func(i int) { b.write("a.log", i*20, 20); b.write("b.txt", i*20, 20) })
	loop(func(int) {
		for _, flow := range r.Status().Flows {
			if flow.Name == "" {
				t.Error("a flow without a name")
			}
		}
		r.Positions("")
	})
	for range 2 {
		group.Go(func() {
			for i := range 12 {
				f.edit(func(c *config.Config) {
					c.Flows[0].InFlight = int64(64+i) << 10
					c.Flows = c.Flows[:1]
					if i%2 == 0 {
						c.Flows = append(slices.Clone(c.Flows), b.flow("app", "*.txt"))
					}
				})
				if result := r.Reload(t.Context()); result.Outcome != status.ReloadDone {
					t.Errorf("Reload: %+v", result)
				}
			}
		})
	}
	eventually(t, "all reloads are done", func() bool { return strings.Count(b.log.String(), "msg=reloaded ") == 24 })
	close(quit)
	group.Wait()
	f.edit(func(c *config.Config) { c.Flows = append(slices.Clone(c.Flows[:1]), b.flow("app", "*.txt")) })
	r.mustReload()
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

// TestReloadWhileStopping: a stop ends a reload that waits for answers; nothing is left behind.
func TestReloadWhileStopping(t *testing.T) {
	b := newBench(t)
	r, f := b.runWithFile(func(o *Options) { o.DrainTimeout = 50 * time.Millisecond })
	r.idle()
	b.stream.silence(true)
	b.write("a.log", 0, 10)
	eventually(t, "something is in flight", func() bool { return r.Status().Flows[0].Counters.InFlight > 0 })
	r.opt.DrainTimeout = time.Hour // of the reload: nobody reads it before
	f.edit(func(c *config.Config) {
		c.Flows[0].InFlight = 2 << 20
		c.Flows = append(c.Flows, b.flow("new", "*.new"))
	})
	result := make(chan status.Reload, 1)
	go func() { result <- r.Reload(t.Context()) }()
	eventually(t, "the flow is held", func() bool { return heldBack(r.units()[0]) })
	r.stop()
	eventually(t, "the reload ends", func() bool { return len(result) > 0 })
	r.Kill()
	r.wait()
	if got := <-result; got.Outcome != status.ReloadFailed || !strings.Contains(got.Error, "stopping") {
		t.Errorf("Reload: %+v", got)
	}
}

// TestReloadStartsFailedFlow: a flow that has ended is started again by a reload, though its configuration is the same.
func TestReloadStartsFailedFlow(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows = append(b.cfg.Flows, b.flow("app", "*.txt"))
	b.write("b.txt", 0, 10)
	r, _ := b.runWithFile()
	r.idle()
	r.reader("app").stop() // as if the tailer had ended
	eventually(t, "the flow has ended", func() bool {
		select {
		case <-r.now.Load().route("app").units[0].over:
			return true
		default:
			return false
		}
	})
	if got := r.mustReload(); got != "web:unchanged app:changed" {
		t.Errorf("changes: %s", got)
	}
	b.write("b.txt", 10, 10)
	r.idle()
	r.mustStop()
	b.mustHaveAll(true)
}

// TestStartWarnsOfOrphans: a start says which positions it has no use for, and what to do.
func TestStartWarnsOfOrphans(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows[0].Send = append(b.cfg.Flows[0].Send, config.Send{Stream: "second", PartitionKey: "random"})
	b.write("a.log", 0, 10)
	r := b.run()
	r.idle()
	r.mustStop()
	b.cfg.Flows[0].Send = b.cfg.Flows[0].Send[:1]
	b.run().mustStop()
	if !strings.Contains(b.log.String(), "flow web does not send to stream/second any more") {
		t.Error("the log does not speak of the destination")
	}
	b.cfg.Flows[0].Name = "wbe"
	b.run().mustStop()
	if !strings.Contains(b.log.String(), "no flow is called web, and there are positions of 1 file") || !strings.Contains(b.log.String(), "was: web") {
		t.Errorf("the log does not speak of the flow:\n%s", b.log.String())
	}
	if err := os.Remove(filepath.Join(b.logs, "a.log")); err != nil {
		t.Fatal(err)
	}
}
