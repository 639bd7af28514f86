package condition

import (
	"errors"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/expr-lang/expr/parser/operator"
)

// parser makes a tree of the words of an expression. It has expr's grammar without what conditions have no use for. What goes wrong first
// is kept in err; from then on no word is read, and the tree is not to be used.
type parser struct {
	complaints
	words   *lexer.Lexer
	word    lexer.Token // in hand
	later   lexer.Token // that follows, if hasNext: it was looked at already
	hasNext bool
	loops   int // that the word in hand is in
	nodes   int
}

const noStatements = "this is not for conditions: there are no assignments, maps and sequences"

// parse returns the tree of an expression, and an error if there is none.
func parse(source file.Source) (*node, *Error) {
	p := &parser{complaints: complaints{source: source}, words: lexer.New()}
	p.words.Reset(source)
	p.next()
	tree := p.whole()
	if !p.word.Is(lexer.EOF) {
		p.unexpected()
	}
	return tree, p.err
}

// node makes a node, of which an expression has only so many.
func (p *parser) node(n node) *node {
	if p.count(); p.err != nil {
		return &node{}
	}
	return &n
}

func (p *parser) count() {
	if p.nodes++; p.nodes > maxNodes {
		p.refuse(p.word.Location, "expression exceeds maximum allowed nodes, which is %d", maxNodes)
	}
}

func (p *parser) next() {
	if p.hasNext {
		p.word, p.hasNext = p.later, false
		return
	}
	if p.err != nil {
		return
	}
	word, err := p.words.Next()
	if err == nil {
		p.word = word
		return
	}
	var at *file.Error
	if errors.As(err, &at) {
		p.err = located(at)
		return
	}
	p.refuse(p.word.Location, "unexpected end of expression")
}

func (p *parser) isOperator(text string) bool { return p.word.Is(lexer.Operator, text) && p.err == nil }
func (p *parser) isBracket(text string) bool  { return p.word.Is(lexer.Bracket, text) && p.err == nil }
func (p *parser) unexpected()                 { p.refuse(p.word.Location, "unexpected token %v", p.word) }

func (p *parser) expect(kind lexer.Kind, values ...string) {
	if !p.word.Is(kind, values...) {
		p.unexpected()
		return
	}
	p.next()
}

// whole is what stands alone, in parentheses or in braces.
func (p *parser) whole() *node {
	n := p.expression(0)
	if p.isOperator(";") {
		if p.next(); !p.word.Is(lexer.EOF) {
			p.refuse(n.at, noStatements)
		}
	}
	return n
}

// expression reads operators that bind at least as tight as precedence says, and what is between them.
func (p *parser) expression(precedence int) *node {
	switch {
	case p.err != nil:
		return &node{}
	case precedence == 0 && p.isOperator("let"):
		p.next()
		p.refuse(p.word.Location, noStatements)
		return &node{}
	case precedence == 0 && p.isOperator("if"):
		return p.ifElse()
	}
	left := p.primary()
	for previous := ""; p.word.Is(lexer.Operator) && p.err == nil; {
		negated := p.negation(precedence)
		word := p.word
		op, ok := operator.Binary[word.Value]
		if !ok || op.Precedence < precedence || p.err != nil {
			break
		}
		p.next()
		if previous == "??" && word.Value != "??" && word.Value != "|" {
			p.refuse(word.Location, "Operator (%v) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.", word.Value)
			break
		}
		left = p.operation(left, word, op)
		if negated {
			left = p.node(node{kind: unaryNode, at: word.Location, text: "not", of: []*node{left}})
		}
		previous = word.Value
	}
	if precedence == 0 {
		left = p.choice(left)
	}
	return left
}

// negation steps over the not of not in, not contains and the like, if they bind tight enough.
func (p *parser) negation(precedence int) bool {
	not := p.word
	if !not.Is(lexer.Operator, "not") {
		return false
	}
	p.next()
	if !operator.AllowedNegateSuffix(p.word.Value) {
		p.unexpected()
		return false
	}
	if operator.Binary[p.word.Value].Precedence < precedence {
		p.later, p.word, p.hasNext = p.word, not, true
		return false
	}
	return true
}

// operation reads what follows an operator.
func (p *parser) operation(left *node, word lexer.Token, op operator.Operator) *node {
	switch {
	case word.Value == "|":
		name := p.word
		p.expect(lexer.Identifier)
		return p.call(name, []*node{left})
	case operator.IsComparison(word.Value):
		return p.comparisons(left, word, op.Precedence)
	}
	precedence := op.Precedence
	if op.Associativity == operator.Left {
		precedence++
	}
	right := p.expression(precedence)
	return p.node(node{kind: binaryNode, at: word.Location, text: word.Value, of: []*node{left, right}})
}

// comparisons reads a < b < c, which is a < b and b < c.
func (p *parser) comparisons(left *node, word lexer.Token, precedence int) *node {
	var all *node
	for {
		right := p.expression(precedence + 1)
		one := p.node(node{kind: binaryNode, at: word.Location, text: word.Value, of: []*node{left, right}})
		if all == nil {
			all = one
		} else {
			all = p.node(node{kind: binaryNode, at: word.Location, text: "&&", of: []*node{all, one}})
		}
		left, word = right, p.word
		if !word.Is(lexer.Operator) || !operator.IsComparison(word.Value) || p.err != nil {
			return all
		}
		p.next()
	}
}

// choice reads a ? b : c and a ?: c.
func (p *parser) choice(n *node) *node {
	for p.isOperator("?") {
		p.next()
		then := n
		if !p.isOperator(":") {
			then = p.expression(0)
		}
		p.expect(lexer.Operator, ":")
		otherwise := p.expression(0)
		n = p.node(node{kind: choiceNode, at: p.word.Location, of: []*node{n, then, otherwise}})
	}
	return n
}

// ifElse reads if a { b } else { c }, which is a ? b : c.
func (p *parser) ifElse() *node {
	at := p.word.Location
	p.next()
	condition := p.expression(0)
	then := p.braced()
	p.expect(lexer.Operator, "else")
	var otherwise *node
	if p.isOperator("if") {
		otherwise = p.ifElse()
	} else {
		otherwise = p.braced()
	}
	return &node{kind: choiceNode, at: at, of: []*node{condition, then, otherwise}}
}

func (p *parser) braced() *node {
	p.expect(lexer.Bracket, "{")
	n := p.whole()
	p.expect(lexer.Bracket, "}")
	return n
}
