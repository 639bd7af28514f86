package config

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/tailer/framing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func noEnv(string) (string, bool) { return "", false }

// least is the least that a file must hold.
const least = `
endpoint: http://127.0.0.1:4567
flows:
  - name: web
    read: {paths: [/var/log/x.log]}
    send: [{stream: logs}]
`

func TestDefaults(t *testing.T) {
	got, err := Decode("weir.yaml", []byte(least), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		File: "weir.yaml", Region: "us-east-1", Endpoint: "http://127.0.0.1:4567",
		StateDir: "/var/lib/weir", Socket: "/var/lib/weir/weir.sock", Memory: 24 << 20,
		Flows: []Flow{{
			Name: "web",
			Read: Read{Paths: []string{"/var/log/x.log"}, Start: StartBeginning, MaxRecord: 1_000_000, ScanInterval: time.Second, PartialTimeout: 5 * time.Second,
				Encoding: framing.UTF8, Oversize: framing.Split, TruncateMark: "[truncated]", Multiline: framing.Multiline{Timeout: time.Second, MaxLines: 500}},
			Parse: Parse{Format: "none", OnMismatch: MismatchKeep}, Encode: Encode{Format: "raw", Quote: "needed", Newline: true},
			Send: []Send{{Stream: "logs", PartitionKey: "random", Aggregate: true, Linger: 100 * time.Millisecond, AggregateSize: 50 << 10,
				OnFailure: FailureBlock, GiveUpAfter: time.Hour}},
			OnUnrouted: UnroutedDrop, InFlight: 16 << 20, DeadLetter: DeadLetter{Dir: "/var/lib/weir/dead-letter", MaxSize: 64 << 20},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEveryKey(t *testing.T) {
	const text = `
region: eu-west-1
endpoint: http://127.0.0.1:1
endpoints: {kinesis: 'https://kinesis.example.com', firehose: 'https://firehose.example.com:8443/'}
credentials: {profile: prod, role_arn: 'arn:aws:iam::123456789012:role/path/shipper', external_id: e}
state_dir: /s
socket: /run/w.sock
memory: 32MiB
flows:
  - name: a.b-c_1
    was: old
    read: {paths: [/a/**/*.log], exclude: ['*.gz', /a/b/**, '**/tmp/*'], start: end, max_record: 2MiB, scan_interval: 500ms, partial_timeout: 1m,
      encoding: utf-16, line_end: "\r", oversize: truncate, truncate_mark: '...', skip_header_lines: 2,
      multiline: {continue: '^\s', timeout: 2s, max_lines: 50}}
    parse: {format: csv, infer: true, on_mismatch: dead_letter, columns: [x, y], delimiter: "\t"}
    encode: {format: csv, pretty: false, columns: [y, message], delimiter: tab, quote: all, header: true, newline: false}
    on_unrouted: dead_letter
    in_flight: 4MiB
    dead_letter: {dir: /d, max_size: 1GiB}
    send:
      - {stream: 'arn:aws:kinesis:eu-west-1:123456789012:stream/s.1', when: 'x > 1', partition_key: 'field:x', aggregate: false, linger: 0s, aggregate_size: 100KiB,
         on_failure: dead_letter, give_up_after: 10m, endpoint: 'http://127.0.0.1:2', credentials: local}
      - {delivery_stream: 'arn:aws-cn:firehose:eu-west-1:123456789012:deliverystream/d', when: 'x <= 1', linger: 2s, region: eu-west-1, on_failure: lag, credentials: {role_arn: 'arn:aws:iam::123456789012:role/b'}}
    region: eu-west-2
    endpoint: http://127.0.0.1:3
    endpoints: {kinesis: 'http://k', firehose: 'http://f', sts: 'http://s'}
    credentials: {access_key_id: AKID, secret_access_key: '${SECRET:-s}', session_token: t}
`
	got, err := Decode("weir.yaml", []byte(text), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		File: "weir.yaml", Region: "eu-west-1", Endpoint: "http://127.0.0.1:1",
		Endpoints:   Endpoints{Kinesis: "https://kinesis.example.com", Firehose: "https://firehose.example.com:8443/"},
		Credentials: Credentials{Profile: "prod", RoleARN: "arn:aws:iam::123456789012:role/path/shipper", ExternalID: "e"},
		StateDir:    "/s", Socket: "/run/w.sock", Memory: 32 << 20,
		Flows: []Flow{{
			Name: "a.b-c_1", Was: "old",
			Read: Read{Paths: []string{"/a/**/*.log"}, Exclude: []string{"*.gz", "/a/b/**", "**/tmp/*"}, Start: StartEnd, MaxRecord: 2 << 20,
				ScanInterval: 500 * time.Millisecond, PartialTimeout: time.Minute,
				Encoding: framing.UTF16, LineEnd: "\r", Oversize: framing.Truncate, TruncateMark: "...", SkipHeaderLines: 2,
				Multiline: framing.Multiline{Continue: `^\s`, Timeout: 2 * time.Second, MaxLines: 50}},
			Parse:  Parse{Format: "csv", Infer: true, OnMismatch: MismatchDeadLetter, Columns: []string{"x", "y"}, Delimiter: "\t"},
			Encode: Encode{Format: "csv", Columns: []string{"y", "message"}, Delimiter: "tab", Quote: "all", Header: true},
			Send: []Send{
				{Stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/s.1", When: "x > 1", PartitionKey: "field:x", AggregateSize: 100 << 10,
					OnFailure: FailureDeadLetter, GiveUpAfter: 10 * time.Minute, Endpoint: "http://127.0.0.1:2", Credentials: Credentials{Local: true}},
				{DeliveryStream: "arn:aws-cn:firehose:eu-west-1:123456789012:deliverystream/d", When: "x <= 1", Linger: 2 * time.Second,
					OnFailure: FailureLag, GiveUpAfter: time.Hour, Region: "eu-west-1", Credentials: Credentials{RoleARN: "arn:aws:iam::123456789012:role/b"}},
			},
			Region: "eu-west-2", Endpoint: "http://127.0.0.1:3", Endpoints: Endpoints{Kinesis: "http://k", Firehose: "http://f", STS: "http://s"},
			Credentials: Credentials{AccessKeyID: "AKID", SecretAccessKey: "s", SessionToken: "t"},
			OnUnrouted:  UnroutedDeadLetter, InFlight: 4 << 20, DeadLetter: DeadLetter{Dir: "/d", MaxSize: 1 << 30},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestMistakes compares the one message about a file with many mistakes with the golden one; -update writes it.
func TestMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Decode("mistakes.yaml", data, noEnv)
	var all *strict.Error
	if c != nil || !errors.As(err, &all) {
		t.Fatalf("got %+v and %v, want a *strict.Error", c, err)
	}
	got := err.Error() + "\n"
	const golden = "testdata/mistakes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestSamples(t *testing.T) {
	for name, want := range map[string][]string{
		"weir":         {"combined json stream/web-logs", "none raw delivery/archive", "none json stream/web-logs", "none json stream/web-logs"},
		"kubernetes":   {"json json stream/pods", "none json stream/pods", "json json stream/pods", "none json stream/pods"},
		"split":        {"syslog json stream/system-logs", "combined json stream/web-logs", "none raw delivery/archive"},
		"formats":      {"apache_error json stream/logs", "syslog csv stream/logs", "logfmt json stream/logs", "csv json stream/logs", "grok json stream/logs"},
		"destinations": {"combined json stream/web-logs", "none raw stream/arn:aws:kinesis:eu-west-1:123456789012:stream/audit"},
		"edits":        {"combined json stream/logs", "syslog json stream/logs", "none raw stream/logs"},
		"routing":      {"combined json stream/errors", "json json stream/payments"},
	} {
		c, err := Load("../../configs/"+name+".yaml", noEnv)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range c.Flows {
			got = append(got, summary(f))
		}
		if !slices.Equal(got, want) || !c.Credentials.Local {
			t.Errorf("%s: got %q, want %q; credentials %+v", name, got, want, c.Credentials)
		}
	}
}

// summary tells what becomes of a flow of one destination.
func summary(f Flow) string {
	return strings.Join([]string{f.Parse.Format, f.Encode.Format, f.Send[0].Destination()}, " ")
}

func TestLoadErrors(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "absent.yaml"), noEnv); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "absent.yaml") {
		t.Errorf("absent: %v", err)
	}
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte("flows: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path, noEnv)
	var all *strict.Error
	if !errors.As(err, &all) || len(all.Problems) != 1 || all.Problems[0].File != path || all.Problems[0].Line == 0 {
		t.Errorf("broken: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", least, "flows: [{}]", "credentials: local\nflows: [&a {send: [{stream: 'arn:'}]}, *a]", "flows: [{parse: {format: csv, columns: [a]}, encode: {format: csv}}]", "include: [absent.d, 'absent/*.yaml']"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Decode("weir.yaml", data, noEnv)
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v and error %v", c, err)
		}
		if c == nil {
			return
		}
		if err := c.Complete(); err != nil {
			t.Fatalf("a valid configuration is refused the second time: %v", err)
		}
	})
}
