package strict

import (
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

// maxNested is how deep the values of JSON may lie in one another.
const maxNested = 100

// JSON reads any value, and writes it as JSON text: keys in their order, numbers digit for digit. A text without quotes that is a number, true, false or null
// in YAML is one in JSON; a number that JSON would write otherwise, such as 010, is a problem.
func (m *Map) JSON(key string, dst *string) {
	n := m.take(Key{Path: key, Type: "anything"})
	if n == nil {
		return
	}
	if text, ok := m.doc.appendJSON(nil, m.Path(key), n, maxNested); ok {
		*dst = string(text)
	}
}

func (d *Document) appendJSON(dst []byte, path string, n *yaml.Node, depth int) ([]byte, bool) {
	n = resolve(n)
	if depth == 0 {
		d.add(path, n, fmt.Sprintf("more than %d values in one another", maxNested))
		return dst, false
	}
	if !d.visit(path, n) {
		return dst, false
	}
	switch n.Kind {
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, item := range n.Content {
			var ok bool
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, ok = d.appendJSON(dst, fmt.Sprintf("%s[%d]", path, i), item, depth-1); !ok {
				return dst, false
			}
		}
		return append(dst, ']'), true
	case yaml.MappingNode:
		return d.appendObject(dst, path, n, depth)
	}
	return d.appendScalar(dst, path, n)
}

func (d *Document) appendObject(dst []byte, path string, n *yaml.Node, depth int) ([]byte, bool) {
	dst = append(dst, '{')
	for i, e := range newMap(d, path, n).entries {
		key := resolve(e.key).Value
		if i > 0 {
			dst = append(dst, ',')
		}
		var ok bool
		dst = append(appendQuoted(dst, key), ':')
		if dst, ok = d.appendJSON(dst, path+"."+key, e.value, depth-1); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}

func (d *Document) appendScalar(dst []byte, path string, n *yaml.Node) ([]byte, bool) {
	tag := n.ShortTag()
	if tag == "!!null" {
		return append(dst, "null"...), true
	}
	text, ok := d.scalar(path, n, "a value")
	if !ok {
		return dst, false
	}
	switch tag {
	case "!!int", "!!float":
		if !json.Valid([]byte(text)) {
			d.add(path, n, fmt.Sprintf("%s is no number of JSON; write it as JSON does, or put it in quotes", text))
			return dst, false
		}
		return append(dst, text...), true
	case "!!bool":
		if text != "true" && text != "false" {
			d.add(path, n, fmt.Sprintf("%s must be true or false, or in quotes", text))
			return dst, false
		}
		return append(dst, text...), true
	}
	return appendQuoted(dst, text), true
}

func appendQuoted(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a text always has one
	return append(dst, quoted...)
}
