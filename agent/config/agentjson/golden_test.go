package agentjson

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// everyKey is a file with each key that the original agent knows.
func everyKey(t *testing.T) string {
	t.Helper()
	values := map[string]string{
		"awsAccessKeyId": `"id"`, "awsSecretAccessKey": `"secret"`, "assumeRoleARN": `"arn:aws:iam::123456789012:role/r"`, "kinesis.endpoint": `"http://127.0.0.1:1"`,
		"firehose.endpoint": `"https://firehose.eu-west-2.amazonaws.com"`, "sts.endpoint": `"https://sts.eu-west-1.amazonaws.com"`, "kinesis.region": `"eu-west-1"`,
		"filePattern": `"/l/a*"`, "kinesisStream": `"s"`, "deliveryStream": "null", "partitionKeyOption": `"DETERMINISTIC"`, "initialPosition": `"START_OF_FILE"`,
		"multiLineStartPattern": `"^a"`, "fileFooterPattern": `"^z"`, "truncatedRecordTerminator": `"..."`, "dataProcessingOptions": `[{"optionName": "SINGLELINE"}]`,
		"maxBufferSizeBytes": "4000000",
	}
	var agent, flow []string
	for _, k := range Keys() {
		value, ok := values[k.Name]
		switch {
		case ok || k.Name == "flows":
		case k.Type == "boolean":
			value = `"yes"`
		case k.Type == "text":
			value = `"x"`
		default:
			value = fmt.Sprintf("%q", fmt.Sprint(max(k.Low, 7)))
		}
		if line := fmt.Sprintf("%q: %s", k.Name, value); k.Flow {
			flow = append(flow, line)
		} else if k.Name != "flows" {
			agent = append(agent, line)
		}
	}
	stream := strings.Join(flow, ",\n      ")
	delivery := strings.NewReplacer(`"s"`, `null`, `"deliveryStream": null`, `"deliveryStream": "d"`).Replace(stream)
	return "{\n  " + strings.Join(agent, ",\n  ") + ",\n  \"flows\": [{\n      " + stream + "\n    }, {\n      " + delivery + "\n  }]\n}\n"
}

// TestGolden compares conversions with the golden ones; -update writes them, and the file with every key.
func TestGolden(t *testing.T) {
	const every = "testdata/every.json"
	golden(t, every, []byte(everyKey(t)))
	for name, file := range map[string]string{"every": every, "sample": "../../../configs/agent.json", "converters": "testdata/converters.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for mode, fixed := range map[string]bool{"fixed": true, "compat": false} {
			tr := Translate(Source{"agent.json", data}, nil, Options{Fixed: fixed, HideSecrets: true})
			if err := tr.Err(nil); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			got, err := tr.YAML()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/"+name+"."+mode+".yaml", got)
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != string(got) {
		t.Errorf("%s is not what comes out (%v); look at it with -update", file, err)
	}
}
