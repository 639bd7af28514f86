package agentcmd

import (
	"strings"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/flow"
	"github.com/weir-logs/weir/cmd/internal/cli"
	"github.com/weir-logs/weir/parsers"
)

// routes tells where the records of a flow go whose destinations have conditions. Of a flow without any it is nil.
type routes struct {
	router *flow.Router
	names  []string
	sent   []int // per destination
	none   int   // records that no condition held for
	failed int   // records on which a condition failed
	reason error // of the first of them
}

func newRoutes(f *config.Flow) (*routes, error) {
	r := &routes{sent: make([]int, len(f.Send))}
	sends := make([]flow.Send, len(f.Send))
	for i, s := range f.Send {
		sends[i] = flow.Send{Name: s.Destination(), When: s.When, Default: s.Default}
		r.names = append(r.names, s.Destination())
	}
	var err error
	if r.router, err = flow.NewRouter(sends); err != nil || r.router == nil {
		return nil, err
	}
	return r, nil
}

// choose decides for a record, and reports whether any destination gets it.
func (r *routes) choose(rec *parsers.Record) bool {
	if r == nil {
		return true
	}
	any, err := r.router.Choose(rec)
	if err != nil {
		if r.failed++; r.reason == nil {
			r.reason = err
		}
	}
	if !any {
		r.none++
	}
	for i := range r.sent {
		if r.router.Takes(i) {
			r.sent[i]++
		}
	}
	return any
}

// takes reports whether destination i gets the record that was chosen for.
func (r *routes) takes(i int) bool { return r == nil || r.router.Takes(i) }

// String says how many records go where, one line each; which ones, --json shows.
func (r *routes) String() string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	for i, name := range r.names {
		b.WriteString("\n  " + cli.Count(int64(r.sent[i])) + " to " + name)
	}
	if r.none > 0 {
		b.WriteString("\n  " + cli.Count(int64(r.none)) + " to none")
	}
	if r.failed > 0 {
		b.WriteString("\n  on " + cli.Count(int64(r.failed)) + " a condition failed, first " + r.reason.Error())
	}
	return b.String()
}

// which says which records a destination gets, unless it is all of them.
func (r *route) which() string {
	switch {
	case r.Default:
		return ", what no condition takes"
	case r.When != "":
		return ", when " + strings.Join(strings.Fields(r.When), " ")
	}
	return ""
}
