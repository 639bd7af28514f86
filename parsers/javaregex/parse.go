package javaregex

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// parser reads a pattern of Java.
type parser struct {
	in     []rune
	i      int
	depth  int
	names  map[string]bool
	fold   bool // (?i)
	dotAll bool // (?s)
	lines  bool // (?m)
	unix   bool // (?d)
}

// refuse makes an error about the character at place at, which counts from 0.
func refuse(construct string, at int, advice string) error {
	return &Error{construct, at + 1, advice}
}

const noRegex = "Java does not take that either; correct the expression"

func (p *parser) more() bool { return p.i < len(p.in) }

// peek returns the next character, or 0 at the end, where no character is meant by that.
func (p *parser) peek() rune {
	if p.more() {
		return p.in[p.i]
	}
	return 0
}

// has reports whether the pattern goes on with text.
func (p *parser) has(text string) bool {
	n := 0
	for _, r := range text {
		if p.i+n >= len(p.in) || p.in[p.i+n] != r {
			return false
		}
		n++
	}
	return true
}

func (p *parser) parse() (*node, error) {
	root, err := p.choice()
	if err != nil {
		return nil, err
	}
	if p.more() { // only a bracket ends a choice
		return nil, refuse("a ) without its (", p.i, `for the character itself write \)`)
	}
	return root, root.check(true)
}

// choice reads alternatives up to a closing bracket or the end. Flags set in one go on in the next.
func (p *parser) choice() (*node, error) {
	n := &node{kind: choice, at: p.i + 1}
	for {
		branch, err := p.sequence()
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, branch)
		if p.peek() != '|' || !p.more() {
			break
		}
		p.i++
	}
	if len(n.children) == 1 {
		return n.children[0], nil
	}
	return n, nil
}

func (p *parser) sequence() (*node, error) {
	n := &node{kind: sequence, at: p.i + 1}
	for p.more() && p.peek() != '|' && p.peek() != ')' {
		start := p.i
		part, err := p.atom()
		if err != nil {
			return nil, err
		}
		part.at = start + 1
		if part, err = p.quantified(part); err != nil {
			return nil, err
		}
		n.children = append(n.children, part)
	}
	return n, nil
}

