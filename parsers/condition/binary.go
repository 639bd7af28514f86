package condition

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
)

// binary compiles an operator between two parts.
func (w *compiler) binary(n *node, want mode) operand {
	switch n.text {
	case "and", "&&", "or", "||":
		return w.logic(n)
	case "==", "!=", "<", "<=", ">", ">=":
		return w.comparison(n)
	case "contains", "startsWith", "endsWith", "matches":
		return w.textual(n)
	case "in":
		return w.in(n)
	case "??":
		return w.coalesce(n, want)
	case "+", "-", "*", "/", "%", "**", "^":
		if isText(n.of[0]) || isText(n.of[1]) {
			w.refuse(n.at, "%s is for numbers", n.text)
		}
		return w.arithmetic(n)
	}
	w.refuse(n.at, "%s is not for conditions", n.text)
	return operand{}
}

// comparison compiles one of the six. A place compared with a constant or with another place is a test of its own; else the other side says
// what it is wanted as.
func (w *compiler) comparison(n *node) operand {
	c, operator := w.condition, n.text
	left, right := w.place(n.of[0]), w.place(n.of[1])
	if left != nil && right != nil {
		return decided(func() (bool, error) { return c.comparePlaces(left, operator, right) })
	}
	if k, ok := constantOf(n.of[1]); ok && left != nil {
		return decided(func() (bool, error) { return c.compare(left, operator, &k) })
	}
	if k, ok := constantOf(n.of[0]); ok && right != nil {
		turned := turn(operator)
		return decided(func() (bool, error) { return c.compare(right, turned, &k) })
	}
	want := asValue
	switch {
	case isNumber(n.of[0]) || isNumber(n.of[1]):
		want = asNumber
	case isText(n.of[0]) || isText(n.of[1]):
		want = asText
	}
	a, b := w.both(n, want)
	if operator == "==" || operator == "!=" {
		return w.equality(n, a, b)
	}
	return w.order(n, a, b)
}

// turn is the operator with its sides exchanged.
func turn(operator string) string {
	switch operator {
	case "<":
		return ">"
	case "<=":
		return ">="
	case ">":
		return "<"
	case ">=":
		return "<="
	}
	return operator
}

// textual compiles a test of a text for a part of it.
func (w *compiler) textual(n *node) operand {
	c, left, part := w.condition, w.place(n.of[0]), n.of[1]
	var test func([]byte) bool
	switch {
	case n.text == "matches" && part.kind != textNode:
		w.refuse(part.at, "matches takes a text in quotes, which is compiled once")
		return operand{}
	case n.text == "matches":
		expression, err := regexp.Compile(part.text)
		if err != nil {
			w.refuse(part.at, "not a regular expression of RE2: %v", err)
			return operand{}
		}
		test = expression.Match
	case part.kind == textNode:
		test = partTest(n.text, []byte(part.text))
	}
	if left != nil && test != nil {
		return decided(func() (bool, error) { return c.textTest(left, test) })
	}
	return w.textTest(n, test)
}

// textTest compiles a test of what is no field, or for what is not constant. nil has no text and is in none.
func (w *compiler) textTest(n *node, test func([]byte) bool) operand {
	a, b := w.both(n, asText)
	if !(isTextType(a.typ) && isTextType(b.typ)) && !both(a.typ, b.typ, isTextType) {
		w.mismatched(n, a, b)
	}
	left, right, operator := a.values(), b.values(), n.text
	return decided(func() (bool, error) {
		x, y, err := evaluate(left, right)
		switch {
		case err != nil || x.kind == isNil || y.kind == isNil:
			return false, err
		case x.kind != isPlain || y.kind != isPlain:
			return false, fmt.Errorf("invalid operation: %v %s %v", x, operator, y)
		case test != nil:
			return test(x.text), nil
		}
		return hasPart(operator, x.text, y.text), nil
	})
}

// hasPart is the test for a part of a text.
func hasPart(operator string, text, part []byte) bool {
	switch operator {
	case "startsWith":
		return bytes.HasPrefix(text, part)
	case "endsWith":
		return bytes.HasSuffix(text, part)
	}
	return bytes.Contains(text, part)
}

// in compiles a search: of a place's value among constants or in a range of numbers, or of a constant in a place.
func (w *compiler) in(n *node) operand {
	c, among := w.condition, n.of[1]
	if p := w.place(among); p != nil {
		k, ok := constantOf(n.of[0])
		if !ok {
			w.refuse(n.of[0].at, "only a constant can be looked for in %s", p.text)
		}
		return decided(func() (bool, error) { return c.has(p, &k) })
	}
	p := w.place(n.of[0])
	isRange := among.kind == binaryNode && among.text == ".."
	switch {
	case p != nil && among.kind == listNode:
		if set, ok := constantsOf(among); ok {
			return decided(func() (bool, error) { return c.among(p, set) })
		}
	case p != nil && isRange:
		if from, to, ok := rangeOf(among); ok {
			return decided(func() (bool, error) { return c.within(p, from, to) })
		}
	}
	if isRange {
		w.refuse(n.at, "a range takes a field before it and whole numbers: status in 400..499")
		return operand{}
	}
	return w.membership(n)
}

// membership compiles a search for one value in another.
func (w *compiler) membership(n *node) operand {
	a, b := w.both(n, asValue)
	switch {
	case b.typ.open(), isTextType(b.typ) && a.typ.open():
	case b.typ.kind != listType:
		w.mismatched(n, a, b)
	case !a.typ.comparable(b.typ.element()):
		w.mismatch.refuse(n.at, "cannot use %s as type %s in array", a.typ, b.typ.element())
	}
	left, right := a.values(), b.values()
	return decided(func() (bool, error) {
		x, y, err := evaluate(left, right)
		if err != nil {
			return false, err
		}
		return y.contains(x)
	})
}

// isNumber reports whether a part is a number whatever the record is.
func isNumber(n *node) bool {
	switch n.kind {
	case numberNode:
		return true
	case unaryNode:
		return n.text == "-" || n.text == "+"
	case binaryNode:
		return slices.Contains([]string{"+", "-", "*", "/", "%", "**", "^"}, n.text) || n.text == "??" && isNumber(n.of[1])
	case choiceNode:
		return isNumber(n.of[1]) || isNumber(n.of[2])
	case callNode:
		return slices.Contains([]string{"len", "count", "indexOf", "lastIndexOf", "int", "float", "abs", "floor", "ceil", "round"}, n.text)
	}
	return false
}

// isText reports whether a part is a text whatever the record is.
func isText(n *node) bool {
	switch n.kind {
	case textNode:
		return true
	case binaryNode:
		return n.text == "??" && isText(n.of[1])
	case choiceNode:
		return isText(n.of[1]) || isText(n.of[2])
	case callNode:
		return slices.Contains([]string{"lower", "upper", "trim", "trimPrefix", "trimSuffix", "string"}, n.text)
	}
	return false
}
