package parsers

import (
	"fmt"
	"regexp"
)

// regexParser parses lines with a regular expression of RE2's syntax. The whole line must match. Its named groups are the
// fields, in their order; groups without a name are ignored; a group that took no part in the match is Null. With infer,
// values get their type by their text.
//
// It is the one format that allocates: the regexp package returns the places of the groups in a new slice for each line, and has no call that
// takes the caller's.
type regexParser struct {
	whole  *regexp.Regexp
	fields []regexField
}

// regexField is one field of a regexParser.
type regexField struct {
	name   string
	plain  bool  // name has nothing to escape in JSON
	groups []int // the numbers of its groups; the first that took part has the value
	infer  bool
}

func newRegex(opt Options) (Parser, error) {
	if opt.Pattern == "" {
		return nil, &OptionError{"pattern", "format regex needs a pattern with named groups such as (?P<name>...)"}
	}
	return compileFields(opt.Pattern, "regex", func(group string) (string, bool) { return group, opt.Infer })
}

// compileFields makes a parser of pattern. field tells which field a named group gives, and whether its values get their type.
func compileFields(pattern, format string, field func(group string) (name string, infer bool)) (Parser, error) {
	if _, err := regexp.Compile(pattern); err != nil { // alone: its own message, and no way out of the brackets below
		return nil, &OptionError{"pattern", fmt.Sprintf("not a regular expression of RE2: %v", err)}
	}
	whole, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return nil, &OptionError{"pattern", fmt.Sprintf("not a regular expression of RE2: %v", err)}
	}
	p := &regexParser{whole: whole}
	for i, group := range whole.SubexpNames() {
		if group != "" {
			name, infer := field(group)
			p.add(name, i, infer)
		}
	}
	switch {
	case len(p.fields) == 0 && format == "grok":
		return nil, &OptionError{"pattern", "has no %{NAME:field}, so no field"}
	case len(p.fields) == 0:
		return nil, &OptionError{"pattern", "has no named group such as (?P<name>...), so no field"}
	}
	return p, nil
}

// add makes group one of those that the named field has its value from.
func (p *regexParser) add(name string, group int, infer bool) {
	for i := range p.fields {
		if f := &p.fields[i]; f.name == name {
			f.groups = append(f.groups, group)
			f.infer = f.infer || infer
			return
		}
	}
	plain := string(appendEscaped(nil, []byte(name))) == name
	p.fields = append(p.fields, regexField{name: name, plain: plain, groups: []int{group}, infer: infer})
}

func (p *regexParser) columns() []string {
	names := make([]string, 0, len(p.fields))
	for i := range p.fields {
		names = append(names, p.fields[i].name)
	}
	return names
}

func (p *regexParser) Parse(rec *Record) bool {
	rec.Fields = rec.Fields[:0]
	places := p.whole.FindSubmatchIndex(rec.Line)
	rec.Parsed = places != nil
	if !rec.Parsed {
		return false
	}
	for i := range p.fields {
		field := &p.fields[i]
		f := Field{Name: field.name, Kind: Null, EscapedName: field.plain}
		for _, group := range field.groups {
			start, end := places[2*group], places[2*group+1]
			if start < 0 {
				continue
			}
			if f.Value, f.Kind = rec.Line[start:end], String; field.infer {
				f.Kind = infer(f.Value)
			}
			break
		}
		rec.Fields = append(rec.Fields, f)
	}
	return true
}
