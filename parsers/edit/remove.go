package edit

import (
	"slices"

	"github.com/weir-logs/weir/parsers"
)

// Remove takes fields away.
type Remove []string

// Key implements Spec.
func (Remove) Key() string { return "remove" }

// Reads implements Spec.
func (r Remove) Reads() []Ref { return itemRefs("", r) }

// Fields implements Spec.
func (r Remove) Fields(before []string) []string {
	if before == nil {
		return nil
	}
	return without(before, func(name string) bool { return slices.Contains(r, name) })
}

// Build implements Spec.
func (r Remove) Build() (Step, error) {
	if len(r) == 0 {
		return nil, &parsers.OptionError{Reason: "names no field"}
	}
	return (*remove)(&r), nil
}

type remove Remove

func (r *remove) Apply(rec *parsers.Record, _ *Scratch) Verdict {
	kept := rec.Fields[:0]
	for i := range rec.Fields {
		if f := &rec.Fields[i]; !hasName(*r, f) {
			kept = append(kept, *f)
		}
	}
	rec.Fields = kept
	return Done
}

// Keep takes all fields away but these, and the mark of a record that is not all of what it was (parsers.Oversize).
type Keep []string

// Key implements Spec.
func (Keep) Key() string { return "keep" }

// Reads implements Spec.
func (k Keep) Reads() []Ref { return itemRefs("", k) }

// Fields implements Spec.
func (k Keep) Fields(before []string) []string {
	if before == nil {
		return slices.Clone(k)
	}
	return without(before, func(name string) bool { return !slices.Contains(k, name) })
}

// Build implements Spec.
func (k Keep) Build() (Step, error) {
	if len(k) == 0 {
		return nil, &parsers.OptionError{Reason: "names no field; to send no field at all makes no sense"}
	}
	return (*keep)(&k), nil
}

type keep Keep

func (k *keep) Apply(rec *parsers.Record, _ *Scratch) Verdict {
	kept := rec.Fields[:0]
	for i := range rec.Fields {
		if f := &rec.Fields[i]; hasName(*k, f) || f.Is(parsers.Oversize) {
			kept = append(kept, *f)
		}
	}
	rec.Fields = kept
	return Done
}

// hasName reports whether f has one of the names.
func hasName(names []string, f *parsers.Field) bool {
	for _, name := range names {
		if f.Is(name) {
			return true
		}
	}
	return false
}

// itemRefs makes a Ref of each name of the list under key.
func itemRefs(key string, names []string) []Ref {
	refs := make([]Ref, 0, len(names))
	for i, name := range names {
		refs = append(refs, Ref{item(key, i), name})
	}
	return refs
}
