package condition

import "errors"

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
