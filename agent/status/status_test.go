package status

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixed is a Source that never changes.
type fixed Snapshot

func (f fixed) Status() Snapshot { return Snapshot(f) }

func sample() fixed {
	return fixed{
		Version: "1.2.3", Process: 42, State: "running", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Uptime: 61_500,
		Config: "/etc/weir/weir.yaml", StateDir: "/var/lib/weir", Memory: Memory{Limit: 24 << 20, Data: 12 << 20},
		Flows: []Flow{{Name: "web", Counters: flow.Stats{RecordsRead: 7, DroppedMismatch: 2, Gaps: 1,
			Destinations: []flow.SendStats{{Name: "stream/a", Records: 5, Bytes: 50}}, DeadLetters: flow.DeadLetterState{Full: true}},
			Files: []File{{ID: "01", Path: "/a", Size: 100, Read: 90, Acked: 80, Lag: 20}, {ID: "02", Path: "/b", Lag: 5}}}},
		Destinations: []Destination{{Name: "stream/a", Flows: []string{"web"}, Stats: sink.Stats{Records: 5, FailingFor: 3500, LastError: "gone"}}},
		Problems:     []string{"stream/a: gone"},
	}
}

// serve runs a server on path until the test ends, or until stop is called.
func serve(t *testing.T, path string, source Source) (stop func()) {
	t.Helper()
	s, err := Listen(path)
	if err != nil {
		t.Fatalf("Listen: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, source, nil) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestGet(t *testing.T) {
	paths := map[string]string{
		"short": filepath.Join(t.TempDir(), "weir.sock"),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("d", 120), "weir.sock"),
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			stop := serve(t, path, sample())
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the socket: %v, %v; want mode 0600", info, err)
			}
			got, err := Get(t.Context(), path)
			if err != nil {
				t.Fatalf("Get: %v", err)
			}
			if want := Snapshot(sample()); !reflect.DeepEqual(got, want) {
				t.Errorf("Get = %+v, want %+v", got, want)
			}
			stop()
			if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 0 {
				t.Errorf("the stop left %v", entries)
			}
			var none *NotRunningError
			if _, err := Get(t.Context(), path); !errors.As(err, &none) || !strings.Contains(err.Error(), path) {
				t.Errorf("Get after the stop: %v, want a NotRunningError that names the socket", err)
			}
		})
	}
}

func TestGetWithoutFolder(t *testing.T) {
	for _, path := range []string{"/nonexistent/weir.sock", "/nonexistent/" + strings.Repeat("d", 200) + "/weir.sock"} {
		var none *NotRunningError
		if _, err := Get(t.Context(), path); !errors.As(err, &none) {
			t.Errorf("Get(%s): %v, want a NotRunningError", path, err)
		}
	}
}

func TestGetFromSomethingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.NotFoundHandler()}}
	server.Start()
	defer server.Close()
	var none *NotRunningError
	if _, err := Get(t.Context(), path); err == nil || errors.As(err, &none) || !strings.Contains(err.Error(), "404") {
		t.Errorf("Get: %v, want an error with 404", err)
	}
}

func TestListen(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		want    string // in the error; empty means success
	}{
		{"free", func(*testing.T, string) {}, ""},
		{"stale socket", func(t *testing.T, path string) {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			l.SetUnlinkOnClose(false)
			l.Close()
		}, ""},
		{"leftover of an earlier listen", func(t *testing.T, path string) { write(t, path+newSuffix) }, ""},
		{"in use", func(t *testing.T, path string) { serve(t, path, sample()) }, "another agent answers"},
		{"a file", func(t *testing.T, path string) { write(t, path) }, "is no socket"},
		{"no folder", func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sub", "weir.sock")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			tt.prepare(t, path)
			s, err := Listen(path)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("Listen: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("Listen: %v, want %q and the path", err, tt.want)
			}
		})
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNameTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("s", 130))
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "at most 107 fit") {
		t.Errorf("Listen: %v, want the limit", err)
	}
}

// ask calls the handler.
func ask(source Source, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler(source, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestHealth(t *testing.T) {
	well := sample()
	well.Problems = nil
	for _, tt := range []struct {
		source Source
		code   int
	}{{sample(), http.StatusServiceUnavailable}, {well, http.StatusOK}} {
		w := ask(tt.source, "/health")
		var answer struct {
			Healthy  bool
			Problems []string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if w.Code != tt.code || answer.Healthy != (tt.code == http.StatusOK) || answer.Healthy == (len(answer.Problems) > 0) {
			t.Errorf("/health = %d %+v, want %d", w.Code, answer, tt.code)
		}
	}
}

func TestMetrics(t *testing.T) {
	w := ask(sample(), "/metrics")
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("/metrics = %d, %v", w.Code, err)
	}
	for _, line := range []string{
		`weir_build_info{version="1.2.3"} 1`,
		`weir_uptime_seconds 61.5`,
		`weir_healthy 0`,
		`weir_flow_records_read_total{flow="web"} 7`,
		`weir_flow_records_delivered_total{destination="stream/a",flow="web"} 5`,
		`weir_flow_dropped_total{cause="mismatch",flow="web"} 2`,
		`weir_flow_gaps_total{flow="web"} 1`,
		`weir_flow_lag_bytes{flow="web"} 25`,
		`weir_flow_dead_letters_full{flow="web"} 1`,
		`weir_destination_failing_seconds{destination="stream/a"} 3`,
		`go_goroutines `,
	} {
		if !strings.Contains(string(body), line) {
			t.Errorf("/metrics has no line %q", line)
		}
	}
	for _, m := range flowMetrics() {
		if (m.kind == counter) != strings.HasSuffix(m.name, "_total") {
			t.Errorf("%s: counters, and only they, end in _total", m.name)
		}
	}
}
