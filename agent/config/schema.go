package config

import (
	"regexp"
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/docs"
)

// Schema returns the JSON Schema of weir.yaml: its keys, types, ranges and defaults are the decoder's, what they mean is the
// reference page's. configs/weir.schema.json is a copy.
func Schema() ([]byte, error) {
	link := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	meanings := make(map[string]strict.Meaning)
	for _, key := range docs.Keys() {
		meaning := strict.Meaning{Text: link.ReplaceAllString(key.Meaning, "$1"), Required: key.Default == "required"}
		if instead, ok := strings.CutPrefix(key.Default, "required, or "); ok {
			meaning.Instead = strings.Trim(instead, "`")
		}
		meanings[key.Path] = meaning
	}
	return strict.Schema("The configuration of weir's agent", Default().read, func(path string) strict.Meaning { return meanings[path] })
}
