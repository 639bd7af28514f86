package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// row is the outcome of one case.
type row struct {
	Case       string   `json:"case"`
	verdict             // its fields
	Allowed    int      `json:"allowed_duplicated_bytes"`
	Rate       float64  `json:"lines_per_second"` // that the writer achieved
	InFlight   int64    `json:"in_flight_peak"`   // bytes, as sampled
	Violations int      `json:"in_flight_violations"`
	Samples    int      `json:"in_flight_samples"`
	Gaps       int64    `json:"gaps"` // that the agent reported
	Unanswered int64    `json:"unanswered"`
	CPU        float64  `json:"cpu_s_per_gb"`
	RSS        int64    `json:"rss_peak"`
	Kills      []int64  `json:"kills,omitempty"` // bytes in flight at each
	Seconds    float64  `json:"seconds"`
	Broken     []string `json:"broken,omitempty"`
	Skipped    string   `json:"skipped,omitempty"`
	Error      string   `json:"error,omitempty"`
	Notes      []string `json:"notes,omitempty"`
}

// fill judges the trial.
func (r *row) fill(t *trial, arrived *tally) {
	r.verdict = arrived.judge(t.group.counts())
	r.Allowed, r.Rate, r.Kills = t.allowed(), t.group.achieved(), t.killed
	c := t.counters
	r.InFlight, r.Violations, r.Samples, r.Gaps, r.Unanswered, r.RSS = c.peak, c.violations, c.samples, c.gaps+c.vanished, c.unanswered, c.rss
	if bytes := float64(r.Written) * meanLine; bytes > 0 {
		r.CPU = c.cpu.Seconds() / (bytes / 1e9)
	}
	r.Notes = append(t.notes, r.where...)
	if r.Lost > 0 {
		r.Broken = append(r.Broken, "lines are lost")
	}
	if r.Twice > r.Allowed {
		r.Broken = append(r.Broken, "more is duplicated than may be")
	}
	if r.Foreign > 0 {
		r.Broken = append(r.Broken, "lines arrived that nobody wrote")
	}
	if r.Violations > 0 {
		r.Broken = append(r.Broken, "more was in flight than may be")
	}
	if r.Samples == 0 {
		r.Broken = append(r.Broken, "the agent's status was never seen")
	}
	if t.c.twice == inFlight && len(t.killed) == 0 {
		r.Broken = append(r.Broken, "nothing was killed")
	}
}

func (r row) ok() bool { return r.Error == "" && len(r.Broken) == 0 }

func header(out io.Writer) {
	fmt.Fprintf(out, "%-46s %9s %7s %9s %7s %7s %9s %9s %7s %6s %-18s %5s  %s\n", "case", "written", "lines/s", "delivered", "lost", "twice",
		"may MiB", "in flight", "CPU/GB", "RSS", "killed with", "s", "verdict")
}

func (r row) print(out io.Writer) {
	name := fmt.Sprintf("%-46s", r.Case)
	switch {
	case r.Skipped != "":
		fmt.Fprintf(out, "%s skipped: %s\n", name, r.Skipped)
		return
	case r.Error != "":
		fmt.Fprintf(out, "%s ERROR: %s\n", name, strings.ReplaceAll(r.Error, "\n", "\n    "))
		return
	}
	inFlight := fmt.Sprintf("%.1f/%d", float64(r.InFlight)/(1<<20), r.Violations)
	fmt.Fprintf(out, "%s %9d %7.0f %9d %7d %7d %9.1f %9s %7.1f %6.1f %-18s %5.0f  %s\n", name, r.Written, r.Rate, r.Delivered, r.Lost, r.Duplicated,
		float64(r.Allowed)/(1<<20), inFlight, r.CPU, float64(r.RSS)/(1<<20), r.kills(), r.Seconds, r.verdictText())
}

func (r row) verdictText() string {
	text := "ok"
	if !r.ok() {
		text = "BROKEN: " + strings.Join(r.Broken, ", ")
	}
	if r.Gaps > 0 {
		text += fmt.Sprintf("; %d gaps reported", r.Gaps)
	}
	if len(r.Notes) > 0 {
		text += " (" + strings.Join(r.Notes, "; ") + ")"
	}
	return text
}

// kills shows what was in flight at each kill, in MiB.
func (r row) kills() string {
	if len(r.Kills) == 0 {
		return "-"
	}
	parts := make([]string, 0, 4)
	for i, n := range r.Kills {
		if i == 3 {
			parts = append(parts, fmt.Sprintf("+%d", len(r.Kills)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%.1f", float64(n)/(1<<20)))
	}
	return strings.Join(parts, " ")
}

func (r row) printJSON(out io.Writer) error { return json.NewEncoder(out).Encode(r) }
