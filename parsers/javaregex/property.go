package javaregex

import (
	"strings"
	"unicode"
)

// posix are the ASCII classes of Java, as insides of classes, each with its opposite.
var posix = map[string][2]string{
	"Lower":  {`a-z`, `\x00-\x60\x7b-\x{10ffff}`},
	"Upper":  {`A-Z`, `\x00-\x40\x5b-\x{10ffff}`},
	"ASCII":  {`\x00-\x7f`, `\x{80}-\x{10ffff}`},
	"Alpha":  {`A-Za-z`, `\x00-\x40\x5b-\x60\x7b-\x{10ffff}`},
	"Digit":  {digitSet, notDigit},
	"Alnum":  {`0-9A-Za-z`, `\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x{10ffff}`},
	"Punct":  {`\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e`, `\x00-\x20\x30-\x39\x41-\x5a\x61-\x7a\x7f-\x{10ffff}`},
	"Graph":  {`\x21-\x7e`, `\x00-\x20\x7f-\x{10ffff}`},
	"Print":  {`\x20-\x7e`, `\x00-\x1f\x7f-\x{10ffff}`},
	"Blank":  {`\x09\x20`, `\x00-\x08\x0a-\x1f\x21-\x{10ffff}`},
	"Cntrl":  {`\x00-\x1f\x7f`, `\x20-\x7e\x{80}-\x{10ffff}`},
	"XDigit": {`0-9A-Fa-f`, `\x00-\x2f\x3a-\x40\x47-\x60\x67-\x{10ffff}`},
	"Space":  {spaceSet, notSpace},
}

// categories are the general categories that RE2 and Java know by the same letters. C and Cn are not among them: RE2's have no unassigned characters.
const categories = " L M N P S Z Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs Cc Cf Co "

// property reads what follows \p or \P.
func (p *parser) property(negated bool, start int) (item, error) {
	name := string(p.peek())
	if p.peek() == '{' {
		end := p.i
		for end < len(p.in) && p.in[end] != '}' {
			end++
		}
		if end == len(p.in) {
			return item{}, refuse(string(p.in[start:start+2])+"{ without its }", start, noRegex)
		}
		name = string(p.in[p.i+1 : end])
		p.i = end
	} else if !p.more() {
		return item{}, refuse(string(p.in[start:])+" at the end", start, noRegex)
	}
	p.i++
	whole := string(p.in[start:p.i])
	cased := strings.Contains(" Lower Upper Lu Ll Lt ", " "+strings.TrimPrefix(name, "Is")+" ")
	if p.fold && (cased || strings.ContainsRune(name, '=')) {
		return item{}, refuse(whole+" with (?i)", start, "it means different things in different versions of Java; write the letters out")
	}
	if set, ok := posix[name]; ok {
		if negated {
			return item{set: set[1]}, nil
		}
		return item{set: set[0]}, nil
	}
	in, ok := unicodeName(name)
	if !ok {
		return item{}, refuse("the class "+whole, start, `RE2 knows \p{Alpha} and its like, general categories such as \p{L}, and scripts such as \p{IsGreek}; write out what it is to match`)
	}
	if negated {
		return item{set: `\P{` + in + `}`}, nil
	}
	return item{set: `\p{` + in + `}`}, nil
}

// unicodeName returns what RE2 calls a class that Java calls name.
func unicodeName(name string) (string, bool) {
	category := func(s string) bool {
		return s != "" && !strings.Contains(s, " ") && strings.Contains(categories, " "+s+" ")
	}
	if key, value, ok := strings.Cut(name, "="); ok {
		switch strings.ToLower(key) {
		case "gc", "general_category":
			return value, category(value)
		case "sc", "script":
			return value, unicode.Scripts[value] != nil
		}
		return "", false
	}
	if category(name) {
		return name, true
	}
	name, is := strings.CutPrefix(name, "Is")
	return name, is && (category(name) || unicode.Scripts[name] != nil)
}
