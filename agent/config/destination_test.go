package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const (
	streamInUS = "arn:aws:kinesis:us-east-2:123456789012:stream/logs"
	roleARN    = "arn:aws:iam::123456789012:role/weir"
)

func TestTarget(t *testing.T) {
	keys := Credentials{AccessKeyID: "A", SecretAccessKey: "s"}
	for _, tt := range []struct {
		name string
		c    Config
		f    Flow
		s    Send
		want Target
	}{
		{"nothing said", Config{Region: "eu-west-1"}, Flow{}, Send{Stream: "a"}, Target{Region: "eu-west-1"}},
		{"the ARN decides", Config{Region: "eu-west-1"}, Flow{Region: "eu-west-2"}, Send{Stream: streamInUS}, Target{Region: "us-east-2"}},
		{"the flow decides", Config{Region: "eu-west-1"}, Flow{Region: "eu-west-2"}, Send{Stream: "a"}, Target{Region: "eu-west-2"}},
		{"the entry decides", Config{Region: "eu-west-1"}, Flow{Region: "eu-west-2"}, Send{Stream: "a", Region: "eu-west-3"}, Target{Region: "eu-west-3"}},
		{"own endpoint", Config{Endpoint: "http://a"}, Flow{}, Send{Stream: "a"}, Target{Region: "us-east-1", Endpoint: "http://a"}},
		{"endpoint of the service", Config{Endpoint: "http://a", Endpoints: Endpoints{Kinesis: "http://k"}}, Flow{}, Send{DeliveryStream: "a"},
			Target{Region: "us-east-1", Endpoint: "http://a"}},
		{"the flow's endpoint goes before all further out", Config{Endpoints: Endpoints{Kinesis: "http://k"}}, Flow{Endpoint: "http://f"}, Send{Stream: "a"},
			Target{Region: "us-east-1", Endpoint: "http://f"}},
		{"the entry's endpoint", Config{}, Flow{Endpoints: Endpoints{Kinesis: "http://k"}}, Send{Stream: "a", Endpoint: "http://e"},
			Target{Region: "us-east-1", Endpoint: "http://e"}},
		{"credentials are taken as a whole", Config{Region: "r", Credentials: Credentials{Profile: "p", RoleARN: roleARN}}, Flow{Credentials: keys}, Send{Stream: "a"},
			Target{Region: "r", Credentials: keys}},
		{"STS of a role", Config{Region: "r", Endpoints: Endpoints{STS: "http://s"}}, Flow{}, Send{Stream: "a", Credentials: Credentials{RoleARN: roleARN}},
			Target{Region: "r", STS: "http://s", Credentials: Credentials{RoleARN: roleARN}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.c.Target(&tt.f, &tt.s); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestNames: a destination keeps its name as long as it is the only one of it in its flow, and no two have one.
func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sends []Send
		want  []string
	}{
		{"one", []Send{{Stream: "a", Region: "eu-west-2"}}, []string{"stream/a"}},
		{"a name and an ARN", []Send{{Stream: "logs"}, {Stream: streamInUS}}, []string{"stream/logs", "stream/" + streamInUS}},
		{"two regions", []Send{{Stream: "a"}, {Stream: "a", Region: "eu-west-2"}, {Stream: "b"}}, []string{"stream/a@eu-west-1", "stream/a@eu-west-2", "stream/b"}},
		{"two hosts", []Send{{Stream: "a"}, {Stream: "a", Endpoint: "http://h:1"}}, []string{"stream/a", "stream/a@h:1"}},
		{"two accounts", []Send{{Stream: "a", Credentials: Credentials{Profile: "p"}}, {Stream: "a", Credentials: Credentials{Profile: "q"}}},
			[]string{"stream/a@p", "stream/a@q"}},
		{"three, region and account", []Send{{Stream: "a"}, {Stream: "a", Region: "eu-west-2"}, {Stream: "a", Region: "eu-west-2", Credentials: Credentials{Profile: "q"}}},
			[]string{"stream/a@eu-west-1", "stream/a@eu-west-2", "stream/a@eu-west-2@q"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := made()
			for i := range tt.sends {
				s := DefaultSend()
				s.Stream, s.Region, s.Endpoint, s.Credentials = tt.sends[i].Stream, tt.sends[i].Region, tt.sends[i].Endpoint, tt.sends[i].Credentials
				tt.sends[i] = s
			}
			c.Flows[0].Send = tt.sends
			if err := c.Complete(); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range c.Flows[0].Send {
				got = append(got, s.Destination())
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDestinationProblems(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(f *Flow)
		want   string
	}{
		{"region against ARN", func(f *Flow) { f.Send[0].Stream, f.Send[0].Region = streamInUS, "eu-west-1" },
			"flows[0].send[0].region: is eu-west-1, and the ARN is in us-east-2; leave it out"},
		{"region and ARN agree", func(f *Flow) { f.Send[0].Stream, f.Send[0].Region = streamInUS, "us-east-2" }, ""},
		{"no such region", func(f *Flow) { f.Send[1].Region = "x" }, `flows[0].send[1].region: "x" is not the name of a region, such as eu-west-1`},
		{"no such region of a flow, once", func(f *Flow) { f.Region = "x" }, `flows[0].region: "x" is not the name of a region, such as eu-west-1`},
		{"local keys in AWS", func(f *Flow) { f.Send[1].Credentials.Local = true },
			"flows[0].send[1].credentials: local keys are for an endpoint of one's own; delivery/archive is in AWS"},
		{"local keys of a flow in AWS", func(f *Flow) { f.Credentials.Local, f.Endpoints.Kinesis = true, "http://h" },
			"flows[0].credentials: local keys are for an endpoint of one's own; delivery/archive is in AWS"},
		{"endpoint", func(f *Flow) { f.Send[0].Endpoint, f.Endpoints.STS = "h:1", "h:2" },
			`flows[0].endpoints.sts: "h:2" is not an address of a server, such as http://127.0.0.1:4567
flows[0].send[0].endpoint: "h:1" is not an address of a server, such as http://127.0.0.1:4567`},
		{"half a key", func(f *Flow) { f.Send[0].Credentials.AccessKeyID, f.Credentials.SecretAccessKey = "A", "SECRET" },
			`flows[0].credentials.access_key_id: goes with secret_access_key; set both
flows[0].send[0].credentials.secret_access_key: goes with access_key_id; set both`},
		{"a token alone", func(f *Flow) { f.Credentials.SessionToken = "t" }, "flows[0].credentials.session_token: goes with access_key_id and secret_access_key; set all three"},
		{"a key and a profile", func(f *Flow) {
			f.Credentials = Credentials{AccessKeyID: "A", SecretAccessKey: "s", Profile: "p"}
		}, "flows[0].credentials.access_key_id: a key and a profile exclude one another"},
		{"the same with another secret", func(f *Flow) {
			f.Send[1] = f.Send[0]
			f.Send[1].Credentials = Credentials{AccessKeyID: "A", SecretAccessKey: "s"}
			f.Send[0].Credentials = Credentials{AccessKeyID: "A", SecretAccessKey: "t"}
		}, "flows[0].send[1]: send[0] goes to stream/logs already"},
		{"pack without line ends", func(f *Flow) { f.Encode.Newline, f.Send[1].Pack = false, 5000 },
			"flows[0].send[1].pack: joins records, and without line ends (encode.newline: false) nobody can take them apart"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := made()
			tt.change(&c.Flows[0])
			err := c.Complete()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if strings.Contains(got, "SECRET") {
				t.Error("the secret is shown")
			}
		})
	}
}

func TestReadings(t *testing.T) {
	f := &Flow{Send: []Send{{OnFailure: FailureLag}, {}, {OnFailure: FailureDeadLetter}, {OnFailure: FailureLag}}}
	if got, want := f.Readings(), []Reading{{1, 2}, {0}, {3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	f.Send = f.Send[:1]
	if got, want := f.Readings(), []Reading{{0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	c := made()
	c.Credentials = Credentials{AccessKeyID: "A", SecretAccessKey: "hush", SessionToken: "hush"}
	shown, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %q %s", c, c, *c, c.Credentials.SecretAccessKey, shown)
	if strings.Contains(all, "hush") || !strings.Contains(all, "***") {
		t.Errorf("shown: %s", all)
	}
}
