package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/parsers/original"
)

// TestCompat: a flow of the original agent's converters has what is known of the machine, and its memory is planned.
func TestCompat(t *testing.T) {
	b := newBench(t)
	f := &b.cfg.Flows[0]
	f.Compat = true
	f.Processing = []original.Option{{Name: "ADDEC2METADATA"}}
	if err := os.WriteFile(filepath.Join(b.logs, "a.log"), []byte("{\"a\":1}\nno json\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 2, 5, 10, 11, 12, 0, time.UTC)
	r := b.run(func(o *Options) {
		o.Once = true
		o.Instance = func() *original.Instance { return &original.Instance{InstanceID: "i-0abc", At: at} }
	})
	if err := r.wait(); err != nil {
		t.Fatalf("Run: %v", err)
	}
	const want = `{"a":1,"privateIp":"","availabilityZone":"","instanceId":"i-0abc","instanceType":"","accountId":"","amiId":"","region":"","metadataTimestamp":"2024-02-05T10:11:12+0000"}` + "\n"
	if got := b.stream.count(); got[want] != 1 || got["no json\n"] != 1 || len(got) != 2 {
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
