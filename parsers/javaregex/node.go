package javaregex

// kind says what a node is.
type kind uint8

const (
	consumes kind = iota // text that matches at least a character each time
	asserts              // text that matches nothing, such as \b
	atEnd                // \z for $ and \Z, which are only good where nothing follows
	empty                // nothing at all
	sequence
	choice
	group    // open and its one child
	repeated // its one child and text, the quantifier
)

// node is a part of an expression.
type node struct {
	kind     kind
	text     string // in RE2; of a group how it opens
	at       int    // where it begins in the pattern, from 1
	least    int    // of repeated: how often at least
	most     int    // of repeated: how often at most; -1: any number
	children []*node
}

// append appends the expression in RE2.
func (n *node) append(dst []byte) []byte {
	switch n.kind {
	case sequence:
		for _, child := range n.children {
			dst = child.append(dst)
		}
	case choice:
		for i, child := range n.children {
			if i > 0 {
				dst = append(dst, '|')
			}
			dst = child.append(dst)
		}
	case group:
		dst = append(n.children[0].append(append(dst, n.text...)), ')')
	case repeated:
		dst = append(n.children[0].append(dst), n.text...)
	default:
		dst = append(dst, n.text...)
	}
	return dst
}

// nullable reports whether n can match without taking a character.
func (n *node) nullable() bool {
	switch n.kind {
	case consumes:
		return false
	case sequence:
		for _, child := range n.children {
			if !child.nullable() {
				return false
			}
		}
		return true
	case choice:
		for _, child := range n.children {
			if child.nullable() {
				return true
			}
		}
		return false
	case group:
		return n.children[0].nullable()
	case repeated:
		return n.least == 0 || n.children[0].nullable()
	}
	return true
}

// check returns what RE2 would match differently. last says that nothing follows n.
func (n *node) check(last bool) error {
	switch n.kind {
	case atEnd:
		if !last {
			return &Error{"$ or \\Z before the end of the expression", n.at, "it may match before a line end there; write the line end out, or take it away"}
		}
	case repeated:
		if n.most != 0 && n.most != 1 && n.children[0].nullable() {
			return &Error{"repeating what can match nothing", n.at, "what it takes would differ; let what is repeated match at least a character"}
		}
		last = last && n.most >= 0 && n.most <= 1
	}
	for i, child := range n.children {
		alone := n.kind != sequence || i == len(n.children)-1
		if err := child.check(last && alone); err != nil {
			return err
		}
	}
	return nil
}
