package original

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/tailer"
)

// host is a folder of logs that the original agent has shipped.
type host struct {
	t    *testing.T
	logs string
}

func newHost(t *testing.T) *host { return &host{t, t.TempDir()} }

func (h *host) path(name string) string { return filepath.Join(h.logs, name) }

// write makes a file of size bytes that was last written to age ago.
func (h *host) write(name string, size int, age time.Duration) {
	h.t.Helper()
	if err := os.WriteFile(h.path(name), []byte(strings.Repeat("x", size)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	at := time.Now().Add(-age)
	if err := os.Chtimes(h.path(name), at, at); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) rename(from, to string) {
	h.t.Helper()
	if err := os.Rename(h.path(from), h.path(to)); err != nil {
		h.t.Fatal(err)
	}
}

// row is what the original agent writes about a file of its pattern app.log*.
func (h *host) row(name string, offset int64, change ...func(*Row)) Row {
	h.t.Helper()
	info, err := os.Stat(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	id, _, err := tailer.Look(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	r := Row{Flow: "kinesis:web:" + h.path("app.log*"), Path: h.path(name), FileID: fmt.Sprintf("(dev=fd00,ino=%d)", id.Inode),
		Modified: info.ModTime(), Size: info.Size(), Offset: offset, Updated: time.Now()}
	for _, c := range change {
		c(&r)
	}
	return r
}

func (h *host) flow(name, glob string, sends ...config.Send) config.Flow {
	return config.Flow{Name: name, Read: config.Read{Paths: []string{h.path(glob)}, MaxRecord: 1 << 20}, Send: sends}
}

// plan returns the lines as text, one for each: flow path offset, or ! path reason.
func (h *host) plan(rows []Row, flows ...config.Flow) string {
	h.t.Helper()
	got, err := Plan(rows, flows)
	if err != nil {
		h.t.Fatal(err)
	}
	var text strings.Builder
	for _, l := range got.Lines {
		name := strings.TrimPrefix(l.Path, h.logs+"/")
		switch {
		case !l.Imported:
			fmt.Fprintf(&text, "! %s %s\n", name, strings.ReplaceAll(l.Reason, h.logs, "DIR"))
		case l.Finished:
			fmt.Fprintf(&text, "%s %s finished\n", l.Flow, name)
		default:
			fmt.Fprintf(&text, "%s %s %d\n", l.Flow, name, l.Offset)
		}
	}
	for _, n := range got.Notes {
		fmt.Fprintf(&text, "note %s\n", n)
	}
	return text.String()
}

func TestPlan(t *testing.T) {
	web, archive := config.Send{Stream: "web"}, config.Send{DeliveryStream: "arn:aws:firehose:eu-west-1:1:deliverystream/archive"}
	fh := func(h *host) func(*Row) {
		return func(r *Row) { r.Flow = "fh:archive:" + h.path("app.log*") }
	}
	for _, c := range []struct {
		name string
		plan func(h *host) string
		want string
	}{
		{"all rows, and what is older", func(h *host) string {
			h.write("app.log", 100, 0)
			h.write("app.log.1", 100, time.Hour)
			h.write("app.log.2", 100, 2*time.Hour)
			h.write("app.log.3.gz", 100, 3*time.Hour)
			h.write("other.log", 100, 3*time.Hour)
			return h.plan([]Row{h.row("app.log", 50), h.row("app.log.1", 90)}, h.flow("web", "*.log", web))
		}, "web app.log 50\nweb app.log.1 90\nweb app.log.2 finished\n"},
		{"renamed since", func(h *host) string {
			h.write("app.log", 100, time.Hour)
			row := h.row("app.log", 50)
			h.rename("app.log", "app.log.1")
			h.write("app.log", 10, 0)
			return h.plan([]Row{row}, h.flow("web", "app.log", web))
		}, "web app.log.1 50\n"},
		{"the new file is older than the last write to the one before", func(h *host) string {
			h.write("app.log", 100, 0)
			row := h.row("app.log", 50)
			h.rename("app.log", "app.log.1")
			h.write("app.log", 10, time.Minute)
			return h.plan([]Row{row}, h.flow("web", "app.log", web))
		}, "web app.log.1 50\n"},
		{"made after the last row", func(h *host) string {
			h.write("app.log", 100, 0)
			row := h.row("app.log", 50, func(r *Row) { r.Updated = time.Now().Add(-time.Second) })
			h.write("app.log-new", 10, time.Minute)
			return h.plan([]Row{row}, h.flow("web", "app.log*", web))
		}, "web app.log 50\n"},
		{"gone", func(h *host) string {
			h.write("app.log", 100, 0)
			row := h.row("app.log", 50)
			h.rename("app.log", "elsewhere")
			row.FileID = "(dev=1,ino=18446744073709551615)"
			return h.plan([]Row{row}, h.flow("web", "app.log", web))
		}, "! app.log the file with inode 18446744073709551615 is not in DIR any more; what it held after byte 50 is not shipped\n"},
		{"renamed out of reach", func(h *host) string {
			h.write("app.log", 100, 0)
			row := h.row("app.log", 50)
			h.rename("app.log", "elsewhere")
			return strings.ReplaceAll(h.plan([]Row{row}, h.flow("web", "app.log", web)), strings.TrimSuffix(strings.Split(row.FileID, "ino=")[1], ")"), "N")
		}, "! app.log inode N is DIR/elsewhere now, which flow web does not follow\n"},
		{"cut", func(h *host) string {
			h.write("app.log", 100, 0)
			row := h.row("app.log", 50)
			h.write("app.log", 60, 0)
			return h.plan([]Row{row}, h.flow("web", "app.log", web))
		}, "! app.log the file was cut: it has 60 bytes, the row says 100; weir reads it from its beginning\n"},
		{"inode used again", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 50, func(r *Row) { r.Updated = time.Now().Add(-time.Hour) })}, h.flow("web", "app.log", web))
		}, "! app.log DIR/app.log was made after the row was written: its inode number was used again\n"},
		{"a file id of another form", func(h *host) string {
			h.write("app.log", 100, 0)
			h.write("app.log.1", 100, time.Hour)
			return h.plan([]Row{h.row("app.log", 50), h.row("app.log", 40, func(r *Row) { r.FileID = "c0ffee" })}, h.flow("web", "app.log*", web))
		}, "web app.log 50\n! app.log the file id \"c0ffee\" has not the form (dev=HEX,ino=NUMBER), so the file cannot be found by it; " +
			"weir positions set says by hand where it is read on\n"},
		{"two rows about one file", func(h *host) string {
			h.write("app.log.1", 100, 0)
			return h.plan([]Row{h.row("app.log.1", 80), h.row("app.log.1", 90, func(r *Row) { r.Path = h.path("app.log") })}, h.flow("web", "app.log", web))
		}, "web app.log.1 80\n! app.log.1 there is a later row about the same file\n"},
		{"two destinations", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 80), h.row("app.log", 60, fh(h))}, h.flow("web", "app.log", web, archive))
		}, "! app.log fh:archive:DIR/app.log* was shipped only up to byte 60 of the file\nweb app.log 60\n"},
		{"another destination", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 60, fh(h))}, h.flow("web", "app.log", web, archive))
		}, "web app.log 60\nnote flow web sends to stream web too, to which the original agent has sent none of this: it begins at the same places\n"},
		{"no flow sends there", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 60, fh(h))}, h.flow("web", "app.log", web)) +
				h.plan([]Row{h.row("app.log", 60, fh(h))}, h.flow("web", "app.log", web), h.flow("api", "app.log", web))
		}, "! app.log flow web does not send to delivery stream archive\n! app.log no flow sends to delivery stream archive\n"},
		{"no path matches", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 60)}, h.flow("web", "*.txt", web))
		}, "! app.log no path of flow web matches it, as DIR/app.log* did\n"},
		{"ambiguous", func(h *host) string {
			h.write("app.log", 100, 0)
			return h.plan([]Row{h.row("app.log", 60)}, h.flow("a", "*.log", web), h.flow("b", "app.*", web))
		}, "! app.log flows a, b all read it and send to stream web; name one with --flow\n"},
		{"damaged", func(h *host) string {
			h.write("app.log", 100, 0)
			h.write("app.log.1", 100, time.Hour)
			return h.plan([]Row{h.row("app.log", 60, func(r *Row) { r.Problem = "it is odd" }), h.row("app.log", 1, func(r *Row) { r.Flow = "cloudwatch:x" })},
				h.flow("a", "*.log", web))
		}, "! app.log the row is damaged: it is odd\n! app.log the flow's id \"cloudwatch:x\" has not the form kinesis:STREAM:PATTERN or fh:STREAM:PATTERN\n"},
		{"nothing", func(h *host) string { return h.plan(nil, h.flow("a", "*.log", web)) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t)
			if got := strings.ReplaceAll(c.plan(h), h.logs, "DIR"); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestPlanMakesOneEditPerFlow(t *testing.T) {
	h := newHost(t)
	h.write("app.log", 100, 0)
	h.write("app.log.1", 100, time.Hour)
	got, err := Plan([]Row{h.row("app.log", 50)}, []config.Flow{h.flow("web", "*.log", config.Send{Stream: "web"})})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Edits) != 1 || got.Edits[0].Flow != "web" || !got.Edits[0].Started || len(got.Edits[0].Set) != 2 {
		t.Fatalf("edits %+v", got.Edits)
	}
	for i, want := range []int64{50, tailer.End} {
		if p := got.Edits[0].Set[i]; p.Offset != want || !p.Keep {
			t.Errorf("place %+v, want offset %d, and that a position is kept", p, want)
		}
	}
}

func FuzzIDs(f *testing.F) {
	f.Add("kinesis:web:/var/log/a:b*", "(dev=fd00,ino=12345)")
	f.Add("fh::", "(dev=,ino=)")
	f.Fuzz(func(t *testing.T, flow, file string) {
		if destination, pattern, err := parseFlow(flow); err == nil {
			_, name, _ := strings.Cut(destination, "stream ")
			if kind, rest, _ := strings.Cut(flow, ":"); rest != name+":"+pattern || (kind == "fh") != strings.HasPrefix(destination, "delivery ") {
				t.Errorf("%q became %q and %q", flow, destination, pattern)
			}
		}
		if inode, err := parseFileID(file); err == nil && (inode == 0 || !strings.HasSuffix(file, ")")) {
			t.Errorf("%q became %d", file, inode)
		}
	})
}
