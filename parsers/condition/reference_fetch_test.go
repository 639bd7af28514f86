package condition

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	exprcompiler "github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	exprparser "github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/weir-logs/weir/parsers"
)

// byExpr is an expression that expr parses, checks and runs; fields are looked at as they are in a Condition.
type byExpr struct {
	condition *Condition
	program   *vm.Program
}

func compileByExpr(text string) (*byExpr, error) {
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	tree, err := exprparser.ParseWithConfig(text, config)
	if err != nil {
		return nil, err
	}
	c := &Condition{text: text}
	w := &reference{condition: c, config: config, source: tree.Source}
	w.rewrite(&tree.Node, asBool)
	if w.err != nil {
		return nil, w.err
	}
	result, err := checker.Check(tree, config)
	if err != nil {
		return nil, err
	}
	if result.Kind().String() != "bool" {
		return nil, errNotBool
	}
	program, err := exprcompiler.Compile(tree, config)
	return &byExpr{c, program}, err
}

func (b *byExpr) eval(rec *parsers.Record) (bool, error) {
	b.condition.rec = rec
	result, err := vm.Run(b.program, nil)
	holds, ok := result.(bool)
	if err == nil && !ok {
		err = errNotBool
	}
	return holds, err
}

// fetch puts a value in the place of a node, in the form that is wanted.
func (w *reference) fetch(node *ast.Node, p *place, want mode) {
	c := w.condition
	switch want {
	case asBool:
		replace(w, node, func() (bool, error) { return c.boolean(p) })
	case asText:
		replace(w, node, func() (string, error) {
			v, err := c.string(p)
			return string(v.text), err
		})
	case asNumber, asNumberOrNil:
		replace(w, node, func() (any, error) {
			v, err := c.number(p, want == asNumberOrNil)
			return exprValue(v), err
		})
	default:
		replace(w, node, func() (any, error) {
			v, err := c.value(p)
			return exprValue(v), err
		})
	}
}

// exprValue is a value as expr has it.
func exprValue(v value) any {
	switch v.kind {
	case isTruth:
		return v.truth
	case isNumeric:
		if v.number.whole {
			return int(v.number.i)
		}
		return v.number.f
	case isPlain:
		return string(v.text)
	case isList:
		list := make([]any, len(v.list))
		for i := range v.list {
			list[i] = exprValue(v.list[i])
		}
		return list
	case isObject:
		object := map[string]any{}
		for name, member := range v.object {
			object[name] = exprValue(member)
		}
		return object
	}
	return nil
}

// exprArguments returns what the arguments of a function are wanted as, and whether there is one.
func exprArguments(name string) (mode, bool) {
	want, _, _ := signature(name)
	return want, name != "field" && slices.Contains(functionNames(), name)
}

func exprConstant(n ast.Node) (constant, bool) {
	switch n := n.(type) {
	case *ast.NilNode:
		return constant{kind: parsers.Null}, true
	case *ast.BoolNode:
		return constant{kind: parsers.Bool, truth: n.Value}, true
	case *ast.StringNode:
		return constant{kind: parsers.String, text: []byte(n.Value)}, true
	case *ast.IntegerNode:
		return constant{kind: parsers.Number, number: wholeNumber(int64(n.Value))}, true
	case *ast.FloatNode:
		return constant{kind: parsers.Number, number: number{f: n.Value}}, true
	case *ast.UnaryNode:
		k, ok := exprConstant(n.Node)
		if !ok || k.kind != parsers.Number || n.Operator != "-" && n.Operator != "+" {
			return constant{}, false
		}
		if n.Operator == "-" {
			k.number.i, k.number.f = -k.number.i, -k.number.f
		}
		return k, true
	}
	return constant{}, false
}

func exprConstants(n *ast.ArrayNode) ([]constant, bool) {
	set := make([]constant, len(n.Nodes))
	for i, node := range n.Nodes {
		var ok bool
		if set[i], ok = exprConstant(node); !ok {
			return nil, false
		}
	}
	return set, true
}

func exprRange(n *ast.BinaryNode) (from, to number, ok bool) {
	if n.Operator != ".." {
		return from, to, false
	}
	first, ok1 := exprConstant(n.Left)
	last, ok2 := exprConstant(n.Right)
	return first.number, last.number, ok1 && ok2 && first.kind == parsers.Number && last.kind == parsers.Number
}
