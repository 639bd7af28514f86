// Package condition decides by the fields of a record: status >= 500 and path startsWith "/api".
//
// The language is that of expr-lang/expr: its lexer is used, the parser and the evaluation are of this package, since expr's own bring
// reflection by name along, for which the linker keeps every method in the program. An expression becomes a tree of functions. A field is looked
// up in the record in hand, and compared with a constant as the bytes lie in the line. So only what an expression names is looked at, nothing is
// decoded or copied for simple comparisons, and they allocate nothing.
//
// The other side of a comparison says how a field is looked at. Compared with a number it is a number, also where it is text that is one
// ("404"); compared with a text it is its text, also where it is a number; compared with true or false it is a boolean, also as text. A field that is
// missing or null is nil: equal to nil only, and without any text in it. Where an order (<, <=, >, >=) is asked of a field that is missing, or
// of a text that is no number, there is no answer: evaluation fails, and the caller decides what that means. With null an order does not hold.
//
// What is run is bounded: no assignments, no loops within loops, no ranges, no functions that make long texts or lists of short ones. An
// expression takes time in proportion to its own length and the record's.
package condition

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/file"

	"github.com/weir-logs/weir/parsers"
)

const (
	longest  = 8 << 10 // bytes of an expression
	maxNodes = 500     // parts of an expression
)

// Options say what an expression may name.
type Options struct {
	Fields []string // that records can have; nil: any
}

// Condition is a compiled expression. It serves one goroutine at a time, and is cheap to make.
type Condition struct {
	text    string
	fields  []string
	holds   func() (bool, error)
	rec     *parsers.Record // in hand
	element value           // in hand, of a loop
	scratch [2][]byte       // texts whose escapes are undone
	texts   []byte          // those that last as long as an evaluation
}

// Error is what is wrong with an expression.
type Error struct {
	Line, Column int // of the expression, from 1
	Reason       string

	Word  string   // that is not known; may be empty
	Known []string // what could have been meant by it
}

// Error gives the place and the reason.
func (e *Error) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, column %d of the expression: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("column %d of the expression: %s", e.Column, e.Reason)
}

// Compile checks an expression, which must be true or false for a record. Its error is an *Error.
func Compile(text string, opt Options) (*Condition, error) {
	if len(text) > longest {
		return nil, &Error{Line: 1, Column: 1, Reason: fmt.Sprintf("it has %d bytes; at most %d", len(text), longest)}
	}
	source := file.NewSource(text)
	tree, refused := parse(source)
	if refused != nil {
		return nil, refused
	}
	c := &Condition{text: text}
	w := &compiler{complaints: complaints{source: source}, mismatch: complaints{source: source}, condition: c, fields: opt.Fields}
	whole := w.compile(tree, asBool)
	switch {
	case w.err != nil:
		return nil, w.err
	case w.mismatch.err != nil:
		return nil, w.mismatch.err
	case !isBool(whole.typ):
		return nil, &Error{Line: 1, Column: 1, Reason: "it must be true or false; compare it with something, as in status >= 400"}
	}
	c.holds = whole.tests()
	return c, nil
}

// located makes an Error of one of the library's.
func located(at *file.Error) *Error {
	return &Error{Line: max(at.Line, 1), Column: at.Column + 1, Reason: at.Message}
}

// Eval tells whether the condition holds for rec. After an error nobody knows. It keeps nothing of rec.
func (c *Condition) Eval(rec *parsers.Record) (bool, error) {
	c.rec = rec
	holds, err := c.holds()
	c.rec, c.element, c.texts = nil, value{}, c.texts[:0]
	if cap(c.texts) > keptScratch {
		c.texts = nil
	}
	for i := range c.scratch {
		if cap(c.scratch[i]) > keptScratch {
			c.scratch[i] = nil
		}
	}
	return holds && err == nil, err
}

// keptScratch bounds the memory that a condition keeps between two records.
const keptScratch = 64 << 10

// String returns the expression.
func (c *Condition) String() string { return c.text }

// Fields returns the names of the fields that the expression looks at, each once.
func (c *Condition) Fields() []string { return slices.Clone(c.fields) }
