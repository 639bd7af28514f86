package condition

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"unsafe"

	"github.com/weir-logs/weir/parsers"
)

// number is one that was read: whole ones are exact.
type number struct {
	whole bool
	i     int64
	f     float64
}

func wholeNumber(i int64) number { return number{true, i, float64(i)} }

func (n number) negative() number { return number{whole: n.whole, i: -n.i, f: -n.f} }

// integer is the number without its fraction.
func (n number) integer() int {
	if n.whole {
		return int(n.i)
	}
	return int(n.f)
}

// is compares two numbers. What is not a number, as 0 / 0 is not, is equal to nothing, and neither less nor more.
func (n number) is(operator string, m number) bool {
	if !(n.whole && m.whole) && (n.f != n.f || m.f != m.f) {
		return operator == "!="
	}
	return ordered(operator, n.compare(m))
}

// calculate is n operator m. Whole numbers stay whole but in / and **; % takes no others.
func calculate(operator string, n, m number) (number, error) {
	whole := n.whole && m.whole
	switch {
	case operator == "/":
		return number{f: n.f / m.f}, nil
	case operator == "**" || operator == "^":
		return number{f: math.Pow(n.f, m.f)}, nil
	case operator == "%" && (!whole || m.i == 0):
		return number{}, errors.New("% takes whole numbers, and none by zero")
	case operator == "%":
		return wholeNumber(n.i % m.i), nil
	case operator == "+" && whole:
		return wholeNumber(n.i + m.i), nil
	case operator == "-" && whole:
		return wholeNumber(n.i - m.i), nil
	case operator == "*" && whole:
		return wholeNumber(n.i * m.i), nil
	case operator == "+":
		return number{f: n.f + m.f}, nil
	case operator == "-":
		return number{f: n.f - m.f}, nil
	}
	return number{f: n.f * m.f}, nil
}

func (n number) compare(m number) int {
	if n.whole && m.whole {
		return cmp.Compare(n.i, m.i)
	}
	return cmp.Compare(n.f, m.f)
}

// longestNumber is the most bytes that a number may have; longer text is no number.
const longestNumber = 64

// parseNumber reads a decimal number: a sign, digits, a fraction and an exponent. White space, other bases, separators, infinity and what
// is beyond a 64-bit float are none.
func parseNumber(b []byte) (number, bool) {
	if len(b) == 0 || len(b) > longestNumber || !decimal(b) {
		return number{}, false
	}
	text := unsafe.String(&b[0], len(b)) // nothing keeps it: it is a number by its grammar
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return wholeNumber(i), true
	}
	f, err := strconv.ParseFloat(text, 64)
	return number{f: f}, err == nil
}

// decimal reports whether b has the grammar of a number.
func decimal(b []byte) bool {
	i := 0
	if b[i] == '-' || b[i] == '+' {
		i++
	}
	whole := digits(b, i)
	end := whole
	if end < len(b) && b[end] == '.' {
		end = digits(b, end+1)
		if end == whole+1 {
			return false
		}
	}
	if whole == i {
		return false
	}
	if end < len(b) && b[end]|0x20 == 'e' {
		end++
		if end < len(b) && (b[end] == '-' || b[end] == '+') {
			end++
		}
		from := end
		if end = digits(b, end); end == from {
			return false
		}
	}
	return end == len(b)
}

// digits returns where the digits from i on end.
func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// numeric returns the number that a value is, or that its text is.
func (c *Condition) numeric(f *parsers.Field, buffer int) (number, bool) {
	switch f.Kind {
	case parsers.Number, parsers.String, parsers.Escaped:
		return parseNumber(c.plain(f, buffer))
	}
	return number{}, false
}
