package status

import (
	"context"
	"net/http"
	"time"
)

// Outcomes of a reload.
const (
	ReloadDone    = "done"    // the new configuration counts
	ReloadRefused = "refused" // it cannot be used, or not without a restart; nothing was changed
	ReloadFailed  = "failed"  // the agent could not do it, such as one that is stopping; nothing was changed
)

// What a reload does to a flow.
const (
	FlowUnchanged = "unchanged" // it was not touched
	FlowChanged   = "changed"   // it was stopped in order, and reads on with its new configuration
	FlowAdded     = "added"
	FlowRemoved   = "removed" // its positions are kept
)

// Reload is what came of reading the configuration anew.
type Reload struct {
	Time     time.Time    `json:"time"` // of its begin
	Took     int64        `json:"took_ms"`
	Config   string       `json:"config"`
	Outcome  string       `json:"outcome"`
	Error    string       `json:"error,omitempty"` // why it is not done; of a wrong configuration, one line for each problem
	Flows    []FlowReload `json:"flows,omitempty"`
	Warnings []string     `json:"warnings,omitempty"`
}

// FlowReload is what became of one flow.
type FlowReload struct {
	Name   string `json:"name"`
	Change string `json:"change"`
	Note   string `json:"note,omitempty"` // what else there is to know
}

// Control is what a Server lets people change in a running agent. Its methods are called from several goroutines.
type Control interface {
	Positions
	// Reload reads the configuration anew and makes the agent run it. It returns when that is done or refused.
	Reload(ctx context.Context) Reload
}

// handleReload adds the reload's part of the endpoint.
func handleReload(mux *http.ServeMux, c Control) {
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).SetWriteDeadline(time.Time{}) // it takes as long as flows take to stop; without it the answer may be cut off
		writeJSON(w, http.StatusOK, c.Reload(r.Context()))
	})
}

// AskReload has the agent behind a socket reload its configuration. If no agent runs there the error is a NotRunningError.
func AskReload(ctx context.Context, socket string) (r Reload, err error) {
	err = call(ctx, socket, request{method: http.MethodPost, path: "/reload", answer: &r})
	return r, err
}
