package condition

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers"
)

// against tells what is wrong with an expression of ours by what expr makes of it; "" if nothing is.
func against(expression string, recs []*parsers.Record) string {
	ours, err := Compile(expression, Options{})
	theirs, theirErr := compileByExpr(expression)
	if err == nil && patchedTwice(theirErr) {
		return ""
	}
	if err != nil || theirErr != nil {
		return differing("compiled", err, theirErr)
	}
	for _, rec := range recs {
		holds, err := ours.Eval(rec)
		their, theirErr := theirs.eval(rec)
		switch {
		case known(err, theirErr):
		case (err == nil) != (theirErr == nil):
			return differing(string(rec.Line), err, theirErr)
		case err == nil && holds != their && !negatedByte.MatchString(expression):
			return fmt.Sprintf("%s: ours is %v", rec.Line, holds)
		}
	}
	return ""
}

func differing(what string, ours, theirs error) string {
	if ours != nil && theirs != nil {
		return ""
	}
	return fmt.Sprintf("%s: ours is %v, expr's is %v", what, ours, theirs)
}

// patchedTwice: expr has the middle of a < b + c < d, and of a + b ?: c, once in its tree, so the reference replaces the fields in it twice.
func patchedTwice(theirs error) bool {
	var refused *Error
	return errors.As(theirs, &refused) && strings.HasPrefix(refused.Word, "$")
}

// negatedByte: a byte of a text is a number, to expr one of 8 bits without a sign: -first("a") is 159 and not -97.
var negatedByte = regexp.MustCompile(`-.*(first|last|\[)`)

// known are the differences in answers that are meant.
func known(ours, theirs error) bool {
	var text string
	if theirs != nil {
		text = theirs.Error()
	}
	switch {
	case ours == nil && strings.HasPrefix(text, "interface conversion: interface {} is "):
		return strings.Contains(text, ", not int (") || strings.Contains(text, ", not string (") // (a ? nil : 1) == 1 fails in expr where it is nil
	case strings.Contains(text, "memory budget exceeded"): // of lists made in a loop; ours are bounded by the expression and the record
		return true
	}
	if ours == nil || theirs != nil {
		return false
	}
	return errors.Is(ours, errNotBool) || // string(true and [1]) has an answer in expr
		strings.HasSuffix(ours.Error(), "takes a list, not object") // and all(object, true)
}

func recordsForExpr(tb testing.TB) []*parsers.Record {
	return []*parsers.Record{
		record(tb, "json", nested),
		record(tb, "json", `{"a":{"b":[0,{"c":1}]},"x":true,"tags":["a",{"k":1}],"b":"Él\u0000","level":"7","status":"x","n":2.5,"list":[true,false],"none":[]}`),
		record(tb, "json", `{"a":null,"b":false,"level":3,"status":-1,"n":"-1.5e1","tags":"abc","list":{"k":"v"},"x":{}}`),
		record(tb, "combined", access),
		record(tb, "none", "garbage"),
	}
}

// generator writes expressions, most of which are right.
type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) field() string {
	return g.one("status", "level", "n", "tags", "list", "x", "a", "b", "none", "absent", "debug", "kubernetes.ports", "kubernetes.pod", "a.b[1].c", `field("user-agent")`, "tags[0]", "message", "msg", "big")
}

func (g generator) constant() string {
	return g.one("1", "0", "3", "500", "2.5", "-1", "1e3", "0x10", `"a"`, `"ERROR"`, `"7"`, `""`, "'é'", "true", "false", "nil", "9007199254740993", `[1, "a"]`, "[]", `["a", nil, 500]`, "1_000", "-2.0")
}

