package edit

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/weir-logs/weir/parsers"
)

// Truncate cuts a text to Size bytes, the mark at its end included, no UTF-8 character torn. A longer number or nested value becomes
// a text that is cut.
type Truncate struct {
	Field string
	Size  int
	Mark  string
}

// Key implements Spec.
func (Truncate) Key() string { return "truncate" }

// Reads implements Spec.
func (t Truncate) Reads() []Ref { return []Ref{{"field", t.Field}} }

// Fields implements Spec.
func (Truncate) Fields(before []string) []string { return before }

func (Truncate) rewrites() bool { return true }

// Build implements Spec.
func (t Truncate) Build() (Step, error) {
	var problems []error
	if t.Field == "" {
		problems = append(problems, &parsers.OptionError{Option: "field", Reason: "is needed: the name of the field to cut"})
	}
	if t.Size <= 0 {
		problems = append(problems, &parsers.OptionError{Option: "size", Reason: "is needed: how many bytes are to be left"})
	}
	if t.Size > 0 && len(t.Mark) >= t.Size || strings.ContainsAny(t.Mark, "\r\n") || len(t.Mark) > maxName {
		problems = append(problems, &parsers.OptionError{Option: "mark", Reason: fmt.Sprintf("must be shorter than size, at most %d bytes, and without a line end", maxName)})
	}
	return &truncate{t.Field, t.Size, t.Mark}, errors.Join(problems...)
}

type truncate struct {
	field string
	size  int
	mark  string
}

func (t *truncate) Apply(rec *parsers.Record, s *Scratch) Verdict {
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if len(f.Value) <= t.size || f.Kind == parsers.Null || f.Kind == parsers.Bool || !f.Is(t.field) {
			continue
		}
		text := s.textOf(f)
		if len(text) <= t.size {
			continue
		}
		from := len(s.text)
		s.text = append(append(s.text, text[:cutAt(text, t.size-len(t.mark))]...), t.mark...)
		s.grow(len(s.text) - from - len(f.Value))
		f.Value, f.Kind = s.since(from), parsers.String
	}
	return Done
}

// cutAt returns the last index up to n at which no character of b is torn.
func cutAt(b []byte, n int) int {
	for i := n; i >= 0 && n-i < utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if _, size := utf8.DecodeRune(b[i:]); i < n && i+size > n {
				return i
			}
			return n
		}
	}
	return n
}
