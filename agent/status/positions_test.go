package status

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/positions"
	"github.com/weir-logs/weir/tailer"
)

// ledger is a Positions that remembers what it was asked.
type ledger struct {
	err  error
	flow string
	edit positions.Edit
}

func (l *ledger) Positions(flow string) ([]positions.Row, error) {
	l.flow = flow
	return []positions.Row{{Flow: "web", ID: tailer.FileID{1}, Path: "/a", Offset: 7, Size: -1}}, l.err
}

func (l *ledger) EditPositions(_ context.Context, e positions.Edit) ([]positions.Change, error) {
	l.edit = e
	return []positions.Change{{Path: "/a", From: -1, To: 4}}, l.err
}

func (l *ledger) Reload(context.Context) Reload {
	return Reload{Outcome: ReloadRefused, Error: "weir.yaml:1:1: x: bad\nweir.yaml:2:1: y: bad", Flows: []FlowReload{{Name: "web", Change: FlowUnchanged}}}
}

func TestPositions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.sock")
	s, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	l := new(ledger)
	go func() { done <- s.Serve(ctx, sample(), l) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()

	rows, err := ListPositions(t.Context(), path, "we&b")
	if err != nil || len(rows) != 1 || rows[0].Offset != 7 || rows[0].Size != -1 || l.flow != "we&b" {
		t.Errorf("rows %+v of flow %q, %v", rows, l.flow, err)
	}
	reloaded, err := AskReload(t.Context(), path)
	if err != nil || reloaded.Outcome != ReloadRefused || !strings.Contains(reloaded.Error, "y: bad") || len(reloaded.Flows) != 1 {
		t.Errorf("reload %+v, %v", reloaded, err)
	}
	edit := positions.Edit{Flow: "web", Set: []positions.Place{{File: "/a", Offset: tailer.End, Keep: true}}, Forget: []string{"/b"}, All: true, Started: true, DryRun: true, Force: true}
	changes, err := EditPositions(t.Context(), path, edit)
	if err != nil || len(changes) != 1 || changes[0].To != 4 || !reflect.DeepEqual(l.edit, edit) {
		t.Errorf("changes %+v, %v; the edit came as %+v", changes, err, l.edit)
	}

	l.err = &positions.RefusedError{Reason: "not like that"}
	var refused *positions.RefusedError
	if _, err := EditPositions(t.Context(), path, edit); !errors.As(err, &refused) || refused.Reason != "not like that" {
		t.Errorf("a refused edit: %v", err)
	}
	l.err = errors.New("the disk is full")
	if _, err := ListPositions(t.Context(), path, ""); err == nil || errors.As(err, &refused) || err.Error() != "the disk is full" {
		t.Errorf("a list that failed: %v", err)
	}
	var absent *NotRunningError
	if _, err := EditPositions(t.Context(), path+".none", edit); !errors.As(err, &absent) {
		t.Errorf("without an agent: %v", err)
	}
}

func TestPositionsRefuses(t *testing.T) {
	l := new(ledger)
	for name, body := range map[string]string{
		"nothing": "", "no JSON": "x", "what a newer client may ask": `{"flow": "web", "rename": true}`, "too much": `{"flow": "` + strings.Repeat("x", maxEdit) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			handler(sample(), l).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/positions", strings.NewReader(body)))
			if answer, _ := io.ReadAll(w.Body); w.Code != http.StatusBadRequest || !strings.Contains(string(answer), "cannot read the edit") {
				t.Errorf("%d %s", w.Code, answer)
			}
		})
	}
	w := httptest.NewRecorder()
	handler(sample(), nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/positions", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("without positions: %d", w.Code)
	}
}
