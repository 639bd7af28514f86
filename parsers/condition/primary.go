package condition

import (
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/expr-lang/expr/parser/operator"
	"github.com/expr-lang/expr/parser/utils"
)

// primary reads what stands between operators, with what is asked of it: .name, [0], [1:2].
func (p *parser) primary() *node {
	word := p.word
	if op, ok := operator.Unary[word.Value]; ok && word.Is(lexer.Operator) {
		p.next()
		of := p.expression(op.Precedence)
		return p.postfix(p.node(node{kind: unaryNode, at: word.Location, text: word.Value, of: []*node{of}}))
	}
	switch {
	case word.Is(lexer.Bracket, "("):
		p.next()
		n := p.whole()
		p.expect(lexer.Bracket, ")")
		return p.postfix(n)
	case p.loops > 0 && word.Is(lexer.Operator, "#", "."):
		return p.postfix(p.element())
	case word.Is(lexer.Operator, "::"):
		p.next()
		name := p.word
		p.expect(lexer.Identifier)
		return p.postfix(p.call(name, nil))
	}
	return p.operand()
}

// element reads #, which may be left out before a dot.
func (p *parser) element() *node {
	word := p.word
	if word.Value == "#" {
		if p.next(); p.word.Is(lexer.Identifier) {
			p.refuse(word.Location, "unknown pointer #%v", p.word.Value)
		}
	}
	return p.node(node{kind: elementNode, at: word.Location})
}

// operand reads a constant, a name, a call or a list.
func (p *parser) operand() *node {
	word := p.word
	switch word.Kind {
	case lexer.Identifier:
		p.next()
		switch word.Value {
		case "true", "false":
			return p.node(node{kind: boolNode, at: word.Location, text: word.Value})
		case "nil":
			return p.node(node{kind: nilNode, at: word.Location})
		}
		if p.isBracket("(") {
			return p.postfix(p.call(word, nil))
		}
		return p.postfix(p.node(node{kind: nameNode, at: word.Location, text: word.Value}))
	case lexer.Number:
		p.next()
		return p.number(word)
	case lexer.String:
		p.next()
		return p.postfix(p.node(node{kind: textNode, at: word.Location, text: word.Value}))
	}
	switch {
	case word.Is(lexer.Bracket, "["):
		return p.postfix(p.node(node{kind: listNode, at: word.Location, of: p.enclosed("[", "]", nil)}))
	case word.Is(lexer.Bracket, "{"), word.Is(lexer.Bytes):
		p.refuse(word.Location, noStatements)
	}
	p.unexpected()
	return &node{}
}

func (p *parser) number(word lexer.Token) *node {
	text := strings.ToLower(strings.ReplaceAll(word.Value, "_", ""))
	n := number{}
	var err error
	based := strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0b") || strings.HasPrefix(text, "0o")
	if !strings.HasPrefix(text, "0x") && strings.ContainsAny(text, ".e") {
		n.f, err = strconv.ParseFloat(text, 64)
	} else {
		base := 10
		if based {
			base = 0
		}
		var i int64
		i, err = strconv.ParseInt(text, base, 64)
		n = wholeNumber(i)
	}
	if err != nil {
		p.refuse(word.Location, "invalid number: %v", err)
	}
	return p.node(node{kind: numberNode, at: word.Location, number: n})
}

// enclosed reads what stands between two brackets, with commas between, and appends it to list.
func (p *parser) enclosed(from, to string, list []*node) []*node {
	p.expect(lexer.Bracket, from)
	for first := true; p.err == nil && !p.isBracket(to); first = false {
		if !first {
			p.expect(lexer.Operator, ",")
		}
		if p.isBracket(to) {
			break // a comma may stand before it
		}
		list = append(list, p.expression(0))
	}
	p.expect(lexer.Bracket, to)
	return list
}

