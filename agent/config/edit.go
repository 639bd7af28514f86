package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/parsers"
	"github.com/weir-logs/weir/parsers/edit"
	"github.com/weir-logs/weir/parsers/original"
)

// recordVariables are the variables of a value that add gives, beside those of the environment.
func recordVariables() strict.Variables {
	return strict.Variables{Names: slices.Concat(edit.Variables(), metadata.Names()), Prefixes: slices.Concat([]string{edit.FieldPrefix}, metadata.Prefixes())}
}

// Variables returns the names that the flow's edits and converters ask for, beside those of the environment. ADDEC2METADATA asks for all of the instance.
func (f *Flow) Variables() (names []string) {
	if slices.ContainsFunc(f.Processing, func(o original.Option) bool { return o.Name == "ADDEC2METADATA" }) {
		names = append(names, metadata.Prefixes()...)
	}
	for _, spec := range f.Edit {
		add, _ := spec.(edit.Add)
		for _, assignment := range add {
			for _, part := range assignment.Value.Parts {
				if part.Variable != "" {
					names = append(names, part.Variable)
				}
			}
		}
	}
	return names
}

// readEdit takes one item of edit. What cannot be read leaves a nil in its place, so that indexes stay true.
func (f *Flow) readEdit(m *strict.Map) {
	var spec edit.Spec
	readers := []struct {
		key  string
		read func(m *strict.Map, key string) edit.Spec
	}{
		{"keep_if", func(m *strict.Map, key string) edit.Spec { return edit.KeepIf(readText(m, key)) }},
		{"drop_if", func(m *strict.Map, key string) edit.Spec { return edit.DropIf(readText(m, key)) }},
		{"add", readAdd},
		{"rename", readRename},
		{"remove", func(m *strict.Map, key string) edit.Spec { return edit.Remove(readNames(m, key)) }},
		{"keep", func(m *strict.Map, key string) edit.Spec { return edit.Keep(readNames(m, key)) }},
		{"redact", readRedact},
		{"truncate", readTruncate},
		{"hash", readHash},
		{"parse_json", readParseJSON},
		{"timestamp", readTimestamp},
	}
	var keys []string
	for _, r := range readers {
		keys = append(keys, r.key)
		if one := r.read(m, r.key); m.Has(r.key) {
			spec = one
		}
	}
	m.One(keys...)
	f.Edit = append(f.Edit, spec)
}

func readNames(m *strict.Map, key string) []string {
	var names []string
	m.Strings(key, &names)
	return names
}

func readText(m *strict.Map, key string) string {
	var text string
	m.String(key, &text)
	return text
}

func readAdd(m *strict.Map, key string) edit.Spec {
	var add edit.Add
	m.Templates(key, recordVariables(), func(name string, value []strict.Piece, quoted bool) {
		t := edit.Template{Typed: !quoted}
		for _, p := range value {
			t.Parts = append(t.Parts, edit.Part(p))
		}
		add = append(add, edit.Assignment{Name: name, Value: t})
	})
	return add
}

func readRename(m *strict.Map, key string) edit.Spec {
	var rename edit.Rename
	m.Texts(key, func(old, name string) { rename = append(rename, edit.NewName{Old: old, New: name}) })
	return rename
}

func readRedact(m *strict.Map, key string) edit.Spec {
	r := edit.Redact{With: "***"}
	m.Map(key, func(m *strict.Map) {
		m.Strings("fields", &r.Names)
		m.String("pattern", &r.Pattern)
		m.Strings("kinds", &r.Kinds)
		m.String("with", &r.With)
	})
	return r
}

func readTruncate(m *strict.Map, key string) edit.Spec {
	t := edit.Truncate{Size: 1 << 10}
	m.Map(key, func(m *strict.Map) {
		m.String("field", &t.Field)
		strict.Size(m, "size", &t.Size, 1, 10<<20)
		m.String("mark", &t.Mark)
	})
	return t
}

func readHash(m *strict.Map, key string) edit.Spec {
	h := edit.Hash{Algorithm: edit.Algorithms()[0]}
	m.Map(key, func(m *strict.Map) {
		m.Strings("fields", &h.Names)
		m.Enum("algorithm", &h.Algorithm, edit.Algorithms()...)
		m.String("key", &h.Secret)
	})
	return h
}

