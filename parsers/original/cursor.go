package original

import (
	"bytes"
	"unicode/utf8"
)

const (
	months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec "
	days   = "Mon Tue Wed Thu Fri Sat Sun "
)

// cursor reads a line from left to right. Once something is not there it has failed, and moves no more.
type cursor struct {
	in     []byte
	i      int
	failed bool
}

// peek returns the next byte, or 0.
func (c *cursor) peek() byte {
	if c.i < len(c.in) && !c.failed {
		return c.in[c.i]
	}
	return 0
}

func (c *cursor) skip(b byte) {
	if c.i < len(c.in) && !c.failed && c.in[c.i] == b {
		c.i++
		return
	}
	c.failed = true
}

func (c *cursor) text(s string) {
	if len(c.in)-c.i < len(s) || string(c.in[c.i:c.i+len(s)]) != s {
		c.failed = true
	}
	if !c.failed {
		c.i += len(s)
	}
}

// word reads at least one byte of a set.
func (c *cursor) word(is func(byte) bool) span {
	start := c.i
	for c.i < len(c.in) && is(c.in[c.i]) {
		c.i++
	}
	if c.i == start || c.failed {
		c.i, c.failed = start, true
	}
	return span{start, c.i}
}

// number reads a number of so many digits, which must be in the range.
func (c *cursor) number(least, most, low, high int) {
	n, v := 0, 0
	for n < most && isDigit(c.peek()) {
		v = 10*v + int(c.peek()-'0')
		c.i++
		n++
	}
	c.failed = c.failed || n < least || v < low || v > high
}

// year reads two or four digits.
func (c *cursor) year() {
	c.number(2, 2, 0, 99)
	if isDigit(c.peek()) {
		c.number(2, 2, 0, 99)
	}
}

// clock reads hours, of one digit or two, minutes and seconds.
func (c *cursor) clock() {
	c.number(1, 2, 0, 23)
	c.skip(':')
	c.number(2, 2, 0, 59)
	c.skip(':')
	c.number(2, 2, 0, 60)
}

// fraction reads a point and digits, if there is a point.
func (c *cursor) fraction() {
	if c.peek() == '.' {
		c.i++
		c.word(isDigit)
	}
}

// signed reads a whole number that may have a sign.
func (c *cursor) signed() {
	if b := c.peek(); b == '+' || b == '-' {
		c.i++
	}
	c.word(isDigit)
}

// amount reads a whole number that may have a sign, or a dash.
func (c *cursor) amount() span {
	start := c.i
	if c.peek() == '-' && (c.i+1 == len(c.in) || !isDigit(c.in[c.i+1])) {
		c.i++
	} else {
		c.signed()
	}
	return span{start, c.i}
}

// oneOf reads one of names, each of which has three letters and a blank behind it.
func (c *cursor) oneOf(names string) {
	for i := 0; i < len(names); i += 4 {
		if len(c.in)-c.i >= 3 && string(c.in[c.i:c.i+3]) == names[i:i+3] && !c.failed {
			c.i += 3
			return
		}
	}
	c.failed = true
}

// quoted reads a text that is not empty between quotes.
func (c *cursor) quoted() span {
	c.skip('"')
	if c.failed {
		return span{}
	}
	n := bytes.IndexByte(c.in[c.i:], '"')
	if n <= 0 {
		c.failed = true
		return span{}
	}
	s := span{c.i, c.i + n}
	c.i = s.end + 1
	return s
}

// host reads names with dots between them, such as an address of IPv4: each begins with a letter or digit and has up to 63 of them and dashes.
func (c *cursor) host() span {
	const longest = 63
	start := c.i
	for {
		label := c.i
		if !isAlnum(c.peek()) {
			c.failed = true
			break
		}
		for c.i < len(c.in) && (isAlnum(c.in[c.i]) || c.in[c.i] == '-') {
			c.i++
		}
		if c.i-label > longest {
			c.failed = true
		}
		if c.peek() != '.' {
			break
		}
		c.i++
	}
	return span{start, c.i}
}

// anyCharacter reads what the dot of Java matches.
func (c *cursor) anyCharacter() {
	_, size := utf8.DecodeRune(c.in[c.i:])
	if size == 0 || hasLineEnd(c.in[c.i:c.i+size]) {
		c.failed = true
		return
	}
	c.i += size
}

func isDigit(b byte) bool   { return '0' <= b && b <= '9' }
func isAlnum(b byte) bool   { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'z' }
func isWord(b byte) bool    { return isAlnum(b) || b == '_' }
func isName(b byte) bool    { return isAlnum(b) || b == '.' || b == '_' || b == '-' }
func isProgram(b byte) bool { return isName(b) || b == '/' || b == '%' }
