package agentjson

import (
	"os"
	"reflect"
	"testing"

	"gopkg.in/yaml.v3"
)

// FuzzTranslate: no file makes a translation panic, and what is printed is YAML with the same tree.
func FuzzTranslate(f *testing.F) {
	for _, file := range []string{"testdata/every.json", "testdata/converters.json", "../../../configs/agent.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, true)
		f.Add(data, false)
	}
	f.Add([]byte(`{"flows": [{"filePattern": "/\n #: ", "kinesisStream": "- ", "dataProcessingOptions": [{"optionName": "CSVTOJSON", "customFieldNames": [null]}]}, 7, {}]}`), true)
	f.Fuzz(func(t *testing.T, data []byte, fixed bool) {
		tr := Translate(Source{"agent.json", data}, []Source{{"b", data}}, Options{Fixed: fixed})
		if tr.Err(nil) != nil {
			return
		}
		text, err := tr.YAML()
		if err != nil {
			t.Fatal(err)
		}
		var printed, made any
		if err := yaml.Unmarshal(text, &printed); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if err := tr.Root.Decode(&made); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(printed, made) {
			t.Fatalf("made %v\nprinted %v\n%s", made, printed, text)
		}
	})
}
