// Package witness looks at a weir from outside, for those who judge it: what is in its streams, which objects it has written, what its
// agent says of itself.
//
// It speaks the protocols by itself and uses nothing of weir's own code, so that a mistake there cannot hide itself. A Stream and
// Objects remember what they have shown; each Collect shows what has come since.
package witness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client speaks to a backend as any client of Kinesis does, with a signature that nobody checks. It may be used by several goroutines.
type Client struct {
	addr string
	http *http.Client
}

// NewClient returns a client of the backend on an address, host and port. An answer may take 30 seconds.
func NewClient(addr string) *Client {
	return &Client{addr, &http.Client{Timeout: 30 * time.Second}}
}

// Addr is the address of the backend.
func (c *Client) Addr() string { return c.addr }

// Call sends one operation of Kinesis Data Streams. What answers it is decoded into out unless that is nil.
func (c *Client) Call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	return c.send(ctx, http.MethodPost, "/", body, out, map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202." + operation, "X-Amz-Date": now.Format("20060102T150405Z"),
		"Authorization": "AWS4-HMAC-SHA256 Credential=k/" + now.Format("20060102") + "/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
	})
}

// Get asks for a path of the backend that is no operation, and decodes the answer into out unless that is nil.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.send(ctx, http.MethodGet, path, nil, out, nil)
}

// Put sends a body to a path of the backend that is no operation.
func (c *Client) Put(ctx context.Context, path string, body []byte) error {
	return c.send(ctx, http.MethodPut, path, body, nil, nil)
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, out any, header map[string]string) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.addr+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s%s: %s %.500s", method, path, header["X-Amz-Target"], resp.Status, answer)
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}
