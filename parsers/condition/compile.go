package condition

import (
	"errors"
	"slices"

	"github.com/expr-lang/expr/file"

	"github.com/weir-logs/weir/parsers"
)

// parsed is the name of the variable that tells whether the line had its flow's format.
const parsed = "parsed"

// compiler makes functions of a tree, and refuses what would not be bounded. What is of the wrong type is noted in mismatch: it counts if
// nothing else is wrong.
type compiler struct {
	complaints
	mismatch  complaints
	condition *Condition
	fields    []string
	loops     int // that the node in hand is in
	looped    typ // of the element in it
	parts     int // that were compiled
}

// mode says what the place that a value stands in asks for.
type mode uint8

const (
	asValue mode = iota
	asBool
	asText
	asNumber
	asNumberOrNil // something is there for nil
)

// operand is a part of an expression that was compiled. It has one of test and eval.
type operand struct {
	typ  typ
	at   file.Location
	test func() (bool, error)
	eval func() (value, error)
}

func decided(test func() (bool, error)) operand { return operand{typ: typ{kind: boolType}, test: test} }

func constantValue(kind typeKind, v value) operand {
	return operand{typ: typ{kind: kind}, eval: func() (value, error) { return v, nil }}
}

var errNotBool = errors.New("it is neither true nor false")

// tests is the operand where true or false is needed.
func (o operand) tests() func() (bool, error) {
	if o.test != nil {
		return o.test
	}
	return func() (bool, error) {
		v, err := o.eval()
		if err == nil && v.kind != isTruth {
			err = errNotBool
		}
		return v.truth, err
	}
}

// values is the operand where any value is.
func (o operand) values() func() (value, error) {
	if o.eval != nil {
		return o.eval
	}
	return func() (value, error) {
		is, err := o.test()
		return truthOf(is), err
	}
}

// compile makes an operand of a node and everything below it.
func (w *compiler) compile(n *node, want mode) operand {
	o := operand{test: func() (bool, error) { return false, nil }} // of what is refused; nobody calls it
	if w.parts++; w.parts > 2*maxNodes {
		w.refuse(n.at, "expression exceeds maximum allowed nodes: a in a ?: b and b in a < b < c count twice")
	}
	if w.err != nil {
		return o
	}
	if p := w.place(n); p != nil {
		o = w.fetch(p, want)
	} else if (want == asNumber || want == asNumberOrNil) && isText(n) {
		w.refuse(n.at, "a number is needed here")
	} else {
		o = w.part(n, want)
	}
	o.at = n.at
	return o
}

// part compiles what is no field.
func (w *compiler) part(n *node, want mode) operand {
	switch n.kind {
	case nilNode:
		return constantValue(nilType, value{})
	case boolNode:
		is := n.text == "true"
		return decided(func() (bool, error) { return is, nil })
	case numberNode:
		if n.number.whole {
			return constantValue(wholeType, numeric(n.number))
		}
		return constantValue(floatType, numeric(n.number))
	case textNode:
		return constantValue(textType, plainText([]byte(n.text)))
	case nameNode:
		return w.variable(n)
	case unaryNode:
		return w.unary(n)
	case binaryNode:
		return w.binary(n, want)
	case choiceNode:
		return w.choice(n, want)
	case listNode:
		return w.list(n)
	case chainNode:
		return w.chain(n, want)
	case memberNode:
		return w.member(n)
	case sliceNode:
		return w.slice(n)
	case predicateNode:
		return w.compile(n.of[0], asBool)
	case elementNode:
		return w.element()
	}
	return w.call(n)
}

// variable compiles a name that is no field.
func (w *compiler) variable(n *node) operand {
	if n.text != parsed {
		w.refuse(n.at, "%q is not for conditions", n.text)
	}
	c := w.condition
	return decided(func() (bool, error) { return c.rec.Parsed, nil })
}

// place returns the place in a record that a node names, or nil if it is something else: a name, field("a name"), and members and elements
// of one.
func (w *compiler) place(n *node) *place {
	switch n.kind {
	case nameNode:
		if n.text != parsed && n.text[0] != '$' {
			return w.field(n, n.text)
		}
	case callNode:
		if n.text == "field" && len(n.of) == 1 && n.of[0].kind == textNode {
			return w.field(n, n.of[0].text)
		}
	case chainNode:
		return w.place(n.of[0])
	case memberNode:
		of := w.place(n.of[0])
		if of == nil {
			return nil
		}
		switch which := n.of[1]; {
		case which.kind == textNode:
			return of.inside(step{name: which.text})
		case which.kind == numberNode && which.number.whole && which.number.i >= 0:
			return of.inside(step{element: true, index: int(which.number.i)})
		}
	}
	return nil
}

// field returns the place of a field, which must be known.
func (w *compiler) field(n *node, name string) *place {
	if w.loops > 0 {
		w.refuse(n.at, "in a loop there is only the element, #; field %s is not", name)
	}
	if w.fields != nil && name != parsers.Message && name != parsers.Oversize && !slices.Contains(w.fields, name) {
		w.refuseWord(n.at, name, w.fields, "records have no field %q", name)
	}
	if !slices.Contains(w.condition.fields, name) {
		w.condition.fields = append(w.condition.fields, name)
	}
	return newPlace(name)
}
