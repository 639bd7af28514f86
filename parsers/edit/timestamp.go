package edit

import (
	"errors"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // hosts and containers without a database of zones

	"github.com/weir-logs/weir/parsers"
)

// Timestamp writes a time in another way. The layouts of From are tried in their order; the whole value must have one.
type Timestamp struct {
	Field  string
	From   []string // layouts
	Zone   string   // of times that do not say theirs; empty: the host's
	To     string   // layout; empty: rfc3339
	ToZone string   // in which the time is written; empty: UTC
	Into   string   // the field for the new value; empty: Field itself
}

// Key implements Spec.
func (Timestamp) Key() string { return "timestamp" }

// Reads implements Spec.
func (t Timestamp) Reads() []Ref { return []Ref{{"field", t.Field}} }

// Fields implements Spec.
func (t Timestamp) Fields(before []string) []string {
	if before == nil || t.Into == "" || slices.Contains(before, t.Into) {
		return before
	}
	return append(slices.Clone(before), t.Into)
}

// Build implements Spec.
func (t Timestamp) Build() (Step, error) {
	var problems []error
	report := func(option, format string, args ...any) {
		problems = append(problems, &parsers.OptionError{Option: option, Reason: fmt.Sprintf(format, args...)})
	}
	step := &timestamp{field: t.Field, into: t.Into, zone: time.Local, toZone: time.UTC}
	if t.Field == "" {
		report("field", "is needed: the name of the field with the time")
	}
	if len(t.Into) > maxName {
		report("into", "must have at most %d bytes", maxName)
	}
	if len(t.From) == 0 {
		report("from", "is needed: the layouts that the time may have")
	}
	for i, text := range t.From {
		l, err := newLayout(text)
		if err != nil {
			report(item("from", i), "%v", err)
		} else if !l.dated() {
			report(item("from", i), "%q does not tell the day: it needs a month and a day, or a unix time", text)
		}
		step.from = append(step.from, l)
	}
	to := t.To
	if to == "" {
		to = "rfc3339"
	}
	var err error
	if step.to, err = newLayout(to); err != nil {
		report("to", "%v", err)
	}
	load := func(option, name string, into **time.Location) {
		if name == "" {
			return
		}
		if *into, err = time.LoadLocation(name); err != nil {
			report(option, "there is no zone %q; write Europe/Berlin, UTC or Local, for instance", name)
		}
	}
	load("zone", t.Zone, &step.zone)
	load("output_zone", t.ToZone, &step.toZone)
	step.number = len(step.to) == 1 && (step.to[0].verb == verbUnix || step.to[0].verb == 's')
	return step, errors.Join(problems...)
}

type timestamp struct {
	field, into  string
	from         []layout
	to           layout
	zone, toZone *time.Location
	number       bool // what is written is a number
}

// longestTime bounds the texts that are read as times, and those that are written.
const longestTime = 256

func (t *timestamp) Apply(rec *parsers.Record, s *Scratch) Verdict {
	f := find(rec, t.field)
	if f == nil || f.Kind == parsers.Null {
		return Done
	}
	if f.Kind == parsers.JSON || f.Kind == parsers.Bool || len(f.Value) > longestTime || t.into != "" && isLine(rec, t.into) {
		return Failed
	}
	text := s.textOf(f)
	for _, l := range t.from {
		at, ok := l.read(text, t.zone, s.file.Read)
		if !ok {
			continue
		}
		at = at.In(t.toZone)
		if year := at.Year(); year < 0 || year > 9999 {
			return Failed
		}
		return t.write(rec, f, at, s)
	}
	return Failed
}

// write gives the record the time.
func (t *timestamp) write(rec *parsers.Record, f *parsers.Field, at time.Time, s *Scratch) Verdict {
	from, kind := len(s.text), parsers.String
	if t.number {
		kind = parsers.Number
	}
	s.text = t.to.write(s.text, at)
	if !s.grow(len(s.text) - from) {
		s.text = s.text[:from]
		return Failed
	}
	if t.into == "" || t.into == t.field {
		f.Value, f.Kind = s.since(from), kind
		return Done
	}
	set(rec, parsers.Field{Name: t.into, Value: s.since(from), Kind: kind, EscapedName: escapedAlready(t.into)})
	return Done
}
