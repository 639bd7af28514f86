package condition

// functionNames returns the functions that there are, in the order of the documentation. What is left out of expr's makes something long of
// something short (repeat, split), walks lists of lists, or depends on the time of day, which a record does not.
func functionNames() []string {
	return []string{
		"field", "len", "lower", "upper", "trim", "trimPrefix", "trimSuffix", "hasPrefix", "hasSuffix", "indexOf", "lastIndexOf", "string",
		"int", "float", "abs", "floor", "ceil", "round", "first", "last", "all", "any", "none", "one", "count",
	}
}

// call compiles a function.
func (w *compiler) call(n *node) operand {
	switch {
	case n.text == "field":
		w.refuse(n.at, `field takes the name of one field, as in field("user-agent")`)
		return operand{}
	case isLoop(n.text):
		return w.loop(n)
	}
	want, from, to := signature(n.text)
	arguments := make([]operand, len(n.of))
	for i := range n.of {
		arguments[i] = w.compile(n.of[i], want)
	}
	result := typ{}
	switch {
	case len(n.of) < from:
		w.mismatch.refuse(n.at, "not enough arguments to call %s", n.text)
	case len(n.of) > to:
		w.mismatch.refuse(n.at, "too many arguments to call %s", n.text)
	default:
		result = w.check(n, want, arguments)
	}
	f := &function{condition: w.condition, name: n.text}
	for i := 0; i < len(arguments) && i < len(f.arguments); i++ {
		f.arguments[i] = arguments[i].values()
	}
	return operand{typ: result, eval: f.run}
}

// signature returns what the arguments of a function are wanted as, and how few and many it takes.
func signature(name string) (want mode, from, to int) {
	switch name {
	case "lower", "upper":
		return asText, 1, 1
	case "trim", "trimPrefix", "trimSuffix":
		return asText, 1, 2
	case "hasPrefix", "hasSuffix", "indexOf", "lastIndexOf":
		return asText, 2, 2
	case "int", "float", "abs", "floor", "ceil", "round":
		return asNumber, 1, 1
	}
	return asValue, 1, 1
}

// check returns the type of a function's result, and complains of arguments that it cannot take.
func (w *compiler) check(n *node, want mode, arguments []operand) typ {
	of := arguments[0].typ
	fits := true
	switch {
	case want == asText:
		for _, a := range arguments {
			if !a.typ.open() && !isTextType(a.typ) {
				w.mismatch.refuse(a.at, "cannot use %s as argument (type string) to call %s", a.typ, n.text)
			}
		}
	case n.text == "int" || n.text == "float":
		fits = isNumberOrText(of)
	case want == asNumber:
		fits = of.isNumber()
	case n.text == "len":
		fits = of.kind == listType || of.kind == textType
	case n.text != "string":
		fits = of.kind == listType
	}
	if !fits && !of.open() {
		w.mismatch.refuse(n.at, "invalid argument for %s (type %s)", n.text, of)
	}
	return resultOf(n.text, of)
}

func resultOf(name string, of typ) typ {
	switch name {
	case "hasPrefix", "hasSuffix":
		return typ{kind: boolType}
	case "len", "int", "indexOf", "lastIndexOf":
		return typ{kind: wholeType}
	case "float", "floor", "ceil", "round":
		return typ{kind: floatType}
	case "abs":
		if !of.open() {
			return of
		}
		return typ{kind: anyType}
	case "first", "last":
		return typ{kind: anyType}
	}
	return typ{kind: textType}
}
