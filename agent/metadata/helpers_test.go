package metadata

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is the metadata service of an instance, IMDSv2 only.
type fake struct {
	mu       sync.Mutex
	answers  map[string]string // by path
	status   int               // of every answer, if not 0
	hang     bool              // answer nothing
	tokens   int
	requests int // with a token
	bare     int // without one
}

const document = "/latest/dynamic/instance-identity/document"

func newFake() *fake {
	return &fake{answers: map[string]string{
		document:                               `{"accountId":"123456789012","availabilityZone":"eu-west-1a","imageId":"ami-1","instanceId":"i-1","instanceType":"t3.nano","privateIp":"192.0.2.7","region":"eu-west-1"}`,
		"/latest/meta-data/public-ipv4":        "203.0.113.7",
		"/latest/meta-data/hostname":           "ip-192-0-2-7.internal",
		"/latest/meta-data/tags/instance/":     "Name\nTeam",
		"/latest/meta-data/tags/instance/Name": "web 1",
		"/latest/meta-data/tags/instance/Team": "é",
	}}
}

func (f *fake) set(path, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[path] = answer
}

func (f *fake) fail(status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = status
}

func (f *fake) seen() (requests, bare int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests, f.bare
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hang {
		f.mu.Unlock()
		<-r.Context().Done()
		f.mu.Lock()
		return
	}
	if f.status != 0 {
		http.Error(w, "no", f.status)
		return
	}
	if r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" {
		f.tokens++
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
		fmt.Fprintf(w, "token-%d", f.tokens)
		return
	}
	if r.Header.Get("X-Aws-Ec2-Metadata-Token") != fmt.Sprintf("token-%d", f.tokens) {
		f.bare++
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	f.requests++
	answer, ok := f.answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	fmt.Fprint(w, answer)
}

// inMemory answers requests without a network, so that a test can step the time.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// log is a log that can be read.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// take returns the lines since the last call.
func (l *log) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return strings.Split(strings.TrimSuffix(l.buf.String(), "\n"), "\n")[:strings.Count(l.buf.String(), "\n")]
}

// start runs a Source that these names are wanted of until the test ends.
func start(t *testing.T, c Config, names ...string) (*Source, *log) {
	t.Helper()
	lines := new(log)
	c.Log = slog.New(slog.NewTextHandler(lines, nil))
	if c.Env == nil {
		c.Env = func(string) string { return "" }
	}
	s := New(c)
	s.Want(names...)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	s.Wait(ctx)
	return s, lines
}

func lookup(s *Source, name string) string {
	value, ok := s.Lookup(name)
	if !ok {
		return "unknown"
	}
	return value
}
