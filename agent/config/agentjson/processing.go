package agentjson

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers/original"
)

// usingPlugin loads a class of Java. (So it is spelt.)
const usingPlugin = "USINGPLUGGIN"

// converter is one of the dataProcessingOptions.
type converter struct {
	*value
	name string
}

// converters returns the chain of the flow, without the keys that nobody knows. It is not ok if there was a problem.
func (f *flow) converters() (chain []converter, ok bool) {
	v := f.got["dataProcessingOptions"]
	switch {
	case v == nil:
		return nil, true
	case v.kind == object:
		f.warn(v.place, v.path, "ignored, as the original agent does silently: it is an object, and must be a list; put it into [ ]")
		return nil, true
	case v.kind != list:
		f.problem(v, "must be a list of converters, [ { ... } ], not %s", v.kind)
		return nil, false
	}
	ok = true
	for _, one := range v.items {
		c := f.converter(one)
		ok = ok && c.name != ""
		chain = append(chain, c)
	}
	return chain, ok
}

// converter reads one of the chain; its name is empty if there was a problem.
func (f *flow) converter(v *value) converter {
	if v.kind != object {
		f.problem(v, "must be an object with an optionName, not %s", v.kind)
		return converter{value: v}
	}
	name := v.get("optionName")
	if name == nil || name.kind != text {
		f.problem(v, "an optionName is needed, one of %s", strings.Join(original.Names(), ", "))
		return converter{value: v}
	}
	if name.text == usingPlugin {
		f.problem(name, "weir cannot load Java classes; say what the class does by another converter, or by parse and edit in a weir.yaml")
		return converter{value: v}
	}
	if !slices.Contains(original.Names(), name.text) {
		reason := ""
		if near := strict.Nearest(name.text, original.Names()); near != "" {
			reason = "; did you mean " + strconv.Quote(near) + "?"
		}
		f.problem(name, "%q is not one of %s%s", name.text, strings.Join(original.Names(), ", "), reason)
		return converter{value: v}
	}
	if stamp := v.get("timestamp"); stamp != nil && stamp.kind == boolean {
		f.problem(stamp, "must be a text, \"%s\"; with %s as it is the original agent does not start", stamp.text, stamp.text)
	}
	return converter{f.known(v, name.text), name.text}
}

// known is a converter without the keys that it does not have, and without those that are null.
func (f *flow) known(v *value, name string) *value {
	keys := original.Keys(name)
	known := *v
	known.members = slices.DeleteFunc(slices.Clone(v.members), func(m member) bool {
		if m.name == "optionName" || slices.Contains(keys, m.name) {
			return m.value.kind == null
		}
		text := "unknown key of " + name + ", ignored"
		if near := strict.Nearest(m.name, keys); near != "" {
			text += "; did you mean " + strconv.Quote(near) + "?"
		}
		f.warn(m.place, below(v.path, m.name), "%s", text)
		return true
	})
	return &known
}

// growth is how many bytes the converters need for each of a record.
func (f *flow) growth() int64 {
	var options []original.Option
	for _, c := range f.chain {
		lines, _ := texts(c.get("parseOptions"))
		options = append(options, original.Option{Name: c.name, ParseOptions: lines})
	}
	if options == nil {
		return 0
	}
	return int64(original.Growth(options))
}

// writeProcessing makes the keys that say what becomes of the lines.
func (f *flow) writeProcessing(all keys) {
	chain := f.chain
	if !f.chained {
		return
	}
	why := ""
	if f.agent.options.Fixed {
		if len(chain) == 0 {
			return
		}
		n := native{flow: f, keys: all}
		if why = n.write(chain); why == "" {
			return
		}
		why = "Byte for byte as the original agent does it, because parse and edit have no words for this: " + why + "."
	}
	all.set("compat", truth(true, f.object.place), why)
	if len(chain) == 0 {
		return
	}
	options := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	v := f.got["dataProcessingOptions"]
	options.Line, options.Column = v.line, v.column
	for _, c := range chain {
		options.Content = append(options.Content, asIs(c.value))
	}
	all.set("data_processing", options)
}
