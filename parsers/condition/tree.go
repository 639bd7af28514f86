package condition

import (
	"fmt"

	"github.com/expr-lang/expr/file"
)

// node is a part of an expression, as it is written.
type node struct {
	kind     nodeKind
	at       file.Location
	text     string  // the name, the operator, the function or the text; true and false
	number   number  // of a number
	of       []*node // what it is made of; nil for an end that a slice has not
	optional bool    // of a member: nil has none, and that is no failure
}

type nodeKind uint8

const (
	nilNode nodeKind = iota
	boolNode
	numberNode
	textNode
	nameNode
	unaryNode     // text: the operator
	binaryNode    // text: the operator
	choiceNode    // condition, then, else
	listNode      // its elements
	chainNode     // a member that may stop at nil
	memberNode    // of what, which
	sliceNode     // of what, from, to
	callNode      // text: the function; its arguments
	predicateNode // what a loop asks of each element
	elementNode   // # in a predicate
)

// complaints has the first thing that is wrong with an expression.
type complaints struct {
	source file.Source
	err    *Error
}

// refuse notes what is wrong, if nothing was, and reports whether it did.
func (c *complaints) refuse(at file.Location, format string, args ...any) bool {
	if c.err != nil {
		return false
	}
	where := file.Error{Location: at, Message: fmt.Sprintf(format, args...)}
	c.err = located(where.Bind(c.source))
	return true
}

// refuseWord does the same for a word that is not one of those that are known.
func (c *complaints) refuseWord(at file.Location, word string, known []string, format string, args ...any) {
	if c.refuse(at, format, args...) {
		c.err.Word, c.err.Known = word, known
	}
}