func (g generator) value(depth int) string {
	if depth <= 0 {
		return g.one(g.field(), g.constant(), g.field())
	}
	v := func() string { return g.value(depth - 1) }
	switch g.IntN(14) {
	case 0, 1:
		return g.field()
	case 2:
		return g.constant()
	case 3:
		return "(" + v() + g.one(" + ", " - ", " * ", " / ", " % ", " ** ", "+", "^") + v() + ")"
	case 4:
		return "(" + v() + " ?? " + v() + ")"
	case 5:
		return "(" + g.truth(depth-1) + " ? " + v() + " : " + v() + ")"
	case 6:
		return g.one("lower", "upper", "trim", "trimPrefix", "trimSuffix", "string", "len", "int", "float", "abs", "floor", "ceil", "round", "first", "last", "count") + "(" + v() + ")"
	case 7:
		return g.one("trim", "trimPrefix", "trimSuffix", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix") + "(" + v() + ", " + v() + ")"
	case 8:
		return v() + g.one("[0]", "[1:]", "[:2]", "[-2:-1]", "[1:3]", `["k"]`, ".k", "?.k", "?.[0]", "?.k.v", "[n]", "[:]", "["+v()+"]", "["+v()+":"+v()+"]")
	case 9:
		return g.one("-", "+", "not ", "!") + v()
	case 10:
		return "[" + v() + ", " + v() + "]"
	case 11:
		return "count(" + v() + ", " + g.predicate(depth-1) + ")"
	case 12:
		return v() + " | " + g.one("lower()", "len()", "first()", "string()", "trim(\"a\")", "int()")
	}
	return g.truth(depth - 1)
}

func (g generator) predicate(depth int) string {
	p := g.one("# == ", "# != ", "# > ", "#.k == ", ".k == ", "# in ", "not # == ", "#[0] == ", "(# ?? 1) < ", "#?.k == ") + g.constant()
	return g.one(p, "#", "{"+p+"}", p+" or "+p, "len(#) > 1", "# == # and # <= #", strings.NewReplacer("status", "#", "level", "#", "tags", "#").Replace(g.truth(depth-1)))
}

func (g generator) truth(depth int) string {
	if depth <= 0 {
		return g.one(g.field(), "true", "false", "parsed", g.field()+" == "+g.constant(), g.field()+" > "+g.constant())
	}
	t, v := func() string { return g.truth(depth - 1) }, func() string { return g.value(depth - 1) }
	switch g.IntN(12) {
	case 0:
		return "(" + t() + g.one(" and ", " or ", " && ", " || ", " ?? ") + t() + ")"
	case 1:
		return g.one("not ", "!") + "(" + t() + ")"
	case 2, 3:
		return v() + g.one(" == ", " != ", " < ", " <= ", " > ", " >= ", "==") + v()
	case 4:
		return v() + g.one(" contains ", " startsWith ", " endsWith ", " not contains ") + v()
	case 5:
		return v() + g.one(" matches ", " not matches ") + g.one(`"^a"`, `"[0-9]+"`, `"("`, v())
	case 6:
		return v() + g.one(" in ", " not in ") + g.one(v(), g.constant(), "1..9", g.field())
	case 7:
		return g.one("any", "all", "none", "one") + "(" + v() + ", " + g.predicate(depth-1) + ")"
	case 8:
		return "(" + t() + " ? " + t() + " : " + t() + ")"
	case 9:
		return v() + g.one(" < ", " <= ", " > ") + v() + g.one(" < ", " >= ") + v()
	case 10:
		return "if " + t() + " {" + t() + "} else {" + t() + "}"
	}
	return t() + g.one(" and ", " or ", " == ", " | ", " ; ", " ?: ") + t()
}

// TestAgainstExpr: expr takes the same expressions, and has the same answers. The expressions are the same in each run; SEED=N makes others, and so does
// FuzzAgainstExpr.
func TestAgainstExpr(t *testing.T) {
	recs := recordsForExpr(t)
	seed := uint64(1)
	if text := os.Getenv("SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	generated := 20000
	if testing.Short() {
		generated /= 10
	}
	g := generator{rand.New(rand.NewPCG(seed, 1))}
	for range generated {
		expression := g.truth(1 + g.IntN(4))
		if wrong := against(expression, recs); wrong != "" {
			t.Fatalf("seed %d: %s\n%s", seed, expression, wrong)
		}
	}
}

// TestTwiceIsBounded: what is asked twice for being written once does not make an expression grow without bound.
func TestTwiceIsBounded(t *testing.T) {
	for _, c := range []struct {
		from, to string
		deep     int
		fine     bool
	}{{"(", " ?: debug)", 4, true}, {"(", " ?: debug)", 100, false}, {"(1 < len([", "]) < 3)", 4, true}, {"(1 < len([", "]) < 3)", 60, false}} {
		expression := strings.Repeat(c.from, c.deep) + "debug" + strings.Repeat(c.to, c.deep)
		if _, err := Compile(expression, Options{}); (err == nil) != c.fine {
			t.Errorf("%s, %d deep: %v", c.to, c.deep, err)
		}
	}
}

// TestFunctionsAllocateNothing: they work on the text as it lies in the line, or in a place that is kept.
func TestFunctionsAllocateNothing(t *testing.T) {
	rec := record(t, "json", nested)
	for _, expression := range []string{
		`lower(level) == "error" and upper(level) == "ERROR"`, `trim(trimPrefix(msg, "a")) != "" and len(msg) == 5`, `level[0:2] == "/a" or n * 2 > 3`,
		`absent > 3`, `lower(tags) == "x"`,
	} {
		c := compiled(t, expression)
		if got := testing.AllocsPerRun(100, func() { _, _ = c.Eval(rec) }); got != 0 {
			t.Errorf("%s: %v allocations", expression, got)
		}
	}
}

// TestLoopKeepsNothing: what a loop makes of an element is not kept for the next.
func TestLoopKeepsNothing(t *testing.T) {
	c := compiled(t, `all(list, lower("`+strings.Repeat("X", 4000)+`") != "y")`)
	rec := record(t, "json", `{"list":[1`+strings.Repeat(",1", 30000)+`]}`)
	if holds, err := c.Eval(rec); !holds || err != nil || cap(c.texts) > keptScratch || cap(c.texts) < 4000 {
		t.Errorf("%v, %v; it keeps %d bytes", holds, err, cap(c.texts))
	}
}

// TestTakenByUs: what expr's tree, which has some parts twice, does not let the reference compile.
func TestTakenByUs(t *testing.T) {
	rec := record(t, "json", nested)
	for expression, want := range map[string]bool{
		`16 < n + 1 < 19`: true, `16 < n + 1 < 18`: false, `1 < len(level) <= 5`: true, `(status == 1) ?: debug`: true, `(status == 500) ?: off`: true,
	} {
		if holds, err := compiled(t, expression).Eval(rec); holds != want || err != nil {
			t.Errorf("%s: %v, %v", expression, holds, err)
		}
	}
}

// FuzzAgainstExpr does the same for any text.
func FuzzAgainstExpr(f *testing.F) {
	g := generator{rand.New(rand.NewPCG(1, 1))}
	for range 200 {
		f.Add(g.truth(1 + g.IntN(3)))
	}
	recs := recordsForExpr(f)
	f.Fuzz(func(t *testing.T, expression string) {
		if wrong := against(expression, recs); wrong != "" {
			t.Errorf("%q\n%s", expression, wrong)
		}
	})
}