// atom reads what a quantifier can follow.
func (p *parser) atom() (*node, error) {
	switch c := p.peek(); c {
	case '(':
		return p.group()
	case '[':
		text, err := p.class()
		return &node{text: text}, err
	case '\\':
		return p.escape()
	case '.':
		p.i++
		return &node{text: p.dot()}, nil
	case '^':
		if p.lines {
			return nil, refuse("^ with (?m)", p.i, "at the start of the expression take the (?m) away; elsewhere write the line end out that it is to follow")
		}
		p.i++
		return &node{kind: asserts, text: `\A`}, nil
	case '$':
		if p.lines {
			return nil, refuse("$ with (?m)", p.i, "at the end of the expression take the (?m) away; elsewhere write the line end out that is to follow")
		}
		p.i++
		return &node{kind: atEnd, text: `\z`}, nil
	case '*', '+', '?':
		return nil, refuse("a "+string(c)+" with nothing to repeat", p.i, `for the character itself write \`+string(c))
	case '{':
		return nil, refuse("a { with nothing to repeat", p.i, `for the character itself write \{`)
	default:
		p.i++
		return &node{text: p.literal(c)}, nil
	}
}

// dot returns what the dot matches.
func (p *parser) dot() string {
	switch {
	case p.dotAll:
		return `(?s:.)`
	case p.unix:
		return `[^\n]`
	}
	return `[^\n\r\x{85}\x{2028}\x{2029}]`
}

// literal returns what matches one character: with (?i), which is ASCII only, both cases of a letter.
func (p *parser) literal(c rune) string {
	if p.fold && letter(c) {
		return "[" + string(c) + string(c^0x20) + "]"
	}
	return regexp.QuoteMeta(string(c))
}

func letter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// quantified reads the quantifier after part, if there is one.
func (p *parser) quantified(part *node) (*node, error) {
	start := p.i
	n := &node{kind: repeated, at: part.at, most: -1, children: []*node{part}}
	switch p.peek() {
	case '*':
		n.text = "*"
	case '+':
		n.text, n.least = "+", 1
	case '?':
		n.text, n.most = "?", 1
	case '{':
		if err := p.counts(n); err != nil {
			return nil, err
		}
	default:
		return part, nil
	}
	if n.text[0] != '{' {
		p.i++
	}
	if part.kind == asserts || part.kind == atEnd || part.kind == empty {
		return nil, refuse("repeating a place", start, "take the "+string(p.in[start:p.i])+" away")
	}
	switch p.peek() {
	case '?':
		n.text += "?"
		p.i++
	case '+':
		return nil, refuse("the possessive quantifier "+string(p.in[start:p.i+1]), start, "RE2 has none; take the last + away if the expression then still means the same")
	}
	if c := p.peek(); c == '*' || c == '+' || c == '?' || c == '{' {
		return nil, refuse("a quantifier after a quantifier", p.i, "put what it is to repeat in (?:...)")
	}
	return n, nil
}

// counts reads {n}, {n,} or {n,m}.
func (p *parser) counts(n *node) error {
	start := p.i
	p.i++
	low := p.digits()
	high, comma := low, p.peek() == ','
	if comma {
		p.i++
		high = p.digits()
	}
	if low == "" || p.peek() != '}' {
		return refuse("a { that begins no count such as {2,3}", start, `for the character itself write \{`)
	}
	p.i++
	n.text = string(p.in[start:p.i])
	const most = 1000 // of RE2
	if n.least, _ = strconv.Atoi(low); len(low) > 4 || n.least > most {
		return refuse("the count "+n.text, start, fmt.Sprintf("RE2 repeats at most %d times", most))
	}
	if high == "" {
		return nil
	}
	if n.most, _ = strconv.Atoi(high); len(high) > 4 || n.most > most {
		return refuse("the count "+n.text, start, fmt.Sprintf("RE2 repeats at most %d times", most))
	}
	if n.most < n.least {
		return refuse("the count "+n.text, start, noRegex)
	}
	return nil
}

func (p *parser) digits() string {
	start := p.i
	for p.more() && '0' <= p.peek() && p.peek() <= '9' {
		p.i++
	}
	return string(p.in[start:p.i])
}

// group reads what begins with a bracket.
func (p *parser) group() (*node, error) {
	start := p.i
	for _, c := range []struct{ opens, name, advice string }{
		{"(?=", "the lookahead (?=", "RE2 has none; match what follows as well, outside the groups"},
		{"(?!", "the negative lookahead (?!", "RE2 has none; say what may come instead of what may not"},
		{"(?<=", "the lookbehind (?<=", "RE2 has none; match what goes before as well, outside the groups"},
		{"(?<!", "the negative lookbehind (?<!", "RE2 has none; say what may come instead of what may not"},
		{"(?>", "the atomic group (?>", "RE2 has none; write (?: if the expression then still means the same"},
	} {
		if p.has(c.opens) {
			return nil, refuse(c.name, start, c.advice)
		}
	}
	n := &node{kind: group, text: "("}
	fold, dotAll, lines, unix := p.fold, p.dotAll, p.lines, p.unix
	switch {
	case p.has("(?<"):
		name, err := p.groupName()
		if err != nil {
			return nil, err
		}
		n.text = "(?P<" + name + ">"
	case p.has("(?"):
		only, err := p.flags()
		if err != nil {
			return nil, err
		}
		if only {
			return &node{kind: empty}, nil // they hold until the group ends that this is in
		}
		n.text = "(?:"
	default:
		p.i++
	}
	if p.depth++; p.depth > maxDepth {
		return nil, refuse(fmt.Sprintf("more than %d groups in one another", maxDepth), start, "simplify the expression")
	}
	inner, err := p.choice()
	if err != nil {
		return nil, err
	}
	if !p.more() {
		return nil, refuse("a ( without its )", start, `for the character itself write \(`)
	}
	p.i++
	p.depth--
	p.fold, p.dotAll, p.lines, p.unix = fold, dotAll, lines, unix
	n.children = []*node{inner}
	return n, nil
}

// groupName reads the name in (?<name>.
func (p *parser) groupName() (string, error) {
	start := p.i
	p.i += len("(?<")
	var name strings.Builder
	for p.more() && (letter(p.peek()) || name.Len() > 0 && '0' <= p.peek() && p.peek() <= '9') {
		name.WriteRune(p.peek())
		p.i++
	}
	if name.Len() == 0 || p.peek() != '>' {
		return "", refuse("the name of a group that is not of ASCII letters and digits", start, noRegex)
	}
	p.i++
	if p.names[name.String()] {
		return "", refuse("a second group "+name.String(), start, noRegex)
	}
	p.names[name.String()] = true
	return name.String(), nil
}

// flags reads (?flags) or (?flags: and reports whether it is only that, without a group.
func (p *parser) flags() (only bool, err error) {
	start := p.i
	p.i += len("(?")
	for set := true; p.more(); p.i++ {
		switch c := p.peek(); c {
		case 'i':
			p.fold = set
		case 's':
			p.dotAll = set
		case 'm':
			p.lines = set
		case 'd':
			p.unix = set
		case 'u', 'U':
			return false, refuse("the flag (?"+string(c)+")", p.i, "Java's rules for letters of all alphabets are not RE2's; take it away, and write classes such as \\p{L}")
		case 'x':
			return false, refuse("the comments mode (?x)", p.i, "take it away, and with it blanks and comments")
		case '-':
			if !set {
				return false, refuse("a second - among flags", p.i, noRegex)
			}
			set = false
		case ':', ')':
			p.i++
			return c == ')', nil
		default:
			return false, refuse("(?"+string(c), start, noRegex)
		}
	}
	return false, refuse("a ( without its )", start, `for the character itself write \(`)
}
