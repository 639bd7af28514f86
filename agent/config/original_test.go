package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// host is an environment with what a conversion asks for.
func host(name string) (string, bool) {
	value, ok := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}[name]
	return value, ok
}

// originals are configurations of the original agent: the sample, one with each converter, and one with every key.
func originals(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for name, file := range map[string]string{"sample": "../../configs/agent.json", "every": "agentjson/testdata/every.json", "converters": "agentjson/testdata/converters.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(data)
	}
	return all
}

// TestConvert decodes conversions again: both ways lead to the same configuration.
func TestConvert(t *testing.T) {
	for name, text := range originals(t) {
		for _, compat := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s compat %v", name, compat), func(t *testing.T) {
				t.Chdir(t.TempDir())
				if err := os.WriteFile("agent.json", []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				converted, err := Convert("agent.json", compat, noEnv)
				if err != nil {
					t.Fatal(err)
				}
				yaml, err := Decode("weir.yaml", converted, host)
				if err != nil {
					t.Fatal(err)
				}
				direct := text
				if !compat {
					direct = strings.Replace(text, "{", `{"compat": false,`, 1)
				}
				json, err := Decode("agent.json", []byte(direct), host)
				if err != nil {
					t.Fatal(err)
				}
				json.File, json.Warnings = yaml.File, yaml.Warnings
				for i := range json.Flows {
					if !reflect.DeepEqual(json.Flows[i], yaml.Flows[i]) {
						t.Errorf("flow %d: decoded itself it is\n%+v\nconverted\n%+v", i, json.Flows[i], yaml.Flows[i])
					}
				}
				if json.Flows, yaml.Flows = nil, nil; !reflect.DeepEqual(json, yaml) {
					t.Errorf("decoded itself it is\n%+v\nconverted\n%+v", json, yaml)
				}
			})
		}
	}
}

// TestOriginalProblems: what only weir refuses is said in the words of the file, where it stands there.
func TestOriginalProblems(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no path", `{"flows": [{"filePattern": "app.log", "kinesisStream": "s"}]}`, `agent.json:1:28: flows[0].filePattern: "app.log" must be an absolute path`},
		{"no stream", `{"flows": [{"filePattern": "/l/a", "kinesisStream": "no stream"}]}`, `agent.json:1:53: flows[0].kinesisStream: "no stream" is no name: it must match`},
		{"too many header lines", "{\"flows\": [{\"filePattern\": \"/l/a\", \"kinesisStream\": \"s\",\n \"skipHeaderLines\": 1001}]}", "agent.json:2:21: flows[0].skipHeaderLines: 1001 is out of range; from 0 to 1000"},
		{"an option of a converter", `{"flows": [{"filePattern": "/l/a", "kinesisStream": "s", "dataProcessingOptions": [{"optionName": "LOGTOJSON", "logFormat": "SYSLG"}]}]}`,
			`agent.json:1:125: flows[0].dataProcessingOptions[0].logFormat: "SYSLG" is not one of`},
		{"what is missing in a converter", `{"flows": [{"filePattern": "/l/a", "kinesisStream": "s", "dataProcessingOptions": [{"optionName": "CSVTOJSON"}]}]}`,
			`agent.json:1:84: flows[0].dataProcessingOptions[0]: in weir's words, flows[0].data_processing[0].customFieldNames: `},
		{"several", `{"kinesis.endpoint": "ftp://x", "log.level": 7, "flows": [{"filePattern": "a", "kinesisStream": "s", "initialPosition": "x"}]}`,
			"agent.json:1:22: kinesis.endpoint: \"ftp://x\" is not an address of a server, such as http://127.0.0.1:4567\n" +
				"agent.json:1:75: flows[0].filePattern: \"a\" must be an absolute path\nagent.json:1:121: flows[0].initialPosition: \"x\" is not one of START_OF_FILE, END_OF_FILE"},
	} {
		_, err := Decode("agent.json", []byte(tt.text), host)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// TestOriginalRegion: without a region in file and environment the message says what to set.
func TestOriginalRegion(t *testing.T) {
	_, err := Decode("agent.json", []byte(`{"flows": [{"filePattern": "/l/a", "kinesisStream": "s"}]}`), noEnv)
	if err == nil || !strings.Contains(err.Error(), "the variable AWS_REGION is not set") {
		t.Error(err)
	}
}

// TestLoadFolder reads agent.d beside the file, and names its files.
func TestLoadFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("agent.json", `{"kinesis.region": "eu-west-1"}`)
	write("agent.d/b.json", `{"flows": [{"filePattern": "/l/b", "kinesisStream": "b"}], "x": 1}`)
	write("agent.d/a", `// first`+"\n"+`{"flows": [{"filePattern": "/l/a", "kinesisStream": "a"}]}`)
	write("agent.d/deeper/c", `not read`)
	c, err := Load(filepath.Join(dir, "agent.json"), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Flows) != 2 || c.Flows[0].Send[0].Stream != "a" || c.Flows[1].Read.Paths[0] != "/l/b" || len(c.Warnings) != 1 || c.Warnings[0].File != filepath.Join(dir, "agent.d/b.json") {
		t.Errorf("%+v", c)
	}
	write("agent.d/b.json", `{"flows": [{"filePattern": "/l/b", "kinesisStream": "b b"}]}`)
	want := filepath.Join(dir, "agent.d/b.json") + `:1:53: flows[0].kinesisStream: "b b" is no name`
	if _, err := Load(filepath.Join(dir, "agent.json"), noEnv); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
