package condition

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"

	"github.com/weir-logs/weir/parsers"
)

// reference replaces what an expression says about fields, and refuses what would not be bounded.
type reference struct {
	condition *Condition
	config    *conf.Config
	source    file.Source
	fields    []string
	loops     int // that the node in hand is in
	functions int
	err       *Error // the first
}

// refuse notes the first thing that is wrong.
func (w *reference) refuse(node ast.Node, format string, args ...any) *Error {
	if w.err == nil {
		at := file.Error{Location: node.Location()}
		at.Bind(w.source)
		w.err = &Error{Line: max(at.Line, 1), Column: at.Column + 1, Reason: fmt.Sprintf(format, args...)}
	}
	return w.err
}

// replace puts a call of fn, which takes no arguments, in the place of a node.
func replace[T any](w *reference, node *ast.Node, fn func() (T, error)) {
	name := fmt.Sprintf("$%d", w.functions)
	w.functions++
	w.config.Functions[name] = &builtin.Function{
		Name:  name,
		Func:  func(...any) (any, error) { return fn() },
		Types: []reflect.Type{reflect.TypeFor[func() T]()},
	}
	ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}})
}

// rewrite rewrites a node and everything below it.
func (w *reference) rewrite(node *ast.Node, want mode) {
	if w.err != nil || *node == nil {
		return
	}
	if place := w.place(*node); place != nil {
		w.fetch(node, place, want)
		return
	}
	if (want == asNumber || want == asNumberOrNil) && exprIsText(*node) {
		w.refuse(*node, "a number is needed here")
		return
	}
	switch n := (*node).(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.ConstantNode:
	case *ast.IdentifierNode:
		w.identifier(node, n)
	case *ast.UnaryNode:
		w.rewrite(&n.Node, exprUnaryMode(n.Operator))
	case *ast.BinaryNode:
		w.binary(node, n, want)
	case *ast.ConditionalNode:
		w.rewrite(&n.Cond, asBool)
		w.rewrite(&n.Exp1, want)
		w.rewrite(&n.Exp2, want)
	case *ast.ArrayNode:
		for i := range n.Nodes {
			w.rewrite(&n.Nodes[i], asValue)
		}
	case *ast.ChainNode:
		w.rewrite(&n.Node, want)
	case *ast.MemberNode:
		w.rewrite(&n.Node, asValue)
		w.rewrite(&n.Property, asValue)
	case *ast.SliceNode:
		w.rewrite(&n.Node, asValue)
		w.rewrite(&n.From, asNumber)
		w.rewrite(&n.To, asNumber)
	case *ast.BuiltinNode:
		w.builtin(n)
	case *ast.PredicateNode:
		w.rewrite(&n.Node, asBool)
	case *ast.PointerNode:
	case *ast.CallNode:
		w.refuseCall(n)
	default:
		w.refuse(*node, "this is not for conditions: there are no assignments, maps and sequences")
	}
}

func exprUnaryMode(operator string) mode {
	if operator == "!" || operator == "not" {
		return asBool
	}
	return asNumber
}

// identifier rewrites a name that is no field.
func (w *reference) identifier(node *ast.Node, n *ast.IdentifierNode) {
	if n.Value != parsed {
		w.refuse(n, "%q is not for conditions", n.Value)
		return
	}
	c := w.condition
	replace(w, node, func() (bool, error) { return c.rec.Parsed, nil })
}

// place returns the place in a record that a node names, or nil if it is something else: a name, field("a name"), and members and elements
// of one.
func (w *reference) place(node ast.Node) *place {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if n.Value == parsed || strings.HasPrefix(n.Value, "$") {
			return nil
		}
		return w.field(n, n.Value)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); !ok || callee.Value != "field" || len(n.Arguments) != 1 {
			return nil
		}
		if name, ok := n.Arguments[0].(*ast.StringNode); ok {
			return w.field(n, name.Value)
		}
	case *ast.ChainNode:
		return w.place(n.Node)
	case *ast.MemberNode:
		of := w.place(n.Node)
		if of == nil {
			return nil
		}
		switch p := n.Property.(type) {
		case *ast.StringNode:
			return of.inside(step{name: p.Value})
		case *ast.IntegerNode:
			if p.Value >= 0 {
				return of.inside(step{element: true, index: p.Value})
			}
		}
	}
	return nil
}

// field returns the place of a field, which must be known.
func (w *reference) field(node ast.Node, name string) *place {
	if w.loops > 0 {
		w.refuse(node, "in a loop there is only the element, #; field %s is not", name)
	}
	if w.fields != nil && name != parsers.Message && name != parsers.Oversize && !slices.Contains(w.fields, name) {
		first := w.err == nil
		if err := w.refuse(node, "records have no field %q", name); first {
			err.Word, err.Known = name, w.fields
		}
	}
	if !slices.Contains(w.condition.fields, name) {
		w.condition.fields = append(w.condition.fields, name)
	}
	return newPlace(name)
}

// refuseCall refuses a function that there is not.
func (w *reference) refuseCall(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	switch {
	case !ok:
		w.refuse(n, "only functions can be called")
	case callee.Value == "field":
		w.refuse(n, `field takes the name of one field, as in field("user-agent")`)
	default:
		w.unknownFunction(n, callee.Value)
	}
}

func (w *reference) unknownFunction(n ast.Node, name string) {
	first := w.err == nil
	known := functionNames()
	if err := w.refuse(n, "there is no function %q; there are %s", name, strings.Join(known, ", ")); first {
		err.Word, err.Known = name, known
	}
}

// builtin rewrites the arguments of a function of the language.
func (w *reference) builtin(n *ast.BuiltinNode) {
	want, ok := exprArguments(n.Name)
	if !ok {
		w.unknownFunction(n, n.Name)
		return
	}
	loop := false
	for i := range n.Arguments {
		_, is := n.Arguments[i].(*ast.PredicateNode)
		loop = loop || is
	}
	if loop && w.loops > 0 {
		w.refuse(n, "%s stands in another loop; a record could take for ever", n.Name)
		return
	}
	for i := range n.Arguments {
		if _, is := n.Arguments[i].(*ast.PredicateNode); is {
			w.loops++
			w.rewrite(&n.Arguments[i], asBool)
			w.loops--
			continue
		}
		w.rewrite(&n.Arguments[i], want)
	}
}
