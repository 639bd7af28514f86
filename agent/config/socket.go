package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/weir-logs/weir/agent/config/strict"
)

// SocketOf returns the admin socket that the file at path names, even if something else in it is wrong: whoever has broken a configuration still
// wants to talk to the agent that runs. It returns an empty text if the file does not tell for certain.
func SocketOf(path string, env func(string) (string, bool)) string {
	data, err := strict.ReadFile(path)
	if err != nil {
		return ""
	}
	c := Default()
	doc := strict.Decode(path, data, env, c.read)
	c.completePlaces(doc.Report)
	var all *strict.Error
	errors.As(doc.Err(), &all)
	if all == nil {
		return c.Socket
	}
	for _, p := range all.Problems {
		top := p.Key
		if i := strings.IndexAny(top, ".["); i >= 0 {
			top = top[:i]
		}
		if all.More > 0 || !slices.Contains([]string{"region", "endpoint", "endpoints", "credentials", "memory", "include", "flows"}, top) {
			return "" // the whole file, one of the keys that count, or one that may be meant for it
		}
	}
	return c.Socket
}
