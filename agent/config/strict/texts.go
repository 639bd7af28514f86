package strict

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// Texts reads single values under names that are the user's, in their order.
func (m *Map) Texts(key string, set func(name, text string)) {
	m.texts(key, Key{Path: key, Type: "names with texts"}, func(path, name string, n *yaml.Node) {
		if text, ok := m.doc.scalar(path, n, "a text"); ok {
			set(name, text)
		}
	})
}

// Templates reads single values under names that are the user's, in their order, in which variables of the caller's may stand beside those
// of the environment; it gets them taken apart. quoted tells that a value stood between quotes, and so is meant as a text.
func (m *Map) Templates(key string, own Variables, set func(name string, value []Piece, quoted bool)) {
	m.texts(key, Key{Path: key, Type: "names with values"}, func(path, name string, n *yaml.Node) {
		if !m.doc.single(path, n, "a value") {
			return
		}
		value, err := pieces(n.Value, m.doc.lookup, own)
		if err != nil {
			m.doc.add(path, n, err.Error())
			return
		}
		set(name, value, n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0)
	})
}

// texts calls each for every name of a group, whose names are not keys.
func (m *Map) texts(key string, k Key, each func(path, name string, n *yaml.Node)) {
	n := m.take(k)
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		m.doc.add(m.Path(key), n, fmt.Sprintf("must hold names and their values, such as {name: value}, not %s", kindOf(n)))
		return
	}
	names := newMap(m.doc, m.Path(key), n)
	for _, e := range names.entries {
		name := resolve(e.key).Value
		m.doc.places[names.Path(name)] = e.key
		each(names.Path(name), name, e.value)
	}
}
