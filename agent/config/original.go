package config

import (
	"github.com/weir-logs/weir/agent/config/agentjson"
	"github.com/weir-logs/weir/agent/config/strict"
)

// decodeOriginal reads a configuration of the original agent and the files of the folder beside it. Its flows send what the original agent sends,
// byte for byte, unless the file says "compat": false.
func decodeOriginal(file agentjson.Source, folder []agentjson.Source, env func(string) (string, bool)) (*Config, error) {
	t := agentjson.Translate(file, folder, agentjson.Options{ByFile: true})
	c := Default()
	c.File, c.Warnings = file.Name, t.Warnings
	doc := strict.Tree(file.Name, t.Root, env, c.read)
	c.complete(doc)
	if err := t.Err(doc.Err()); err != nil {
		return nil, err
	}
	return c, nil
}
