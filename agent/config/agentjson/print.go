package agentjson

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

// compact writes a value as JSON on one line.
func compact(v *value) string {
	switch v.kind {
	case object:
		out := "{"
		for _, m := range v.members {
			if v.get(m.name) == m.value {
				if out != "{" {
					out += ","
				}
				out += quoted(m.name) + ":" + compact(m.value)
			}
		}
		return out + "}"
	case list:
		out := "["
		for i, one := range v.items {
			if i > 0 {
				out += ","
			}
			out += compact(one)
		}
		return out + "]"
	case text:
		return quoted(v.text)
	case null:
		return "null"
	}
	return v.text
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text can be encoded, into memory
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// YAML returns the translation as a weir.yaml: what it is about, what was ignored, and the keys with their comments.
func (t *Translation) YAML() ([]byte, error) {
	var b bytes.Buffer
	about := "The configuration of the original agent, " + t.sources[0].Name + ", in weir's words. Comments of that file are not carried over."
	if t.Fixed {
		about += " Records are those that weir makes, with the original agent's names of fields and without its quirks; weir convert --compat keeps those, byte for byte."
	} else {
		about += " Records are those of the original agent, byte for byte; weir convert without --compat does without its quirks."
	}
	fmt.Fprintf(&b, "%s\n", wrap(about))
	if len(t.Warnings) > 0 {
		fmt.Fprintf(&b, "#\n# Not carried over:\n")
		for _, w := range t.Warnings {
			fmt.Fprintf(&b, "%s\n", wrap("- "+w.String()))
		}
	}
	b.WriteByte('\n')
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(t.Root); err != nil {
		return nil, fmt.Errorf("agentjson: %w", err)
	}
	return b.Bytes(), e.Close()
}
