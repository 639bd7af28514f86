package agent

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers/original"
)

var ec2Record = regexp.MustCompile(`^\{"a":1,"privateIp":"","availabilityZone":"eu-west-1a","instanceId":"i-0abc","instanceType":"t3.micro","accountId":"1","amiId":"ami-1",` +
	`"region":"eu-west-1","metadataTimestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000"\}\n$`)

// TestCompat: a flow of the original agent's converters has what is known of the machine, and its memory is planned.
func TestCompat(t *testing.T) {
	b := newBench(t)
	f := &b.cfg.Flows[0]
	f.Compat = true
	f.Processing = []original.Option{{Name: "ADDEC2METADATA"}}
	if err := os.WriteFile(filepath.Join(b.logs, "a.log"), []byte("{\"a\":1}\nno json\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	imds(t, `{"instanceId":"i-0abc","imageId":"ami-1","region":"eu-west-1","availabilityZone":"eu-west-1a","accountId":"1","instanceType":"t3.micro"}`).Store(true)
	r := b.run(func(o *Options) { o.Once = true })
	if err := r.wait(); err != nil {
		t.Fatalf("Run: %v", err)
	}
	var object, bare bool
	for record, n := range b.stream.count() {
		object = object || n == 1 && ec2Record.MatchString(record)
		bare = bare || n == 1 && record == "no json\n"
	}
	if got := b.stream.count(); !object || !bare || len(got) != 2 {
		t.Errorf("got %v", got)
	}
	if c := r.Status().Flows[0].Counters; c.Mismatched != 1 || c.DroppedMismatch != 0 {
		t.Errorf("got %+v", c)
	}
	f.Processing = append(f.Processing, original.Option{Name: "ADDMETADATA", Metadata: "1"}, original.Option{Name: "ADDMETADATA", Metadata: "1"})
	b.cfg.Memory, f.Read.MaxRecord = 24<<20, 1_000_000
	if err := Fits(b.cfg); err == nil || !strings.Contains(err.Error(), "may take") {
		t.Errorf("got %v", err)
	}
}
