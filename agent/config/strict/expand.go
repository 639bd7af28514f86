package strict

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Piece is a part of a text with variables: a text as it is to stand, or a variable of the caller's.
type Piece struct {
	Text       string
	Variable   string // if not empty, the piece is a variable
	Default    string // what stands behind :-
	HasDefault bool
}

// Variables are names that are not the environment's in a template.
type Variables struct {
	Names    []string // go before variables of the environment with the same name
	Prefixes []string // each begins names that end in any text, such as field.
}

// has reports whether a name is one of v.
func (v Variables) has(name string) bool {
	return slices.Contains(v.Names, name) || slices.ContainsFunc(v.Prefixes, func(p string) bool { return len(name) > len(p) && strings.HasPrefix(name, p) })
}

// all lists the names, for messages.
func (v Variables) all() []string {
	all := slices.Clone(v.Names)
	for _, p := range v.Prefixes {
		all = append(all, p+"NAME")
	}
	return all
}

// nearest names what a misspelt name may be, as the end of a message.
func (v Variables) nearest(name string) string {
	if near := Nearest(name, v.Names); near != "" {
		return fmt.Sprintf("; did you mean ${%s}?", near)
	}
	head, rest, dotted := strings.Cut(name, ".")
	for _, p := range v.Prefixes {
		if dotted && Nearest(head, []string{strings.TrimSuffix(p, ".")}) != "" {
			return fmt.Sprintf("; did you mean ${%s}?", p+rest)
		}
	}
	return ""
}

// expand replaces the variables in text: ${NAME} by its value, ${NAME:-default} by the default if it is unset or empty,
// and $${ by the characters ${. A dollar without a brace is itself.
func expand(text string, lookup func(string) (string, bool)) (string, error) {
	pieces, err := pieces(text, lookup, Variables{})
	if err != nil || len(pieces) == 0 {
		return "", err
	}
	return pieces[0].Text, nil
}

// pieces is expand for a text in which some variables are the caller's. Texts beside one another are one piece.
func pieces(text string, lookup func(string) (string, bool), own Variables) ([]Piece, error) {
	var out []Piece
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, Piece{Text: b.String()})
			b.Reset()
		}
	}
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			flush()
			return out, nil
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		inside, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			return nil, fmt.Errorf("%q has no closing brace; write $${ for the characters themselves", text[i:])
		}
		text = rest
		if name, fallback, has := strings.Cut(inside, ":-"); own.has(name) {
			flush()
			out = append(out, Piece{Variable: name, Default: fallback, HasDefault: has})
			continue
		}
		value, err := variable(inside, lookup, own)
		if err != nil {
			return nil, err
		}
		b.WriteString(value)
	}
}

// variable returns what the inside of ${...} stands for.
func variable(inside string, lookup func(string) (string, bool), own Variables) (string, error) {
	name, fallback, hasFallback := strings.Cut(inside, ":-")
	if !isName(name) && len(own.Names) > 0 {
		return "", fmt.Errorf("there is no variable %s here%s", name, cmp.Or(own.nearest(name), "; there are "+strings.Join(own.all(), ", ")+", and those of the environment"))
	}
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
		return "", fmt.Errorf("the variable %s is not set; set it, or give a default: ${%s:-default}%s", name, name, own.nearest(name))
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
