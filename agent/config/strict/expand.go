package strict

import (
	"fmt"
	"os"
	"strings"
)

// expand replaces the variables in text: ${NAME} by its value, ${NAME:-default} by the default if it is unset or empty,
// and $${ by the characters ${. A dollar without a brace is itself.
func expand(text string, lookup func(string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			return b.String(), nil
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		inside, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			return "", fmt.Errorf("%q has no closing brace; write $${ for the characters themselves", text[i:])
		}
		value, err := variable(inside, lookup)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text = rest
	}
}

// variable returns what the inside of ${...} stands for.
func variable(inside string, lookup func(string) (string, bool)) (string, error) {
	name, fallback, hasFallback := strings.Cut(inside, ":-")
	if !isName(name) {
		return "", fmt.Errorf("${%s} is not a variable: a name is letters, digits and underscores; write $${ for the characters themselves", inside)
	}
	value, ok := lookup(name)
	if !ok && name == "HOSTNAME" { // shells set it without exporting it
		if host, err := os.Hostname(); err == nil {
			value, ok = host, true
		}
	}
	if hasFallback && value == "" {
		return fallback, nil
	}
	if !ok {
		return "", fmt.Errorf("the variable %s is not set; set it, or give a default: ${%s:-default}", name, name)
	}
	return value, nil
}

func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
