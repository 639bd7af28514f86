package edit

import (
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/condition"
)

// KeepIf drops the records that a condition, an expression of package condition, does not hold for. One that it fails on is kept.
type KeepIf string

// DropIf drops the records that a condition holds for. One that it fails on is kept.
type DropIf string

// Key implements Spec.
func (KeepIf) Key() string { return "keep_if" }

// Key implements Spec.
func (DropIf) Key() string { return "drop_if" }

// Build implements Spec.
func (k KeepIf) Build() (Step, error) { return newDecision(string(k), false) }

// Build implements Spec.
func (d DropIf) Build() (Step, error) { return newDecision(string(d), true) }

// Reads implements Spec.
func (k KeepIf) Reads() []Ref { return conditionRefs(string(k)) }

// Reads implements Spec.
func (d DropIf) Reads() []Ref { return conditionRefs(string(d)) }

// Fields implements Spec.
func (KeepIf) Fields(before []string) []string { return before }

// Fields implements Spec.
func (DropIf) Fields(before []string) []string { return before }

// conditionRefs returns the fields that an expression looks at.
func conditionRefs(expression string) []Ref {
	c, err := condition.Compile(expression, condition.Options{})
	if err != nil {
		return nil
	}
	var refs []Ref
	for _, name := range c.Fields() {
		refs = append(refs, Ref{Name: name})
	}
	return refs
}

func newDecision(expression string, drop bool) (Step, error) {
	c, err := condition.Compile(expression, condition.Options{})
	if err != nil {
		return nil, &parsers.OptionError{Reason: err.Error()}
	}
	return &decision{c, drop}, nil
}

// decision drops records by a condition.
type decision struct {
	condition *condition.Condition
	drop      bool // those that it holds for; else the others
}

func (d *decision) Apply(rec *parsers.Record, _ *Scratch) Verdict {
	holds, err := d.condition.Eval(rec)
	switch {
	case err != nil:
		return Failed
	case holds == d.drop:
		return Drop
	}
	return Done
}
