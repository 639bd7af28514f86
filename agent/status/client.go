package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"

	"github.com/weir-logs/weir/agent/positions"
)

// maxSnapshot bounds what is read of an answer: 100,000 files take about 30 MB.
const maxSnapshot = 64 << 20

// NotRunningError says that no agent answers on a socket.
type NotRunningError struct {
	Socket string
	Err    error
}

// Error names the socket that was tried, and what to do.
func (e *NotRunningError) Error() string {
	return fmt.Sprintf("status: no weir agent runs on socket %s (%v): start it with weir run, or name the configuration whose socket it uses",
		e.Socket, e.Err)
}

// Unwrap returns what the connection said.
func (e *NotRunningError) Unwrap() error { return e.Err }

// Get asks the agent behind a socket for its state. If none runs there the error is a NotRunningError.
func Get(ctx context.Context, socket string) (s Snapshot, err error) {
	err = call(ctx, socket, request{method: http.MethodGet, path: "/status", answer: &s})
	return s, err
}

// request is one question to the agent.
type request struct {
	method, path string
	body         []byte
	answer       any // to be decoded into
}

// call asks the agent behind a socket.
func call(ctx context.Context, socket string, r request) error {
	short, release, err := shorten(socket)
	if errors.Is(err, fs.ErrNotExist) {
		return &NotRunningError{Socket: socket, Err: err}
	}
	if err != nil {
		return err
	}
	defer release()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", short)
	}}
	defer transport.CloseIdleConnections()
	question, err := http.NewRequestWithContext(ctx, r.method, "http://weir"+r.path, bytes.NewReader(r.body))
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	response, err := transport.RoundTrip(question)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return &NotRunningError{Socket: socket, Err: err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("status: socket %s is not open to this user: ask as the user that the agent runs as, or as root: %w", socket, err)
	case err != nil:
		return fmt.Errorf("status: ask the agent on socket %s: %w", socket, err)
	}
	defer response.Body.Close()
	body := json.NewDecoder(io.LimitReader(response.Body, maxSnapshot))
	if response.StatusCode != http.StatusOK {
		var f failure
		switch {
		case body.Decode(&f) != nil || f.Error == "":
			return fmt.Errorf("status: the agent on socket %s answered %s", socket, response.Status)
		case f.Refused:
			return &positions.RefusedError{Reason: f.Error}
		}
		return errors.New(f.Error)
	}
	if err := body.Decode(r.answer); err != nil {
		return fmt.Errorf("status: read the answer of the agent on socket %s: %w", socket, err)
	}
	return nil
}
