package agentjson

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// keys is a group of keys that is being written; nodes without a place of their own get that of the group.
type keys struct {
	node *yaml.Node
	at   place
}

func group(at place) keys {
	return keys{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.line, Column: at.column}, at}
}

// set adds a key. The comment, if there is one, stands above it.
func (k keys) set(key string, v *yaml.Node, comment ...string) {
	name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: v.Line, Column: v.Column}
	if text := strings.Join(comment, " "); text != "" {
		name.HeadComment = wrap(text)
	}
	k.node.Content = append(k.node.Content, name, v)
}

// empty reports whether nothing was set.
func (k keys) empty() bool { return len(k.node.Content) == 0 }

// str is a text as it is: what looks like a variable is none.
func str(s string, at place) *yaml.Node {
	return raw(strings.ReplaceAll(s, "${", "$${"), at)
}

// raw is a text in which ${NAME} is a variable.
func raw(s string, at place) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: at.line, Column: at.column}
}

func whole(n int64, at place) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(n, 10), Line: at.line, Column: at.column}
}

func truth(is bool, at place) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(is), Line: at.line, Column: at.column}
}

func sequence(at place, items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items, Line: at.line, Column: at.column}
}

// flat writes a list or group on one line.
func flat(n *yaml.Node) *yaml.Node {
	n.Style = yaml.FlowStyle
	return n
}

// asIs is a value of the original file, unchanged.
func asIs(v *value) *yaml.Node {
	switch v.kind {
	case object:
		all := group(v.place)
		for i, m := range v.members {
			if v.get(m.name) == v.members[i].value {
				all.set(m.name, asIs(m.value))
			}
		}
		return all.node
	case list:
		all := sequence(v.place)
		for _, one := range v.items {
			all.Content = append(all.Content, asIs(one))
		}
		return all
	case number:
		tag := "!!float"
		if _, err := strconv.ParseInt(v.text, 10, 64); err == nil {
			tag = "!!int"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.text, Line: v.line, Column: v.column}
	case boolean:
		return truth(v.text == "true", v.place)
	case null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", Line: v.line, Column: v.column}
	}
	return str(v.text, v.place)
}

// width is how long a line of a comment becomes.
const width = 110

// wrap breaks a comment into lines; those of an item of a list are indented.
func wrap(text string) string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line, indent := "#", "#"
		if strings.HasPrefix(paragraph, "- ") {
			indent = "#  "
		}
		for _, word := range strings.Fields(paragraph) {
			if len(line)+1+len(word) > width && line != indent {
				lines, line = append(lines, line), indent
			}
			line += " " + word
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
