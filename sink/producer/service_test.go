package producer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/weir-logs/weir/sink/kpl"
)

const (
	testKey    = "AKIDEXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testToken  = "session"
)

func testCredentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(testKey, testSecret, testToken)
}

// wireRecord is a record as the service sees it.
type wireRecord struct {
	Data         []byte
	PartitionKey string
}

// call is one request as the service sees it.
type call struct {
	action     string
	StreamName string
	StreamARN  string
	Delivery   string `json:"DeliveryStreamName"`
	Records    []wireRecord
	number     int // from 0
}

// delivered is a user record that the service has stored.
type delivered struct{ key, data string }

// service is a Kinesis and a Firehose for tests. It stores what it acknowledges, in order.
type service struct {
	t testing.TB

	// fault is asked for each request before anything is stored. A nil reaction, or a nil fault, is a success. It is
	// called under the service's lock.
	fault func(c *call) *reaction

	mu     sync.Mutex // guards all below
	calls  []*call
	stored []delivered
	now    int // requests being answered
	most   int // the most of them at once
}

// reaction is what the service does instead of a plain success.
type reaction struct {
	status     int
	body       string
	header     map[string]string
	refuse     func(i int, r wireRecord) string // an error code for the entry, or nothing
	hangUp     bool                             // without an answer
	storeFirst bool                             // before hanging up or answering with an error
	hold       <-chan struct{}                  // answers only once this is closed
	delay      time.Duration
}

func (s *service) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.verify(req, body)
	c := s.decode(req, body)
	s.mu.Lock()
	c.number = len(s.calls)
	s.calls = append(s.calls, c)
	s.now++
	s.most = max(s.most, s.now)
	var r *reaction
	if s.fault != nil {
		r = s.fault(c)
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}()
	if r == nil {
		r = &reaction{}
	}
	s.react(w, c, r)
}

func (s *service) react(w http.ResponseWriter, c *call, r *reaction) {
	time.Sleep(r.delay)
	if r.hold != nil {
		<-r.hold
	}
	if r.status == 0 && !r.hangUp || r.storeFirst {
		body := s.store(c, r.refuse)
		if r.status == 0 && !r.hangUp && r.body == "" {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			_, _ = io.WriteString(w, body)
			return
		}
	}
	if r.hangUp {
		panic(http.ErrAbortHandler)
	}
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	if r.status != 0 {
		w.WriteHeader(r.status)
	}
	_, _ = io.WriteString(w, r.body)
}

// store keeps the records that are not refused and returns the answer.
func (s *service) store(c *call, refuse func(int, wireRecord) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	count, list := "FailedRecordCount", "Records"
	if c.Delivery != "" {
		count, list = "FailedPutCount", "RequestResponses"
	}
	var entries []string
	failed := 0
	for i, r := range c.Records {
		code := ""
		if refuse != nil {
			code = refuse(i, r)
		}
		if code != "" {
			failed++
			entries = append(entries, fmt.Sprintf(`{"ErrorCode":%q,"ErrorMessage":"entry %d \u00e9 \"x\""}`, code, i))
			continue
		}
		s.stored = append(s.stored, open(s.t, r)...)
		if c.Delivery != "" {
			entries = append(entries, `{"RecordId":"abc"}`)
		} else {
			entries = append(entries, `{"SequenceNumber":"49","ShardId":"shardId-000000000000"}`)
		}
	}
	return fmt.Sprintf(` {%q : %d, "EncryptionType":null, "Extra":{"a":[1,-2.5e3,true]}, %q:[%s]}`, count, failed, list, strings.Join(entries, ", "))
}

// open returns the user records of a record.
func open(t testing.TB, r wireRecord) (list []delivered) {
	var reader kpl.Reader
	if !reader.Open(r.Data) {
		return []delivered{{r.PartitionKey, string(r.Data)}}
	}
	for rec, ok := reader.Next(); ok; rec, ok = reader.Next() {
		if string(rec.PartitionKey) != r.PartitionKey {
			t.Errorf("a member of an aggregate has key %q, the aggregate %q", rec.PartitionKey, r.PartitionKey)
		}
		list = append(list, delivered{string(rec.PartitionKey), string(rec.Data)})
	}
	if reader.Err() != nil || len(list) < 2 {
		t.Errorf("an aggregate of %d records, error %v", len(list), reader.Err())
	}
	return list
}

// verify signs the request once more with the SDK's signer and compares.
func (s *service) verify(got *http.Request, body []byte) {
	if got.Method != "POST" || got.ProtoMajor != 1 || got.ContentLength != int64(len(body)) || got.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		s.t.Errorf("request %s %s, length %d of %d, %v", got.Method, got.Proto, got.ContentLength, len(body), got.Header)
	}
	signed, err := time.Parse("20060102T150405Z", got.Header.Get("X-Amz-Date"))
	if err != nil {
		s.t.Errorf("X-Amz-Date: %v", err)
		return
	}
	again, _ := http.NewRequest("POST", "http://"+got.Host+got.URL.Path, bytes.NewReader(body))
	again.Header = http.Header{}
	for _, name := range []string{"Content-Type", "X-Amz-Target"} {
		again.Header.Set(name, got.Header.Get(name))
	}
	service := "kinesis"
	if strings.HasPrefix(got.Header.Get("X-Amz-Target"), "Firehose") {
		service = "firehose"
	}
	sum := sha256.Sum256(body)
	creds := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret, SessionToken: testToken}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, again, hex.EncodeToString(sum[:]), service, "eu-west-1", signed); err != nil {
		s.t.Error(err)
	}
	for _, name := range []string{"Authorization", "X-Amz-Security-Token"} {
		if got.Header.Get(name) != again.Header.Get(name) || got.Header.Get(name) == "" {
			s.t.Errorf("%s is %q, want %q", name, got.Header.Get(name), again.Header.Get(name))
		}
	}
}

