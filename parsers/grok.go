package parsers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A grok pattern is a regular expression in which %{NAME} stands for the expression of that name, %{NAME:field} for the same as a field, and
// %{NAME:field:int} or %{NAME:field:float} for one that is a number wherever infer would make it one. Names are those of grokPatterns and the
// ones that the configuration adds. newGrok turns it into one RE2 expression for regexParser; nothing of grok is left when lines come.

const (
	grokDepth  = 32       // how deep patterns may lie in one another
	grokLength = 64 << 10 // bytes of an expanded pattern
	grokGroup  = "grok_field_"
)

// grok expands patterns.
type grok struct {
	call     *regexp.Regexp // a %{...}
	patterns map[string]string
	fields   []string        // by the number in the name of their group
	typed    map[string]bool // fields with :int or :float
}

func newGrok(opt Options) (Parser, error) {
	if opt.Pattern == "" {
		return nil, &OptionError{"pattern", "format grok needs a pattern such as %{IP:client} %{GREEDYDATA:text}"}
	}
	g := &grok{patterns: grokPatterns(), typed: map[string]bool{}, call: regexp.MustCompile(`%\{(\w+)(?::([\w@.\[\]-]+)(?::(\w+))?)?\}`)}
	if err := g.define(opt.Patterns); err != nil {
		return nil, err
	}
	expanded, err := g.expand(opt.Pattern, 0)
	if err == nil && strings.Count(expanded, "<"+grokGroup) != len(g.fields) {
		err = fmt.Errorf("has a group whose name begins with %s; choose another name", grokGroup)
	}
	if err != nil {
		return nil, &OptionError{"pattern", err.Error()}
	}
	return compileFields(expanded, "grok", func(group string) (string, bool) {
		n, ok := strings.CutPrefix(group, grokGroup)
		if !ok {
			return group, opt.Infer
		}
		i, _ := strconv.Atoi(n)
		return g.fields[i], opt.Infer || g.typed[g.fields[i]]
	})
}

// define takes patterns over that are written as in a file of them: a name, a space, and the expression.
func (g *grok) define(patterns []string) error {
	var problems []error
	for i, text := range patterns {
		name, pattern, ok := strings.Cut(text, " ")
		pattern = strings.TrimSpace(pattern)
		if !ok || pattern == "" || strings.Contains(name, ":") || g.call.FindString("%{"+name+"}") != "%{"+name+"}" {
			problems = append(problems, &OptionError{fmt.Sprintf("patterns[%d]", i), fmt.Sprintf("%q is not a name, a space and an expression, such as QUEUE [0-9A-F]+", text)})
			continue
		}
		g.patterns[name] = pattern
	}
	return errors.Join(problems...)
}

// expand returns pattern with everything in it put in place.
func (g *grok) expand(pattern string, depth int) (string, error) {
	if depth == grokDepth {
		return "", errors.New("patterns lie in one another without an end")
	}
	var out strings.Builder
	for {
		at := g.call.FindStringSubmatchIndex(pattern)
		if at == nil {
			if i := strings.Index(pattern, "%{"); i >= 0 {
				return "", fmt.Errorf("%q is not %%{NAME}, %%{NAME:field} or %%{NAME:field:type}", pattern[i:min(len(pattern), i+40)])
			}
			out.WriteString(pattern)
			return out.String(), nil
		}
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return pattern[at[2*n]:at[2*n+1]]
		}
		name, field, kind := part(1), part(2), part(3)
		inner, ok := g.patterns[name]
		if !ok {
			return "", fmt.Errorf("there is no pattern %s; define it in patterns", name)
		}
		inner, err := g.expand(inner, depth+1)
		if err != nil {
			return "", err
		}
		open, err := g.group(field, kind)
		if err != nil {
			return "", err
		}
		out.WriteString(pattern[:at[0]] + open + inner + ")")
		if pattern = pattern[at[1]:]; out.Len() > grokLength {
			return "", fmt.Errorf("has more than %d bytes once its parts are in place", grokLength)
		}
	}
}

// group returns the beginning of the group for a field, or for none.
func (g *grok) group(field, kind string) (string, error) {
	switch kind {
	case "":
	case "int", "long", "float", "double", "number":
		g.typed[field] = true
	case "string":
	default:
		return "", fmt.Errorf("field %s has type %q; there are int, float and string", field, kind)
	}
	if field == "" {
		return "(?:", nil
	}
	g.fields = append(g.fields, field)
	return "(?P<" + grokGroup + strconv.Itoa(len(g.fields)-1) + ">", nil
}
