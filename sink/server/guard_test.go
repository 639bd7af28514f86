package server

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weir-logs/weir/sink/awsapi"
)

// list asks for the streams as a signed client does, with the given headers, and returns the status.
func list(t *testing.T, s *Server, method string, header map[string]string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL(), strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.ListStreams", "X-Amz-Date": "20260102T030405Z",
		"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260102/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0f",
	} {
		r.Header.Set(name, value)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	r.Host = header["Host"]
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	res, err := (&http.Client{Transport: tr}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestGuard(t *testing.T) {
	services := []awsapi.Service{streams(quick)}
	loopback := started(t, Config{Services: services, Hosts: []string{"Kinesis.Test."}})
	everywhere := started(t, Config{Services: services, Address: "0.0.0.0:0"})
	named := started(t, Config{Services: services, Address: "localhost:0"})
	for _, test := range []struct {
		name   string
		server *Server
		header map[string]string
		want   int
	}{
		{"a program", loopback, nil, 200},
		{"localhost", loopback, map[string]string{"Host": "LocalHost:4567"}, 200},
		{"below localhost", loopback, map[string]string{"Host": "kinesis.localhost."}, 200},
		{"IPv6", loopback, map[string]string{"Host": "[::1]:4567"}, 200},
		{"IPv6 without port", loopback, map[string]string{"Host": "[::1]"}, 200},
		{"a forwarded address", loopback, map[string]string{"Host": "192.0.2.7:80"}, 200},
		{"a configured host", loopback, map[string]string{"Host": "kinesis.test:4567"}, 200},
		{"a rebound name", loopback, map[string]string{"Host": "evil.example:4567"}, 403},
		{"a name that looks like localhost", loopback, map[string]string{"Host": "localhost.evil.example"}, 403},
		{"a name that looks like an address", loopback, map[string]string{"Host": "127.0.0.1.evil.example"}, 403},
		{"by name", named, map[string]string{"Host": "localhost:1"}, 200},
		{"another name, in a network", everywhere, map[string]string{"Host": "weir:4567"}, 200},

		{"a page of this host", loopback, map[string]string{"Origin": "http://localhost:3000"}, 200},
		{"a page of a loopback address", loopback, map[string]string{"Origin": "http://127.0.0.2"}, 200},
		{"a page over IPv6", loopback, map[string]string{"Origin": "http://[::1]:3000"}, 200},
		{"a page of a configured host", loopback, map[string]string{"Origin": "https://kinesis.test"}, 200},
		{"a page of the web", loopback, map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page without origin", loopback, map[string]string{"Origin": "null"}, 403},
		{"a page of a neighbour", loopback, map[string]string{"Origin": "http://192.0.2.7"}, 403},
		{"a page of a lookalike", loopback, map[string]string{"Origin": "http://localhost.evil.example"}, 403},
		{"a page with a user", loopback, map[string]string{"Origin": "http://localhost@evil.example"}, 403},
		{"a page of the web, in a network", everywhere, map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page under a rebound name", everywhere, map[string]string{"Origin": "http://evil.example", "Host": "evil.example"}, 403},
	} {
		got, body := list(t, test.server, http.MethodPost, test.header)
		if got != test.want {
			t.Errorf("%s: %d %s, want %d", test.name, got, body, test.want)
		}
		if refused := strings.Contains(body, `{"__type":"AccessDeniedException","message":"`); refused != (test.want == 403) {
			t.Errorf("%s: body %s", test.name, body)
		}
	}
	// The browser's own question is answered alike.
	for origin, want := range map[string]int{"http://localhost:3000": 200, "https://evil.example": 403} {
		if got, _ := list(t, loopback, http.MethodOptions, map[string]string{"Origin": origin}); got != want {
			t.Errorf("OPTIONS from %s: %d, want %d", origin, got, want)
		}
	}
}
