package condition

import (
	"errors"
	"testing"
)

// FuzzCondition: no expression and no line makes it panic; what does not compile is an *Error with a place; an evaluation leaves the record as
// it was and gives the same answer again.
func FuzzCondition(f *testing.F) {
	for _, expression := range []string{
		`status >= 400 and path startsWith "/api"`, `a.b[1].c == 1 ? x : not y`, `any(tags, # == "a")`, `count(tags, .k == 1) > 1`, `field("a-b") in [1, "x", nil]`,
		`lower(a) matches "^x" or len(b) > 3`, `(a ?? 0) + 1 > b / c`, `x in 1..9 or "k" in a`, `trim(a, "x")[1:2] == first(b)`, `-a ** 2 < +1e9`, `a | lower() == "x"`,
		`round(a) % 2 == 0`, `last(tags).x?.y == nil`, `parsed`, `message contains "\x00"`, `all(a, {# > 1})`,
	} {
		f.Add(expression, []byte(nested))
		f.Add(expression, []byte(`{"a":{"b":[0,{"c":1}]},"x":true,"tags":["a",{"k":1}],"b":"é\u0000"}`))
		f.Add(expression, []byte(access))
	}
	f.Fuzz(func(t *testing.T, expression string, line []byte) {
		if len(line) > 64<<10 {
			return
		}
		c, err := Compile(expression, Options{})
		if err != nil {
			var problem *Error
			if !errors.As(err, &problem) || problem.Line < 1 || problem.Column < 1 || problem.Reason == "" {
				t.Fatalf("%q: %#v", expression, err)
			}
			return
		}
		for _, format := range []string{"json", "combined", "logfmt"} {
			rec := record(t, format, string(line))
			fields := len(rec.Fields)
			holds, err := c.Eval(rec)
			again, errAgain := c.Eval(rec)
			if holds != again || (err == nil) != (errAgain == nil) || holds && err != nil {
				t.Errorf("%q of %q: %v, %v and then %v, %v", expression, line, holds, err, again, errAgain)
			}
			if len(rec.Fields) != fields || string(rec.Line) != string(line) {
				t.Errorf("%q changed the record of %q", expression, line)
			}
		}
	})
}

// FuzzNumber: what is read as a number is one that JSON would write, but for leading zeros, a plus and dots at the ends.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-1", "+7", "007", "1.5", "1e9", "1E-9", "9223372036854775808", ".5", "1.", "0x1", "1_0", "inf", "NaN", "", "-", "1e", "１"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := parseNumber(b)
		if !ok {
			return
		}
		for _, c := range b {
			if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c|0x20 != 'e' {
				t.Errorf("%q is taken for a number", b)
			}
		}
		if n != n || n.f-n.f != 0 {
			t.Errorf("%q is %v", b, n)
		}
		if n.compare(n) != 0 {
			t.Errorf("%q is not equal to itself", b)
		}
	})
}
