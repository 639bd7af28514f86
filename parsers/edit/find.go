package edit

import (
	"bytes"
	"regexp"
)

// finder finds what is to be hidden in a text.
type finder interface {
	// find returns the first place from this index on, or -1. It may look at what is before. Searching a text from place to place
	// takes a time that grows with its length only.
	find(b []byte, from int) (start, end int)
}

// sized is a finder of places that no text shorter than least bytes has: the many short fields of a record cost next to nothing.
type sized struct {
	finder
	least int
}

// finderFunc is a finder without state.
type finderFunc func(b []byte, from int) (start, end int)

func (f finderFunc) find(b []byte, from int) (start, end int) { return f(b, from) }

// anchored finds places by a text that each of them holds.
type anchored struct {
	anchor string
	at     func(b []byte, i int) (start, end int) // the place whose anchor is at i, or -1
}

func (a anchored) find(b []byte, from int) (start, end int) {
	for i := from; ; i++ {
		next := bytes.Index(b[i:], []byte(a.anchor))
		if next < 0 {
			return -1, -1
		}
		i += next
		if start, end = a.at(b, i); start >= from {
			return start, end
		}
	}
}

// maxMatches bounds the places of one pattern in one text; of a text with more of them all is hidden.
const maxMatches = 1024

// pattern finds what a regular expression matches. Its places are looked up when a search begins.
type pattern struct {
	expr    *regexp.Regexp
	matches [][]int
}

func (p *pattern) find(b []byte, from int) (start, end int) {
	if from == 0 {
		if p.matches = p.expr.FindAllIndex(b, maxMatches+1); len(p.matches) > maxMatches {
			p.matches = nil
			return 0, len(b)
		}
	}
	for len(p.matches) > 0 {
		m := p.matches[0]
		p.matches = p.matches[1:]
		if m[0] < m[1] && m[0] >= from {
			return m[0], m[1]
		}
	}
	return -1, -1
}

// kinds returns the names of what redact knows by itself.
func kinds() []string { return []string{"credit_card", "email", "ip", "token"} }

// finders returns what finds a kind.
func finders(kind string) []sized {
	const bearer, basic, jwt, email = len("bearer ") + leastBearer, len("basic ") + leastBearer, 2*leastJWT + len("."), len("a@b.cd")
	switch kind {
	case "credit_card":
		return []sized{{finderFunc(findCard), leastCard}}
	case "email":
		return []sized{{finderFunc(findEmail), email}}
	case "ip":
		return []sized{{anchored{".", ipv4At}, len("1.2.3.4")}, {anchored{":", ipv6At}, len("::1")}}
	case "token":
		return []sized{
			{anchored{"earer", bearerAt}, bearer}, {anchored{"EARER", bearerAt}, bearer}, {anchored{"asic ", basicAt}, basic}, {anchored{"ASIC ", basicAt}, basic},
			{anchored{"eyJ", jwtAt}, jwt}, {anchored{"AKIA", awsIDAt}, awsID}, {anchored{"ASIA", awsIDAt}, awsID},
			{finderFunc(findSecretKey), secretKey}, {finderFunc(findSecret), leastSecret},
		}
	}
	return nil
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }
func isUpper(c byte) bool  { return c-'A' < 26 }
func isHex(c byte) bool    { return isDigit(c) || (c|0x20)-'a' < 6 }

// isWord reports the characters of base64 as it is written in addresses.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }

// inFraction reports whether the digit at i stands after a point that stands after a digit.
func inFraction(b []byte, i int) bool { return i > 1 && b[i-1] == '.' && isDigit(b[i-2]) }

// beforeFraction reports whether a point and a digit begin at i.
func beforeFraction(b []byte, i int) bool { return i+1 < len(b) && b[i] == '.' && isDigit(b[i+1]) }
