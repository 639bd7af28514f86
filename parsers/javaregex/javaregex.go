// Package javaregex turns regular expressions of Java into ones of RE2 that mean exactly the same, and refuses, by name and place, those that
// RE2 cannot express.
//
// Both match the leftmost alternative first, so what is translated finds the same groups. They differ in many small things: in Java the dot
// stops at five line ends, \s has the vertical tab, (?i) is ASCII only, \Q..\E, \cX, \0n, \uXXXX, \h, \R and nested classes exist. The translation has none
// of RE2's flags: each atom is written out as what it matches.
//
// What remains is what the text must be like: Java's $ and \Z also match before a final line end, RE2 knows only the very end. Both are therefore taken
// only where nothing follows them, and the same there if the whole text has to match, or comes without its line end. \b and \B go by ASCII letters, as
// in Java 19 and later; before, letters of all alphabets were parts of words.
package javaregex

import (
	"fmt"
	"regexp"
)

// MaxPattern is how many bytes a pattern may have.
const MaxPattern = 16 << 10

// maxDepth is how deep groups may lie in one another.
const maxDepth = 100

// Error is a construct that RE2 has not, or text that is no regular expression of Java.
type Error struct {
	Construct string // what it is called, with its characters
	Position  int    // of the character that it begins at, from 1
	Advice    string // what to do
}

// Error says what is where, and what to do.
func (e *Error) Error() string {
	return fmt.Sprintf("character %d: %s is not supported: %s", e.Position, e.Construct, e.Advice)
}

// Translate returns the RE2 expression that matches what pattern matches in Java, with the same groups. It always compiles. For a match of the
// whole text put it in \A(?:...)\z, for one at the start of the text after \A. Its error is an *Error.
func Translate(pattern string) (string, error) {
	if len(pattern) > MaxPattern {
		return "", &Error{"a pattern this long", 1, fmt.Sprintf("it has %d bytes; %d are taken", len(pattern), MaxPattern)}
	}
	p := &parser{names: map[string]bool{}}
	for i, r := range pattern {
		if r == '\uFFFD' && pattern[i] != "\uFFFD"[0] {
			return "", &Error{"a byte that is not UTF-8", len(p.in) + 1, "write the pattern in UTF-8"}
		}
		p.in = append(p.in, r)
	}
	root, err := p.parse()
	if err != nil {
		return "", err
	}
	text := string(root.append(nil))
	if _, err := regexp.Compile(`\A(?:` + text + `)\z`); err != nil {
		return "", &Error{"an expression this large", 1, "use smaller counts in {n,m}, and fewer of them in one another"}
	}
	return text, nil
}
