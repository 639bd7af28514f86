package condition

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// value is what an expression works with. Its text may lie in the record: it is valid as long as an evaluation takes.
type value struct {
	kind   valueKind
	truth  bool
	number number
	text   []byte
	list   []value
	object map[string]value
}

type valueKind uint8

const (
	isNil valueKind = iota
	isTruth
	isNumeric
	isPlain // text
	isList
	isObject
)

func numeric(n number) value     { return value{kind: isNumeric, number: n} }
func truthOf(is bool) value      { return value{kind: isTruth, truth: is} }
func plainText(b []byte) value   { return value{kind: isPlain, text: b} }
func wholeValue(i int) value     { return numeric(wholeNumber(int64(i))) }
func floatValue(f float64) value { return numeric(number{f: f}) }

// String names the kind of v, as the types are named.
func (v value) String() string {
	if v.kind == isNumeric && !v.number.whole {
		return "float64"
	}
	return [...]string{"nil", "bool", "int", "string", "list", "object"}[v.kind]
}

// equal reports whether two values are the same. 1 is 1.0, but not in objects: there, all is as it is written.
func equal(a, b value, exact bool) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case isTruth:
		return a.truth == b.truth
	case isNumeric:
		return a.number.is("==", b.number) && (!exact || a.number.whole == b.number.whole)
	case isPlain:
		return bytes.Equal(a.text, b.text)
	case isList:
		return slices.EqualFunc(a.list, b.list, func(x, y value) bool { return equal(x, y, exact) })
	case isObject:
		if len(a.object) != len(b.object) {
			return false
		}
		for name, x := range a.object {
			if y, ok := b.object[name]; !ok || !equal(x, y, true) {
				return false
			}
		}
	}
	return true
}

// compareValues orders two numbers or two texts.
func compareValues(operator string, a, b value) (bool, error) {
	switch {
	case a.kind == isNumeric && b.kind == isNumeric:
		return a.number.is(operator, b.number), nil
	case a.kind == isPlain && b.kind == isPlain:
		return ordered(operator, bytes.Compare(a.text, b.text)), nil
	}
	return false, fmt.Errorf("invalid operation: %v %s %v", a, operator, b)
}

// contains is in: v is an element of a list, or the name of a member of an object.
func (v value) contains(what value) (bool, error) {
	switch v.kind {
	case isNil:
		return false, nil
	case isList:
		return slices.ContainsFunc(v.list, func(element value) bool { return equal(element, what, false) }), nil
	case isObject:
		if what.kind == isPlain || what.kind == isNil {
			_, ok := v.object[string(what.text)]
			return ok, nil
		}
	}
	return false, fmt.Errorf("no %v can be in %v", what, v)
}

// length counts the elements or members, or the characters of a text.
func (v value) length() (int, error) {
	switch v.kind {
	case isPlain:
		return utf8.RuneCount(v.text), nil
	case isList:
		return len(v.list), nil
	case isObject:
		return len(v.object), nil
	}
	return 0, fmt.Errorf("invalid argument for len (type %v)", v)
}

// fetch is v[which]: a member, an element from the front or, below zero, from the back, or a byte of a text.
func (v value) fetch(which value) (value, error) {
	switch {
	case v.kind == isObject && (which.kind == isPlain || which.kind == isNil):
		return v.object[string(which.text)], nil
	case v.kind != isList && v.kind != isPlain || which.kind != isNumeric:
		return value{}, fmt.Errorf("%v has no member that is %v", v, which)
	}
	i, length := which.number.integer(), len(v.list)+len(v.text)
	if i < 0 {
		i += length
	}
	switch {
	case i < 0 || i >= length:
		return value{}, fmt.Errorf("index out of range: %d (length is %d)", i, length)
	case v.kind == isPlain:
		return wholeValue(int(v.text[i])), nil
	}
	return v.list[i], nil
}

// part is v[from:to]; ends below zero count from the back, and those outside are moved in.
func (v value) part(from, to value) (value, error) {
	if v.kind != isList && v.kind != isPlain || from.kind != isNumeric || to.kind != isNumeric {
		return value{}, fmt.Errorf("cannot slice %v from %v to %v", v, from, to)
	}
	length := len(v.list) + len(v.text)
	a, b := from.number.integer(), to.number.integer()
	if a < 0 {
		a = max(a+length, 0)
	}
	if b < 0 {
		b = max(b+length, 0)
	}
	b = min(b, length)
	a = min(a, b)
	if v.kind == isList {
		return value{kind: isList, list: v.list[a:b]}, nil
	}
	return plainText(v.text[a:b]), nil
}

// append writes v as text, lists and objects with blanks between their parts.
func (v value) append(dst []byte) []byte {
	switch v.kind {
	case isTruth:
		return fmt.Append(dst, v.truth)
	case isNumeric:
		if v.number.whole {
			return fmt.Append(dst, v.number.i)
		}
		return fmt.Append(dst, v.number.f)
	case isPlain:
		return append(dst, v.text...)
	case isList:
		dst = append(dst, '[')
		for i := range v.list {
			dst = v.list[i].append(separate(dst, i))
		}
		return append(dst, ']')
	case isObject:
		dst = append(dst, "map["...)
		for i, name := range slices.Sorted(maps.Keys(v.object)) {
			dst = append(append(separate(dst, i), name...), ':')
			dst = v.object[name].append(dst)
		}
		return append(dst, ']')
	}
	return append(dst, "<nil>"...)
}

func separate(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ' ')
}
