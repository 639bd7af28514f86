package javaregex

import (
	"fmt"
	"strings"
)

// class reads [...] and returns it in RE2.
func (p *parser) class() (string, error) {
	start := p.i
	p.i++
	var b strings.Builder
	b.WriteByte('[')
	if p.peek() == '^' {
		b.WriteByte('^')
		p.i++
	}
	for first := true; ; first = false {
		switch {
		case !p.more():
			return "", refuse("a [ without its ]", start, `for the character itself write \[`)
		case p.peek() == ']' && !first:
			p.i++
			b.WriteByte(']')
			return b.String(), nil
		case p.peek() == '[':
			return "", refuse("a class within a class", p.i, `write all of it in one; for the character itself write \[`)
		case p.has("&&"):
			return "", refuse("the intersection of classes &&", p.i, `write out what it leaves; for the characters themselves write \&`)
		case p.has(`\Q`), p.has(`\E`):
			return "", refuse(string(p.in[p.i:p.i+2])+" within a class", p.i, "put a backslash before each character instead")
		}
		if err := p.member(&b); err != nil {
			return "", err
		}
	}
}

// member reads one character, range or set of a class.
func (p *parser) member(b *strings.Builder) error {
	start := p.i
	low, err := p.single()
	if err != nil {
		return err
	}
	if low.set != "" {
		b.WriteString(low.set)
		return nil
	}
	if p.peek() != '-' || p.i+1 >= len(p.in) || p.in[p.i+1] == ']' || p.in[p.i+1] == '[' {
		p.addRange(b, low.char, low.char)
		return nil
	}
	p.i++
	high, err := p.single()
	if err != nil {
		return err
	}
	if high.set != "" || high.char < low.char {
		return refuse("the range "+string(p.in[start:p.i]), start, `it has no end after its beginning; for the character itself write \-`)
	}
	p.addRange(b, low.char, high.char)
	return nil
}

// single reads one character of a class, or an escape.
func (p *parser) single() (item, error) {
	c := p.in[p.i]
	if c != '\\' {
		p.i++
		return item{char: c}, nil
	}
	if p.i+1 == len(p.in) {
		return item{}, refuse(`a \ at the end`, p.i, `for the character itself write \\`)
	}
	return p.escaped()
}

// addRange writes a range, with (?i) also the ASCII letters of the other case.
func (p *parser) addRange(b *strings.Builder, low, high rune) {
	fmt.Fprintf(b, `\x{%x}-\x{%x}`, low, high)
	if !p.fold {
		return
	}
	for _, letters := range [2][2]rune{{'a', 'z'}, {'A', 'Z'}} {
		if l, h := max(low, letters[0]), min(high, letters[1]); l <= h {
			fmt.Fprintf(b, `\x{%x}-\x{%x}`, l^0x20, h^0x20)
		}
	}
}
