package agent

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
)

// fakeService answers PutRecords and PutRecordBatch. A stream that is not in streams does not exist.
type fakeService struct {
	mu       sync.Mutex
	streams  map[string][]string // the data that arrived
	requests int
}

func (s *fakeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		StreamName         string
		DeliveryStreamName string
		Records            []struct{ Data []byte }
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	name := in.StreamName + in.DeliveryStreamName
	if _, ok := s.streams[name]; !ok || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=local/") {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"ResourceNotFoundException","message":"Stream %s under account 000000000000 not found."}`, name)
		return
	}
	var answers []string
	for i, rec := range in.Records {
		s.streams[name] = append(s.streams[name], string(rec.Data))
		if in.StreamName != "" {
			answers = append(answers, fmt.Sprintf(`{"SequenceNumber":"%d","ShardId":"shardId-000000000000"}`, i))
		} else {
			answers = append(answers, fmt.Sprintf(`{"RecordId":"r%d"}`, i))
		}
	}
	if in.StreamName != "" {
		fmt.Fprintf(w, `{"FailedRecordCount":0,"Records":[%s]}`, strings.Join(answers, ","))
	} else {
		fmt.Fprintf(w, `{"FailedPutCount":0,"Encrypted":false,"RequestResponses":[%s]}`, strings.Join(answers, ","))
	}
}

func (s *fakeService) got(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.streams[name], "")
}

func (s *fakeService) create(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[name] = nil
}

// overHTTP lets the bench's agents use the real producers against service.
func overHTTP(t *testing.T, b *bench, service http.Handler) {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	b.cfg.Endpoint, b.cfg.Credentials.Local = server.URL, true
	b.cfg.Flows[0].Send = []config.Send{
		{Stream: "web", Linger: time.Millisecond},
		{DeliveryStream: "archive", Linger: time.Millisecond},
	}
}

func realProducers(o *Options) { o.Destination = nil }

func TestRealProducers(t *testing.T) {
	b := newBench(t)
	service := &fakeService{streams: map[string][]string{"web": nil, "archive": nil}}
	overHTTP(t, b, service)
	b.write("a.log", 0, 3000)
	r := b.run(realProducers)
	r.idle()
	r.mustStop()
	for _, name := range []string{"web", "archive"} {
		if lines := strings.Count(service.got(name), "\n"); lines != 3000 {
			t.Errorf("%s got %d lines, want 3000", name, lines)
		}
	}
	if s := r.Status(); s.Flows[0].Counters.RecordsDelivered != 3000 || s.Flows[0].Counters.InFlight != 0 || len(s.Destinations) != 2 {
		t.Errorf("status %+v", s)
	}
}

// TestMissingStream: an error of a destination is loud, stops its flow, and passes by itself.
func TestMissingStream(t *testing.T) {
	b := newBench(t)
	service := &fakeService{streams: map[string][]string{"archive": nil}}
	overHTTP(t, b, service)
	b.write("a.log", 0, 10)
	r := b.run(realProducers)
	eventually(t, "the status shows it", func() bool {
		problems := strings.Join(r.Status().Problems, "\n")
		return strings.Contains(problems, "stream/web") && strings.Contains(problems, "ResourceNotFoundException")
	})
	if got := r.Status().Flows[0].Counters.RecordsDelivered; got != 0 {
		t.Errorf("%d records count as delivered with one destination missing", got)
	}
	if log := b.log.String(); strings.Count(log, "cannot deliver") != 1 || !strings.Contains(log, "create it") {
		t.Errorf("the log should say once what to do:\n%s", log)
	}
	r.Kill()
	if err := r.wait(); err != nil {
		t.Fatalf("Run: %v", err)
	}
	service.create("web")
	r = b.run(realProducers)
	r.idle()
	r.mustStop()
	if lines := strings.Count(service.got("web"), "\n"); lines != 10 {
		t.Errorf("%d lines arrived after the stream was made, want 10", lines)
	}
}

func TestIdentify(t *testing.T) {
	none := t.TempDir() + "/none"
	for key, value := range map[string]string{"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(key, value)
	}
	tests := []struct {
		name   string
		config config.Config
		region string
		key    string
		err    string
	}{
		{"local", config.Config{Endpoint: "http://x", Credentials: config.Credentials{Local: true}}, localRegion, "local", ""},
		{"local with a region", config.Config{Region: "eu-west-1", Credentials: config.Credentials{Local: true}}, "eu-west-1", "local", ""},
		{"environment", config.Config{Region: "eu-west-1"}, "eu-west-1", "AKIDEXAMPLE", ""},
		{"own endpoint", config.Config{Endpoints: config.Endpoints{Kinesis: "http://x"}}, localRegion, "AKIDEXAMPLE", ""},
		{"no region", config.Config{File: "weir.yaml"}, "", "", "weir.yaml: no region"},
		{"no such profile", config.Config{File: "weir.yaml", Credentials: config.Credentials{Profile: "prod"}}, "", "", "prod"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ids := identities{file: tt.config.File}
			id, err := ids.of(t.Context(), tt.config.Target(&config.Flow{}, &config.Send{Stream: "s"}))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("identify: %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			keys, err := id.credentials.Retrieve(t.Context())
			if err != nil || id.region != tt.region || keys.AccessKeyID != tt.key {
				t.Errorf("region %q, key %q, %v; want %q, %q", id.region, keys.AccessKeyID, err, tt.region, tt.key)
			}
		})
	}
}

// TestAssumeRole: the role and the external id reach STS.
func TestAssumeRole(t *testing.T) {
	var form string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form = string(body)
		fmt.Fprint(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
			`<AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`+
			`<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer server.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for key, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(key, value)
	}
	c := &config.Config{Region: "eu-west-1", Endpoint: server.URL,
		Credentials: config.Credentials{RoleARN: "arn:aws:iam::123456789012:role/weir", ExternalID: "for-us"}}
	id, err := new(identities).of(t.Context(), c.Target(&config.Flow{}, &config.Send{Stream: "s"}))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := id.credentials.Retrieve(t.Context())
	if err != nil || keys.AccessKeyID != "ROLEKEY" {
		t.Fatalf("Retrieve: %v, key %q", err, keys.AccessKeyID)
	}
	for _, want := range []string{"role%2Fweir", "ExternalId=for-us", "RoleSessionName=weir"} {
		if !strings.Contains(form, want) {
			t.Errorf("the request %q has no %q", form, want)
		}
	}
}
