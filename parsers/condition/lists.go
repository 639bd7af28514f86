package condition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

func sortedNames(object map[string]value) []string { return slices.Sorted(maps.Keys(object)) }

// list compiles [a, b].
func (w *compiler) list(n *node) operand {
	elements := make([]operand, len(n.of))
	evals := make([]func() (value, error), len(n.of))
	for i := range n.of {
		elements[i] = w.compile(n.of[i], asValue)
		evals[i] = elements[i].values()
	}
	return operand{typ: listOf(elements), eval: func() (value, error) {
		v := value{kind: isList, list: make([]value, len(evals))}
		for i, eval := range evals {
			var err error
			if v.list[i], err = eval(); err != nil {
				return v, err
			}
		}
		return v, nil
	}}
}

// errChainEnds takes an evaluation out of a chain, which is nil.
var errChainEnds = errors.New("there is no member of nil")

// chain compiles a?.b.c: nil where a is.
func (w *compiler) chain(n *node, want mode) operand {
	o := w.compile(n.of[0], want)
	eval := o.values()
	return operand{typ: o.typ, eval: func() (value, error) {
		v, err := eval()
		if err == errChainEnds {
			return value{}, nil
		}
		return v, err
	}}
}

// member compiles a member or an element of what is no field.
func (w *compiler) member(n *node) operand {
	of, which := w.compile(n.of[0], asValue), w.compile(n.of[1], asValue)
	result := typ{}
	switch {
	case of.typ.open():
	case of.typ.kind == listType:
		if !isWhole(which.typ) && !which.typ.open() {
			w.mismatch.refuse(which.at, "array elements can only be selected using an integer (got %s)", which.typ)
		}
		result = of.typ.element()
	case n.of[1].kind == textNode:
		w.mismatch.refuse(n.at, "type %v has no field %v", of.typ, n.of[1].text)
	default:
		w.mismatch.refuse(n.at, "type %v[%v] is undefined", of.typ, which.typ)
	}
	object, member := of.values(), which.values()
	return operand{typ: result, eval: func() (value, error) {
		v, err := object()
		switch {
		case err != nil:
			return v, err
		case n.optional && v.kind == isNil:
			return v, errChainEnds
		}
		name, err := member()
		if err != nil {
			return v, err
		}
		return v.fetch(name)
	}}
}

// slice compiles a[1:2].
func (w *compiler) slice(n *node) operand {
	of, noticed := w.compile(n.of[0], asValue), w.mismatch
	if k := of.typ.kind; !of.typ.open() && k != textType && k != listType {
		w.mismatch.refuse(n.at, "cannot slice %s", of.typ)
	}
	object, from, to := of.values(), w.end(n.of[1]), w.end(n.of[2])
	result := of.typ
	if result.open() {
		result, w.mismatch = typ{}, noticed // in it nothing is known
	}
	return operand{typ: result, eval: func() (value, error) {
		v, err := object()
		if err != nil {
			return v, err
		}
		first, last := wholeValue(0), wholeValue(len(v.list)+len(v.text))
		if to != nil {
			last, err = to()
		}
		if from != nil && err == nil {
			first, err = from()
		}
		if err != nil {
			return v, err
		}
		return v.part(first, last)
	}}
}

// end compiles an end of a slice.
func (w *compiler) end(n *node) func() (value, error) {
	if n == nil {
		return nil
	}
	o := w.compile(n, asNumber)
	if !isWhole(o.typ) && !o.typ.open() {
		w.mismatch.refuse(o.at, "non-integer slice index %v", o.typ)
	}
	return o.values()
}

// element compiles #.
func (w *compiler) element() operand {
	c := w.condition
	return operand{typ: w.looped, eval: func() (value, error) { return c.element, nil }}
}

// isLoop reports whether a function asks something of each element of a list.
func isLoop(name string) bool {
	return slices.Contains([]string{"all", "any", "none", "one", "count"}, name)
}

// loop compiles all, any, none, one and count. One loop is never in another.
func (w *compiler) loop(n *node) operand {
	predicated := len(n.of) > 1
	if predicated && w.loops > 0 {
		w.refuse(n.at, "%s stands in another loop; a record could take for ever", n.text)
		return operand{}
	}
	list := w.compile(n.of[0], asValue)
	if !list.typ.open() && list.typ.kind != listType {
		w.mismatch.refuse(list.at, "builtin %v takes only array (got %v)", n.text, list.typ)
	}
	result := typ{kind: boolType}
	if n.text == "count" {
		result = typ{kind: wholeType}
	}
	l := &loop{condition: w.condition, name: n.text, list: list.values()}
	if predicated {
		element := typ{}
		if !list.typ.open() {
			element = list.typ.element()
		}
		l.test = w.predicate(n.of[1], element)
	}
	return operand{typ: result, eval: l.run}
}

// predicate compiles what is asked of each element.
func (w *compiler) predicate(n *node, element typ) func() (bool, error) {
	outer := w.looped
	w.looped = element
	w.loops++
	o := w.compile(n, asBool)
	w.loops--
	w.looped = outer
	switch {
	case o.typ.kind == nilType:
		w.mismatch.refuse(o.at, "predicate should has one input and one output param")
	case !o.typ.open() && !isBool(o.typ):
		w.mismatch.refuse(o.at, "predicate should return boolean (got %s)", o.typ)
	}
	return o.tests()
}

// loop asks a predicate of each element of a list.
type loop struct {
	condition *Condition
	name      string
	list      func() (value, error)
	test      func() (bool, error) // nil: whether the element is true
}

func (l *loop) run() (value, error) {
	v, err := l.list()
	if err != nil {
		return v, err
	}
	length := len(v.list) + len(v.text)
	if v.kind != isList && v.kind != isPlain && !(v.kind == isObject && len(v.object) == 0) {
		return v, fmt.Errorf("%s takes a list, not %v", l.name, v)
	}
	held := 0
	for i := range length {
		element, _ := v.fetch(wholeValue(i))
		is, err := l.holds(element)
		if err != nil {
			return v, err
		}
		if is {
			held++
		}
		if l.name == "all" && !is || (l.name == "any" || l.name == "none") && is {
			return truthOf(l.name == "any"), nil
		}
	}
	switch l.name {
	case "count":
		return wholeValue(held), nil
	case "one":
		return truthOf(held == 1), nil
	}
	return truthOf(l.name != "any"), nil
}

func (l *loop) holds(element value) (bool, error) {
	if l.test == nil {
		if element.kind != isTruth {
			return false, errNotBool
		}
		return element.truth, nil
	}
	l.condition.element = element
	return l.test()
}
