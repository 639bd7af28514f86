package producer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Config says where to send and how. Name, Region and Credentials are required; every other zero value is the default.
type Config struct {
	Name        string // of the stream or delivery stream, or its ARN
	Region      string // signed, and part of AWS's host name
	Endpoint    string // a URL; empty means AWS
	Credentials aws.CredentialsProvider
	Transport   http.RoundTripper // default: NewTransport(nil)

	Aggregate     bool          // many entries in one record of the stream, as the KPL does it; streams only
	AggregateSize int           // bytes of an aggregate, at most; default 50 KiB
	RequestSize   int           // bytes of data and keys of a request, at most; default 1 MiB, which is also the least
	Linger        time.Duration // how long an entry may wait for company; default 100 ms; negative: not at all
	Memory        int64         // bytes that this producer may hold; default: Concurrency + 1 requests; see MinMemory
	Concurrency   int           // requests in flight at most; default 4

	Timeout time.Duration // of one request; default 30 s
	Backoff Backoff
	GiveUp  GiveUp
	Rand    func() uint64 // for keys and jitter; called by one goroutine at a time; default math/rand/v2
	Events  Events
}

// Backoff bounds the waiting between tries. A wait is drawn from the upper half of First, doubled with each try up to Most.
type Backoff struct {
	First   time.Duration // default 100 ms
	Most    time.Duration // default 10 s
	Blocked time.Duration // instead of Most, when somebody has to act first; default 60 s
}

// Events are called when something happens, by the goroutine to which it happens: they must not block. All are optional.
type Events struct {
	// Request is called for each try that ended.
	Request func(Request)
	// Failing is called for the first failure after a success, for one of another class than the last, and once a minute.
	Failing func(err error, since time.Duration)
	// Recovered is called for the first success after failures.
	Recovered func(after time.Duration)
}

// Request is one try of a request, as Events tell of it.
type Request struct {
	Records  int   // user records in it
	Taken    int   // of them, acknowledged
	Bytes    int64 // of the body
	Duration time.Duration
	Err      error // a *sink.Failure, if the request failed as a whole
}

const (
	defaultAggregate = 50 << 10
	minRequest       = 1 << 20 // the largest record must fit
	lanes            = 2
)

// slotSize is the memory of one request, in bytes: the data in base64, and what JSON puts around 500 records.
func slotSize(request int) int { return request + request/2 }

// MinMemory returns the least Memory with which c works: one request and the open aggregates. It grows with RequestSize
// and AggregateSize, and is about 1.6 MiB by default.
func (c Config) MinMemory() int64 {
	c.setSizes()
	return int64(slotSize(c.RequestSize) + c.frames())
}

// frames is the memory of the open aggregates.
func (c *Config) frames() int {
	if !c.Aggregate {
		return 0
	}
	return lanes * c.AggregateSize
}

func (c *Config) setSizes() {
	if c.AggregateSize == 0 {
		c.AggregateSize = defaultAggregate
	}
	if c.RequestSize == 0 {
		c.RequestSize = minRequest
	}
}

// prepare fills in the defaults and checks everything, all problems at once.
func (c *Config) prepare(t *target) error {
	c.setSizes()
	setDefault(&c.Concurrency, 4)
	setDefault(&c.Linger, 100*time.Millisecond)
	setDefault(&c.Timeout, 30*time.Second)
	setDefault(&c.Backoff.First, 100*time.Millisecond)
	setDefault(&c.Backoff.Most, 10*time.Second)
	setDefault(&c.Backoff.Blocked, time.Minute)
	setDefault(&c.Memory, int64(c.frames()+(c.Concurrency+1)*slotSize(c.RequestSize)))
	if c.Rand == nil {
		c.Rand = rand.Uint64
	}
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("%s %s: "+format, append([]any{t.kind, t.name}, args...)...))
		}
	}
	check(c.Region != "", "no region: name the one that it is in")
	check(c.Credentials != nil, "no credentials")
	check(t.keyed || !c.Aggregate, "aggregation is for streams only")
	check(c.AggregateSize >= 64 && c.AggregateSize <= streamRecord-4*maxKey,
		"an aggregate size of %d bytes: want 64 to %d", c.AggregateSize, streamRecord-4*maxKey)
	check(c.RequestSize >= minRequest && c.RequestSize <= t.request,
		"a request size of %d bytes: want %d to %d", c.RequestSize, minRequest, t.request)
	check(c.Concurrency > 0, "%d requests in flight: want at least 1", c.Concurrency)
	check(c.Memory >= c.MinMemory(), "a memory of %d bytes does not hold one request: want at least %d", c.Memory, c.MinMemory())
	check(c.Timeout > 0, "a time limit of %v: want more than 0", c.Timeout)
	check(c.Backoff.First > 0 && c.Backoff.Most >= c.Backoff.First && c.Backoff.Blocked >= c.Backoff.First,
		"back-off from %v to %v, blocked %v: want them above 0 and in that order", c.Backoff.First, c.Backoff.Most, c.Backoff.Blocked)
	return errors.Join(problems...)
}

func setDefault[T int | int64 | time.Duration](value *T, standard T) {
	if *value == 0 {
		*value = standard
	}
}

// resolve returns the URL to post to.
func (c *Config) resolve(t *target) (*url.URL, error) {
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("%s %s: endpoint %q: want a URL such as https://host:port", t.kind, t.name, c.Endpoint)
		}
		if u.Path == "" {
			u.Path = "/"
		}
		return u, nil
	}
	u, err := c.resolveAWS(t)
	if err != nil {
		return nil, fmt.Errorf("%s %s: no endpoint for region %q: %w", t.kind, t.name, c.Region, err)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

func (c *Config) resolveAWS(t *target) (*url.URL, error) {
	if t.keyed {
		found, err := kinesis.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
			kinesis.EndpointParameters{Region: &c.Region, UseFIPS: aws.Bool(false), UseDualStack: aws.Bool(false)})
		return &found.URI, err
	}
	found, err := firehose.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(),
		firehose.EndpointParameters{Region: &c.Region, UseFIPS: aws.Bool(false), UseDualStack: aws.Bool(false)})
	return &found.URI, err
}
