// Package edit changes records between parsing and encoding: a Chain applies Steps, one after the other, to a *parsers.Record.
//
// A step is described by a Spec, which is plain data as a configuration has it, and made by its Build. There is a file for each of them.
//
//	add redact hash ...    Spec, plain data  --Build-->  Step, with its scratch memory
//	                                                       |
//	Record  --------------------------------------------> Chain.Apply -> Record, or dropped
//
// Within a chain all fields of a record are in Record.Fields, those that are not from its line (Record.Meta) in front: they can be renamed and
// removed like others, and what they shadow has its name with log_ in front from there on. A line that did not match its format is not
// a field: its record has only those of Meta and what is added, redact hides in the line itself, and no other step touches it.
//
// What a step cannot do to a record it leaves undone: the record stays as it was, and the failure is counted. Only redact may not leave
// anything as it was; where it cannot do its work it takes away the whole value.
//
// New values lie in memory of the chain, reused from record to record: nothing is allocated for a record on the usual path. All that edits
// add to a record is bounded by MaxGrowth, so that the memory for it can be planned. A Chain serves one goroutine at a time.
package edit

import (
	"time"

	"github.com/weir-logs/weir/parsers"
)

// Verdict is what became of a record in a step.
type Verdict uint8

// The verdicts. A step that fails has not changed the record.
const (
	Done   Verdict = iota
	Failed         // counted; the chain goes on
	Drop           // the record is not to be sent; the chain ends
)

// Step is one edit of records.
type Step interface {
	// Apply edits the record. All its fields are in rec.Fields; rec.Parsed says whether rec.Line is one more text of it. New values
	// may lie in s, or anywhere else where they stay until the next Apply.
	Apply(rec *parsers.Record, s *Scratch) Verdict
}

// Spec describes a step.
type Spec interface {
	// Key is the step's name in a configuration.
	Key() string
	// Build makes the step. Its error joins a *parsers.OptionError for each thing that is wrong, Option being a key of the step's or empty.
	Build() (Step, error)
	// Reads returns the fields that the step asks for, so that a misspelt name can be told.
	Reads() []Ref
	// Fields returns the names of the fields that records have after the step, given those before it; nil means that they are
	// not known, before or after.
	Fields(before []string) []string
}

// Ref is one name of a field in a Spec.
type Ref struct {
	Option string // the key that it stands under, as in fields[0]
	Name   string
}

// File is where records come from.
type File struct {
	ID   string // the file's id; with the offset it names a record, the same on every retry
	Path string
	Read time.Time // when
}

// Options are what the steps of a chain share.
type Options struct {
	// Line says that the line itself is sent, not the fields: redact hides in it then.
	Line bool
	// Values gives what variables stand for that neither the record nor its file has, such as ec2.region. It is asked for each record, and
	// must not block; false means that there is no value now. It may be nil.
	Values func(name string) (string, bool)
}

// Chain is a list of steps.
type Chain struct {
	steps   []Step
	scratch Scratch
	failed  int // the first step that failed on the record in hand
}

// New makes a chain of the steps that specs describe.
func New(specs []Spec, opt Options) (*Chain, error) {
	c := &Chain{scratch: Scratch{opt: opt}}
	for _, spec := range specs {
		step, err := spec.Build()
		if err != nil {
			return nil, err
		}
		c.steps = append(c.steps, step)
	}
	return c, nil
}

// Open says which file the next records are from.
func (c *Chain) Open(f File) { c.scratch.open(f) }

// Apply edits the record, which begins at this offset in its file. It reports whether the record is to be sent, and how many steps failed on
// it. Fields and line are valid until the next Apply.
func (c *Chain) Apply(rec *parsers.Record, offset int64) (keep bool, failed int) {
	c.scratch.begin(rec, offset)
	for i, step := range c.steps {
		c.scratch.fit(rec)
		switch step.Apply(rec, &c.scratch) {
		case Failed:
			if failed++; failed == 1 {
				c.failed = i
			}
		case Drop:
			return false, failed
		}
	}
	c.scratch.end(rec)
	return true, failed
}

// Failed is the number of the first step, from 0, that failed on the record that Apply had last, if any did.
func (c *Chain) Failed() int { return c.failed }

// Memory is how many bytes the chain keeps from record to record.
func (c *Chain) Memory() int { return c.scratch.memory() }

// Release gives back what a large record made the chain keep. The fields of the record in hand stay valid.
func (c *Chain) Release() { c.scratch.release() }
