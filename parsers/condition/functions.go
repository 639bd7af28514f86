package condition

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

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

// function is one with its arguments.
type function struct {
	condition *Condition
	name      string
	arguments [2]func() (value, error) // the second may be nil
}

func (f *function) run() (value, error) {
	v, err := f.arguments[0]()
	if err != nil {
		return v, err
	}
	switch f.name {
	case "len":
		n, err := v.length()
		return wholeValue(n), err
	case "string":
		return plainText(f.condition.keep(v.append)), nil
	case "first":
		v, _ = v.fetch(wholeValue(0))
		return v, nil
	case "last":
		v, _ = v.fetch(wholeValue(-1))
		return v, nil
	case "int", "float", "abs", "floor", "ceil", "round":
		return f.numeric(v)
	}
	second := plainText([]byte(" ")) // what is trimmed where nothing is said
	if f.arguments[1] != nil {
		if second, err = f.arguments[1](); err != nil {
			return v, err
		}
	}
	if v.kind != isPlain || second.kind != isPlain {
		return v, fmt.Errorf("%s takes text, not %v", f.name, v)
	}
	return f.textual(v.text, second.text), nil
}

func (f *function) textual(text, second []byte) value {
	switch f.name {
	case "lower":
		return plainText(f.condition.keep(func(dst []byte) []byte { return appendLower(dst, text) }))
	case "upper":
		return plainText(bytes.ToUpper(text))
	case "trim":
		if f.arguments[1] == nil {
			return plainText(bytes.TrimSpace(text))
		}
		return plainText(bytes.Trim(text, string(second)))
	case "trimPrefix":
		return plainText(bytes.TrimPrefix(text, second))
	case "trimSuffix":
		return plainText(bytes.TrimSuffix(text, second))
	case "hasPrefix":
		return truthOf(bytes.HasPrefix(text, second))
	case "hasSuffix":
		return truthOf(bytes.HasSuffix(text, second))
	case "indexOf":
		return wholeValue(bytes.Index(text, second))
	}
	return wholeValue(bytes.LastIndex(text, second))
}

// appendLower is bytes.ToLower without an allocation where all is ASCII.
func appendLower(dst, text []byte) []byte {
	if slices.ContainsFunc(text, func(b byte) bool { return b >= 0x80 }) {
		return append(dst, bytes.ToLower(text)...)
	}
	for _, b := range text {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

var errNoNumber = errors.New("it is no number")

// numeric is for the functions of a number; int and float read text, too.
func (f *function) numeric(v value) (value, error) {
	switch {
	case v.kind == isPlain && f.name == "int":
		i, err := strconv.Atoi(string(v.text))
		return wholeValue(i), err
	case v.kind == isPlain && f.name == "float":
		x, err := strconv.ParseFloat(string(v.text), 64)
		return floatValue(x), err
	case v.kind != isNumeric:
		return v, fmt.Errorf("%s of %v: %w", f.name, v, errNoNumber)
	}
	n := v.number
	switch f.name {
	case "int":
		return wholeValue(n.integer()), nil
	case "abs":
		if n.is("<", wholeNumber(0)) {
			n = n.negative()
		}
		return numeric(n), nil
	case "floor":
		return floatValue(math.Floor(n.f)), nil
	case "ceil":
		return floatValue(math.Ceil(n.f)), nil
	case "round":
		return floatValue(math.Round(n.f)), nil
	}
	return floatValue(n.f), nil
}
