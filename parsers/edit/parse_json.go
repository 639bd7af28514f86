package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/weir-logs/weir/parsers"
)

// ParseJSON reads the text of a field as one JSON object. Its members become fields in the place of that field, in their order and with their types; one whose
// name another field has already is called log_NAME. With Into the object becomes the nested value of that field instead.
type ParseJSON struct {
	Field  string
	Prefix string // goes before the names of the members
	Into   string
	Keep   bool // the field stays, in front of what is made of it
}

// Key implements Spec.
func (ParseJSON) Key() string { return "parse_json" }

// Reads implements Spec.
func (p ParseJSON) Reads() []Ref { return []Ref{{"field", p.Field}} }

// Fields implements Spec.
func (p ParseJSON) Fields(before []string) []string {
	if before == nil || p.Into == "" {
		return nil
	}
	after := before
	if !p.Keep {
		after = without(before, func(name string) bool { return name == p.Field })
	}
	if !slices.Contains(after, p.Into) {
		after = append(slices.Clone(after), p.Into)
	}
	return after
}

func (ParseJSON) rewrites() bool { return true }

func (p ParseJSON) copies() int {
	if p.Keep {
		return 1
	}
	return 0
}

// Build implements Spec.
func (p ParseJSON) Build() (Step, error) {
	var problems []error
	report := func(option, reason string) {
		problems = append(problems, &parsers.OptionError{Option: option, Reason: reason})
	}
	if p.Field == "" {
		report("field", "is needed: the name of the field to parse")
	}
	if p.Prefix != "" && p.Into != "" {
		report("prefix", "is for the names of single fields; with into there is one")
	}
	if p.Keep && p.Into == p.Field {
		report("keep", "has no effect: into names the field itself")
	}
	if len(p.Prefix) > maxName || len(p.Into) > maxName {
		report("", fmt.Sprintf("a name must have at most %d bytes", maxName))
	}
	if !utf8.ValidString(p.Prefix) || strings.ContainsFunc(p.Prefix, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		report("prefix", "must not hold quotes, backslashes or control characters")
	}
	return &parseJSON{ParseJSON: p}, errors.Join(problems...)
}

// maxFields bounds the fields of a record that parse_json adds to.
const maxFields = 8192

type parseJSON struct {
	ParseJSON
	prefixed prefixedNames
}

func (p *parseJSON) Apply(rec *parsers.Record, s *Scratch) Verdict {
	at := index(rec, p.Field)
	if at < 0 || rec.Fields[at].Kind == parsers.Null {
		return Done
	}
	f, from := rec.Fields[at], len(s.text)
	text := f.Value
	switch f.Kind {
	case parsers.Escaped:
		s.text = f.AppendText(s.text)
		text = s.since(from)
	case parsers.String, parsers.JSON:
	default:
		return Failed
	}
	if s.json == nil {
		s.json, _ = parsers.New("json", parsers.Options{}) // which has no options to be wrong
	}
	if s.sub.Line = text; !s.json.Parse(&s.sub) || !p.place(rec, at, bytes.TrimSpace(text), s) {
		s.text = s.text[:from]
		return Failed
	}
	return Done
}

// place gives the record what was parsed of field at, if there is room for it.
func (p *parseJSON) place(rec *parsers.Record, at int, object []byte, s *Scratch) bool {
	if p.Into != "" {
		if isLine(rec, p.Into) || !s.grow(len(p.Into)) {
			return false
		}
		if p.Into != p.Field && !p.Keep {
			rec.Fields = slices.Delete(rec.Fields, at, at+1)
		}
		set(rec, parsers.Field{Name: p.Into, Value: object, Kind: parsers.JSON, EscapedName: escapedAlready(p.Into)})
		return true
	}
	members := s.sub.Fields
	if len(rec.Fields)+len(members) > maxFields || !s.grow((len(p.Prefix)+len(parsers.OwnPrefix))*len(members)) {
		return false
	}
	for i := range members {
		m := &members[i]
		m.Name = p.prefixed.of(p.Prefix, m.Name)
		if p.taken(rec, at, m) {
			m.Name = p.prefixed.of(parsers.OwnPrefix, m.Name)
		}
	}
	if p.Keep {
		at++
	} else {
		rec.Fields = slices.Delete(rec.Fields, at, at+1)
	}
	rec.Fields = slices.Insert(rec.Fields, at, members...)
	return true
}

// taken reports whether a field that stays has the name of m already.
func (p *parseJSON) taken(rec *parsers.Record, at int, m *parsers.Field) bool {
	if isLine(rec, m.Name) {
		return true
	}
	for i := range rec.Fields {
		if f := &rec.Fields[i]; (i != at || p.Keep) && (m.Is(f.Name) || f.Is(m.Name)) {
			return true
		}
	}
	return false
}

// prefixedNames gives names with something in front. It holds the ones seen last, so that the few names of a log are made once.
type prefixedNames [128]struct{ prefix, name, whole string }

func (n *prefixedNames) of(prefix, name string) string {
	if prefix == "" {
		return name
	}
	if len(name) > maxName {
		return prefix + name
	}
	h := uint32(2166136261) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	slot := &n[h%uint32(len(n))]
	if slot.name != name || slot.prefix != prefix {
		slot.prefix, slot.name, slot.whole = prefix, name, prefix+name
	}
	return slot.whole
}
