package parsers

import (
	"fmt"
	"regexp"
)

// regexParser parses lines with a regular expression of RE2's syntax. The whole line must match. Its named groups are the
// fields, in their order; groups without a name are ignored; a group that took no part in the match is Null. With infer,
// values get their type by their text.
//
// It is the one format that allocates: the regexp package returns the places of the groups in a new slice for each line.
type regexParser struct {
	whole *regexp.Regexp
	names []string
	group []int // group[i] is the number of the group of names[i]
	infer bool
}

func newRegex(opt Options) (Parser, error) {
	if opt.Pattern == "" {
		return nil, &OptionError{"pattern", "format regex needs a pattern with named groups such as (?P<name>...)"}
	}
	if _, err := regexp.Compile(opt.Pattern); err != nil { // alone: its own message, and no way out of the brackets below
		return nil, &OptionError{"pattern", fmt.Sprintf("not a regular expression of RE2: %v", err)}
	}
	whole, err := regexp.Compile(`\A(?:` + opt.Pattern + `)\z`)
	if err != nil {
		return nil, &OptionError{"pattern", fmt.Sprintf("not a regular expression of RE2: %v", err)}
	}
	p := &regexParser{whole: whole, infer: opt.Infer}
	for i, name := range whole.SubexpNames() {
		if name != "" {
			p.names = append(p.names, name)
			p.group = append(p.group, i)
		}
	}
	if len(p.names) == 0 {
		return nil, &OptionError{"pattern", "has no named group such as (?P<name>...), so no field"}
	}
	return p, nil
}

func (p *regexParser) columns() []string { return p.names }

func (p *regexParser) Parse(rec *Record) bool {
	rec.Fields = rec.Fields[:0]
	places := p.whole.FindSubmatchIndex(rec.Line)
	rec.Parsed = places != nil
	if !rec.Parsed {
		return false
	}
	for i, name := range p.names {
		f := Field{Name: name, Kind: Null, EscapedName: true} // a group's name is letters, digits and underscores
		if start, end := places[2*p.group[i]], places[2*p.group[i]+1]; start >= 0 {
			f.Value, f.Kind = rec.Line[start:end], String
			if p.infer {
				f.Kind = infer(f.Value)
			}
		}
		rec.Fields = append(rec.Fields, f)
	}
	return true
}
