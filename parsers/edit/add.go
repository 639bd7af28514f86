package edit

import (
	"fmt"
	"slices"

	"github.com/weir-logs/weir/parsers"
)

// Add sets fields, in this order: one that is there gets the new value in its place, others become the last ones. A name whose value cannot
// be made is left out.
type Add []Assignment

// Assignment is one field of an Add.
type Assignment struct {
	Name  string
	Value Template
}

// Key implements Spec.
func (Add) Key() string { return "add" }

// Reads implements Spec.
func (a Add) Reads() []Ref {
	var refs []Ref
	for i := range a {
		for _, ref := range a[i].Value.reads(a[i].Name) {
			if !slices.ContainsFunc(a[:i], func(earlier Assignment) bool { return earlier.Name == ref.Name }) {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// Fields implements Spec.
func (a Add) Fields(before []string) []string {
	if before == nil {
		return nil
	}
	after := slices.Clone(before)
	for _, one := range a {
		if !slices.Contains(after, one.Name) {
			after = append(after, one.Name)
		}
	}
	return after
}

// Build implements Spec.
func (a Add) Build() (Step, error) {
	if len(a) == 0 {
		return nil, &parsers.OptionError{Reason: "names no field; write NAME: VALUE"}
	}
	step := new(add)
	for _, one := range a {
		if one.Name == "" {
			return nil, &parsers.OptionError{Reason: "a field needs a name"}
		}
		if n := len(one.Name); n > maxName {
			return nil, &parsers.OptionError{Reason: fmt.Sprintf("a name has %d bytes; at most %d", n, maxName)}
		}
		step.fields = append(step.fields, addField{one.Name, escapedAlready(one.Name), newTemplate(one.Value)})
	}
	return step, nil
}

// maxName bounds the names that edits give, which records have beside all else.
const maxName = 256

type add struct{ fields []addField }

type addField struct {
	name    string
	escaped bool
	value   template
}

func (a *add) Apply(rec *parsers.Record, s *Scratch) Verdict {
	verdict := Done
	for i := range a.fields {
		f := &a.fields[i]
		if isLine(rec, f.name) {
			verdict = Failed
			continue
		}
		value, kind, ok := f.value.value(rec, s)
		if !ok || !s.grow(len(f.name)) {
			verdict = Failed
			continue
		}
		set(rec, parsers.Field{Name: f.name, Value: value, Kind: kind, EscapedName: f.escaped})
	}
	return verdict
}
