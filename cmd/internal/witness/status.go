package witness

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"
)

// Status is what an agent says of itself, as far as judges ask for it.
type Status struct {
	Flows []struct {
		Counters struct {
			InFlight int64 `json:"in_flight"`
			Gaps     int64 `json:"gaps"`
			Vanished int64 `json:"vanished"`
			GivenUp  int64 `json:"given_up"`
		} `json:"counters"`
		Files []struct {
			Path  string `json:"path"`
			Size  int64  `json:"size"`
			Read  int64  `json:"read"`
			Acked int64  `json:"acked"`
			Lag   int64  `json:"lag"`
		} `json:"files"`
	} `json:"flows"`
	Destinations []struct {
		Stats struct {
			Records    int64 `json:"records"`
			Unanswered int64 `json:"unanswered"`
		} `json:"stats"`
	} `json:"destinations"`
}

// InFlight is how many bytes are in flight, of all flows.
func (s *Status) InFlight() (n int64) {
	for i := range s.Flows {
		n += s.Flows[i].Counters.InFlight
	}
	return n
}

// AskAgent asks the agent behind a socket for its status, as `weir status` does. It waits five seconds at most.
func AskAgent(ctx context.Context, socket string) (s Status, err error) {
	c := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://weir/status", nil)
	if err != nil {
		return s, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return s, errors.New(resp.Status)
	}
	return s, json.NewDecoder(resp.Body).Decode(&s)
}
