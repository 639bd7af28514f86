package strict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Meaning is what a reference says of a key: what it does, and whether it must be there.
type Meaning struct {
	Text     string
	Required bool
	Instead  string // a key at the top that may be there in place of this one, a list at the top; empty: none
}

// Schema returns the JSON Schema (draft 2020-12) of the files that read takes, indented. Everything but the meanings, which
// of tells for the full path of a key, comes from what read asks for. The schema takes every file that read takes; some that it refuses, too:
// what goes together is not in it, and a JSON Schema cannot see how a value is written.
func Schema(title string, read func(*Map), of func(path string) Meaning) ([]byte, error) {
	root := group()
	for _, k := range Keys(read) {
		n, err := k.schema()
		if err != nil {
			return nil, err
		}
		meaning := of(k.Path)
		n.Description = meaning.Text
		if meaning.Required && n.Type == "array" {
			n.MinItems = 1
		}
		if meaning.Instead != "" {
			some := &properties{names: []string{k.Path}, nodes: map[string]*node{k.Path: {MinItems: 1}}}
			root.AnyOf = []*node{{Properties: some, Required: []string{k.Path}}, {Required: []string{meaning.Instead}}}
		}
		root.put(strings.Split(k.Path, "."), n, meaning.Required)
	}
	root.Schema, root.Title = "https://json-schema.org/draft/2020-12/schema", title
	root.Defs = map[string]*node{
		"text":     {Type: []string{"string", "number", "boolean"}},
		"variable": {Type: "string", Pattern: `\$\{`},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return b.Bytes(), err
}

// node is one schema.
type node struct {
	Schema      string      `json:"$schema,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Ref         string      `json:"$ref,omitempty"`
	Type        any         `json:"type,omitempty"`
	Const       any         `json:"const,omitempty"`
	Enum        []string    `json:"enum,omitempty"`
	Minimum     *int64      `json:"minimum,omitempty"`
	Maximum     *int64      `json:"maximum,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	AnyOf       []*node     `json:"anyOf,omitempty"`
	Default     any         `json:"default,omitempty"`
	MinItems    int         `json:"minItems,omitempty"`
	Items       *node       `json:"items,omitempty"`
	Properties  *properties `json:"properties,omitempty"`
	Additional  any         `json:"additionalProperties,omitempty"`
	Required    []string    `json:"required,omitempty"`

	Defs map[string]*node `json:"$defs,omitempty"`
}

// properties keep the order in which the keys are asked for.
type properties struct {
	names []string
	nodes map[string]*node
}

// MarshalJSON writes an object.
func (p *properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i, name := range p.names {
		b.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(&b, "%q:", name)
		if err := e.Encode(p.nodes[name]); err != nil {
			return nil, err
		}
	}
	if len(p.names) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func group() *node {
	return &node{Type: "object", Properties: &properties{nodes: map[string]*node{}}, Additional: false}
}

// put places a key below n, which holds groups and lists for all but the last part of its path.
func (n *node) put(path []string, key *node, required bool) {
	if m := n.object(); m != nil {
		n = m
	}
	name, items := strings.CutSuffix(path[0], "[]")
	if n.Properties == nil { // the names are the user's
		n.Additional.(*node).put(path[1:], key, required)
		return
	}
	below := n.Properties.nodes[name]
	switch {
	case items:
		below.Items.put(path[1:], key, required)
	case len(path) > 1:
		below.put(path[1:], key, required)
	case below == nil:
		n.Properties.names = append(n.Properties.names, name)
		n.Properties.nodes[name] = key
		if required {
			n.Required = append(n.Required, name)
		}
	}
}

// object returns the group among the forms that n may have, or nil.
func (n *node) object() *node {
	for _, form := range n.AnyOf {
		if form.Type == "object" {
			return form
		}
	}
	return nil
}

// schema returns what the key may hold. A value may always be written with a variable, and as a text.
func (k Key) schema() (*node, error) {
	variable := &node{Ref: "#/$defs/variable"}
	n := &node{}
	if k.Default != "" {
		n.Default = k.Default
	}
	switch {
	case k.Values != nil:
		n.AnyOf = []*node{{Enum: k.Values}, variable}
	case k.Type == "text":
		n.Ref = "#/$defs/text"
	case k.Type == "true or false":
		n.AnyOf = []*node{{Type: "boolean"}, {Enum: []string{"true", "false"}}, variable}
		n.Default = k.Default == "true"
	case k.Type == "integer":
		n.AnyOf = []*node{{Type: "integer", Minimum: &k.Low, Maximum: &k.High}, {Type: "string", Pattern: `^[+-]?[0-9]+$`}, variable}
		if v, err := strconv.ParseInt(k.Default, 10, 64); err == nil {
			n.Default = v
		}
	case k.Type == "size":
		n.AnyOf = []*node{{Type: "integer", Minimum: &k.Low, Maximum: &k.High}, {Type: "string", Pattern: sizePattern(k.Low, k.High)}, variable}
	case k.Type == "duration":
		n.AnyOf = []*node{{Type: "string", Pattern: durationPattern(k.Low, k.High)}, variable}
		if k.Low <= 0 {
			n.AnyOf = append(n.AnyOf, &node{Enum: []string{"0"}}, &node{Type: "integer", Minimum: &k.Low, Maximum: new(int64)})
		}
	case k.Type == "anything":
	case k.Type == "list of text":
		n.Type, n.Items = "array", &node{Ref: "#/$defs/text"}
	case k.Type == "list of keys":
		n.Type, n.Items = "array", group()
	case k.Type == "keys":
		return group(), nil
	case k.Type == "names with texts", k.Type == "names with values":
		n.Type, n.Additional = "object", &node{Ref: "#/$defs/text"}
	case k.Type == "names with keys":
		n.Type, n.Additional = "object", group()
	case strings.HasPrefix(k.Type, "keys, or "):
		n.AnyOf = []*node{{Enum: []string{strings.TrimPrefix(k.Type, "keys, or ")}}, variable, group()}
	default:
		return nil, fmt.Errorf("%s: values of type %q have no schema: add one to Key.schema", k.Path, k.Type)
	}
	return n, nil
}
