package config

import (
	"regexp"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/docs"
)

// Schema returns the JSON Schema of weir.yaml: its keys, types, ranges and defaults are the decoder's, what they mean is the
// reference page's. configs/weir.schema.json is a copy.
func Schema() ([]byte, error) {
	link := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	meanings := make(map[string]strict.Meaning)
	for _, key := range docs.Keys() {
		meanings[key.Path] = strict.Meaning{Text: link.ReplaceAllString(key.Meaning, "$1"), Required: key.Default == "required"}
	}
	return strict.Schema("The configuration of weir's agent", Default().read, func(path string) strict.Meaning { return meanings[path] })
}
