package original

import "bytes"

// The formats of LOGTOJSON, written out. A test and a fuzz test compare each with the expression that it stands for, which is written there.

// matchCommon matches host, two words, [time], "request" and two numbers or dashes; whatever follows on the same line is left out.
func matchCommon(line []byte, f []span) bool {
	c := cursor{in: line}
	c.access(f)
	return !c.failed && c.restOfLine()
}

// matchCombined matches the same and two more texts in quotes.
func matchCombined(line []byte, f []span) bool {
	c := cursor{in: line}
	c.access(f)
	c.skip(' ')
	f[7] = c.quoted()
	c.skip(' ')
	f[8] = c.quoted()
	return !c.failed && c.restOfLine()
}

func (c *cursor) access(f []span) {
	f[0] = c.host()
	c.skip(' ')
	f[1] = c.word(isName)
	c.skip(' ')
	f[2] = c.word(isName)
	c.skip(' ')
	c.skip('[')
	start := c.i
	c.number(1, 2, 1, 31)
	c.skip('/')
	c.oneOf(months)
	c.skip('/')
	c.year()
	c.skip(':')
	c.clock()
	c.skip(' ')
	c.signed()
	f[3] = span{start, c.i}
	c.skip(']')
	c.skip(' ')
	f[4] = c.quoted()
	c.skip(' ')
	f[5] = c.amount()
	c.skip(' ')
	f[6] = c.amount()
}

// matchError matches [time] [module:severity] or [severity], [pid n:tid n] or [pid n], [client host:port] or [client host], and a message.
func matchError(line []byte, f []span) bool {
	c := cursor{in: line}
	c.skip('[')
	start := c.i
	c.oneOf(days)
	c.skip(' ')
	c.oneOf(months)
	c.skip(' ')
	c.number(1, 2, 1, 31)
	c.skip(' ')
	c.clock()
	c.fraction()
	c.skip(' ')
	c.year()
	f[0] = span{start, c.i}
	c.text("] [")
	f[2] = c.word(isWord)
	if c.peek() == ':' {
		c.i++
		f[1], f[2] = f[2], c.word(isWord)
	}
	c.text("] [pid ")
	f[3] = c.word(isDigit)
	if c.peek() == ':' {
		c.text(":tid ")
		f[4] = c.word(isDigit)
	}
	c.text("] [client ")
	f[5] = c.host()
	if c.peek() == ':' {
		c.i++
		c.word(isDigit)
		f[5].end = c.i
	}
	c.text("] ")
	f[6] = span{c.i, len(line)}
	return !c.failed && c.restOfLine()
}

// matchSyslog matches a stamp of RFC 3164 and what follows one.
func matchSyslog(line []byte, f []span) bool {
	c := cursor{in: line}
	c.oneOf(months)
	c.skip(' ')
	for c.peek() == ' ' {
		c.i++
	}
	c.number(1, 2, 1, 31)
	c.skip(' ')
	c.clock()
	f[0] = span{0, c.i}
	return c.source(f)
}

// matchRFC3339 matches a stamp of RFC 3339, whose numbers may be any, and what follows one.
func matchRFC3339(line []byte, f []span) bool {
	c := cursor{in: line}
	c.number(4, 4, 0, 9999)
	for _, before := range []byte("--T::") {
		c.skip(before)
		c.number(2, 2, 0, 99)
	}
	c.fraction()
	switch c.peek() {
	case 'Z':
		c.i++
	case '+', '-':
		c.i++
		c.number(2, 2, 0, 99)
		c.skip(':')
		c.number(2, 2, 0, 99)
	default:
		return false
	}
	f[0] = span{0, c.i}
	return c.source(f)
}

// source matches facility, host, program[pid] and message.
func (c *cursor) source(f []span) bool {
	c.skip(' ')
	if c.peek() == '<' {
		c.facility()
		c.skip(' ')
	}
	f[1] = c.word(isName)
	c.skip(' ')
	f[2] = c.word(isProgram)
	if c.peek() == '[' {
		c.i++
		if c.peek() == '0' {
			return false
		}
		f[3] = c.word(isDigit)
		c.skip(']')
	}
	c.text(": ")
	f[4] = span{c.i, len(c.in)}
	return !c.failed && c.restOfLine()
}

// facility matches <n.n>, where any character can stand between the two numbers, a digit too.
func (c *cursor) facility() {
	c.skip('<')
	first := c.word(isDigit)
	if c.peek() == '>' && first.end-first.start >= 3 && (c.i+1 == len(c.in) || !isDigit(c.in[c.i+1])) {
		c.i++
		return
	}
	c.anyCharacter()
	c.word(isDigit)
	c.skip('>')
}

// restOfLine reports whether the rest is on one line, by any of the line ends of Java.
func (c *cursor) restOfLine() bool { return !hasLineEnd(c.in[c.i:]) }

func hasLineEnd(s []byte) bool {
	return bytes.IndexByte(s, '\n') >= 0 || bytes.IndexByte(s, '\r') >= 0 ||
		bytes.IndexByte(s, 0xc2) >= 0 && bytes.Contains(s, []byte("\u0085")) ||
		bytes.IndexByte(s, 0xe2) >= 0 && (bytes.Contains(s, []byte("\u2028")) || bytes.Contains(s, []byte("\u2029")))
}
