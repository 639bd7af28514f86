package javaregex

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// item is what an escape stands for: one character, or a set of them.
type item struct {
	char rune
	set  string // the inside of a class in RE2; empty: one character
}

// The sets of Java, as insides of classes, with their opposites.
const (
	digitSet, notDigit = `0-9`, `\x00-\x2f\x3a-\x{10ffff}`
	spaceSet, notSpace = `\x09-\x0d\x20`, `\x00-\x08\x0e-\x1f\x21-\x{10ffff}`
	wordSet, notWord   = `0-9A-Z_a-z`, `\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x{10ffff}`
	blankSet           = `\x09\x20\xa0\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}`
	notBlank           = `\x00-\x08\x0a-\x1f\x21-\x9f\xa1-\x{167f}\x{1681}-\x{180d}\x{180f}-\x{1fff}\x{200b}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}`
	breakSet           = `\x0a-\x0d\x{85}\x{2028}\x{2029}`
	notBreak           = `\x00-\x09\x0e-\x{84}\x{86}-\x{2027}\x{202a}-\x{10ffff}`
)

// escape reads an escape outside of classes.
func (p *parser) escape() (*node, error) {
	start := p.i
	if p.i+1 == len(p.in) {
		return nil, refuse(`a \ at the end`, start, `for the character itself write \\`)
	}
	c := p.in[p.i+1]
	switch c {
	case 'A':
		p.i += 2
		return &node{kind: asserts, text: `\A`}, nil
	case 'z':
		p.i += 2
		return &node{kind: asserts, text: `\z`}, nil
	case 'Z':
		p.i += 2
		return &node{kind: atEnd, text: `\z`}, nil
	case 'b', 'B':
		if p.i += 2; p.peek() == '{' {
			return nil, refuse(`\`+string(c)+`{...}`, start, `RE2 has only \b and \B`)
		}
		return &node{kind: asserts, text: `\` + string(c)}, nil
	case 'G':
		return nil, refuse(`\G`, start, "RE2 has none; at the start of an expression take it away")
	case 'R':
		return nil, refuse(`\R`, start, `it gives nothing back where it is repeated, as nothing of RE2 does; write (?:\r\n|[\n-\r\x{85}\x{2028}\x{2029}])`)
	case 'X':
		return nil, refuse(`\X`, start, "RE2 has none; for any character write a dot")
	case 'k':
		return nil, refuse(`the backreference \k`, start, "RE2 has none; write out what it is to match")
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return nil, refuse(`the backreference \`+string(c), start, "RE2 has none; write out what it is to match")
	case 'Q':
		return p.quoted(), nil
	case 'E':
		return nil, refuse(`an \E without its \Q`, start, noRegex)
	}
	it, err := p.escaped()
	switch {
	case err != nil:
		return nil, err
	case it.set != "":
		return &node{text: "[" + it.set + "]"}, nil
	}
	return &node{text: p.literal(it.char)}, nil
}

// quoted reads \Q...\E or \Q to the end. A quantifier repeats the last character only, so the others are put before it.
func (p *parser) quoted() *node {
	p.i += 2
	rest := string(p.in[p.i:])
	text, _, closed := strings.Cut(rest, `\E`)
	chars := []rune(text)
	p.i += len(chars)
	if closed {
		p.i += 2
	}
	if len(chars) == 0 {
		return &node{kind: empty}
	}
	n := &node{kind: sequence}
	for _, c := range chars {
		n.children = append(n.children, &node{text: p.literal(c)})
	}
	return n
}

// escaped reads an escape that stands for characters.
func (p *parser) escaped() (item, error) {
	start := p.i
	c := p.in[p.i+1]
	p.i += 2
	switch c {
	case 'd':
		return item{set: digitSet}, nil
	case 'D':
		return item{set: notDigit}, nil
	case 's':
		return item{set: spaceSet}, nil
	case 'S':
		return item{set: notSpace}, nil
	case 'w':
		return item{set: wordSet}, nil
	case 'W':
		return item{set: notWord}, nil
	case 'h':
		return item{set: blankSet}, nil
	case 'H':
		return item{set: notBlank}, nil
	case 'v':
		return item{set: breakSet}, nil
	case 'V':
		return item{set: notBreak}, nil
	case 'p', 'P':
		return p.property(c == 'P', start)
	}
	char, err := p.char(c, start)
	return item{char: char}, err
}

// char reads an escape of a single character, whose letter has been read.
func (p *parser) char(c rune, start int) (rune, error) {
	switch c {
	case 't':
		return '\t', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 'f':
		return '\f', nil
	case 'a':
		return '\a', nil
	case 'e':
		return 0x1b, nil
	case 'c':
		if !p.more() {
			return 0, refuse(`\c at the end`, start, noRegex)
		}
		p.i++
		if k := p.in[p.i-1]; k < 0x80 {
			return k ^ 0x40, nil
		}
		return 0, refuse(`\c before a character that is not ASCII`, start, `write the character as \x{h..h}`)
	case '0':
		return p.octal(start)
	case 'x':
		if p.peek() == '{' {
			return p.braced(start)
		}
		return p.hex(2, start)
	case 'u':
		return p.utf16(start)
	}
	if letter(c) || '0' <= c && c <= '9' {
		return 0, refuse(`the escape \`+string(c), start, "RE2 has nothing for it, or Java has not; write what it is to match")
	}
	return c, nil
}

// octal reads \0n, \0nn or \0mnn, up to \0377.
func (p *parser) octal(start int) (rune, error) {
	v, n := rune(0), 0
	for n < 3 && p.more() && '0' <= p.peek() && p.peek() <= '7' && v*8+p.peek()-'0' <= 0377 {
		v = v*8 + p.peek() - '0'
		p.i++
		n++
	}
	if n == 0 {
		return 0, refuse(`\0 without octal digits`, start, noRegex)
	}
	return v, nil
}

// hex reads exactly n hexadecimal digits.
func (p *parser) hex(n, start int) (rune, error) {
	v := rune(0)
	for range n {
		d := hexDigit(p.peek())
		if d < 0 {
			return 0, refuse(string(p.in[start:start+2])+fmt.Sprintf(" without %d hexadecimal digits", n), start, noRegex)
		}
		v = v<<4 | d
		p.i++
	}
	return v, nil
}

func hexDigit(c rune) rune {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return -1
}

// braced reads the {h..h} of \x{h..h}.
func (p *parser) braced(start int) (rune, error) {
	p.i++
	v, n := rune(0), 0
	for ; hexDigit(p.peek()) >= 0 && v <= unicode.MaxRune; n++ {
		v = v<<4 | hexDigit(p.peek())
		p.i++
	}
	if n == 0 || p.peek() != '}' || v > unicode.MaxRune {
		return 0, refuse(`\x{ that is no character`, start, noRegex)
	}
	p.i++
	return notHalf(v, start)
}

// utf16 reads the digits of \uXXXX, and a second one if both are the halves of one character.
func (p *parser) utf16(start int) (rune, error) {
	v, err := p.hex(4, start)
	if err != nil || !utf16.IsSurrogate(v) {
		return v, err
	}
	if p.has(`\u`) {
		p.i += 2
		low, err := p.hex(4, start)
		if err != nil {
			return 0, err
		}
		if whole := utf16.DecodeRune(v, low); whole != unicode.ReplacementChar {
			return whole, nil
		}
	}
	return notHalf(v, start)
}

// notHalf refuses halves of surrogate pairs, which UTF-8 has not.
func notHalf(v rune, start int) (rune, error) {
	if utf16.IsSurrogate(v) {
		return 0, refuse("half of a surrogate pair", start, `write the whole character as \x{h..h}`)
	}
	return v, nil
}
