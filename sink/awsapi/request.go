package awsapi

import (
	"context"
	"time"
)

// Request is what an operation may want to know of the request that it answers, besides its input.
type Request struct {
	ID        string // as in the answer's x-amzn-RequestId
	Operation string
	Region    string // of the signature's scope
	AccessKey string // its id; who holds it is not verified
}

type requestKey struct{}

// RequestFrom returns the facts of the request that ctx belongs to, or the zero value if it belongs to none.
func RequestFrom(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Event is one request answered.
type Event struct {
	Request
	Service  string // its signing name; empty if the target was not known
	Status   int
	Code     string // of the error, or empty
	Err      error  // what the client was told only as InternalFailure
	In, Out  int    // bytes of the bodies
	Duration time.Duration
}

// Options say how a Mux works. The zero value is ready for use.
type Options struct {
	// Observe is called after each answer, on the request's goroutine: it must not block. Requests for CORS are not shown.
	Observe func(context.Context, Event)

	// Memory bounds the bytes of all request bodies that are held at a time, and once more those of all answers. Requests beyond
	// it wait, at most 10 seconds, and are then answered with status 503. Default 64 MiB.
	Memory int64
}
