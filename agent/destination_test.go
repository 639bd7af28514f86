package agent

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-logs/weir/agent/config"
)

// account is a server for streams and for roles that notes who signed what for where.
type account struct {
	mu     sync.Mutex
	signed map[string]int // "KEY REGION SERVICE STREAM TOKEN" -> records
	roles  []string       // "KEY REGION ROLE EXTERNAL-ID"
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(scope, "/") // key, date, region, service
	a.mu.Lock()
	defer a.mu.Unlock()
	if parts[3] == "sts" {
		form, _ := url.ParseQuery(string(body))
		role := form.Get("RoleArn")
		a.roles = append(a.roles, strings.Join([]string{parts[0], parts[2], role, form.Get("ExternalId")}, " "))
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
			`<AccessKeyId>KEYOF%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`+
			`<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, role[strings.LastIndexByte(role, '/')+1:])
		return
	}
	var in struct {
		StreamName, StreamARN, DeliveryStreamName string
		Records                                   []struct{ Data []byte }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := strings.TrimSpace(strings.Join([]string{parts[0], parts[2], parts[3], in.StreamName + in.StreamARN + in.DeliveryStreamName, r.Header.Get("X-Amz-Security-Token")}, " "))
	a.signed[key] += len(in.Records)
	entries := strings.TrimSuffix(strings.Repeat(`{"SequenceNumber":"1","ShardId":"shardId-000000000000","RecordId":"r"},`, len(in.Records)), ",")
	fmt.Fprintf(w, `{"FailedRecordCount":0,"FailedPutCount":0,"Records":[%s],"RequestResponses":[%[1]s]}`, entries)
}

// TestPlaces: each destination of a flow is signed with its own credentials for its own region, roles are assumed in theirs, once for all destinations
// of one identity, and names stay names.
func TestPlaces(t *testing.T) {
	server := &account{signed: make(map[string]int)}
	web := httptest.NewServer(server)
	defer web.Close()
	for key, value := range map[string]string{"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(key, value)
	}
	b := newBench(t)
	b.cfg.Region, b.cfg.Endpoint, b.cfg.Memory = "eu-west-1", web.URL, 64<<20
	b.cfg.Socket, b.cfg.Flows[0].Parse.OnMismatch = b.cfg.StateDir+"/s", config.MismatchKeep
	role := config.Credentials{RoleARN: "arn:aws:iam::123456789012:role/two", ExternalID: "for-us"}
	f := &b.cfg.Flows[0]
	f.Credentials = config.Credentials{AccessKeyID: "FLOW", SecretAccessKey: "secret", SessionToken: "token"}
	send := func(change func(*config.Send)) config.Send {
		s := config.DefaultSend()
		s.Linger = time.Millisecond
		change(&s)
		return s
	}
	arn := "arn:aws:kinesis:us-east-2:123456789012:stream/logs"
	f.Send = []config.Send{
		send(func(s *config.Send) { s.Stream = "logs" }),
		send(func(s *config.Send) { s.Stream, s.Region = "logs", "eu-central-1" }),
		send(func(s *config.Send) { s.Stream = arn }),
		send(func(s *config.Send) { s.DeliveryStream, s.Credentials = "archive", role }),
		send(func(s *config.Send) { s.Stream, s.Credentials = "other", role }),
		send(func(s *config.Send) {
			s.Stream, s.Region, s.Credentials = "far", "eu-west-2", config.Credentials{RoleARN: "arn:aws:iam::123456789012:role/three", AccessKeyID: "BASE", SecretAccessKey: "x"}
		}),
		send(func(s *config.Send) { s.Stream, s.Credentials = "plain", config.Credentials{Local: true} }),
	}
	if err := b.cfg.Complete(); err != nil {
		t.Fatal(err)
	}
	b.write("a.log", 0, 10)
	r := b.run(realProducers)
	r.idle()
	var names []string
	for _, d := range r.Status().Destinations {
		names = append(names, d.Name)
	}
	r.mustStop()
	if want := []string{"stream/logs@eu-west-1", "stream/logs@eu-central-1", "stream/" + arn, "delivery/archive", "stream/other", "stream/far", "stream/plain"}; !reflect.DeepEqual(names, want) {
		t.Errorf("destinations %q, want %q", names, want)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	for _, want := range []string{
		"FLOW eu-west-1 kinesis logs token", "FLOW eu-central-1 kinesis logs token", "FLOW us-east-2 kinesis " + arn + " token", "KEYOFtwo eu-west-1 firehose archive t",
		"KEYOFtwo eu-west-1 kinesis other t", "KEYOFthree eu-west-2 kinesis far t", "local eu-west-1 kinesis plain",
	} {
		if server.signed[want] == 0 {
			t.Errorf("nothing was signed as %q", want)
		}
		delete(server.signed, want)
	}
	if len(server.signed) > 0 {
		t.Errorf("signed besides: %v", server.signed)
	}
	slices.Sort(server.roles)
	if want := []string{"BASE eu-west-2 arn:aws:iam::123456789012:role/three ", "ENV eu-west-1 " + role.RoleARN + " for-us"}; !reflect.DeepEqual(server.roles, want) {
		t.Errorf("roles %q, want %q", server.roles, want)
	}
	if log := b.log.String(); strings.Contains(log, "secret") || strings.Contains(log, "token") {
		t.Error("a secret is in the log")
	}
}

// TestRegionalSTS: where nothing is said a role is assumed in the destination's own region.
func TestRegionalSTS(t *testing.T) {
	for key, value := range map[string]string{"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "example", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(key, value)
	}
	asked := ""
	ids := identities{transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		asked = r.URL.Host
		return &http.Response{StatusCode: 403, Body: http.NoBody, Header: http.Header{}}, nil
	})}
	id, err := ids.of(t.Context(), config.Target{Region: "eu-north-1", Credentials: config.Credentials{RoleARN: "arn:aws:iam::123456789012:role/x"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := id.credentials.Retrieve(t.Context()); err == nil || asked != "sts.eu-north-1.amazonaws.com" {
		t.Errorf("asked %q, %v", asked, err)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
