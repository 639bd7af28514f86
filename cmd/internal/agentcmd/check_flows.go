package agentcmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/cmd/internal/cli"
)

// configCheck is what check shows of a configuration.
type configCheck struct {
	Config   string      `json:"config"`
	Included []string    `json:"included"`
	Warnings []string    `json:"warnings"` // of the whole
	Notes    []string    `json:"notes"`
	Flows    []flowCheck `json:"flows"`
}

// flowCheck is what check shows of one flow. A warning says that something will not be read or not be parsed; a note, what is to be known.
type flowCheck struct {
	Flow     string        `json:"flow"`
	Files    []matchedFile `json:"files"`
	Bytes    int64         `json:"bytes"`
	Lines    *linesCheck   `json:"lines,omitempty"`
	Send     []route       `json:"send"`
	Warnings []string      `json:"warnings"`
	Notes    []string      `json:"notes"`
}

func (m *flowCheck) warn(format string, args ...any) {
	m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...))
}

func (m *flowCheck) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// route is one destination.
type route struct {
	Destination string `json:"destination"`
	Endpoint    string `json:"endpoint,omitempty"` // nothing: AWS
	Region      string `json:"region"`
	Key         string `json:"partition_key,omitempty"`
	Aggregate   bool   `json:"aggregate"`
	Pack        int    `json:"pack,omitempty"`
	OnFailure   string `json:"on_failure"`
	When        string `json:"when,omitempty"`
	Default     bool   `json:"default,omitempty"`
	How         string `json:"-"`
}

// show adds what the flows match now and where it goes, and shows all. It only looks: it takes no lock and makes no file.
func (all *configCheck) show(w io.Writer, c *config.Config, o checkOptions) error {
	chosen, err := flows(c, o.flow)
	if err != nil {
		return err
	}
	count := len(all.Warnings)
	for i := range chosen {
		m, err := checkFlow(c, &chosen[i])
		if err != nil {
			return err
		}
		count += len(m.Warnings)
		all.Flows = append(all.Flows, m)
	}
	if o.asJSON {
		err = printJSON(w, all)
	} else {
		err = all.print(w, time.Now())
	}
	if err == nil && o.strict && count > 0 {
		err = fmt.Errorf("--strict: %s", cli.Counted(count, "warning"))
	}
	return err
}

// warningsOf returns what is allowed and yet suspicious in a whole configuration.
func warningsOf(c *config.Config) []string {
	all := []string{}
	for _, w := range c.Warnings {
		all = append(all, w.String())
	}
	return all
}

func checkFlow(c *config.Config, f *config.Flow) (flowCheck, error) {
	m := flowCheck{Flow: f.Name, Files: []matchedFile{}, Warnings: []string{}, Notes: []string{}}
	m.matchFiles(&f.Read)
	var err error
	if m.Lines, err = checkLines(f, m.Files); err != nil {
		m.warn("%v", err)
	} else if m.Lines != nil {
		m.Lines.report(&m)
	}
	for i := range f.Send {
		m.Send = append(m.Send, m.routeOf(c, f, &f.Send[i]))
	}
	if len(f.Readings()) > 1 && slices.ContainsFunc(f.Read.Paths, isPipe) {
		m.warn("a flow with on_failure: lag reads its files more than once, and named pipes not at all; give them a flow of their own")
	}
	return m, nil
}

// routeOf describes a destination.
func (m *flowCheck) routeOf(c *config.Config, f *config.Flow, s *config.Send) route {
	t := c.Target(f, s)
	r := route{Destination: s.Destination(), Endpoint: t.Endpoint, Region: t.Region, Key: s.PartitionKey, Pack: s.Pack, OnFailure: string(s.OnFailure), When: s.When, Default: s.Default}
	switch {
	case s.Stream == "":
		r.How = "delivery stream " + s.DeliveryStream
		if s.Pack > 0 {
			r.How += ", records joined up to " + strict.FormatSize(int64(s.Pack))
		}
	case s.Aggregate && !s.KeyPerRecord():
		r.Aggregate = true
		r.How = fmt.Sprintf("stream %s, partition key %s, KPL aggregates of up to %s", s.Stream, s.PartitionKey, strict.FormatSize(int64(s.AggregateSize)))
		m.note("readers of stream %s must de-aggregate (the KCL and Firehose do); aggregate: false sends each record by itself", s.Stream)
	default:
		r.How = fmt.Sprintf("stream %s, partition key %s, records as they are", s.Stream, s.PartitionKey)
	}
	switch s.OnFailure {
	case config.FailureDeadLetter:
		r.How += ", into the dead letters after " + strict.FormatDuration(s.GiveUpAfter) + " without an acknowledgement"
	case config.FailureLag:
		r.How += ", with a reading of its own"
	}
	if who := c.Signer(f, s); who != "" {
		r.How += ", signed by " + who
	}
	return r
}

func (r *route) place() string {
	if r.Endpoint != "" {
		return "at " + r.Endpoint
	}
	return "in AWS, " + r.Region
}

// checkFiles is how many files of a flow are listed.
const checkFiles = 20

func (c *configCheck) print(w io.Writer, now time.Time) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is valid\n", c.Config)
	for _, file := range c.Included {
		fmt.Fprintf(&b, "  with %s\n", file)
	}
	for _, text := range c.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", text)
	}
	for _, text := range c.Notes {
		fmt.Fprintf(&b, "note: %s\n", text)
	}
	for i := range c.Flows {
		if err := c.Flows[i].print(&b, now); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *flowCheck) print(w io.Writer, now time.Time) error {
	fmt.Fprintf(w, "\nflow %s: %s now, %s\n", m.Flow, cli.Counted(len(m.Files), "file"), cli.Bytes(m.Bytes))
	var rows [][]string
	for _, f := range m.Files[:min(len(m.Files), checkFiles)] {
		rows = append(rows, []string{"  " + f.Mode, f.Owner, cli.Bytes(f.Size), age(now.Sub(f.Modified)), printable(f.Path)})
	}
	if err := cli.Table(w, rows); err != nil {
		return err
	}
	if more := len(m.Files) - checkFiles; more > 0 {
		fmt.Fprintf(w, "  and %s; --json lists all\n", cli.Counted(more, "older file"))
	}
	if m.Lines != nil {
		fmt.Fprintf(w, "  %s\n", m.Lines)
	}
	for _, r := range m.Send {
		fmt.Fprintf(w, "  -> %s, %s%s\n", r.How, r.place(), r.which())
	}
	for _, text := range m.Warnings {
		fmt.Fprintf(w, "  warning: %s\n", text)
	}
	for _, text := range m.Notes {
		fmt.Fprintf(w, "  note: %s\n", text)
	}
	return nil
}

// age says how long ago a file was written to, for people.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "in the future"
	case d < time.Minute:
		return cli.Duration(d.Truncate(time.Second)) + " ago"
	case d < 2*day:
		return strict.FormatDuration(d.Truncate(time.Minute)) + " ago"
	}
	return cli.Counted(int64(d/day), "day") + " ago"
}
