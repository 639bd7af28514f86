package servercmd

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weir-logs/weir/sink/backend"
	"github.com/weir-logs/weir/sink/fault"
)

func TestReadFaults(t *testing.T) {
	c, err := parseServer("server.yaml", []byte(`
faults:
  - {operation: PutRecords, stream: web-logs, share: 5%, error: ProvisionedThroughputExceededException, delay: 200ms, seed: 9}
  - {operation: PutRecordBatch, delivery_stream: direct, records: 0.5%, stall: 3s, drop: after}
`), noVariables)
	if err != nil {
		t.Fatal(err)
	}
	if err := addFaults(&c, []string{"operation=PutRecords, stream=web,drop=before"}); err != nil {
		t.Fatal(err)
	}
	want := []fault.Rule{
		{Operation: "PutRecords", Stream: "web-logs", Share: 0.05, Error: "ProvisionedThroughputExceededException", Delay: 200 * time.Millisecond, Seed: 9},
		{Operation: "PutRecordBatch", DeliveryStream: "direct", Share: 1, Records: 0.005, Error: "ServiceUnavailableException", Stall: 3 * time.Second, Drop: "after", Seed: 1},
		{Operation: "PutRecords", Stream: "web", Share: 1, Drop: "before", Seed: 1},
	}
	for i, r := range c.Faults.Reports() {
		if r.Rule != want[i] {
			t.Errorf("fault %d: %+v, want %+v", i, r.Rule, want[i])
		}
	}
	for text, on := range map[string]bool{"": false, "faults: []": true} {
		if c, err := parseServer("server.yaml", []byte(text), noVariables); err != nil || (c.Faults != nil) != on {
			t.Errorf("%q: faults on %v, %v", text, c.Faults != nil, err)
		}
	}
}

func TestWrongFaults(t *testing.T) {
	for text, want := range map[string]string{
		"faults: [{operation: PutRecords, sharee: 5%, drop: after}]":      `server.yaml:1:34: faults[0].sharee: unknown key; did you mean "share"?`,
		"faults: [{operation: PutRecords, records: 5}]":                   `server.yaml:1:43: faults[0].records: "5" must be a share such as 5%`,
		"faults: [{operation: PutRecords, share: 0%, drop: after}]":       `faults[0].share: "0%" must be a share`,
		"faults:\n - {operation: PutRecords, delay: 5s}\n - {delay: 10h}": `server.yaml:3:12: faults[1].delay`,
		"faults: [{operation: PutRecords}]":                               `server.yaml:1:10: faults[0]: nothing is to go wrong`,
		"faults: [{operation: PutRecord, error: Nope, drop: later}]":      `faults[0].error: "Nope" is not one of`,
	} {
		_, err := parseServer("server.yaml", []byte(text), noVariables)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	err := addFaults(&backend.Config{}, []string{"operation", "operation=PutRecords,sharee=5%,drop=after", "operation=X,drop=after"})
	for _, want := range []string{
		`--fault operation: "operation" is no KEY=VALUE`,
		`--fault operation=PutRecords,sharee=5%,drop=after: sharee: unknown key; did you mean "share"?`,
		`--fault operation=X,drop=after: operation: the operation "X" is not offered; there are CreateDeliveryStream, `,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestNoFaultsYet: with an empty list nothing is warned of.
func TestNoFaultsYet(t *testing.T) {
	var logged bytes.Buffer
	c, err := parseServer("server.yaml", []byte("faults: []"), noVariables)
	if err != nil {
		t.Fatal(err)
	}
	c.Log = slog.New(slog.NewTextHandler(&logged, nil))
	withFaults(&c)
	if !strings.Contains(logged.String(), "there are none now") || strings.Contains(logged.String(), "WARN") || len(c.Routes) != 2 {
		t.Errorf("%d routes, log: %s", len(c.Routes), &logged)
	}
}

// TestChangeFaults shows and replaces the faults of a running backend.
func TestChangeFaults(t *testing.T) {
	var logged bytes.Buffer
	c, err := parseServer("server.yaml", []byte("faults: [{operation: PutRecords, drop: after}]"), noVariables)
	if err != nil {
		t.Fatal(err)
	}
	c.DataDir, c.Listen, c.Log = t.TempDir(), "127.0.0.1:0", slog.New(slog.NewTextHandler(&logged, nil))
	withFaults(&c)
	if !strings.Contains(logged.String(), "FAULTS ON REQUEST ARE ON") || !strings.Contains(logged.String(), `fault="operation=PutRecords,share=100%,drop=after,seed=1"`) {
		t.Errorf("not said loudly: %s", &logged)
	}
	b, err := backend.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(t.Context())
	call := func(method, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+b.Addr()+faultsPath, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{DisableKeepAlives: true}
		res, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var text bytes.Buffer
		if _, err := text.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, text.String()
	}
	if code, text := call("GET", ""); code != 200 || !strings.Contains(text, `"drop":"after"`) {
		t.Errorf("GET: %d %s", code, text)
	}
	code, text := call("PUT", "faults:\n  - {operation: PutRecords, records: 5%, stream: a}\n  - {operation: GetRecords, stall: 1s}\n")
	if code != 200 {
		t.Fatalf("PUT: %d %s", code, text)
	}
	var answer struct{ Faults []shownFault }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Faults) != 2 || answer.Faults[0].Records != "5%" || answer.Faults[1].Stall != "1s" {
		t.Errorf("PUT answered %s, %v", text, err)
	}
	for body, want := range map[string]string{
		"":                                  "missing: send the whole list",
		"faults: [{operation: PutRecords}]": "body:1:10: faults[0]: nothing is to go wrong",
		"faults: [], streams: []":           "",
	} {
		if code, text := call("PUT", body); code != 400 || !strings.Contains(text, want) {
			t.Errorf("PUT %q: %d %s", body, code, text)
		}
	}
	if rules := c.Faults.Reports(); len(rules) != 2 {
		t.Errorf("a refused list changed the faults: %+v", rules)
	}
	if code, text := call("PUT", `{"faults": []}`); code != 200 || len(c.Faults.Reports()) != 0 {
		t.Errorf("PUT of none: %d %s", code, text)
	}
	r := httptest.NewRequest("GET", faultsPath, nil)
	r.RemoteAddr = "192.0.2.7:999"
	w := httptest.NewRecorder()
	c.Routes["GET "+faultsPath].ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("another host got %d", w.Code)
	}
}
