package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/weir-logs/weir/agent/positions"
)

// Positions shows and edits the positions of a running agent. Its methods are called from several goroutines.
type Positions interface {
	// Positions lists the positions of one flow, or with an empty name of all.
	Positions(flow string) ([]positions.Row, error)
	// EditPositions makes an edit while the flow stands still, and starts the flow again.
	EditPositions(ctx context.Context, e positions.Edit) ([]positions.Change, error)
}

// maxEdit bounds the body of a request: an edit of 10,000 files takes about 2 MB.
const maxEdit = 16 << 20

// failure is the body of an answer that is no success.
type failure struct {
	Error   string `json:"error"`
	Refused bool   `json:"refused"` // it was asked wrongly: asking again does not help
}

// handlePositions adds the positions' part of the endpoint.
func handlePositions(mux *http.ServeMux, p Positions) {
	mux.HandleFunc("GET /positions", func(w http.ResponseWriter, r *http.Request) {
		rows, err := p.Positions(r.FormValue("flow"))
		reply(w, rows, err)
	})
	mux.HandleFunc("POST /positions", func(w http.ResponseWriter, r *http.Request) {
		var e positions.Edit
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxEdit))
		decoder.DisallowUnknownFields() // a newer client may ask for what this agent does not know
		if err := decoder.Decode(&e); err != nil {
			reply(w, nil, &positions.RefusedError{Reason: "cannot read the edit: " + err.Error()})
			return
		}
		changes, err := p.EditPositions(r.Context(), e)
		reply(w, changes, err)
	})
}

func reply(w http.ResponseWriter, v any, err error) {
	var refused *positions.RefusedError
	switch {
	case errors.As(err, &refused):
		writeJSON(w, http.StatusBadRequest, failure{refused.Reason, true})
	case err != nil:
		writeJSON(w, http.StatusServiceUnavailable, failure{err.Error(), false})
	default:
		writeJSON(w, http.StatusOK, v)
	}
}

// ListPositions asks the agent behind a socket for the positions of one flow, or with an empty name of all. If no agent runs there the
// error is a NotRunningError.
func ListPositions(ctx context.Context, socket, flow string) (rows []positions.Row, err error) {
	path := "/positions"
	if flow != "" {
		path += "?flow=" + url.QueryEscape(flow)
	}
	err = call(ctx, socket, request{method: http.MethodGet, path: path, answer: &rows})
	return rows, err
}

// EditPositions has the agent behind a socket make an edit. If no agent runs there the error is a NotRunningError; if the edit was
// asked wrongly it is a positions.RefusedError.
func EditPositions(ctx context.Context, socket string, e positions.Edit) (changes []positions.Change, err error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	err = call(ctx, socket, request{method: http.MethodPost, path: "/positions", body: body, answer: &changes})
	return changes, err
}
