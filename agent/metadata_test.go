package agent

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
)

// imds is the metadata service of an instance with this identity document, which takes its time for a token. It fails until it is told that it is up.
func imds(t *testing.T, document string, slow ...time.Duration) *atomic.Bool {
	up := new(atomic.Bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !up.Load():
			http.Error(w, "not yet", http.StatusServiceUnavailable)
		case r.Method == http.MethodPut:
			for _, d := range slow {
				time.Sleep(d)
			}
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
			fmt.Fprint(w, "token")
		case r.URL.Path == "/latest/dynamic/instance-identity/document":
			fmt.Fprint(w, document)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
	return up
}

// TestMetadataInRecords: a record has what EC2 says if it is known, does without it if not, and nothing waits for it.
func TestMetadataInRecords(t *testing.T) {
	up := imds(t, `{"instanceId":"i-1","region":"eu-west-1"}`)
	b := newBench(t)
	f := &b.cfg.Flows[0]
	f.Encode.Format = "json"
	f.Edit = []edit.Spec{edit.Add{{Name: "id", Value: edit.Template{Parts: []edit.Part{{Variable: "ec2.instance_id"}}}}}}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(b.logs, text+".log"), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("early")
	r := b.run()
	r.idle()
	if n := r.Status().MetadataUnknown; n != 1 {
		t.Errorf("%d values were unknown, want 1", n)
	}
	r.mustStop()

	up.Store(true)
	write("late")
	r = b.run()
	r.idle()
	r.mustStop()
	got := b.stream.count()
	for _, want := range []string{`{"message":"early"}`, `{"message":"late","id":"i-1"}`} {
		if got[want+"\n"] != 1 {
			t.Errorf("%s is not among %v", want, got)
		}
	}
}

// TestMetadataAfterReload: the first records of a flow that a reload brings have what nobody wanted to know before.
func TestMetadataAfterReload(t *testing.T) {
	imds(t, `{"instanceId":"i-1","region":"eu-west-1"}`, 100*time.Millisecond).Store(true)
	b := newBench(t)
	r, f := b.runWithFile()
	r.idle()
	f.edit(func(c *config.Config) {
		flow := b.flow("new", "*.new")
		flow.Encode.Format = "json"
		flow.Edit = []edit.Spec{edit.Add{{Name: "id", Value: edit.Template{Parts: []edit.Part{{Variable: "ec2.instance_id"}}}}}}
		c.Flows = append(c.Flows, flow)
	})
	if err := os.WriteFile(filepath.Join(b.logs, "a.new"), []byte("early\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.mustReload()
	r.idle()
	if n := r.Status().MetadataUnknown; n != 0 {
		t.Errorf("%d values were unknown, want none", n)
	}
	r.mustStop()
	if got := b.stream.count(); got[`{"message":"early","id":"i-1"}`+"\n"] != 1 {
		t.Errorf("got %v", got)
	}
}
