package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
)

// maxSnapshot bounds what Get reads: 100,000 files take about 30 MB.
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
func Get(ctx context.Context, socket string) (Snapshot, error) {
	var s Snapshot
	short, release, err := shorten(socket)
	if errors.Is(err, fs.ErrNotExist) {
		return s, &NotRunningError{Socket: socket, Err: err}
	}
	if err != nil {
		return s, err
	}
	defer release()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", short)
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://weir/status", nil)
	if err != nil {
		return s, fmt.Errorf("status: %w", err)
	}
	response, err := transport.RoundTrip(request)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return s, &NotRunningError{Socket: socket, Err: err}
	case errors.Is(err, fs.ErrPermission):
		return s, fmt.Errorf("status: socket %s is not open to this user: ask as the user that the agent runs as, or as root: %w", socket, err)
	case err != nil:
		return s, fmt.Errorf("status: ask the agent on socket %s: %w", socket, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return s, fmt.Errorf("status: the agent on socket %s answered %s", socket, response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxSnapshot)).Decode(&s); err != nil {
		return s, fmt.Errorf("status: read the answer of the agent on socket %s: %w", socket, err)
	}
	return s, nil
}
