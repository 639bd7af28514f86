package producer

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// payload is the body of one try: slices of a request, which nobody may change until every reader of them is closed. A
// transport may read on after it has given up on a request, so wait comes before anything else is done with it.
type payload struct {
	parts   [][]byte
	size    int64
	readers sync.WaitGroup
	handed  atomic.Bool // the transport has got all of it, so that the service may have it
}

func newPayload(parts [][]byte) *payload {
	p := &payload{parts: parts}
	for _, part := range parts {
		p.size += int64(len(part))
	}
	return p
}

// open returns a reader from the start on. A transport asks for another one if its connection died before the first byte.
func (p *payload) open() (io.ReadCloser, error) {
	p.readers.Add(1)
	return &payloadReader{payload: p}, nil
}

// wait returns when the transport has let go of the parts.
func (p *payload) wait() { p.readers.Wait() }

// payloadReader may be closed while it is read.
type payloadReader struct {
	payload *payload

	mu     sync.Mutex
	part   int // guarded by mu, like all below
	at     int
	closed bool
}

func (r *payloadReader) Read(b []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errors.New("producer: read of a closed body")
	}
	for n < len(b) && r.part < len(r.payload.parts) {
		part := r.payload.parts[r.part]
		c := copy(b[n:], part[r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(part) {
			r.part, r.at = r.part+1, 0
		}
	}
	if r.part == len(r.payload.parts) {
		r.payload.handed.Store(true)
		err = io.EOF
	}
	return n, err
}

func (r *payloadReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.payload.readers.Done()
	}
	return nil
}
