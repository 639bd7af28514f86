package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
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
	Where      []string `json:"where,omitempty"` // the lines that are lost, twice or foreign
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
	r.Notes, r.Where = t.notes, r.where
	if r.Rate < 0.9*t.o.rate {
		r.Notes = append(r.Notes, "the writer was slower than asked")
	}
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

// columns are the widths of a line of the table.
const columns = "%-62s %8s %6s %9s %7s %7s %6s %6s %7s %6s %5s %-14s %4s  %s\n"

func header(out io.Writer) {
	fmt.Fprintf(out, columns, "case", "written", "rate", "delivered", "lost", "twice", "MiB", "of MiB", "flying", "CPU/GB", "RSS", "killed with", "s", "verdict")
}

func (r row) print(out io.Writer) {
	switch {
	case r.Skipped != "":
		fmt.Fprintf(out, "%-62s skipped: %s\n", r.Case, r.Skipped)
		return
	case r.Error != "":
		fmt.Fprintf(out, "%-62s ERROR: %s\n", r.Case, strings.ReplaceAll(r.Error, "\n", "\n    "))
		return
	}
	whole := func(n int) string { return strconv.Itoa(n) }
	mib := func(n int64) string { return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) }
	fmt.Fprintf(out, columns, r.Case, whole(r.Written), whole(int(r.Rate)), whole(r.Delivered), whole(r.Lost), whole(r.Duplicated),
		mib(int64(r.Twice)), mib(int64(r.Allowed)), fmt.Sprintf("%s/%d", mib(r.InFlight), r.Violations), fmt.Sprintf("%.1f", r.CPU),
		mib(r.RSS), r.kills(), fmt.Sprintf("%.0f", r.Seconds), r.verdictText())
}

func (r row) verdictText() string {
	text := "ok"
	notes := r.Notes
	if !r.ok() {
		text = "BROKEN: " + strings.Join(r.Broken, ", ")
		notes = slices.Concat(notes, r.Where)
	}
	if r.Gaps > 0 {
		text += fmt.Sprintf("; %d gaps reported", r.Gaps)
	}
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, "; ") + ")"
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
