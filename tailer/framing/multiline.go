package framing

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// grouping tells which lines are one record.
type grouping struct {
	on       bool
	first    *regexp.Regexp // a line that matches begins a record
	more     *regexp.Regexp // a line that does not match begins one
	final    *regexp.Regexp // a line that matches ends one
	mode     func(text []byte, t trace) (next trace, begins bool)
	maxLines int
}

// Modes returns the names of the ready-made modes.
func Modes() []string { return []string{"java", "python", "go"} }

// newGrouping compiles m. Its error joins a *Problem for each thing that is wrong.
func newGrouping(m Multiline) (grouping, error) {
	g := grouping{on: m.On(), maxLines: m.MaxLines}
	var errs []error
	problem := func(key, format string, args ...any) {
		errs = append(errs, &Problem{"multiline." + key, fmt.Sprintf(format, args...)})
	}
	set := 0
	compile := func(key, pattern string) *regexp.Regexp {
		if pattern == "" {
			return nil
		}
		if set++; set == 2 {
			problem(key, "only one of mode, start, continue and end can say how lines are grouped")
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			problem(key, "not a regular expression of RE2: %v", err)
		}
		return re
	}
	switch m.Mode {
	case "":
	case "java":
		g.mode = java
	case "python":
		g.mode = python
	case "go":
		g.mode = goTrace
	default:
		problem("mode", "%q is not one of %s", m.Mode, strings.Join(Modes(), ", "))
	}
	if m.Mode != "" {
		set++
	}
	g.first, g.more, g.final = compile("start", m.Start), compile("continue", m.Continue), compile("end", m.End)
	if m.MaxLines < 0 {
		problem("max_lines", "%d: want at least 1", m.MaxLines)
	}
	if m.Timeout < 0 {
		problem("timeout", "%s: want more than 0", m.Timeout)
	}
	return g, errors.Join(slices.Clip(errs)...)
}

// begins tells whether a line begins a record, with a group open whose lines so far have led to t.
func (g *grouping) begins(text []byte, t trace) bool {
	switch {
	case g.mode != nil:
		_, begins := g.mode(text, t)
		return begins || t == complete
	case g.first != nil:
		return g.first.Match(text)
	case g.more != nil:
		return !g.more.Match(text)
	}
	return false
}

// after is where a group is in a trace once it has this line.
func (g *grouping) after(text []byte, t trace) trace {
	if g.mode == nil {
		return noTrace
	}
	next, _ := g.mode(text, t)
	if next == noTrace && object(text) {
		return complete
	}
	return next
}

// ends tells whether a line ends its record.
func (g *grouping) ends(text []byte) bool { return g.final != nil && g.final.Match(text) }
