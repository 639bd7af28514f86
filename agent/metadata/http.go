package metadata

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// mostBytes bounds an answer. An identity document has about 500 bytes, a task with ten containers some 20,000.
const mostBytes = 256 << 10

var errLong = errors.New("the answer has more than 256KiB")

// newTransport makes connections for addresses of the link only: no proxy can reach them for us. They are few and far between, so none is kept.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: time.Second}).DialContext,
		ResponseHeaderTimeout: 2 * time.Second,
		DisableKeepAlives:     true,
	}
}

// newClient makes a client that follows no redirect: what answers in place of a metadata service is not to send us, and our token, elsewhere.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// bounded gives answers that fail once they become too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &boundedBody{resp.Body, mostBytes}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errLong
	}
	return n, err
}
