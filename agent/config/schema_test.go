package config

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/agent/config/strict"
)

const schemaFile = "../../configs/weir.schema.json"

// TestSchemaFile: the committed schema is the one that the decoder gives; -update writes it.
func TestSchemaFile(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("configs/weir.schema.json is not what the decoder and the page say: go test ./agent/config -run TestSchemaFile -update")
	}
}

// TestSchemaKeys: what the schema holds are the decoder's keys, each with its meaning, and no others.
func TestSchemaKeys(t *testing.T) {
	var root map[string]any
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	walkSchema(t, "", root, found)
	keys := strict.Keys(Default().read)
	for _, key := range keys {
		if !found[key.Path] {
			t.Errorf("%s is not in the schema", key.Path)
		}
		delete(found, key.Path)
	}
	for path := range found {
		t.Errorf("the schema has %s, which the decoder does not know", path)
	}
}

// walkSchema collects the paths of the keys below n, and looks that each group is closed.
func walkSchema(t *testing.T, path string, n map[string]any, found map[string]bool) {
	if forms, ok := n["anyOf"].([]any); ok && path != "" { // at the top they only say which keys are needed
		for _, form := range forms {
			walkSchema(t, path, form.(map[string]any), found)
		}
	}
	if items, ok := n["items"].(map[string]any); ok {
		walkSchema(t, path+"[]", items, found)
	}
	if names, ok := n["additionalProperties"].(map[string]any); ok {
		walkSchema(t, path+".NAME", names, found)
	}
	properties, ok := n["properties"].(map[string]any)
	if ok && n["additionalProperties"] != false {
		t.Errorf("%s takes unknown keys", path)
	}
	for name, below := range properties {
		key := strings.TrimPrefix(path+"."+name, ".")
		found[key] = true
		if below.(map[string]any)["description"] == nil {
			t.Errorf("%s has no description: docs/configuration.md has none", key)
		}
		walkSchema(t, key, below.(map[string]any), found)
	}
}

// validator reads the committed schema with a library that is not ours.
func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid reads text as an editor does, and returns what the schema says of it.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return s.Validate(v)
}

// TestSchemaTakes: the samples, and what else the decoder takes.
func TestSchemaTakes(t *testing.T) {
	s := validator(t)
	samples, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(samples) < 3 {
		t.Fatalf("samples %q, %v", samples, err)
	}
	for _, sample := range samples {
		data, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(sample) == "server.yaml" {
			continue // the backend's
		}
		const hint = "# yaml-language-server: $schema=weir.schema.json\n"
		if !strings.HasPrefix(string(data), hint) {
			t.Errorf("%s does not begin with %s", sample, hint)
		}
		if err := valid(t, s, string(data)); err != nil {
			t.Errorf("%s: %v", sample, err)
		}
	}
	env := func(string) (string, bool) { return "", true }
	for _, text := range []string{
		least,
		"credentials: local\nmemory: 33554432\n" + least,
		"credentials: '${WHO:-local}'\nmemory: '${MEM:-32MiB}'\nstate_dir: ${DIR:-/x}\n" + least,
		"credentials: {profile: 7}\n" + least,
		with("read", "paths: [/x], max_record: '0512', scan_interval: 1h0m, skip_header_lines: '+3', start: '${S:-end}'"),
		with("encode", "newline: 'false'"),
		with("encode", "newline: '${N:-true}'"),
		with("send", "stream: 2024, linger: 0"),
		with("send", "stream: true, linger: '${L:-15m}', aggregate_size: 1 MiB"),
	} {
		if _, err := Decode("weir.yaml", []byte(text), env); err != nil {
			t.Errorf("the decoder refuses %s: %v", text, err)
		}
		if err := valid(t, s, text); err != nil {
			t.Errorf("the schema refuses %s: %v", text, err)
		}
	}
}

// TestSchemaRefuses: each of these is refused by the decoder and by the schema.
func TestSchemaRefuses(t *testing.T) {
	s := validator(t)
	for _, text := range []string{
		"endpoint: http://127.0.0.1:1\n", "flows: []\n", "flows: {}\n", "- a\n",
		"regoin: x\n" + least, "region: [x]\n" + least, "region: \n" + least, "endpoints: x\n" + least, "endpoints: {kineses: x}\n" + least,
		"credentials: remote\n" + least, "credentials: {profil: x}\n" + least,
		"memory: 4MiB\n" + least, "memory: 32 apples\n" + least, "memory: -1\n" + least, "memory: 1.5\n" + least, "memory: 32Mib\n" + least, "memory: 1048576\n" + least,
		with("read", "pahts: [/x]"), with("read", "paths: /x"), with("read", "paths: [{a: b}]"), with("read", "paths: []"), with("read", "start: end"),
		with("read", "paths: [/x], scan_interval: 10"), with("read", "paths: [/x], scan_interval: 2h"), with("read", "paths: [/x], start: begining"),
		with("read", "paths: [/x], skip_header_lines: 1001"), with("read", "paths: [/x], skip_header_lines: x"), with("read", "paths: [/x], multiline: {mode: jaav}"),
		with("parse", "format: cmobined"), with("parse", "format: csv, columns: [a], infer: yess"), with("parse", "infer: 1"),
		with("encode", "format: xml"), with("encode", "newline: maybe"),
		with("send", "steam: x"), with("send", "stream: x, linger: 1h"), with("send", "stream: x, aggregate_size: 2MiB"),
		"flows: [{read: {paths: [/x]}, send: [{stream: x}]}]\n", "flows: [{name: x, send: [{stream: x}]}]\n", "flows: [{name: x, read: {paths: [/x]}}]\n", "flows: [x]\n",
	} {
		if _, err := Decode("weir.yaml", []byte(text), noEnv); err == nil {
			t.Errorf("the decoder takes %s", text)
		}
		if valid(t, s, text) == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// with is the least that a file must hold, with other keys in one group of its flow.
func with(group, keys string) string {
	parts := []struct{ name, text string }{{"read", "{paths: [/x]}"}, {"parse", "{format: json}"}, {"encode", "{format: json}"}, {"send", "[{stream: x}]"}}
	text := "endpoint: http://127.0.0.1:1\nflows:\n  - name: web\n"
	for _, p := range parts {
		if p.name == group {
			p.text = "{" + keys + "}"
			if group == "send" {
				p.text = "[" + p.text + "]"
			}
		}
		text += "    " + p.name + ": " + p.text + "\n"
	}
	return text
}
