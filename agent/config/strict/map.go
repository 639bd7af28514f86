package strict

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Map is a group of keys in a file. It is valid until the function that it was given to returns.
type Map struct {
	doc     *Document
	path    string
	entries []entry
	known   []string // keys asked for, in that order
}

type entry struct {
	key   *yaml.Node
	value *yaml.Node // aliases resolved
}

// newMap takes the keys of n, which may be nil, and reports the ones that cannot be keys.
func newMap(d *Document, path string, n *yaml.Node) *Map {
	m := &Map{doc: d, path: path}
	if n == nil {
		return m
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		if !d.visit(path, key) {
			break
		}
		switch line := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.add(path, n.Content[i], "a key must be a single word, not "+kindOf(key))
		case key.ShortTag() == "!!merge":
			d.add(m.Path(key.Value), key, "merge keys are not supported; write the keys out")
		case line > 0:
			d.add(m.Path(key.Value), key, fmt.Sprintf("this key stands on line %d already", line))
		default:
			seen[key.Value] = key.Line
			m.entries = append(m.entries, entry{n.Content[i], resolve(n.Content[i+1])})
		}
	}
	return m
}

// use lets read ask for keys, then reports the ones it did not ask for.
func (m *Map) use(read func(*Map)) {
	read(m)
	for _, e := range m.entries {
		key := resolve(e.key).Value
		if slices.Contains(m.known, key) {
			continue
		}
		if near := Nearest(key, m.known); near != "" {
			m.doc.add(m.Path(key), e.key, fmt.Sprintf("unknown key; did you mean %q?", near))
			m.doc.blamed = append(m.doc.blamed, m.Path(near)) // it is not missing: it is misspelt
		} else {
			m.doc.add(m.Path(key), e.key, "unknown key; known here: "+strings.Join(m.known, ", "))
		}
	}
}

// Path returns the full path of a key of m.
func (m *Map) Path(key string) string {
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// Has reports whether the key is in the file. It does not make the key known.
func (m *Map) Has(key string) bool { return m.find(key) != nil }

// Report adds a problem with a key of m, by the rules of Document.Report.
func (m *Map) Report(key, format string, args ...any) { m.doc.Report(m.Path(key), format, args...) }

func (m *Map) find(key string) *entry {
	for i := range m.entries {
		if resolve(m.entries[i].key).Value == key {
			return &m.entries[i]
		}
	}
	return nil
}

// take makes a key known and returns its value, or nil.
func (m *Map) take(k Key) *yaml.Node {
	m.known = append(m.known, k.Path)
	k.Path = m.Path(k.Path)
	if m.doc.recording {
		m.doc.keys = append(m.doc.keys, k)
	}
	return m.value(m.known[len(m.known)-1])
}

func (m *Map) value(key string) *yaml.Node {
	e := m.find(key)
	if e == nil || !m.doc.visit(m.Path(key), e.key) {
		return nil
	}
	m.doc.places[m.Path(key)] = e.key
	return e.value
}

// Map reads a group of keys. If the key is not in the file, read is not called.
func (m *Map) Map(key string, read func(*Map)) {
	m.group(key, m.take(Key{Path: key, Type: "keys"}), read)
}

// MapOr reads a group of keys, or the single word that may stand in its place and sets is.
func (m *Map) MapOr(key, word string, is *bool, read func(*Map)) {
	n := m.take(Key{Path: key, Type: "keys, or " + word})
	if n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
		if text, ok := m.doc.scalar(m.Path(key), n, word); ok {
			if *is = text == word; !*is {
				m.doc.add(m.Path(key), n, fmt.Sprintf("%q must be %s, or keys and values", text, word))
			}
		}
		return
	}
	m.group(key, n, read)
}

func (m *Map) group(key string, n *yaml.Node, read func(*Map)) {
	if m.doc.recording {
		newMap(m.doc, m.Path(key), nil).use(read)
	}
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		m.doc.add(m.Path(key), n, "must hold keys and values, not "+kindOf(n))
		return
	}
	newMap(m.doc, m.Path(key), n).use(read)
}

// List reads a list whose items are groups of keys, calling read for each.
func (m *Map) List(key string, read func(i int, m *Map)) {
	n := m.take(Key{Path: key, Type: "list of keys"})
	if m.doc.recording {
		newMap(m.doc, m.Path(key)+"[]", nil).use(func(m *Map) { read(0, m) })
	}
	m.items(key, n, func(i int, path string, item *yaml.Node) {
		if item.Kind != yaml.MappingNode {
			m.doc.add(path, item, "must hold keys and values, not "+kindOf(item))
			return
		}
		newMap(m.doc, path, item).use(func(m *Map) { read(i, m) })
	})
}

// items calls f for each item of the list n, which may be nil.
func (m *Map) items(key string, n *yaml.Node, f func(i int, path string, item *yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		m.doc.add(m.Path(key), n, "must be a list, such as [a, b], not "+kindOf(n))
		return
	}
	for i, item := range n.Content {
		path := fmt.Sprintf("%s[%d]", m.Path(key), i)
		if !m.doc.visit(path, item) {
			return
		}
		m.doc.places[path] = item
		f(i, path, resolve(item))
	}
}

// Dict reads groups of keys under names that are the user's, in their order.
func (m *Map) Dict(key string, read func(name string, m *Map)) {
	n := m.take(Key{Path: key, Type: "names with keys"})
	if m.doc.recording {
		newMap(m.doc, m.Path(key)+".NAME", nil).use(func(m *Map) { read("NAME", m) })
	}
	m.group(key, n, func(names *Map) {
		if names.doc.recording {
			return
		}
		for _, e := range names.entries {
			name := resolve(e.key).Value
			names.Map(name, func(m *Map) { read(name, m) })
		}
	})
}

// One reports anything but exactly one of the keys, unless there are others, which are reported as unknown. It does not make them known.
func (m *Map) One(keys ...string) {
	var have []string
	for _, key := range keys {
		if m.Has(key) {
			have = append(have, key)
		}
	}
	switch {
	case m.doc.recording, len(have) == 1, len(have) < len(m.entries):
	case len(have) == 0:
		m.doc.Report(m.path, "needs one of %s", strings.Join(keys, ", "))
	default:
		m.doc.Report(m.path, "has %s; write an item of its own for each", strings.Join(have, " and "))
	}
}
