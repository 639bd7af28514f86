package condition

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
)

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

// numeric is for the functions of a number; int and float read text, too.
func (f *function) numeric(v value) (value, error) {
	switch {
	case v.kind == isPlain && f.name == "int":
		if i, err := strconv.Atoi(string(v.text)); err == nil {
			return wholeValue(i), nil
		}
	case v.kind == isPlain && f.name == "float":
		if x, err := strconv.ParseFloat(string(v.text), 64); err == nil {
			return floatValue(x), nil
		}
	}
	if v.kind != isNumeric {
		return v, fmt.Errorf("%s takes a number, not %v", f.name, v)
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

func (f *function) textual(text, second []byte) value {
	switch f.name {
	case "lower":
		return plainText(f.condition.keep(func(dst []byte) []byte { return appendCase(dst, text, 'A', bytes.ToLower) }))
	case "upper":
		return plainText(f.condition.keep(func(dst []byte) []byte { return appendCase(dst, text, 'a', bytes.ToUpper) }))
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

// appendCase appends text with the 26 letters from first on in the other case, as change does without an allocation where all is ASCII.
func appendCase(dst, text []byte, first byte, change func([]byte) []byte) []byte {
	if slices.ContainsFunc(text, func(b byte) bool { return b >= 0x80 }) {
		return append(dst, change(text)...)
	}
	for _, b := range text {
		if b-first < 26 {
			b ^= 0x20
		}
		dst = append(dst, b)
	}
	return dst
}
