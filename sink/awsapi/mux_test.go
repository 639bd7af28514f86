package awsapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// answering is a service whose ListStreams answers with out and err, and whose DeleteStream has no output.
func answering(out *kinesis.ListStreamsOutput, err error) []Service {
	return []Service{{Target: KinesisTarget, Signing: KinesisSigning, Handlers: []Handler{
		Handle(Kinesis.ListStreams, func(context.Context, *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
			return out, err
		}),
		Handle(Kinesis.DeleteStream, discard[kinesis.DeleteStreamInput, kinesis.DeleteStreamOutput]),
	}}}
}

// post is a request that is in order.
func post(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentJSON)
	r.Header.Set("X-Amz-Target", operation)
	r.Header.Set("Authorization", goodAuth)
	r.Header.Set("X-Amz-Date", "20260102T030405Z")
	return r
}

// send gives r to a Mux and returns the answer and what was observed.
func send(t *testing.T, services []Service, r *http.Request) (*httptest.ResponseRecorder, []Event) {
	t.Helper()
	var events []Event
	m, err := NewMux(services, Options{Observe: func(_ context.Context, e Event) { events = append(events, e) }})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w, events
}

func TestMuxOrderOfChecks(t *testing.T) {
	const list = "Kinesis_20131202.ListStreams"
	const denied = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n" +
		"</AccessDeniedException>\n"
	const syntax = `{"__type":"SerializationException","Message":"The request body is not valid JSON: a value is malformed at byte 0"}`
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set(name, value)
			if value == "" {
				r.Header.Del(name)
			}
		}
	}
	for _, c := range []struct {
		name, target, body string
		change             func(*http.Request)
		status             int
		code, want         string
	}{
		{"in order", list, `{}`, nil, 200, "", `{"StreamNames":[]}`},
		{"any path", list, `{}`, func(r *http.Request) { r.URL.Path = "/x/y" }, 200, "", `{"StreamNames":[]}`},
		{"a charset", list, `{}`, header("Content-Type", "Application/X-Amz-Json-1.1; charset=utf-8"), 200, "", `{"StreamNames":[]}`},
		{"no output", "Kinesis_20131202.DeleteStream", `{"StreamName":"s"}`, nil, 200, "", ""},
		{"method before all", list, `x`, func(r *http.Request) { r.Method = "GET" }, 403, codeAccessDenied, denied},
		{"no content type", list, `x`, header("Content-Type", ""), 403, codeAccessDenied, denied},
		{"unknown content type", list, `x`, header("Content-Type", "text/plain"), 404, codeUnknown, "<UnknownOperationException/>\n"},
		{"CBOR", list, `x`, header("Content-Type", contentCBOR), 404, codeUnknown,
			"<UnknownOperationException>\n  <Message>CBOR is not offered: set AWS_CBOR_DISABLE=true (Java: -Daws.cborEnabled=false) to " +
				"make the client speak application/x-amz-json-1.1</Message>\n</UnknownOperationException>\n"},
		{"no body", list, ``, nil, 400, codeSerialization, `{"__type":"SerializationException","Message":"The request has no body"}`},
		{"syntax before target", "X.Y", `x`, nil, 400, codeSerialization, syntax},
		{"syntax before authentication", list, `x`, header("Authorization", ""), 400, codeSerialization, syntax},
		{"unknown target", "Kinesis_20131202.SplitShard", `{}`, header("Authorization", ""), 400, codeUnknown,
			`{"__type":"UnknownOperationException","message":"The operation \"Kinesis_20131202.SplitShard\" is not offered here"}`},
		{"no target", "", `{}`, nil, 400, codeUnknown,
			`{"__type":"UnknownOperationException","message":"The header X-Amz-Target is missing"}`},
		{"authentication before types", list, `{"Limit":"x"}`, header("Authorization", ""), 400, codeMissingToken,
			`{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`},
		{"types before bounds", list, `{"NextToken":"","Limit":"x"}`, nil, 400, codeSerialization,
			`{"__type":"SerializationException","Message":"STRING_VALUE can not be converted to an Integer at Limit"}`},
		{"bounds", list, `{"Limit":0}`, nil, 400, codeValidation, `{"__type":"ValidationException","message":"1 validation error detected: ` +
			`Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"}`},
	} {
		r := post(c.target, c.body)
		if c.change != nil {
			c.change(r)
		}
		w, events := send(t, answering(new(kinesis.ListStreamsOutput), nil), r)
		if w.Code != c.status || w.Body.String() != c.want || w.Header().Get("x-amzn-ErrorType") != c.code && c.status == 400 {
			t.Errorf("%s: %d %q %s\nwant %d %q %s", c.name, w.Code, w.Header().Get("x-amzn-ErrorType"), w.Body, c.status, c.code, c.want)
		}
		if len(events) != 1 || events[0].Status != c.status || events[0].Code != c.code || events[0].Out != len(c.want) {
			t.Errorf("%s: observed %+v", c.name, events)
		}
	}
}

