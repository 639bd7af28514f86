package condition

import (
	"bytes"

	"github.com/weir-logs/weir/parsers"
)

// constant is what a field is compared with; its kind says how the field is looked at.
type constant struct {
	kind   parsers.Kind // String, Number, Bool or Null
	text   []byte
	number number
	truth  bool
}

func constantOf(n *node) (constant, bool) {
	switch n.kind {
	case nilNode:
		return constant{kind: parsers.Null}, true
	case boolNode:
		return constant{kind: parsers.Bool, truth: n.text == "true"}, true
	case textNode:
		return constant{kind: parsers.String, text: []byte(n.text)}, true
	case numberNode:
		return constant{kind: parsers.Number, number: n.number}, true
	case unaryNode:
		k, ok := constantOf(n.of[0])
		if !ok || k.kind != parsers.Number || n.text != "-" && n.text != "+" {
			return constant{}, false
		}
		if n.text == "-" {
			k.number = k.number.negative()
		}
		return k, true
	}
	return constant{}, false
}

// constantsOf returns the constants that a list is made of, if it has nothing else.
func constantsOf(n *node) ([]constant, bool) {
	set := make([]constant, len(n.of))
	for i, element := range n.of {
		var ok bool
		if set[i], ok = constantOf(element); !ok {
			return nil, false
		}
	}
	return set, true
}

// rangeOf returns the ends of a range of constants; both belong to it.
func rangeOf(n *node) (from, to number, ok bool) {
	first, ok1 := constantOf(n.of[0])
	last, ok2 := constantOf(n.of[1])
	return first.number, last.number, ok1 && ok2 && first.kind == parsers.Number && last.kind == parsers.Number
}

// equal reports whether a value that is there is what k says.
func (c *Condition) equal(f *parsers.Field, k *constant) bool {
	switch k.kind {
	case parsers.Null:
		return f.Kind == parsers.Null
	case parsers.Bool:
		is, ok := truth(f)
		return ok && is == k.truth
	case parsers.Number:
		n, ok := c.numeric(f, 0)
		return ok && n.compare(k.number) == 0
	}
	return f.Kind != parsers.Null && f.Kind != parsers.JSON && bytes.Equal(c.plain(f, 0), k.text)
}

// compare compares a place with a constant.
func (c *Condition) compare(p *place, operator string, k *constant) (bool, error) {
	f, ok := p.find(c.rec)
	switch operator {
	case "==":
		return ok && c.equal(&f, k) || !ok && k.kind == parsers.Null, nil
	case "!=":
		return ok && !c.equal(&f, k) || !ok && k.kind != parsers.Null, nil
	}
	switch {
	case !ok:
		return false, p.missing
	case f.Kind == parsers.Null:
		return false, nil
	case k.kind == parsers.Number:
		n, ok := c.numeric(&f, 0)
		if !ok {
			return false, p.noNumber
		}
		return ordered(operator, n.compare(k.number)), nil
	case f.Kind == parsers.JSON:
		return false, p.noScalar
	}
	return ordered(operator, bytes.Compare(c.plain(&f, 0), k.text)), nil
}

// ordered tells what an operator makes of the outcome of a comparison.
func ordered(operator string, order int) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "==":
		return order == 0
	}
	return order != 0
}

// comparePlaces compares two places: as numbers if both are, at least one by its kind where they are to be equal; else by their texts.
func (c *Condition) comparePlaces(left *place, operator string, right *place) (bool, error) {
	a, hasA := left.find(c.rec)
	b, hasB := right.find(c.rec)
	nilA, nilB := !hasA || a.Kind == parsers.Null, !hasB || b.Kind == parsers.Null
	equality := operator == "==" || operator == "!="
	if nilA || nilB {
		switch {
		case equality:
			return (nilA == nilB) == (operator == "=="), nil
		case !hasA:
			return false, left.missing
		case !hasB:
			return false, right.missing
		}
		return false, nil
	}
	if !equality || a.Kind == parsers.Number || b.Kind == parsers.Number {
		n, isN := c.numeric(&a, 0)
		m, isM := c.numeric(&b, 1)
		if isN && isM {
			return ordered(operator, n.compare(m)), nil
		}
	}
	if !equality && a.Kind == parsers.JSON {
		return false, left.noScalar
	}
	if !equality && b.Kind == parsers.JSON {
		return false, right.noScalar
	}
	return ordered(operator, bytes.Compare(c.plain(&a, 0), c.plain(&b, 1))), nil
}

// textTest tries the text of a place; nil has none.
func (c *Condition) textTest(p *place, test func([]byte) bool) (bool, error) {
	f, ok := p.find(c.rec)
	switch {
	case !ok || f.Kind == parsers.Null:
		return false, nil
	case f.Kind == parsers.JSON:
		return false, p.noScalar
	}
	return test(c.plain(&f, 0)), nil
}

// partTest is hasPart for one part.
func partTest(operator string, part []byte) func([]byte) bool {
	return func(text []byte) bool { return hasPart(operator, text, part) }
}

// among reports whether a place is one of the constants.
func (c *Condition) among(p *place, set []constant) (bool, error) {
	f, ok := p.find(c.rec)
	if !ok {
		f.Kind = parsers.Null
	}
	for i := range set {
		if c.equal(&f, &set[i]) {
			return true, nil
		}
	}
	return false, nil
}

// within reports whether a place is a number from one to another.
func (c *Condition) within(p *place, from, to number) (bool, error) {
	f, ok := p.find(c.rec)
	switch {
	case !ok:
		return false, p.missing
	case f.Kind == parsers.Null:
		return false, nil
	}
	n, ok := c.numeric(&f, 0)
	if !ok {
		return false, p.noNumber
	}
	return from.compare(n) <= 0 && n.compare(to) <= 0, nil
}

// has reports whether a list has an element that is k, or an object a member of that name.
func (c *Condition) has(p *place, k *constant) (found bool, err error) {
	f, ok := p.find(c.rec)
	switch {
	case !ok || f.Kind == parsers.Null:
		return false, nil
	case f.Kind != parsers.JSON:
		return false, p.noList
	case f.Value[0] == '{':
		_, found = f.Member(string(k.text))
		return found && k.kind == parsers.String, nil
	}
	f.Inside(func(_ []byte, element parsers.Field) bool {
		found = c.equal(&element, k)
		return !found
	})
	return found, nil
}
