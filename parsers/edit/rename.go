package edit

import (
	"fmt"
	"slices"

	"github.com/weir-logs/weir/parsers"
)

// Rename gives fields other names, in this order. A field that is not there is nothing to rename; one that has the new name already gives way.
type Rename []NewName

// NewName is one field of a Rename.
type NewName struct{ Old, New string }

// Key implements Spec.
func (Rename) Key() string { return "rename" }

// Reads implements Spec.
func (r Rename) Reads() []Ref {
	var refs []Ref
	for i, one := range r {
		if !slices.ContainsFunc(r[:i], func(earlier NewName) bool { return earlier.New == one.Old }) {
			refs = append(refs, Ref{one.Old, one.Old})
		}
	}
	return refs
}

// Fields implements Spec.
func (r Rename) Fields(before []string) []string {
	if before == nil {
		return nil
	}
	after := slices.Clone(before)
	for _, one := range r {
		i := slices.Index(after, one.Old)
		if i < 0 || one.Old == one.New {
			continue
		}
		after[i] = ""
		after = slices.DeleteFunc(after, func(name string) bool { return name == one.New })
		after[slices.Index(after, "")] = one.New
	}
	return after
}

// Build implements Spec.
func (r Rename) Build() (Step, error) {
	if len(r) == 0 {
		return nil, &parsers.OptionError{Reason: "names no field; write OLD: NEW"}
	}
	step := new(rename)
	for _, one := range r {
		if one.New == "" || len(one.New) > maxName {
			return nil, &parsers.OptionError{Option: one.Old, Reason: fmt.Sprintf("the new name must have 1 to %d bytes", maxName)}
		}
		step.names = append(step.names, renamed{one, escapedAlready(one.New)})
	}
	return step, nil
}

type rename struct{ names []renamed }

type renamed struct {
	NewName
	escaped bool
}

func (r *rename) Apply(rec *parsers.Record, s *Scratch) Verdict {
	verdict := Done
	for i := range r.names {
		n := &r.names[i]
		at := index(rec, n.Old)
		if at < 0 || n.Old == n.New {
			continue
		}
		if isLine(rec, n.New) || !s.grow(max(len(n.New)-len(n.Old), 0)) {
			verdict = Failed
			continue
		}
		kept := rec.Fields[:0]
		for i, f := range rec.Fields {
			if i == at {
				f.Name, f.EscapedName = n.New, n.escaped
			} else if f.Is(n.New) {
				continue
			}
			kept = append(kept, f)
		}
		rec.Fields = kept
	}
	return verdict
}