func TestMuxAnswerHeaders(t *testing.T) {
	w, events := send(t, answering(&kinesis.ListStreamsOutput{HasMoreStreams: aws.Bool(false), StreamNames: []string{"a"}}, nil),
		post("Kinesis_20131202.ListStreams", `{}`))
	for name, want := range map[string]string{
		"x-amzn-RequestId":            `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"x-amz-id-2":                  `^[A-Za-z0-9+/]{64}$`,
		"Content-Type":                `^application/x-amz-json-1\.1$`,
		"Content-Length":              `^44$`,
		"x-amzn-ErrorType":            `^$`,
		"Access-Control-Allow-Origin": `^$`,
	} {
		if got := w.Header().Get(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got, want := w.Body.String(), `{"StreamNames":["a"],"HasMoreStreams":false}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	e := events[0]
	if e.ID != w.Header().Get("x-amzn-RequestId") || e.Service != "kinesis" || e.Operation != "ListStreams" || e.Region != "eu-west-1" ||
		e.AccessKey != "AKID" || e.In != 2 || e.Out != 44 || e.Duration <= 0 || e.Err != nil {
		t.Errorf("observed %+v", e)
	}
}

func TestMuxPlainJSONIsAnsweredInKind(t *testing.T) {
	r := post("Kinesis_20131202.ListStreams", `{}`)
	r.Header.Set("Content-Type", contentPlain)
	if w, _ := send(t, answering(new(kinesis.ListStreamsOutput), nil), r); w.Header().Get("Content-Type") != contentPlain {
		t.Errorf("Content-Type %q", w.Header().Get("Content-Type"))
	}
}

func TestMuxCORS(t *testing.T) {
	r := httptest.NewRequest(http.MethodOptions, "/", nil)
	r.Header.Set("Origin", "http://example.com")
	r.Header.Set("Access-Control-Request-Headers", "authorization,x-amz-target")
	r.Header.Set("Access-Control-Request-Method", "POST")
	w, events := send(t, nil, r)
	h := w.Header()
	if w.Code != 200 || w.Body.Len() != 0 || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Max-Age") != "172800" ||
		h.Get("Access-Control-Allow-Headers") != "authorization,x-amz-target" || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("x-amz-id-2") != "" || h.Get("x-amzn-RequestId") == "" || len(events) != 0 {
		t.Errorf("%d %v, observed %v", w.Code, h, events)
	}
	r = post("Kinesis_20131202.ListStreams", `{}`)
	r.Header.Set("Origin", "http://example.com")
	if w, _ = send(t, answering(new(kinesis.ListStreamsOutput), nil), r); w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("a request from a page is answered with %v", w.Header())
	}
	r.Method = http.MethodOptions
	r.Header.Del("Origin")
	if w, _ = send(t, answering(nil, nil), r); w.Code != http.StatusForbidden {
		t.Errorf("OPTIONS without Origin: %d", w.Code)
	}
}

