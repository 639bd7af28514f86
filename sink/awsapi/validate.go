package awsapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxViolations is how many the services name in one answer.
const maxViolations = 10

// maxShown bounds how much of a refused value is repeated in the answer, in bytes.
const maxShown = 1024

// validator collects what is wrong with a request, in the order of the table.
type validator struct {
	hide  bool // values are not repeated
	found []string
}

// validate checks x against the bounds of p. The error is a ValidationException that names every violation, up to ten.
func validate(op *Operation, p *plan, x *value) error {
	v := validator{hide: op.HideValues}
	v.check(p, x, "")
	n := len(v.found)
	if n == 0 {
		return nil
	}
	plural := "s"
	if n == 1 {
		plural = ""
	}
	return &Error{Code: codeValidation,
		Message: fmt.Sprintf("%d validation error%s detected: %s", n, plural, strings.Join(v.found, "; "))}
}

// check judges one value that is set, and what lies below it.
func (v *validator) check(p *plan, x *value, path string) {
	if len(v.found) >= maxViolations {
		return
	}
	for _, must := range broken(p, x) {
		v.add(p, x, path, must)
	}
	switch p.shape.Kind {
	case Structure:
		for i := range p.members {
			m, part := &p.members[i], &x.parts[i]
			v.part(m.plan, part, join(path, lowerCamel(m.name)), m.required)
		}
	case List:
		for i := range x.parts {
			v.part(p.elem, &x.parts[i], join(path, strconv.Itoa(i+1)+".member"), true)
		}
	case Map:
		v.entries(p, x, path)
	}
}

// part judges a member or an element, which may be null.
func (v *validator) part(p *plan, x *value, path string, required bool) {
	if x.set {
		v.check(p, x, path)
	} else if required {
		v.add(p, x, path, "Member must not be null")
	}
}

// entries judges keys and values of a map. What is wrong with them is said of the map, with all bounds at once.
func (v *validator) entries(p *plan, x *value, path string) {
	if slices.ContainsFunc(x.keys, func(k string) bool { return len(broken(p.key, &value{text: k})) > 0 }) {
		v.add(p, x, path, "Map keys must satisfy constraint: ["+strings.Join(constraints(p.key.shape), ", ")+"]")
	}
	if slices.ContainsFunc(x.parts, func(e value) bool { return !e.set || len(broken(p.elem, &e)) > 0 }) {
		v.add(p, x, path, "Map value must satisfy constraint: ["+strings.Join(constraints(p.elem.shape), ", ")+"]")
	}
}

func (v *validator) add(p *plan, x *value, path, must string) {
	if len(v.found) >= maxViolations {
		return
	}
	shown := "Value at"
	if !v.hide {
		shown = "Value " + show(p.shape, x) + " at"
	}
	v.found = append(v.found, shown+" '"+path+"' failed to satisfy constraint: "+must)
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

func lowerCamel(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// broken returns the bounds that x itself breaks, in the order of the services' messages.
func broken(p *plan, x *value) []string {
	s := p.shape
	var musts []string
	if s.Enum != nil && !slices.Contains(s.Enum, x.text) {
		musts = append(musts, enumMust(s))
	}
	if p.pattern != nil && !p.pattern.match([]byte(x.text)) {
		musts = append(musts, patternMust(s))
	}
	if !s.HasMin && !s.HasMax {
		return musts
	}
	low, high := outside(s, x)
	if low {
		musts = append(musts, minMust(s))
	}
	if high {
		musts = append(musts, maxMust(s))
	}
	return musts
}

// outside says whether x lies under the lower or over the upper bound of s.
func outside(s *Shape, x *value) (low, high bool) {
	if s.Kind == Double {
		return s.HasMin && x.real < float64(s.Min), s.HasMax && x.real > float64(s.Max)
	}
	n := x.number
	switch s.Kind {
	case String:
		n = int64(utf8.RuneCountInString(x.text))
	case Blob:
		n = int64(len(x.data))
	case List, Map:
		n = int64(x.length)
	}
	return s.HasMin && n < s.Min, s.HasMax && n > s.Max
}

// constraints lists all bounds of s.
func constraints(s *Shape) []string {
	var musts []string
	if s.HasMax {
		musts = append(musts, maxMust(s))
	}
	if s.HasMin {
		musts = append(musts, minMust(s))
	}
	if s.Enum != nil {
		musts = append(musts, enumMust(s))
	}
	if s.Pattern != "" {
		musts = append(musts, patternMust(s))
	}
	return musts
}

func enumMust(s *Shape) string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

func patternMust(s *Shape) string {
	return "Member must satisfy regular expression pattern: " + s.Pattern
}

func minMust(s *Shape) string { return boundMust(s, "greater", s.Min) }

func maxMust(s *Shape) string { return boundMust(s, "less", s.Max) }

func boundMust(s *Shape, than string, n int64) string {
	what := "value"
	switch s.Kind {
	case String, Blob, List, Map:
		what = "length"
	}
	return fmt.Sprintf("Member must have %s %s than or equal to %d", what, than, n)
}

// show writes a value as the services repeat it in a message. Lists and maps are shown by their size.
func show(s *Shape, x *value) string {
	if !x.set {
		return "null"
	}
	switch s.Kind {
	case Blob:
		return fmt.Sprintf("'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%[1]d]'", len(x.data))
	case Integer, Long:
		return "'" + strconv.FormatInt(x.number, 10) + "'"
	case Double:
		return "'" + strconv.FormatFloat(x.real, 'f', -1, 64) + "'"
	case List:
		return "'[" + size(x.length, "member") + "]'"
	case Map:
		return "'{" + size(x.length, "value") + "}'"
	}
	if len(x.text) <= maxShown {
		return "'" + x.text + "'"
	}
	return "'" + strings.ToValidUTF8(x.text[:maxShown], "") + "...'"
}

func size(n int, noun string) string {
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
