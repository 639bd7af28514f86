package edit

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/weir-logs/weir/parsers"
)

// Redact hides parts of texts, also of those within nested JSON, and of numbers, which become texts. In a line that did not match, or that is sent itself,
// it hides whatever Names says.
type Redact struct {
	Names   []string // of fields; empty: all
	Pattern string   // RE2; what matches is hidden
	Kinds   []string // credit_card, email, ip, token
	With    string   // stands in its place
}

// Key implements Spec.
func (Redact) Key() string { return "redact" }

// Reads implements Spec.
func (r Redact) Reads() []Ref { return itemRefs("fields", r.Names) }

// Fields implements Spec.
func (Redact) Fields(before []string) []string { return before }

// Build implements Spec.
func (r Redact) Build() (Step, error) {
	var problems []error
	report := func(option, format string, args ...any) {
		problems = append(problems, &parsers.OptionError{Option: option, Reason: fmt.Sprintf(format, args...)})
	}
	step := &redact{fields: r.Names, with: []byte(r.With)}
	if r.Pattern == "" && len(r.Kinds) == 0 {
		report("", "needs a pattern, or kinds, to know what to hide")
	}
	if r.Pattern != "" {
		expr, err := regexp.Compile(r.Pattern)
		switch {
		case err != nil:
			report("pattern", "not a regular expression of RE2: %v", err)
		case expr.MatchString(""):
			report("pattern", "matches the empty text; write + in place of *, for instance")
		default:
			step.finders = append(step.finders, sized{finder: &pattern{expr: expr}})
		}
	}
	for i, kind := range r.Kinds {
		found := finders(kind)
		if found == nil {
			report(item("kinds", i), "%q is not one of %s", kind, strings.Join(kinds(), ", "))
		}
		step.finders = append(step.finders, found...)
	}
	if len(r.With) > maxName || strings.ContainsAny(r.With, "\r\n") || !utf8.ValidString(r.With) {
		report("with", "must be at most %d bytes of UTF-8 without a line end", maxName)
	}
	step.next = make([]place, len(step.finders))
	step.edit = step.text
	return step, errors.Join(problems...)
}

type redact struct {
	fields  []string
	with    []byte
	finders []sized
	next    []place // of each finder in the text in hand
	s       *Scratch
	edit    func(text []byte) ([]byte, bool)
}

// place is a part of a text; start is -1 if there is none.
type place struct{ start, end int }

func (r *redact) Apply(rec *parsers.Record, s *Scratch) Verdict {
	r.s = s
	whole, line := rec.Line, rec.Line
	if s.opt.Line || !rec.Parsed {
		if out, ok := r.text(rec.Line); ok {
			rec.Line = s.keep(out)
			line = rec.Line
		}
	}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if len(r.fields) > 0 && !hasName(r.fields, f) {
			continue
		}
		if s.opt.Line && same(f.Value, whole) && f.Kind == parsers.String {
			f.Value = line
			continue
		}
		r.field(f)
	}
	return Done
}

// same reports whether a and b are the same bytes in memory.
func same(a, b []byte) bool { return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] }

func (r *redact) field(f *parsers.Field) {
	s := r.s
	switch f.Kind {
	case parsers.String, parsers.Escaped, parsers.Number:
		if out, ok := r.text(s.textOf(f)); ok {
			f.Value, f.Kind = s.keep(out), parsers.String
		}
	case parsers.JSON:
		from := len(s.text)
		var ok bool
		if s.text, ok = parsers.AppendNested(s.text, f.Value, &s.plain, r.edit); !ok {
			s.text = s.text[:from]
			return
		}
		f.Value = s.since(from)
	}
}

// text returns the text with what is to be hidden replaced, valid until the next call, or false if there is nothing. It is never longer than the edits may
// make it: where it would be, all of it is hidden.
func (r *redact) text(b []byte) ([]byte, bool) {
	if len(b) == 0 || !r.search(b) {
		return nil, false
	}
	r.s.out = r.s.out[:0]
	done, most := 0, len(b)+MaxGrowth-r.s.grown
	for {
		p := r.earliest()
		if p.start < 0 {
			break
		}
		r.s.out = append(append(r.s.out, b[done:p.start]...), r.with...)
		done = r.pass(b, p.end)
		if len(r.s.out) > most {
			break
		}
	}
	if len(r.s.out) <= most {
		r.s.out = append(r.s.out, b[done:]...)
	}
	if len(r.s.out) > most {
		if r.s.out = append(r.s.out[:0], r.with...); len(r.s.out) > most {
			r.s.out = r.s.out[:0]
		}
	}
	r.s.grow(len(r.s.out) - len(b))
	return r.s.out, true
}

// pass goes on behind a place that ends there, and returns the end of all places that lie across one another: they are hidden as one.
func (r *redact) pass(b []byte, end int) int {
	for longer := true; longer; {
		longer = false
		for i := range r.finders {
			f := &r.finders[i]
			for n := &r.next[i]; n.start >= 0 && n.start < end; n.start, n.end = f.find(b, n.end) {
				if n.end > end {
					end, longer = n.end, true
				}
			}
		}
	}
	return end
}

// search looks for the first place of each finder and reports whether there is one.
func (r *redact) search(b []byte) bool {
	found := false
	for i := range r.finders {
		f, next := &r.finders[i], &r.next[i]
		if next.start = -1; len(b) >= f.least {
			next.start, next.end = f.find(b, 0)
			found = found || next.start >= 0
		}
	}
	return found
}

// earliest returns the next place to hide.
func (r *redact) earliest() place {
	first := place{-1, -1}
	for _, n := range r.next {
		if n.start >= 0 && (first.start < 0 || n.start < first.start) {
			first = n
		}
	}
	return first
}

// rewrites says that values are made anew.
func (Redact) rewrites() bool { return true }
