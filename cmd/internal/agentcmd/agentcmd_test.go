package agentcmd

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/backfill"
	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/agent/status"
	"github.com/weir-logs/weir/sink"
)

const sample = `
endpoint: http://127.0.0.1:1
credentials: local
state_dir: /var/lib/weir
flows:
  - name: web
    read: {paths: [/absent/*.log]}
    parse: {format: common}
    send: [{stream: web}, {stream: keyed, partition_key: 'field:host'}, {delivery_stream: archive}]
  - name: strict
    read: {paths: [/absent/*.log], rotated_to: [/absent/old]}
    parse: {format: json, on_mismatch: drop}
    send: [{stream: web, aggregate: false}]
`

func decode(t *testing.T) *config.Config {
	t.Helper()
	c, err := config.Decode("weir.yaml", []byte(sample), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShowFlows(t *testing.T) {
	var out bytes.Buffer
	if err := (&configCheck{Config: "weir.yaml"}).show(&out, decode(t), checkOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"weir.yaml is valid\n", "flow web: 0 files now, 0 B\n", "warning: no file matches yet; weir waits for one",
		"-> stream web, partition key random, KPL aggregates of up to 50KiB, at http://127.0.0.1:1\n", "-> stream keyed, partition key field:host, records as they are, at http://127.0.0.1:1\n",
		"-> delivery stream archive, at http://127.0.0.1:1\n", "note: readers of stream web must de-aggregate", "flow strict: 0 files now, 0 B\n",
		"warning: /absent/old of rotated_to is no folder yet; nothing is found there\n",
		"-> stream web, partition key random, records as they are, at http://127.0.0.1:1\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

func TestPreview(t *testing.T) {
	const good = `h - - [05/Feb/2024:10:11:12 +0000] "GET / HTTP/1.1" 200 17`
	for _, test := range []struct {
		name, flow, in, out, summary string
	}{
		{"kept", "web", good + "\r\nodd\n",
			`{"host":"h","ident":null,"authuser":null,"time":"05/Feb/2024:10:11:12 +0000","method":"GET","path":"/","protocol":"HTTP/1.1","status":"200","bytes":"17"}` +
				"\n{\"message\":\"odd\"}\n", "2 records, 1 without the flow's format (on_mismatch: keep)"},
		{"dropped", "strict", "{\"a\":1}\nodd\nlast", "{\"a\":1}\n", "3 records, 2 without the flow's format (on_mismatch: drop)"},
		{"nothing", "web", "", "", "0 records, 0 without the flow's format (on_mismatch: keep)"},
		{"long", "web", strings.Repeat("x", 2_000_001) + "\ny\n",
			strings.Repeat(`{"oversize":"split","message":"`+strings.Repeat("x", 1_000_000)+"\"}\n", 2) + "{\"message\":\"x\"}\n{\"message\":\"y\"}\n",
			"4 records, 4 without the flow's format (on_mismatch: keep)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			chosen, err := flows(decode(t), test.flow)
			if err != nil {
				t.Fatal(err)
			}
			show, err := records(&chosen[0], false, &out)
			if err != nil {
				t.Fatal(err)
			}
			p, err := newPreview(&chosen[0], show, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.copy(strings.NewReader(test.in), "-"); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.out {
				t.Errorf("got %.300q\nwant %.300q", out.String(), test.out)
			}
			if p.summary() != test.summary {
				t.Errorf("summary %q, want %q", p.summary(), test.summary)
			}
		})
	}
}

func TestShowStatus(t *testing.T) {
	files := []status.File{
		{Path: "/var/log/b.log", State: "idle", Size: 100, Acked: 100}, {Path: "/var/log/a.log", State: "reading", Size: 4096, Acked: 1024, Lag: 3072, Error: "permission denied"},
	}
	for range statusFiles {
		files = append(files, status.File{Path: "/var/log/other", State: "idle"})
	}
	s := status.Snapshot{
		Version: "v1", Process: 7, State: "running", Uptime: 90_000, Config: "weir.yaml", Problems: []string{"stream/web fails"},
		Flows: []status.Flow{{Name: "idle"}, {Name: "web", Files: files, Counters: flow.Stats{RecordsRead: 1234567, BytesRead: 3 << 20, RecordsDelivered: 1234000,
			InFlight: 1024, Mismatched: 2, Gaps: 1}}},
		Destinations: []status.Destination{{Name: "stream/web", Stats: sink.Stats{Records: 1234000, Requests: 10, Pending: 567}}},
	}
	var out bytes.Buffer
	if err := showStatus(&out, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"weir v1, process 7, running for 1m30s, weir.yaml\nPROBLEM  stream/web fails\n",
		"flow web: 1,234,567 records (3.0 MiB) read, 1,234,000 delivered, 1.0 KiB in flight, 3.0 KiB behind in 22 files\n",
		"  2 lines without the flow's format\n", "  1 gap of bytes gone before they were read\n", "  cannot read /var/log/a.log: permission denied\n", "  and 2 more; --json lists all\n",
		"stream/web   1,234,000",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if n := strings.Count(out.String(), "ACKNOWLEDGED"); n != 1 {
		t.Errorf("%d tables of files, want one: a flow without files has none\n%s", n, &out)
	}
	if a, b := strings.Index(out.String(), "a.log"), strings.Index(out.String(), "b.log"); a < 0 || a > b {
		t.Errorf("the file that lags is not first:\n%s", &out)
	}
}

func TestSummary(t *testing.T) {
	r := backfill.Result{Flow: "web", Took: 1500 * time.Millisecond, Dropped: 2, DeadLettered: 1, DeadLetters: "/x/web.ndjson",
		Progress: backfill.Progress{Records: 1000, BytesDone: 2048, BytesTotal: 4096, Resumed: 1024, FilesDone: 1, FilesTotal: 2}}
	want := "flow web: 1,000 records, 2.0 KiB of 4.0 KiB in 1 of 2 files shipped, in 1.5s; 1.0 KiB of that by earlier runs; " +
		"2 records dropped, as the flow says; 1 record in /x/web.ndjson"
	if got := summary(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProgressWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.update(backfill.Progress{})
	if out.Len() > 0 {
		t.Errorf("printed at once: %s", &out)
	}
	p.last = p.last.Add(-time.Minute)
	p.update(backfill.Progress{BytesDone: 1024, BytesTotal: 2048, Records: 5, FilesTotal: 3})
	p.update(backfill.Progress{BytesDone: 2048, BytesTotal: 2048})
	p.end()
	if want := "1.0 KiB of 2.0 KiB, 5 records, 0 of 3 files\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestAbsentCommandsNameThePackage(t *testing.T) {
	for _, cmd := range Absent("serve", "demo") {
		err := cmd.RunE(cmd, nil)
		if err == nil || !strings.Contains(err.Error(), "install the package weir") || errors.Unwrap(err) == nil {
			t.Errorf("%s: %v", cmd.Use, err)
		}
	}
}
