package servercmd

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/sink/backend"
	"github.com/weir-logs/weir/sink/fault"
)

// faultsPath is where the faults of a running backend are shown and replaced.
const faultsPath = "/_weir/faults"

// withFaults says loudly that requests will go wrong, and offers to change how.
func withFaults(c *backend.Config) {
	if c.Faults == nil {
		return
	}
	h := &faultsHandler{c.Faults, c.Log}
	c.Routes = map[string]http.Handler{"GET " + faultsPath: local(h.show), "PUT " + faultsPath: local(h.replace)}
	if len(c.Faults.Reports()) == 0 {
		c.Log.Info("faults on request can be set; there are none now", "set_with", "PUT "+faultsPath)
		return
	}
	c.Log.Warn("FAULTS ON REQUEST ARE ON: this backend refuses, delays or drops requests because its configuration says so; nothing to rely on",
		"faults", len(c.Faults.Reports()), "change_with", "PUT "+faultsPath)
	h.log()
}

// faultsHandler answers for the faults of one backend.
type faultsHandler struct {
	faults *fault.Faults
	logger *slog.Logger
}

func (h *faultsHandler) log() {
	for i, r := range h.faults.Reports() {
		h.logger.Warn("a fault on request", "number", i, "fault", shown(r).String())
	}
}

func (h *faultsHandler) show(w http.ResponseWriter, _ *http.Request) {
	answer := struct {
		Faults []shownFault `json:"faults"`
	}{Faults: []shownFault{}}
	for _, r := range h.faults.Reports() {
		answer.Faults = append(answer.Faults, shown(r))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // nothing is done about an error: the client is gone
}

// replace reads the key `faults` as it stands in the file, in YAML or JSON.
func (h *faultsHandler) replace(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, strict.MaxSize+1))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var c backend.Config
	doc := strict.Decode("body", body, os.LookupEnv, func(m *strict.Map) {
		if readFaults(m, &c); !m.Has("faults") {
			m.Report("faults", "missing: send the whole list, or faults: [] to end all")
		}
	})
	if err := doc.Err(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var rules []fault.Rule
	for _, r := range c.Faults.Reports() {
		rules = append(rules, r.Rule)
	}
	if err := h.faults.Set(rules); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.logger.Warn("the faults on request were replaced", "faults", len(rules))
	h.log()
	h.show(w, r)
}

// local refuses who is not on this host: signatures are not verified, and this is no operation of AWS.
func local(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() {
			http.Error(w, "faults are shown and changed from this host only", http.StatusForbidden)
			return
		}
		next(w, r)
	})
}

// shownFault is a fault as the file has it, and what it has done.
type shownFault struct {
	Operation      string `json:"operation"`
	Stream         string `json:"stream,omitempty"`
	DeliveryStream string `json:"delivery_stream,omitempty"`
	Share          string `json:"share"`
	Records        string `json:"records,omitempty"`
	Error          string `json:"error,omitempty"`
	Delay          string `json:"delay,omitempty"`
	Stall          string `json:"stall,omitempty"`
	Drop           string `json:"drop,omitempty"`
	Seed           uint64 `json:"seed"`
	Done           struct {
		Met            int64 `json:"met"` // requests
		Refused        int64 `json:"refused"`
		RefusedRecords int64 `json:"refused_records"`
		Dropped        int64 `json:"dropped"`
	} `json:"done"`
}

func shown(r fault.Report) shownFault {
	s := shownFault{Operation: r.Operation, Stream: r.Stream, DeliveryStream: r.DeliveryStream, Share: percent(r.Share),
		Records: percent(r.Records), Error: r.Error, Delay: duration(r.Delay), Stall: duration(r.Stall), Drop: r.Drop, Seed: r.Seed}
	s.Done.Met, s.Done.Refused, s.Done.RefusedRecords, s.Done.Dropped = r.Met, r.Refused, r.RefusedRecords, r.Dropped
	return s
}

// String writes the fault as --fault takes it.
func (s shownFault) String() string {
	text := "operation=" + s.Operation
	for _, k := range [][2]string{{"stream", s.Stream}, {"delivery_stream", s.DeliveryStream}, {"share", s.Share}, {"records", s.Records},
		{"error", s.Error}, {"delay", s.Delay}, {"stall", s.Stall}, {"drop", s.Drop}, {"seed", strconv.FormatUint(s.Seed, 10)}} {
		if k[1] != "" {
			text += "," + k[0] + "=" + k[1]
		}
	}
	return text
}

func percent(share float64) string {
	if share == 0 {
		return ""
	}
	return strconv.FormatFloat(share*100, 'g', 6, 64) + "%"
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strict.FormatDuration(d)
}