// decode reads the body as any JSON client would, refusing what is unknown, and checks the bounds of the API.
func (s *service) decode(req *http.Request, body []byte) *call {
	c := &call{action: req.Header.Get("X-Amz-Target")}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil || decoder.More() {
		s.t.Errorf("body: %v, more %v: %.200s", err, decoder.More(), body)
	}
	total, most, of := 0, streamRequest, streamRecord
	if c.Delivery != "" {
		most, of = deliveryBatch, deliveryRecord
	}
	for _, r := range c.Records {
		size := len(r.Data) + len(r.PartitionKey)
		if total += size; size > of || (c.Delivery == "") != (r.PartitionKey != "") {
			s.t.Errorf("a record of %d bytes with key %q", size, r.PartitionKey)
		}
	}
	if len(c.Records) == 0 || len(c.Records) > 500 || total > most {
		s.t.Errorf("a request of %d records, %d bytes", len(c.Records), total)
	}
	return c
}

func (s *service) snapshot() (calls []*call, stored []delivered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*call(nil), s.calls...), append([]delivered(nil), s.stored...)
}

// pipes is a listener whose connections are in memory, so that tests run in a bubble of synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	// refuse makes dialling fail while it returns an error.
	refuse func() error
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.refuse != nil {
		if err := p.refuse(); err != nil {
			return nil, err
		}
	}
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lockedSource lets the goroutines of a test share a source of random numbers.
type lockedSource struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

func (s *lockedSource) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pcg.Uint64()
}

func newRandom(seed, stream uint64) *rand.Rand {
	return rand.New(&lockedSource{pcg: rand.NewPCG(seed, stream)})
}

// rig is a producer and the service it talks to.
type rig struct {
	t         testing.TB
	service   *service
	pipes     *pipes
	transport *http.Transport
	server    *http.Server
	producer  *Producer

	mu      sync.Mutex // guards all below
	answers map[int]int
	refused []string
	events  []Request
}

// newRig starts a service and a producer for it. Config needs no name, endpoint, region, credentials or transport.
func newRig(t testing.TB, delivery bool, c Config, fault func(*call) *reaction) *rig {
	t.Helper()
	r := &rig{t: t, service: &service{t: t, fault: fault}, pipes: newPipes(), transport: NewTransport(nil), answers: map[int]int{}}
	r.server = &http.Server{Handler: r.service, IdleTimeout: time.Minute}
	go func() { _ = r.server.Serve(r.pipes) }()
	r.transport.Proxy, r.transport.DialContext = nil, r.pipes.dial
	c.Transport, c.Region, c.Endpoint, c.Name = r.transport, "eu-west-1", "http://service.test", "logs"
	if c.Credentials == nil {
		c.Credentials = testCredentials()
	}
	if c.Events.Request == nil {
		c.Events.Request = func(e Request) {
			r.mu.Lock()
			r.events = append(r.events, e)
			r.mu.Unlock()
		}
	}
	start := NewStream
	if delivery {
		start = NewDelivery
	}
	var err error
	if r.producer, err = start(c); err != nil {
		t.Fatal(err)
	}
	return r
}

// done returns a callback for Put number n that counts its calls.
func (r *rig) done(n int) func(res result) {
	return func(res result) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answers[n]++
		for _, refusal := range res.Refused {
			if refusal.Err == nil {
				r.t.Error("a refusal without an error")
			}
			r.refused = append(r.refused, string(refusal.Data))
		}
	}
}

// close ends producer and service, which the producer must allow.
func (r *rig) close() {
	r.t.Helper()
	if err := r.producer.Close(context.Background()); err != nil {
		r.t.Errorf("Close: %v", err)
	}
	r.shut()
}

func (r *rig) shut() {
	_ = r.server.Close()
	_ = r.pipes.Close()
	r.transport.CloseIdleConnections()
}

// wantAnswers checks that each of n Puts was answered once.
func (r *rig) wantAnswers(n int) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range n {
		if r.answers[i] != 1 {
			r.t.Errorf("Put %d of %d was answered %d times", i, n, r.answers[i])
		}
	}
	if len(r.answers) != n {
		r.t.Errorf("%d Puts were answered, want %d", len(r.answers), n)
	}
}

// answered returns how often Put n was answered.
func (r *rig) answered(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answers[n]
}

// counts returns how often each data was stored.
func counts(stored []delivered) map[string]int {
	n := map[string]int{}
	for _, d := range stored {
		n[d.data]++
	}
	return n
}

// wantOnce checks that exactly these were stored, once each.
func (r *rig) wantOnce(want []string) {
	r.t.Helper()
	_, stored := r.service.snapshot()
	expected := map[string]int{}
	for _, d := range want {
		expected[d]++
	}
	if got := counts(stored); !maps.Equal(got, expected) {
		r.t.Errorf("%d different records are stored, %d in all, want %d different, %d in all, each once", len(got), len(stored), len(expected), len(want))
	}
}
