package agentjson

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/agent/config/strict"
)

// Source is one file: the configuration, or one of the folder agent.d beside it.
type Source struct {
	Name string // for messages
	Data []byte
}

// Options say how a configuration is translated.
type Options struct {
	Fixed       bool // for the behaviour of weir.yaml; else what the original agent sends, byte for byte
	ByFile      bool // the key compat of the file goes before Fixed
	HideSecrets bool // keys of AWS become variables
}

// Translation is a configuration in weir's words.
type Translation struct {
	Root     *yaml.Node       // the keys of weir.yaml; each node has the place of what it was made of
	Fixed    bool             // as Options.Fixed, or what the file says
	Warnings []strict.Problem // what is ignored, and why, in the order of their places

	problems []strict.Problem
	sources  []Source
	places   map[place]*value
	flows    []int // the source of each flow
}

// reader collects what is wrong with files and what is ignored of them.
type reader struct {
	sources  []Source
	problems []strict.Problem
	warnings []strict.Problem
	places   map[place]*value
}

func (r *reader) note(at place, key, format string, args ...any) strict.Problem {
	return strict.Problem{File: r.sources[at.file].Name, Line: at.line, Column: at.column, Key: key, Message: fmt.Sprintf(format, args...)}
}

func (r *reader) problem(v *value, format string, args ...any) {
	r.problems = append(r.problems, r.note(v.place, v.path, format, args...))
}

func (r *reader) warn(at place, key, format string, args ...any) {
	r.warnings = append(r.warnings, r.note(at, key, format, args...))
}

// read scans a source; nil means that a problem was reported.
func (r *reader) read(file int) *value {
	v, rest, err := scan(r.sources[file].Data, file)
	var wrong *syntaxError
	if errors.As(err, &wrong) {
		r.problems = append(r.problems, r.note(wrong.place, "", "%s", wrong.reason))
		return nil
	}
	if rest != nil {
		r.warn(*rest, "", "what follows the end of the object is ignored; is there a brace too many?")
	}
	r.remember(v)
	return v
}

func (r *reader) remember(v *value) {
	r.places[v.place] = v
	for _, m := range v.members {
		r.remember(m.value)
	}
	for _, one := range v.items {
		r.remember(one)
	}
}

// Err returns what is wrong with the files together with found, what is wrong with the tree made of them; nil if nothing is.
func (t *Translation) Err(found error) error {
	all := slices.Clone(t.problems)
	var more int
	var tree *strict.Error
	if errors.As(found, &tree) {
		more = tree.More
		for _, p := range tree.Problems {
			if p, ok := t.locate(p); ok {
				all = append(all, p)
			}
		}
	} else if found != nil {
		return found
	}
	if len(all) == 0 {
		return nil
	}
	sortPlaces(all)
	return &strict.Error{Problems: all, More: more}
}

// locate says in the words of the original file where a problem of the tree is. It is not ok to report that something is missing in
// the tree while the files have problems themselves: it may be missing for their sake.
func (t *Translation) locate(p strict.Problem) (strict.Problem, bool) {
	at := place{0, p.Line, p.Column}
	var flow int
	if n, _ := fmt.Sscanf(p.Key, "flows[%d]", &flow); n == 1 && flow < len(t.flows) {
		at.file = t.flows[flow]
	}
	p.File = t.sources[at.file].Name
	v := t.places[at]
	switch {
	case v != nil && v.kind != object && v.kind != list:
		p.Key = v.path
		return p, true
	case v != nil && v.path != "":
		p.Message = "in weir's words, " + p.Key + ": " + p.Message
		p.Key = v.path
	}
	return p, len(t.problems) == 0
}

func sortPlaces(all []strict.Problem) {
	slices.SortStableFunc(all, func(a, b strict.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