// call reads the arguments of a function. Before a | stands the first of them.
func (p *parser) call(name lexer.Token, arguments []*node) *node {
	if known := functionNames(); !slices.Contains(known, name.Value) {
		p.refuseWord(name.Location, name.Value, known, "there is no function %q; there are %s", name.Value, strings.Join(known, ", "))
		return &node{}
	}
	switch {
	case isLoop(name.Value):
		arguments = p.loop(name.Value, arguments)
	default:
		arguments = p.enclosed("(", ")", arguments)
	}
	return p.node(node{kind: callNode, at: name.Location, text: name.Value, of: arguments})
}

// loop reads the arguments of a function with a predicate: tags, # == "x".
func (p *parser) loop(name string, arguments []*node) []*node {
	p.expect(lexer.Bracket, "(")
	piped := len(arguments) > 0
	if !piped {
		if p.isBracket(")") {
			p.refuse(p.word.Location, "expected at least 2 arguments")
		}
		arguments = append(arguments, p.expression(0))
	}
	switch {
	case !p.isBracket(")"):
		if !piped {
			p.expect(lexer.Operator, ",")
		}
		arguments = append(arguments, p.predicate())
	case name != "count":
		p.refuse(p.word.Location, "expected at least 2 arguments")
	}
	if p.isOperator(",") {
		p.next()
	}
	p.expect(lexer.Bracket, ")")
	return arguments
}

func (p *parser) predicate() *node {
	at := p.word.Location
	p.loops++
	var of *node
	if p.isBracket("{") {
		of = p.braced()
	} else {
		of = p.expression(0)
	}
	p.loops--
	return p.node(node{kind: predicateNode, at: at, of: []*node{of}})
}

// postfix reads what is asked of n.
func (p *parser) postfix(n *node) *node {
	for p.err == nil {
		word := p.word
		switch {
		case word.Is(lexer.Operator, ".", "?."):
			p.next()
			if optional := word.Value == "?."; optional && p.isBracket("[") {
				n = p.index(n, true)
			} else {
				n = p.member(n, optional)
			}
		case word.Is(lexer.Bracket, "["):
			n = p.index(n, false)
		default:
			return n
		}
	}
	return n
}

// member reads the name after a dot. A chain goes on in it: of a?.b.c nothing is asked where a is nil.
func (p *parser) member(of *node, optional bool) *node {
	name := p.word
	p.next()
	if !name.Is(lexer.Identifier) && !(name.Is(lexer.Operator) && utils.IsValidIdentifier(name.Value)) {
		p.refuse(name.Location, "expected name")
	}
	chain := optional || of.kind == chainNode
	if of.kind == chainNode {
		of = of.of[0]
	}
	which := p.node(node{kind: textNode, at: name.Location, text: name.Value})
	n := p.node(node{kind: memberNode, at: name.Location, of: []*node{of, which}, optional: optional})
	if p.isBracket("(") {
		p.refuse(name.Location, "only functions can be called")
	}
	return p.chained(n, chain, name.Location)
}

func (p *parser) chained(n *node, chain bool, at file.Location) *node {
	if !chain {
		return n
	}
	return p.node(node{kind: chainNode, at: at, of: []*node{n}})
}

// index reads [1] and [1:2], of which either end may be left out.
func (p *parser) index(of *node, optional bool) *node {
	at := p.word.Location
	p.expect(lexer.Bracket, "[")
	var from, to *node
	if !p.isOperator(":") {
		from = p.expression(0)
	}
	if !p.isOperator(":") {
		n := p.chained(p.node(node{kind: memberNode, at: at, of: []*node{of, from}, optional: optional}), optional, at)
		p.expect(lexer.Bracket, "]")
		return n
	}
	if p.next(); !p.isBracket("]") {
		to = p.expression(0)
	}
	n := p.node(node{kind: sliceNode, at: at, of: []*node{of, from, to}})
	p.expect(lexer.Bracket, "]")
	return n
}
