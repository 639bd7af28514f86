package condition

import (
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// binary rewrites an operator between two parts.
func (w *reference) binary(node *ast.Node, n *ast.BinaryNode, want mode) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		w.both(n, asBool)
	case "==", "!=", "<", "<=", ">", ">=":
		w.comparison(node, n)
	case "contains", "startsWith", "endsWith", "matches":
		w.textual(node, n)
	case "in":
		w.in(node, n)
	case "??":
		left := want
		if want == asNumber {
			left = asNumberOrNil
		} else if want == asBool || want == asText {
			left = asValue // they have no nil
		}
		w.rewrite(&n.Left, left)
		w.rewrite(&n.Right, want)
	case "+", "-", "*", "/", "%", "**", "^":
		if exprIsText(n.Left) || exprIsText(n.Right) {
			w.refuse(n, "%s is for numbers", n.Operator)
		}
		w.both(n, asNumber)
	default:
		w.refuse(n, "%s is not for conditions", n.Operator)
	}
}

func (w *reference) both(n *ast.BinaryNode, want mode) {
	w.rewrite(&n.Left, want)
	w.rewrite(&n.Right, want)
}

// comparison rewrites one of the six. A place compared with a constant or with another place is a test of its own; else the other side says
// what it is wanted as.
func (w *reference) comparison(node *ast.Node, n *ast.BinaryNode) {
	c := w.condition
	left, right := w.place(n.Left), w.place(n.Right)
	if left != nil && right != nil {
		replace(w, node, func() (bool, error) { return c.comparePlaces(left, n.Operator, right) })
		return
	}
	if k, ok := exprConstant(n.Right); ok && left != nil {
		replace(w, node, func() (bool, error) { return c.compare(left, n.Operator, &k) })
		return
	}
	if k, ok := exprConstant(n.Left); ok && right != nil {
		turned := turn(n.Operator)
		replace(w, node, func() (bool, error) { return c.compare(right, turned, &k) })
		return
	}
	want := asValue
	switch {
	case exprIsNumber(n.Left) || exprIsNumber(n.Right):
		want = asNumber
	case exprIsText(n.Left) || exprIsText(n.Right):
		want = asText
	}
	w.both(n, want)
}

// textual rewrites a test of a text for a part of it.
func (w *reference) textual(node *ast.Node, n *ast.BinaryNode) {
	c, left := w.condition, w.place(n.Left)
	part, ok := n.Right.(*ast.StringNode)
	if n.Operator == "matches" {
		if !ok {
			w.refuse(n.Right, "matches takes a text in quotes, which is compiled once")
			return
		}
		expression, err := regexp.Compile(part.Value)
		if err != nil {
			w.refuse(n.Right, "not a regular expression of RE2: %v", err)
			return
		}
		if left != nil {
			replace(w, node, func() (bool, error) { return c.textTest(left, expression.Match) })
			return
		}
	}
	if left == nil || !ok {
		w.both(n, asText)
		return
	}
	test := partTest(n.Operator, []byte(part.Value))
	replace(w, node, func() (bool, error) { return c.textTest(left, test) })
}

// in rewrites a search: of a place's value among constants or in a range of numbers, or of a constant in a place.
func (w *reference) in(node *ast.Node, n *ast.BinaryNode) {
	c := w.condition
	if p := w.place(n.Right); p != nil {
		if k, ok := exprConstant(n.Left); ok {
			replace(w, node, func() (bool, error) { return c.has(p, &k) })
			return
		}
		w.refuse(n.Left, "only a constant can be looked for in %s", p.text)
		return
	}
	p := w.place(n.Left)
	switch right := n.Right.(type) {
	case *ast.ArrayNode:
		if set, ok := exprConstants(right); ok && p != nil {
			replace(w, node, func() (bool, error) { return c.among(p, set) })
			return
		}
	case *ast.BinaryNode:
		from, to, ok := exprRange(right)
		if ok && p != nil {
			replace(w, node, func() (bool, error) { return c.within(p, from, to) })
			return
		}
	}
	if right, ok := n.Right.(*ast.BinaryNode); ok && right.Operator == ".." {
		w.refuse(n, "a range takes a field before it and whole numbers: status in 400..499")
		return
	}
	w.both(n, asValue)
}

// isNumber reports whether a part is a number whatever the record is.
func exprIsNumber(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	case *ast.UnaryNode:
		return exprUnaryMode(n.Operator) == asNumber
	case *ast.BinaryNode:
		return slices.Contains([]string{"+", "-", "*", "/", "%", "**", "^"}, n.Operator) || n.Operator == "??" && exprIsNumber(n.Right)
	case *ast.ConditionalNode:
		return exprIsNumber(n.Exp1) || exprIsNumber(n.Exp2)
	case *ast.BuiltinNode:
		return slices.Contains([]string{"len", "count", "indexOf", "lastIndexOf", "int", "float", "abs", "floor", "ceil", "round"}, n.Name)
	}
	return false
}

// isText reports whether a part is a text whatever the record is.
func exprIsText(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.StringNode:
		return true
	case *ast.BinaryNode:
		return n.Operator == "??" && exprIsText(n.Right)
	case *ast.ConditionalNode:
		return exprIsText(n.Exp1) || exprIsText(n.Exp2)
	case *ast.BuiltinNode:
		return slices.Contains([]string{"lower", "upper", "trim", "trimPrefix", "trimSuffix", "string"}, n.Name)
	}
	return false
}
