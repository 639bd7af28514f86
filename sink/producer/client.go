package producer

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/weir-logs/weir/sink"
)

// NewTransport returns a transport as producers want it: HTTP/1.1, one connection for each request in flight, kept alive.
// HTTP/2 would put all of them on one connection, whose window and one lost packet would stop all. conf may be nil.
func NewTransport(conf *tls.Config) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    10 * time.Second,
		Protocols:              protocols,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        30 * time.Second, // below what load balancers allow, so that we hang up first
		DisableCompression:     true,
	}
}

// client signs and posts. It is safe for concurrent use.
type client struct {
	target    *target
	url       *url.URL
	region    string
	creds     *aws.CredentialsCache
	signer    *v4.Signer
	transport http.RoundTripper
	timeout   time.Duration
}

func newClient(t *target, c *Config) (*client, error) {
	where, err := c.resolve(t)
	if err != nil {
		return nil, err
	}
	creds, cached := c.Credentials.(*aws.CredentialsCache)
	if !cached {
		creds = aws.NewCredentialsCache(c.Credentials)
	}
	transport := c.Transport
	if transport == nil {
		transport = NewTransport(nil)
	}
	return &client{
		target: t, url: where, region: c.Region, creds: creds, signer: v4.NewSigner(), transport: transport, timeout: c.Timeout,
	}, nil
}

// exchange is the memory of one worker: what a try needs beside its request.
type exchange struct {
	parts  [][]byte
	hash   hash.Hash
	sum    [sha256.Size]byte
	text   []byte
	answer answer
	size   int64 // of the body sent
	slow   int   // how often the time limit is doubled, since the network is too slow for it
}

// maxSlow bounds that: eight times the limit.
const maxSlow = 3

// post sends the records of r that are in view and fills in x.answer. It returns when the transport holds nothing of r any
// more. A failure is of the request as a whole.
func (c *client) post(ctx context.Context, x *exchange, r *request, view []int32) *sink.Failure {
	limit := c.timeout << x.slow
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	x.parts = r.parts(x.parts[:0], view)
	body := newPayload(x.parts)
	x.size = body.size
	req, failure := c.sign(ctx, x, body)
	if failure != nil {
		return failure
	}
	status, header, err := c.roundTrip(req, x)
	if err != nil {
		handed := body.handed.Load()
		if late := errors.Is(ctx.Err(), context.DeadlineExceeded); late && !handed {
			x.slow = min(x.slow+1, maxSlow)
			err = fmt.Errorf("sending %d bytes takes longer than %v", body.size, limit)
		} else if late {
			err = fmt.Errorf("waited %v", limit)
		}
		return c.unanswered(handed, err)
	}
	if time.Since(start) < c.timeout/2 {
		x.slow = 0
	}
	if status < 200 || status > 299 {
		return c.refusal(status, header, x.text)
	}
	if err := x.answer.parse(x.text, c.target.entries); err != nil {
		return &sink.Failure{Class: sink.Unanswered, Status: status, Message: err.Error()}
	}
	if x.answer.entries != len(view) {
		return &sink.Failure{
			Class: sink.Unanswered, Status: status,
			Message: fmt.Sprintf("the answer has %d entries for %d records", x.answer.entries, len(view)),
		}
	}
	return nil
}

// sign builds the HTTP request.
func (c *client) sign(ctx context.Context, x *exchange, body *payload) (*http.Request, *sink.Failure) {
	creds, err := c.creds.Retrieve(ctx)
	if err != nil {
		return nil, &sink.Failure{Class: sink.Blocked, Err: err, Message: "cannot get credentials to sign with " +
			"(set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role, or `credentials: local` for an endpoint of your own)"}
	}
	if x.hash == nil {
		x.hash = sha256.New()
	}
	x.hash.Reset()
	for _, part := range body.parts {
		x.hash.Write(part)
	}
	x.hash.Sum(x.sum[:0])
	where := *c.url
	req := (&http.Request{
		Method: http.MethodPost, URL: &where, Host: where.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"application/x-amz-json-1.1"},
			"X-Amz-Target": {c.target.action},
			"User-Agent":   {"weir"},
		},
		ContentLength: body.size, GetBody: body.open,
	}).WithContext(ctx)
	if err := c.signer.SignHTTP(ctx, creds, req, hex.EncodeToString(x.sum[:]), c.target.signing, c.region, time.Now()); err != nil {
		return nil, &sink.Failure{Class: sink.Blocked, Message: "cannot sign", Err: err}
	}
	req.Body, _ = body.open() // the transport closes it in all cases
	return req, nil
}

// keptAnswer is what a worker keeps of its memory for answers.
const keptAnswer = 128 << 10

// roundTrip sends req and reads the answer into x.text, which it bounds.
func (c *client) roundTrip(req *http.Request, x *exchange) (status int, header http.Header, err error) {
	body := req.Body.(*payloadReader).payload
	defer body.wait()
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if x.text = x.text[:0]; cap(x.text) > keptAnswer {
		x.text = nil
	}
	limited := io.LimitReader(resp.Body, maxAnswer+1)
	for {
		x.text = slices.Grow(x.text, 4<<10)
		n, err := limited.Read(x.text[len(x.text):cap(x.text)])
		x.text = x.text[:len(x.text)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, nil, fmt.Errorf("the answer broke off: %w", err)
		}
	}
	if len(x.text) > maxAnswer {
		return 0, nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return resp.StatusCode, resp.Header, nil
}

// unanswered judges an error of the transport. A request that the transport has not even read to its end is one that the
// service cannot have whole, so that sending it again cannot double anything.
func (c *client) unanswered(handed bool, err error) *sink.Failure {
	f := &sink.Failure{Class: sink.Transient, Message: "cannot reach " + c.url.Host, Err: err}
	var certificate *tls.CertificateVerificationError
	switch {
	case handed:
		f.Class, f.Message = sink.Unanswered, "no answer from "+c.url.Host
	case errors.As(err, &certificate):
		f.Class, f.Message = sink.Blocked, "cannot trust "+c.url.Host
	}
	return f
}

// refusal judges an answer that is not a success.
func (c *client) refusal(status int, header http.Header, text []byte) *sink.Failure {
	var fields struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"` // or Message: names match in any case
	}
	_ = json.Unmarshal(text, &fields) // a proxy answers with something else
	code := header.Get("X-Amzn-Errortype")
	if fields.Type != "" {
		code = fields.Type
	}
	// Some services put a namespace before the code, some a URL behind it.
	code = code[strings.LastIndexByte(code, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	if strings.HasPrefix(code, "ExpiredToken") {
		c.creds.Invalidate()
	}
	return &sink.Failure{
		Class: sink.Classify(status, code), Status: status, Code: code, Message: fields.Message,
		RetryAfter: retryAfter(header.Get("Retry-After"), time.Now()),
	}
}

// maxRetryAfter bounds what a service can ask for.
const maxRetryAfter = 5 * time.Minute

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if when, err := http.ParseTime(text); err == nil {
		wait = when.Sub(now)
	}
	return max(0, min(wait, maxRetryAfter))
}
