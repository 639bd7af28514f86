package condition

import (
	"fmt"
	"slices"
)

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
	c := l.condition
	kept := len(c.texts)
	c.element = element
	is, err := l.test()
	c.texts = c.texts[:kept] // no text outlasts what was asked of an element
	return is, err
}
