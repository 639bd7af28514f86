package servercmd

import (
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/sink/backend"
)

func noVariables(string) (string, bool) { return "", false }

// TestSample loads the sample that users start from.
func TestSample(t *testing.T) {
	c, err := loadServer("../../../configs/server.yaml", noVariables)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Streams) == 0 || len(c.DeliveryStreams) == 0 || len(c.Buckets) == 0 {
		t.Errorf("the sample shows too little: %+v", c)
	}
}

func TestParseServer(t *testing.T) {
	c, err := parseServer("server.yaml", []byte(`
listen: 127.0.0.1:9999
hosts: [weir.test, kinesis.local]
data_dir: /data
streams: [{name: web, shards: 3, retention: 48h}, {name: one}]
buckets:
  logs: {directory: /out}
  lake: {s3: {endpoint: 'http://127.0.0.1:9000', access_key: k, secret_key: s}}
delivery_streams:
  - name: archive
    source: {stream: web}
    destination: {bucket: logs, prefix: web/, compression: GZIP}
    buffer: {size: 1MiB, time: 0s}
  - {name: plain, destination: {bucket: any}}
`), noVariables)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Hosts) != 2 || c.Hosts[0] != "weir.test" {
		t.Errorf("hosts: %q", c.Hosts)
	}
	wantStreams := []backend.Stream{{Name: "web", Shards: 3, Retention: 48 * time.Hour}, {Name: "one", Shards: 1}}
	for i, want := range wantStreams {
		if c.Streams[i] != want {
			t.Errorf("stream %d: %+v, want %+v", i, c.Streams[i], want)
		}
	}
	wantDeliveries := []backend.DeliveryStream{
		{Name: "archive", Source: "web", Bucket: "logs", Prefix: "web/", Compression: "GZIP", BufferSize: mib},
		{Name: "plain", Bucket: "any", Compression: "UNCOMPRESSED", BufferSize: 5 * mib, BufferTime: 300 * time.Second},
	}
	for i, want := range wantDeliveries {
		if c.DeliveryStreams[i] != want {
			t.Errorf("delivery stream %d: %+v, want %+v", i, c.DeliveryStreams[i], want)
		}
	}
	if s3 := c.Buckets["lake"].S3; s3 == nil || s3.AccessKey != "k" || c.Buckets["logs"].Directory != "/out" {
		t.Errorf("buckets: %+v", c.Buckets)
	}
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", "lisen: x", `lisen: unknown key; did you mean "listen"?`},
		{"no name", "streams: [{shards: 2}]", "a stream needs a name"},
		{"twice", "streams: [{name: a}, {name: a}]", `the stream "a" is there twice`},
		{"broken hour", "streams: [{name: a, retention: 25h30m}]", "whole hours"},
		{"no shards", "streams: [{name: a, shards: 0}]", "shards"},
		{"empty bucket", "buckets: {b: {}}", "give it a directory, or s3"},
		{"two places", "buckets: {b: {directory: /x, s3: {}}}", "has both directory and s3"},
		{"half a key", "buckets: {b: {s3: {access_key: k}}}", "both access_key and secret_key"},
		{"no bucket", "delivery_streams: [{name: d}]", "needs a bucket"},
		{"compression", "delivery_streams: [{name: d, destination: {bucket: b, compression: GZIPP}}]", `"GZIP"`},
		{"broken size", "delivery_streams: [{name: d, destination: {bucket: b}, buffer: {size: 1500KiB}}]", "whole MiB"},
		{"broken second", "delivery_streams: [{name: d, destination: {bucket: b}, buffer: {time: 1500ms}}]", "whole seconds"},
		{"too long", "delivery_streams: [{name: d, destination: {bucket: b}, buffer: {time: 1h}}]", "buffer.time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseServer("server.yaml", []byte(test.text), noVariables)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a problem with %q", err, test.want)
			}
		})
	}
}

// TestKeysAreDocumented compares the decoder's keys with docs/backend.md: each last word must stand there.
func TestKeysAreDocumented(t *testing.T) {
	page, err := strict.ReadFile("../../../docs/backend.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range strict.Keys(func(m *strict.Map) { readServer(m, &backend.Config{Buckets: map[string]backend.Bucket{}}) }) {
		words := strings.Split(key.Path, ".")
		if last := words[len(words)-1]; !strings.Contains(string(page), last) {
			t.Errorf("docs/backend.md does not mention %s", key.Path)
		}
	}
}
