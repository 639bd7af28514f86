package condition

import "fmt"

// unary compiles not and the signs.
func (w *compiler) unary(n *node) operand {
	if n.text == "!" || n.text == "not" {
		o := w.compile(n.of[0], asBool)
		if !o.typ.open() && o.typ.kind != boolType {
			w.mismatch.refuse(n.at, "invalid operation: %s (mismatched type %s)", n.text, o.typ)
		}
		test := o.tests()
		return decided(func() (bool, error) {
			is, err := test()
			return !is && err == nil, err
		})
	}
	o := w.compile(n.of[0], asNumber)
	switch {
	case o.typ.open():
		o.typ = typ{}
	case !o.typ.isNumber():
		w.mismatch.refuse(n.at, "invalid operation: %s (mismatched type %s)", n.text, o.typ)
	}
	eval := o.values()
	if n.text == "+" {
		return operand{typ: o.typ, eval: eval}
	}
	return operand{typ: o.typ, eval: func() (value, error) {
		v, err := eval()
		if err == nil && v.kind != isNumeric {
			err = fmt.Errorf("invalid operation: - %v", v)
		}
		return numeric(v.number.negative()), err
	}}
}

// logic compiles and and or.
func (w *compiler) logic(n *node) operand {
	a, b := w.both(n, asBool)
	if !(isBool(a.typ) && isBool(b.typ)) && !both(a.typ, b.typ, isBool) {
		w.mismatched(n, a, b)
	}
	left, right := a.tests(), b.tests()
	stop := n.text == "or" || n.text == "||" // what the answer is without the right side
	return decided(func() (bool, error) {
		is, err := left()
		if err != nil || is == stop {
			return is, err
		}
		return right()
	})
}

// equality compiles == and != between two values.
func (w *compiler) equality(n *node, a, b operand) operand {
	if !a.typ.comparable(b.typ) {
		w.mismatched(n, a, b)
	}
	left, right, want := a.values(), b.values(), n.text == "=="
	return decided(func() (bool, error) {
		x, y, err := evaluate(left, right)
		return err == nil && equal(x, y, false) == want, err
	})
}

// order compiles <, <=, > and >=.
func (w *compiler) order(n *node, a, b operand) operand {
	fits := a.typ.isNumber() && b.typ.isNumber() || isTextType(a.typ) && isTextType(b.typ)
	if !fits && !both(a.typ, b.typ, isNumberOrText) {
		w.mismatched(n, a, b)
	}
	left, right, operator := a.values(), b.values(), n.text
	return decided(func() (bool, error) {
		x, y, err := evaluate(left, right)
		if err != nil {
			return false, err
		}
		return compareValues(operator, x, y)
	})
}

// arithmetic compiles + - * / % **.
func (w *compiler) arithmetic(n *node) operand {
	a, b := w.both(n, asNumber)
	fits, result := a.typ.isNumber() && b.typ.isNumber() || both(a.typ, b.typ, typ.isNumber), arithmetic(a.typ, b.typ)
	switch n.text {
	case "/", "**", "^":
		result = typ{kind: floatType}
	case "%":
		fits, result = isWhole(a.typ) && isWhole(b.typ) || both(a.typ, b.typ, isWhole), typ{kind: wholeType}
	case "+":
		if isTextType(a.typ) && isTextType(b.typ) {
			fits, result = true, typ{kind: textType}
		}
		fits = fits || both(a.typ, b.typ, isNumberOrText)
	}
	if !fits {
		w.mismatched(n, a, b)
	}
	left, right, operator, c := a.values(), b.values(), n.text, w.condition
	return operand{typ: result, eval: func() (value, error) {
		x, y, err := evaluate(left, right)
		switch {
		case err != nil:
		case x.kind == isNumeric && y.kind == isNumeric:
			x.number, err = calculate(operator, x.number, y.number)
		case x.kind == isPlain && y.kind == isPlain && operator == "+":
			x.text = c.keep(func(dst []byte) []byte { return append(append(dst, x.text...), y.text...) })
		default:
			err = fmt.Errorf("invalid operation: %v %s %v", x, operator, y)
		}
		return x, err
	}}
}

// coalesce compiles a ?? b.
func (w *compiler) coalesce(n *node, want mode) operand {
	left := want
	if want == asNumber {
		left = asNumberOrNil
	} else if want == asBool || want == asText {
		left = asValue // they have no nil
	}
	a, b := w.compile(n.of[0], left), w.compile(n.of[1], want)
	first, second := a.values(), b.values()
	return operand{typ: coalesced(a.typ, b.typ), eval: func() (value, error) {
		v, err := first()
		if err != nil || v.kind != isNil {
			return v, err
		}
		return second()
	}}
}

// choice compiles a ? b : c.
func (w *compiler) choice(n *node, want mode) operand {
	condition := w.compile(n.of[0], asBool)
	if !condition.typ.open() && !isBool(condition.typ) {
		w.mismatch.refuse(condition.at, "non-bool expression (type %v) used as condition", condition.typ)
	}
	a, b := w.compile(n.of[1], want), w.compile(n.of[2], want)
	test, then, otherwise := condition.tests(), a.values(), b.values()
	return operand{typ: chosen(a.typ, b.typ), eval: func() (value, error) {
		is, err := test()
		switch {
		case err != nil:
			return value{}, err
		case is:
			return then()
		}
		return otherwise()
	}}
}

// both compiles the two sides of an operator.
func (w *compiler) both(n *node, want mode) (a, b operand) {
	return w.compile(n.of[0], want), w.compile(n.of[1], want)
}

func (w *compiler) mismatched(n *node, a, b operand) {
	w.mismatch.refuse(n.at, "invalid operation: %s (mismatched types %s and %s)", n.text, a.typ, b.typ)
}

// evaluate evaluates two sides, the left first.
func evaluate(left, right func() (value, error)) (a, b value, err error) {
	if a, err = left(); err != nil {
		return a, b, err
	}
	b, err = right()
	return a, b, err
}
