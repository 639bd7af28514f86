package agent

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/tailer/framing"
)

func planned(memory int64, maxRecord int, flows int) *config.Config {
	c := &config.Config{Memory: memory}
	for i := range flows {
		c.Flows = append(c.Flows, config.Flow{Name: strconv.Itoa(i), Read: config.Read{MaxRecord: maxRecord},
			Send: []config.Send{{Stream: "shared", Aggregate: true}, {Stream: strconv.Itoa(i), Aggregate: true}}})
	}
	return c
}

func TestPlanMemory(t *testing.T) {
	tests := []struct {
		name      string
		memory    int64
		maxRecord int
		flows     int
		workers   int // 0: refused
	}{
		{"default", 24 << 20, 1 << 20, 1, 2},
		{"more flows get less each", 24 << 20, 256 << 10, 4, 1},
		{"too many flows", 24 << 20, 1 << 20, 8, 0},
		{"many flows, more memory", 128 << 20, 1 << 20, 8, 2},
		{"record against memory", 8 << 20, 4 << 20, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := planned(tt.memory, tt.maxRecord, tt.flows)
			p, err := planMemory(c)
			if tt.workers == 0 {
				if err == nil {
					t.Fatalf("plan %+v, want an error", p)
				}
				takesTheAdvice(t, c, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.shape.workers != tt.workers {
				t.Errorf("%d workers, want %d", p.shape.workers, tt.workers)
			}
			if len(p.producer) != tt.flows+1 {
				t.Errorf("%d producers for %d flows with one stream in common, want %d", len(p.producer), tt.flows, tt.flows+1)
			}
			if sum := p.readers + p.producers(); sum > p.data || sum < p.data-int64(len(p.producer)) || p.data != tt.memory/2 {
				t.Errorf("%d of %d bytes are given away", sum, p.data)
			}
			for key, share := range p.producer {
				if least := key.config().MinMemory(); share < least {
					t.Errorf("%+v gets %d bytes, needs %d", key, share, least)
				}
			}
		})
	}
}

// TestPlanCountsFraming: putting records together takes memory, which is planned.
func TestPlanCountsFraming(t *testing.T) {
	plain := planned(48<<20, 1<<20, 1)
	p, err := planMemory(plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*config.Read){
		func(r *config.Read) { r.Encoding = framing.UTF16 },
		func(r *config.Read) { r.Multiline.Mode = "java" },
		func(r *config.Read) { r.Container = framing.CRI },
	} {
		c := planned(48<<20, 1<<20, 1)
		change(&c.Flows[0].Read)
		q, err := planMemory(c)
		if err != nil {
			t.Fatal(err)
		}
		f := c.Flows[0].Framing()
		if least := int64(f.Window() + f.Memory(f.Window())); q.readers/int64(q.shape.workers)-p.readers/int64(p.shape.workers) < least/2 {
			t.Errorf("%+v: %d bytes for readers, %d without it; a window and the scratch memory are %d", f, q.readers, p.readers, least)
		}
	}
}

// TestPlanCountsLargeRecords: what escapes make of a record fits in the half of memory that is not data, and so does inflating.
func TestPlanCountsLargeRecords(t *testing.T) {
	c := planned(16<<20, 1<<20, 1)
	c.Flows[0].Encode.Format = "json"
	p, err := planMemory(c)
	if err != nil {
		t.Fatal(err)
	}
	if p.inflate >= mostInflate || p.inflate+int64(c.Flows[0].Read.MaxRecord) > p.limit-p.data {
		t.Errorf("%d bytes for inflating of %d that are not data", p.inflate, p.limit-p.data)
	}
	c.Memory = 10 << 20
	if _, err := planMemory(c); err == nil {
		t.Error("10 MiB are enough for a record of 1 MiB, six times as much in JSON")
	} else {
		takesTheAdvice(t, c, err)
	}
	c.Memory, c.Flows[0].Parse.KeepLine = 16<<20, "line"
	if _, err := planMemory(c); err == nil {
		t.Error("16 MiB are enough for a record of 1 MiB that is kept beside its fields")
	} else {
		takesTheAdvice(t, c, err)
	}
	c.Memory, c.Flows[0].Encode.Format, c.Flows[0].Parse.KeepLine = 10<<20, "raw", ""
	if _, err := planMemory(c); err != nil {
		t.Errorf("raw: %v", err)
	}
	for name, change := range map[string]func(f *config.Flow){
		"an edit":     func(f *config.Flow) { f.Edit = []edit.Spec{edit.Redact{Kinds: []string{"ip"}, With: "***"}} },
		"a condition": func(f *config.Flow) { f.Send[0].When = `message contains "x"` },
		"a format":    func(f *config.Flow) { f.Parse.Format = "combined" },
		"a key":       func(f *config.Flow) { f.Send[0].PartitionKey = "field:host" },
	} {
		c := planned(10<<20, 1<<20, 1)
		c.Flows[0].Encode.Format = "raw"
		change(&c.Flows[0])
		if _, err := planMemory(c); err == nil {
			t.Errorf("raw with %s: 10 MiB are enough for a record of 1 MiB, which takes six times as much", name)
		} else {
			takesTheAdvice(t, c, err)
		}
	}
}

// TestSamplesFit: the memory of a sample configuration is enough for it.
func TestSamplesFit(t *testing.T) {
	for _, name := range []string{"weir", "kubernetes", "formats", "destinations", "edits", "routing", "split"} {
		c, err := config.Load("../configs/"+name+".yaml", func(string) (string, bool) { return "", false })
		if err == nil {
			_, err = planMemory(c)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// takesTheAdvice sets memory to what the message asks for: that must be enough, perhaps in two steps.
func takesTheAdvice(t *testing.T, c *config.Config, err error) {
	t.Helper()
	for range 2 {
		found := regexp.MustCompile(`memory to at least (\d+)MiB`).FindStringSubmatch(err.Error())
		if found == nil {
			t.Fatalf("message %q names no number", err)
		}
		n, _ := strconv.ParseInt(found[1], 10, 64)
		c.Memory = n << 20
		if _, err = planMemory(c); err == nil {
			return
		}
	}
	t.Errorf("after doing what the message says: %v", err)
}

func TestProducersAreShared(t *testing.T) {
	b := newBench(t)
	b.cfg.Flows = append(b.cfg.Flows, b.flow("other", "*.txt"), b.flow("third", "*.x"))
	b.cfg.Flows[1].Send = []config.Send{{Stream: "web", PartitionKey: "file", Aggregate: true}}
	b.cfg.Flows[2].Send = []config.Send{{Stream: "web", Aggregate: false}}
	a, err := New(b.options())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if len(a.now.Load().destinations) != 2 || len(a.now.Load().users(a.now.Load().destinations[0])) != 2 {
		t.Errorf("%d destinations, want one for two flows and another for the one that does not aggregate", len(a.now.Load().destinations))
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*bench)
		want   string
	}{
		{"same destination twice", func(b *bench) { f := &b.cfg.Flows[0]; f.Send = append(f.Send, f.Send[0]) }, "twice to stream/web"},
		{"partition key", func(b *bench) { b.cfg.Flows[0].Send[0].PartitionKey = "radnom" }, "radnom"},
		{"format", func(b *bench) { b.cfg.Flows[0].Parse.Format = "apache" }, "flow web"},
		{"memory", func(b *bench) { b.cfg.Memory = 1 << 20 }, "at least"},
		{"socket", func(b *bench) { b.cfg.Socket = b.logs }, "is no socket"},
		{"glob", func(b *bench) { b.cfg.Flows[0].Read.Paths = []string{"/var/log/[a"} }, "flow web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.change(b)
			if _, err := New(b.options()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New: %v, want %q", err, tt.want)
			}
			c := newBench(t)
			c.cfg.StateDir = b.cfg.StateDir
			a, err := New(c.options()) // what was refused has given everything back
			if err != nil {
				t.Fatalf("New after a refusal: %v", err)
			}
			a.Close()
		})
	}
}

func TestFixedDir(t *testing.T) {
	for glob, want := range map[string]string{
		"/var/log/nginx/*.log": "/var/log/nginx", "/srv/**/access.log": "/srv", "/a/b.log": "/a", "/a/{b,c}/d": "/a", "/*/x": "/", "/x*/y": "/",
	} {
		if got := fixedDir(glob); got != want {
			t.Errorf("fixedDir(%q) = %q, want %q", glob, got, want)
		}
	}
}

// TestPlanEdits: the default memory holds edits of records of the default size, but not a second copy of each.
func TestPlanEdits(t *testing.T) {
	for steps, fits := range map[string]bool{
		"{redact: {kinds: [ip]}}, {add: {id: '${record_id}'}}, {redact: {kinds: [email]}}": true,
		"{parse_json: {field: message, keep: true}}":                                       false,
	} {
		c, err := config.Decode("w", []byte("endpoint: http://127.0.0.1:1\ncredentials: local\nflows: [{name: a, read: {paths: [/a]}, encode: {format: json}, edit: ["+steps+"], send: [{stream: s}]}]"),
			func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planMemory(c); (err == nil) != fits {
			t.Errorf("%s: %v", steps, err)
		}
	}
}
