package agentjson

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

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