func TestMuxErrorsOfOperations(t *testing.T) {
	secret := errors.New("open /var/lib/x: input/output error")
	for _, c := range []struct {
		err          error
		status       int
		code, body   string
		observed     bool
		panics, nils bool
	}{
		{err: &kinesistypes.ResourceNotFoundException{Message: aws.String("no")}, status: 400, code: "ResourceNotFoundException",
			body: `{"__type":"ResourceNotFoundException","message":"no"}`},
		{err: secret, status: 500, code: "InternalFailure", body: `{"__type":"InternalFailure"}`, observed: true},
		{panics: true, status: 500, code: "InternalFailure", body: `{"__type":"InternalFailure"}`, observed: true},
		{nils: true, status: 500, code: "InternalFailure", body: `{"__type":"InternalFailure"}`, observed: true},
	} {
		services := answering(nil, c.err)
		if c.panics {
			services[0].Handlers[0] = Handle(Kinesis.ListStreams,
				func(context.Context, *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) { panic("oh") })
		}
		w, events := send(t, services, post("Kinesis_20131202.ListStreams", `{}`))
		if w.Code != c.status || w.Body.String() != c.body || w.Header().Get("x-amzn-ErrorType") != c.code {
			t.Errorf("%+v: %d %s %v", c, w.Code, w.Body, w.Header())
		}
		if e := events[0]; (e.Err != nil) != c.observed || e.Code != c.code || e.Status != c.status {
			t.Errorf("%+v: observed %+v", c, e)
		}
	}
}

func TestMuxLetsAHandlerAbort(t *testing.T) {
	services := []Service{{Target: KinesisTarget, Handlers: []Handler{Handle(Kinesis.ListStreams,
		func(context.Context, *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
			panic(http.ErrAbortHandler)
		})}}}
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v", got)
		}
	}()
	send(t, services, post("Kinesis_20131202.ListStreams", `{}`))
	t.Error("the panic did not come through")
}

func TestRequestFrom(t *testing.T) {
	var got Request
	services := []Service{{Target: KinesisTarget, Handlers: []Handler{Handle(Kinesis.ListStreams,
		func(ctx context.Context, _ *kinesis.ListStreamsInput) (*kinesis.ListStreamsOutput, error) {
			got = RequestFrom(ctx)
			return new(kinesis.ListStreamsOutput), nil
		})}}}
	w, _ := send(t, services, post("Kinesis_20131202.ListStreams", `{}`))
	want := Request{ID: w.Header().Get("x-amzn-RequestId"), Operation: "ListStreams", Region: "eu-west-1", AccessKey: "AKID"}
	if got != want {
		t.Errorf("the operation sees %+v, want %+v", got, want)
	}
	if got := RequestFrom(t.Context()); got != (Request{}) {
		t.Errorf("a context of no request has %+v", got)
	}
}

// endless is a body that never ends and counts what was taken of it.
type endless struct{ taken int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.taken += len(p)
	return len(p), nil
}

func TestMuxBoundsBodies(t *testing.T) {
	for _, c := range []struct {
		target string
		length int64 // announced; -1: not
		limit  int
		taken  bool
	}{
		{"Kinesis_20131202.ListStreams", -1, defaultBody, true},
		{"Kinesis_20131202.ListStreams", defaultBody + 1, defaultBody, false},
		{"X.Y", -1, defaultBody, true},
	} {
		body := &endless{}
		r := post(c.target, "")
		r.Body, r.ContentLength = io.NopCloser(body), c.length
		w, _ := send(t, answering(nil, nil), r)
		want := fmt.Sprintf(`{"__type":"RequestEntityTooLargeException","message":"The request body is larger than the %d bytes that this operation takes"}`, c.limit)
		if w.Code != 413 || w.Body.String() != want {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if (body.taken > 0) != c.taken || body.taken > 2*c.limit {
			t.Errorf("%+v: %d bytes were read", c, body.taken)
		}
	}
}

func TestReadBodyTakesNoMoreMemoryThanHasArrived(t *testing.T) {
	r := post("X", "{}")
	r.ContentLength = maxPut
	got, err := readBody(nil, r, maxPut)
	if err != nil || string(got) != "{}" || cap(got) > firstRead {
		t.Errorf("%q, %v, room for %d bytes", got, err, cap(got))
	}
}

func TestReadBodySaysThatItBroke(t *testing.T) {
	r := post("Kinesis_20131202.ListStreams", "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), errReader{}))
	w, _ := send(t, answering(nil, nil), r)
	if want := `{"__type":"SerializationException","Message":"The request body ended early"}`; w.Code != 400 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
