package awsapi

import (
	"fmt"
	"regexp"
	"strings"
)

// pattern is a pattern of the API: the whole string must match. The API's dialect is Java's; of what RE2 lacks, the tables
// use only a negative look-ahead at the very start, `(?!X)`, which is the same as not beginning with X.
type pattern struct {
	whole *regexp.Regexp
	not   *regexp.Regexp // nil, or what the string must not begin with
}

func newPattern(text string) (*pattern, error) {
	rest := text
	p := &pattern{}
	if ahead, ok := strings.CutPrefix(strings.TrimPrefix(text, "^"), "(?!"); ok {
		n := closing(ahead)
		if n < 0 {
			return nil, fmt.Errorf("pattern %s: a look-ahead has no end", text)
		}
		not, err := regexp.Compile("^(?:" + ahead[:n] + ")")
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", text, err)
		}
		p.not, rest = not, ahead[n+1:]
	}
	whole, err := regexp.Compile("^(?:" + rest + ")$")
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", text, err)
	}
	p.whole = whole
	return p, nil
}

// closing returns the index of the parenthesis that closes a group whose opening one is already past.
func closing(s string) int {
	depth := 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (p *pattern) match(b []byte) bool {
	return p.whole.Match(b) && (p.not == nil || !p.not.Match(b))
}
