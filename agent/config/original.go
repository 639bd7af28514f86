package config

import (
	"fmt"

	"github.com/weir-logs/weir/agent/config/agentjson"
	"github.com/weir-logs/weir/agent/config/strict"
)

// decodeOriginal reads a configuration of the original agent and the files of the folder beside it. Its flows send what the original agent sends,
// byte for byte, unless the file says "compat": false.
func decodeOriginal(file agentjson.Source, folder []agentjson.Source, env func(string) (string, bool)) (*Config, error) {
	t := agentjson.Translate(file, folder, agentjson.Options{ByFile: true})
	c := Default()
	c.File, c.Warnings = file.Name, t.Warnings
	if err := c.fromOriginal(t, env); err != nil {
		return nil, err
	}
	return c, nil
}

// fromOriginal decodes what a configuration of the original agent was made into.
func (c *Config) fromOriginal(t *agentjson.Translation, env func(string) (string, bool)) error {
	doc := strict.Tree(c.File, t.Root, env, c.read)
	s := newSources(doc, len(c.Flows))
	c.complete(s)
	return t.Err(s.set.Err())
}

// Convert returns the configuration of the original agent at path, with the folder beside it, as the text of a weir.yaml in which every difference is
// explained. compat asks for flows that send what the original agent sends, byte for byte. The text holds no secrets. Its errors are those of Load.
func Convert(path string, compat bool, env func(string) (string, bool)) ([]byte, error) {
	data, err := strict.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the original agent's configuration: %w", err)
	}
	if !agentjson.Is(path, data) {
		return nil, fmt.Errorf("%s is no configuration of the original agent: that is an object of JSON, { ... }, in a file such as agent.json", path)
	}
	folder, err := agentjson.Folder(path)
	if err != nil {
		return nil, fmt.Errorf("read the folder agent.d beside %s: %w", path, err)
	}
	t := agentjson.Translate(agentjson.Source{Name: path, Data: data}, folder, agentjson.Options{Fixed: !compat, HideSecrets: true})
	c := Default()
	c.File = path
	if err := c.fromOriginal(t, elsewhere(env)); err != nil {
		return nil, err
	}
	return t.YAML()
}

// elsewhere gives the variables of a host that is not this one: what a configuration needs of its environment may not be set here.
func elsewhere(env func(string) (string, bool)) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if value, ok := env(name); ok {
			return value, ok
		}
		switch name {
		case "AWS_REGION":
			return defaultRegion, true
		case "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
			return "set on that host", true
		}
		return "", false
	}
}