func readParseJSON(m *strict.Map, key string) edit.Spec {
	var p edit.ParseJSON
	m.Map(key, func(m *strict.Map) {
		m.String("field", &p.Field)
		m.String("prefix", &p.Prefix)
		m.String("into", &p.Into)
		m.Bool("keep", &p.Keep)
	})
	return p
}

func readTimestamp(m *strict.Map, key string) edit.Spec {
	t := edit.Timestamp{To: edit.Layouts()[0], ToZone: "UTC"}
	m.Map(key, func(m *strict.Map) {
		m.String("field", &t.Field)
		m.Strings("from", &t.From)
		m.String("zone", &t.Zone)
		m.String("to", &t.To)
		m.String("output_zone", &t.ToZone)
		m.String("into", &t.Into)
	})
	return t
}

// completeEdit checks the edits and returns the names of the fields that records have after them, given those before.
func (f *Flow) completeEdit(fields []string, report reporter) []string {
	for i, spec := range f.Edit {
		if spec == nil {
			report(index("edit", i), "needs a step, such as add")
			fields = nil
			continue
		}
		step := report.below(index("edit", i) + "." + spec.Key())
		if _, err := spec.Build(); err != nil {
			reportStep(step, err)
			fields = nil // of no use for judging what follows
			continue
		}
		f.checkRaw(spec, step)
		if expression, ok := decides(spec); ok {
			reportCondition(step, "", expression, conditionFields(fields))
			continue
		}
		for _, ref := range spec.Reads() {
			if ref.Name != parsers.Oversize && ref.Name != parsers.Message {
				checkField(step, ref.Option, f.shape(), ref.Name, fields)
			}
		}
		fields = spec.Fields(fields)
	}
	return fields
}

// decides returns the expression of a step that decides by one.
func decides(spec edit.Spec) (expression string, ok bool) {
	switch spec := spec.(type) {
	case edit.KeepIf:
		return string(spec), true
	case edit.DropIf:
		return string(spec), true
	}
	return "", false
}

// conditionFields adds what any record may have to the names of fields, unless those are not known.
func conditionFields(fields []string) []string {
	if fields == nil {
		return nil
	}
	return slices.Concat(fields, []string{parsers.Message, parsers.Oversize})
}

// shape says for messages where the flow's fields come from.
func (f *Flow) shape() string {
	if len(f.Edit) > 0 {
		return f.Parse.Format + " with its edits"
	}
	return f.Parse.Format
}

// checkRaw reports a step that does nothing where the line itself is sent, or worse, hides nothing.
func (f *Flow) checkRaw(spec edit.Spec, report reporter) {
	if f.Encode.Format != "raw" {
		return
	}
	switch spec := spec.(type) {
	case edit.KeepIf, edit.DropIf:
	case edit.Redact:
		if len(spec.Names) > 0 {
			report("fields", "hides nothing: with encode format raw the line itself is sent; leave fields out to hide in the line")
		}
	case edit.Add, edit.ParseJSON, edit.Timestamp:
		if !f.fieldsMatter() {
			report("", "has no effect: with encode format raw the line itself is sent, and nothing asks for fields")
		}
	default:
		report("", "has no effect on what is sent: with encode format raw that is the line itself; encode json or csv, or redact without fields")
	}
}

// fieldsMatter reports whether something but the encoding looks at fields.
func (f *Flow) fieldsMatter() bool {
	for _, s := range f.Send {
		if strings.HasPrefix(s.PartitionKey, "field:") || s.When != "" {
			return true
		}
	}
	return slices.ContainsFunc(f.Edit, func(spec edit.Spec) bool {
		return spec != nil && (spec.Key() == "keep_if" || spec.Key() == "drop_if")
	})
}

// reportStep reports each option of a step that is wrong.
func reportStep(report reporter, err error) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var option *parsers.OptionError
		if errors.As(err, &option) {
			report(option.Option, "%s", option.Reason)
		} else {
			report("", "%v", err)
		}
	}
}
