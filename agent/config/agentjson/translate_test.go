package agentjson

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// at returns what stands at a path of the tree, as YAML on one line; "" is nothing.
func at(t *testing.T, n *yaml.Node, path string) string {
	t.Helper()
	for part := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		next := (*yaml.Node)(nil)
		var i int
		if k, _ := fmt.Sscanf(part, "[%d]", &i); k == 1 {
			if n.Kind == yaml.SequenceNode && i < len(n.Content) {
				next = n.Content[i]
			}
		} else {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == part {
					next = n.Content[i+1]
				}
			}
		}
		if n = next; n == nil {
			return ""
		}
	}
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	out, err := yaml.Marshal(flat(n))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestMapping looks at what each key that is translated becomes.
func TestMapping(t *testing.T) {
	const stream, delivery = `"filePattern": "/l/a.log", "kinesisStream": "s"`, `"filePattern": "/l/a.log", "deliveryStream": "d"`
	for _, tt := range []struct {
		name, agent, flow string
		path, fixed       string
		compat            string // "=": as fixed
	}{
		{"pattern", "", stream, "flows[0].read.paths", "[/l/a.log]", "="},
		{"pattern in a literal folder", "", `"filePattern": "/l/{a}/b*.{x,y}", "kinesisStream": "s"`, "flows[0].read.paths[0]", `/l/\{a\}/b*.{x,y}`, "="},
		{"a variable that is none", "", `"filePattern": "/l/${x}", "kinesisStream": "s"`, "flows[0].read.paths[0]", "/l/$${x}", "="},
		{"stream", "", stream, "flows[0].send[0].stream", "s", "="},
		{"no aggregation", "", stream, "flows[0].send[0].aggregate", "false", "="},
		{"delivery stream", "", delivery, "flows[0].send[0].delivery_stream", "d", "="},
		{"both: the delivery stream", "", stream + `, "deliveryStream": "d"`, "flows[0].send[0].stream", "", "="},
		{"name", "", stream, "flows[0].name", "s-a.log-4936e4bf", "="},
		{"name of a delivery stream of that name", "", `"filePattern": "/l/a.log", "deliveryStream": "s"`, "flows[0].name", "s-a.log-b534af6b", "="},
		{"name of strange things", "", `"filePattern": "/l/ä*", "kinesisStream": ".-x"`, "flows[0].name", "x-e3a535b2", "="},
		{"long name", "", `"filePattern": "/l/` + strings.Repeat("f", 80) + `", "kinesisStream": "` + strings.Repeat("s", 128) + `"`, "flows[0].name", strings.Repeat("s", 26) + "-" + strings.Repeat("f", 26) + "-a9632f25", "="},

		{"random key", "", stream + `, "partitionKeyOption": "RANDOM"`, "flows[0].send[0].partition_key", "", "="},
		{"key by content", "", stream + `, "partitionKeyOption": "DETERMINISTIC"`, "flows[0].send[0].partition_key", "hash", "="},
		{"lines joined", "", delivery + `, "aggregatedRecordSizeBytes": "5120"`, "flows[0].send[0].pack", "5120", "="},
		{"lines not joined", "", delivery + `, "aggregatedRecordSizeBytes": 0`, "flows[0].send[0].pack", "", "="},
		{"several lines not joined", "", delivery + `, "aggregatedRecordSizeBytes": 10, "multiLineStartPattern": "x"`, "flows[0].send[0].pack", "", "="},
		{"lines of a stream not joined", "", stream + `, "aggregatedRecordSizeBytes": 10`, "flows[0].send[0].pack", "", "="},
		{"from the end by default", "", stream, "flows[0].read.start", "end", "="},
		{"from the end", "", stream + `, "initialPosition": "END_OF_FILE"`, "flows[0].read.start", "end", "="},
		{"from the beginning", "", stream + `, "initialPosition": "START_OF_FILE"`, "flows[0].read.start", "beginning", "="},
		{"several lines", "", stream + `, "multiLineStartPattern": "\\[\\d"`, "flows[0].read.multiline.start", `^(?:\[[0-9])`, "="},
		{"as many lines as there are", "", stream + `, "multiLineStartPattern": "x"`, "flows[0].read.multiline.max_lines", "1000000", "="},
		{"memory for several lines", "", stream + `, "multiLineStartPattern": "x"`, "memory", "26MiB", "="},
		{"memory as by default", "", stream, "memory", "", "="},
		{"header", "", stream + `, "skipHeaderLines": "2"`, "flows[0].read.skip_header_lines", "2", "="},
		{"no header", "", stream + `, "skipHeaderLines": 0`, "flows[0].read.skip_header_lines", "", "="},
		{"less than no header", "", stream + `, "skipHeaderLines": -1`, "flows[0].read.skip_header_lines", "", "="},
		{"too long by default", "", stream, "flows[0].read.oversize", "", "truncate"},
		{"too long by default: no mark", "", stream, "flows[0].read.truncate_mark", "", ""},
		{"too long", "", stream + `, "truncatedRecordTerminator": "...\n"`, "flows[0].read.oversize", "truncate", "="},
		{"mark", "", stream + `, "truncatedRecordTerminator": "...\n"`, "flows[0].read.truncate_mark", "...", "="},
		{"mark without a line end", "", stream + `, "truncatedRecordTerminator": "..."`, "flows[0].read.truncate_mark", "...", "="},
		{"age", "", stream + `, "maxBufferAgeMillis": 1500`, "flows[0].send[0].linger", "1.5s", "="},
		{"age by default", "", stream, "flows[0].send[0].linger", "", "1m"},
		{"byte for byte", "", stream, "flows[0].compat", "", "true"},

		{"region of the environment", "", stream, "region", "${AWS_REGION}", "="},
		{"region", `"kinesis.region": "eu-west-1"`, stream, "region", "eu-west-1", "="},
		{"region by name", `"kinesis.endpoint": "https://kinesis.eu-west-1.amazonaws.com/"`, stream, "region", "eu-west-1", "="},
		{"endpoint that is the usual one", `"kinesis.endpoint": "kinesis.eu-west-1.amazonaws.com"`, stream, "endpoints", "", "="},
		{"region of a private endpoint", `"kinesis.endpoint": "vpce-1.kinesis.eu-west-1.vpce.amazonaws.com"`, stream, "region", "eu-west-1", "="},
		{"private endpoint", `"kinesis.endpoint": "vpce-1.kinesis.eu-west-1.vpce.amazonaws.com"`, stream, "endpoints", "{kinesis: 'https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com'}", "="},
		{"endpoint of one's own", `"kinesis.endpoint": "http://127.0.0.1:4567"`, stream, "endpoints.kinesis", "http://127.0.0.1:4567", "="},
		{"its region", `"kinesis.endpoint": "http://127.0.0.1:4567"`, stream, "region", "us-east-1", "="},
		{"endpoint and another region", `"kinesis.endpoint": "https://kinesis.eu-west-1.amazonaws.com", "kinesis.region": "eu-west-2"`, stream, "endpoints.kinesis", "https://kinesis.eu-west-1.amazonaws.com", "="},
		{"no endpoint", `"kinesis.endpoint": ""`, stream, "endpoints", "", "="},
		{"endpoint that nobody uses", `"firehose.endpoint": "http://h:1"`, stream, "endpoints", "", "="},
		{"region of delivery streams by default", `"kinesis.region": "eu-west-1"`, delivery, "region", "us-east-1", "="},
		{"region of delivery streams", `"firehose.endpoint": "firehose.eu-west-1.amazonaws.com"`, delivery, "region", "eu-west-1", "="},
		{"one region for both", `"kinesis.region": "us-east-1"`, stream + "}, {" + delivery, "flows[1].send[0].region", "", "="},
		{"two regions", `"kinesis.region": "eu-west-1"`, stream + "}, {" + delivery, "flows[1].send[0].region", "us-east-1", "="},

		{"keys", `"awsAccessKeyId": "i", "awsSecretAccessKey": "${s}"`, stream, "credentials", "{access_key_id: i, secret_access_key: '$${s}'}", "="},
		{"role", `"assumeRoleARN": "r", "assumeRoleExternalId": "e"`, stream, "credentials", "{role_arn: r, external_id: e}", "="},
		{"who gives the role", `"assumeRoleARN": "r", "sts.endpoint": "sts.eu-west-1.amazonaws.com"`, stream, "endpoints.sts", "https://sts.eu-west-1.amazonaws.com", "="},
		{"no role", `"assumeRoleExternalId": "e", "sts.endpoint": "x"`, stream, "credentials", "", "="},
		{"nothing said", "", stream, "credentials", "", "="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := fmt.Sprintf(`{%s "flows": [{%s}]}`, strings.TrimSuffix(tt.agent+",", ",")+strings.Repeat(",", min(len(tt.agent), 1)), tt.flow)
			for _, fixed := range []bool{true, false} {
				tr, problems := translated(t, text, Options{Fixed: fixed})
				if problems != nil {
					t.Fatal(problems)
				}
				want := tt.fixed
				if !fixed && tt.compat != "=" {
					want = tt.compat
				}
				if got := at(t, tr.Root, tt.path); got != want {
					t.Errorf("fixed %v: %s is %q, want %q", fixed, tt.path, got, want)
				}
			}
		})
	}
}

func TestProblems(t *testing.T) {
	const good = `"filePattern": "/l/a", "kinesisStream": "s"`
	for _, tt := range []struct{ name, text, want string }{
		{"no JSON", "{\n  'flows': []}", `agent.json:2:3: a key in double quotes is expected here, not '\''`},
		{"no object", "[]", "agent.json:1:1: must be an object, { ... }, not a list"},
		{"no flows", "{}", "agent.json:1:1: flows: at least one flow is needed"},
		{"empty flows", `{"flows": []}`, "agent.json:1:1: flows: at least one flow is needed"},
		{"flows that are null", `{"flows": null}`, "agent.json:1:11: flows: must be a list of flows, [ ... ], not null"},
		{"flows that are none", `{"flows": {}}`, "agent.json:1:11: flows: must be a list of flows, [ ... ], not an object"},
		{"a flow that is none", `{"flows": [7]}`, "agent.json:1:12: flows[0]: must be an object, { ... }, not a number"},
		{"nothing in a flow", `{"flows": [{}]}`, `agent.json:1:12: flows[0]: filePattern is needed, such as "/var/log/app.log*"` + "\nagent.json:1:12: flows[0]: a destination is needed: kinesisStream or deliveryStream"},
		{"twice the same", `{"flows": [{` + good + `}, {` + good + `}]}`, "agent.json:1:59: flows[1]: sends the same files to the same place as flows[0] (agent.json, line 1)"},
		{"one key of two", `{"awsAccessKeyId": "x", "flows": [{` + good + `}]}`, "agent.json:1:20: awsAccessKeyId: goes with awsSecretAccessKey; set both, or none"},
		{"the other key", `{"awsSecretAccessKey": "hush", "flows": [{` + good + `}]}`, "agent.json:1:24: awsSecretAccessKey: goes with awsAccessKeyId; set both, or none"},
		{"too large for a delivery stream", `{"flows": [{"filePattern": "/l/a", "deliveryStream": "d", "maxBufferSizeBytes": 5242880}]}`, "agent.json:1:81: flows[0].maxBufferSizeBytes: 5242880 is out of range; from 1 to 4194304 for a delivery stream"},
		{"an expression that RE2 has not", `{"flows": [{` + good + `, "multiLineStartPattern": "(?=x)"}]}`, "agent.json:1:83: flows[0].multiLineStartPattern: character 1: "},
		{"several", "{\"flows\": [{" + good + ", \"initialPosition\": \"end\",\n\"maxBufferAgeMillis\": 10}],\n\"cloudwatch.emitMetrics\": \"maybe\"}",
			"agent.json:1:77: flows[0].initialPosition: \"end\" is not one of START_OF_FILE, END_OF_FILE\n" +
				"agent.json:2:23: flows[0].maxBufferAgeMillis: 10 is out of range; from 1000 to 900000\n" +
				"agent.json:3:27: cloudwatch.emitMetrics: \"maybe\" must be true or false"},

		{"a chain that is none", chain(`7`), "agent.json:1:83: flows[0].dataProcessingOptions: must be a list of converters, [ { ... } ], not a number"},
		{"a converter that is none", chain(`["LOGTOJSON"]`), "agent.json:1:84: flows[0].dataProcessingOptions[0]: must be an object with an optionName, not a text"},
		{"a converter without a name", chain(`[{}]`), "agent.json:1:84: flows[0].dataProcessingOptions[0]: an optionName is needed, one of SINGLELINE, CSVTOJSON"},
		{"a misspelt converter", chain(`[{"optionName": "LOGTOJSN"}]`), `dataProcessingOptions[0].optionName: "LOGTOJSN" is not one of SINGLELINE, CSVTOJSON, LOGTOJSON, ADDMETADATA, ADDEC2METADATA, ADDBRACKETS; did you mean "LOGTOJSON"?`},
		{"a Java class", chain(`[{"optionName": "USINGPLUGGIN", "className": "x"}]`), "optionName: weir cannot load Java classes"},
		{"a stamp that stops the original", chain(`[{"optionName": "ADDMETADATA", "metadata": {}, "timestamp": true}]`), `timestamp: must be a text, "true"; with true as it is the original agent does not start`},
		{"another number of names", chain(`[{"optionName": "LOGTOJSON", "logFormat": "SYSLOG", "matchPattern": "(a)(b)", "customFieldNames": ["a"]}]`), "matchPattern: has 2 groups, and there are 1 customFieldNames: the original agent drops every line"},
	} {
		_, problems := translated(t, tt.text, Options{Fixed: true})
		if got := strings.Join(problems, "\n"); !strings.Contains(got, tt.want) || strings.Contains(got, "hush") {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// chain returns a configuration with dataProcessingOptions.
func chain(options string) string {
	return `{"flows": [{"filePattern": "/l/a", "kinesisStream": "s", "dataProcessingOptions": ` + options + `}]}`
}

func TestWarnings(t *testing.T) {
	const good = `"filePattern": "/l/a", "kinesisStream": "s"`
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", `{"flows": [{` + good + `}]}`, ""},
		{"misspelt", "{\"flows\": [{" + good + "}],\n \"cloudwatch.emitMetric\": true}", `agent.json:2:2: cloudwatch.emitMetric: unknown key, ignored; did you mean "cloudwatch.emitMetrics"?`},
		{"unknown", `{"x": {"y": 1}, "flows": [{` + good + `}]}`, "agent.json:1:2: x: unknown key, ignored"},
		{"at another level", `{"flows": [{` + good + `, "checkpointFile": "/x"}]}`, "agent.json:1:58: flows[0].checkpointFile: ignored: it is no key of this level"},
		{"twice", `{"flows": [7], "flows": [{` + good + `}]}`, "agent.json:1:2: flows: stands again below; the last one counts"},
		{"text after the end", `{"flows": [{` + good + `}]} }`, "agent.json:1:60: what follows the end of the object is ignored; is there a brace too many?"},
		{"both destinations", `{"flows": [{` + good + `, "deliveryStream": "d"}]}`, "flows[0].kinesisStream: ignored: the flow has a deliveryStream, which goes before it"},
		{"keys of a delivery stream", `{"flows": [{"filePattern": "/l/a", "deliveryStream": "d", "partitionKeyOption": "RANDOM"}]}`, "flows[0].partitionKeyOption: ignored: delivery streams have no partition keys"},
		{"joined lines of a stream", `{"flows": [{` + good + `, "aggregatedRecordSizeBytes": 5}]}`, "flows[0].aggregatedRecordSizeBytes: ignored: it is for delivery streams"},
		{"footer", `{"flows": [{` + good + `, "fileFooterPattern": "EOF"}]}`, "flows[0].fileFooterPattern: ignored: the footer is sent as any other line"},
		{"header", `{"flows": [{` + good + `, "skipHeaderLines": -1}]}`, "flows[0].skipHeaderLines: ignored: it is less than 0"},
		{"external id without a role", `{"assumeRoleExternalId": "x", "flows": [{` + good + `}]}`, "agent.json:1:26: assumeRoleExternalId: ignored: it goes with assumeRoleARN"},
		{"a chain that is an object", chain(`{"optionName": "SINGLELINE"}`), "flows[0].dataProcessingOptions: ignored, as the original agent does silently: it is an object, and must be a list; put it into [ ]"},
		{"misspelt in a converter", chain(`[{"optionName": "LOGTOJSON", "logformat": "SYSLOG"}]`), `flows[0].dataProcessingOptions[0].logformat: unknown key of LOGTOJSON, ignored; did you mean "logFormat"?`},
		{"of another converter", chain(`[{"optionName": "SINGLELINE", "className": "x"}]`), `flows[0].dataProcessingOptions[0].className: unknown key of SINGLELINE, ignored`},
	} {
		for _, fixed := range []bool{true, false} {
			tr, problems := translated(t, tt.text, Options{Fixed: fixed})
			var got []string
			for _, w := range tr.Warnings {
				got = append(got, w.String())
			}
			if problems != nil || len(got) > 1 || !strings.Contains(strings.Join(got, "\n"), tt.want) || (tt.want == "") != (got == nil) {
				t.Errorf("%s: warnings %q, problems %q, want %s", tt.name, got, problems, tt.want)
			}
		}
	}
}

// TestFolder: the flows of other files count, what else they hold does not, and what is wrong there is found there.
func TestFolder(t *testing.T) {
	flow := func(stream string) string { return `{"filePattern": "/l/a", "kinesisStream": "` + stream + `"}` }
	file := func(name, text string) Source { return Source{name, []byte(text)} }
	tr := Translate(file("agent.json", "{}"), []Source{file("b", `{"flows": [`+flow("one")+","+flow("two")+`], "kinesis.region": "x"}`), file("c", `{ "x": 1 }`)}, Options{})
	if err := tr.Err(nil); err != nil || at(t, tr.Root, "flows[1].send[0].stream") != "two" || at(t, tr.Root, "region") != "${AWS_REGION}" {
		t.Errorf("%v, %s, region %s", err, at(t, tr.Root, "flows[1].send[0].stream"), at(t, tr.Root, "region"))
	}
	var got []string
	for _, w := range tr.Warnings {
		got = append(got, w.String())
	}
	if want := []string{"b:1:110: kinesis.region: ignored: only the flows of files in this folder are read", "c:1:1: the file has no flows", "c:1:3: x: ignored: only the flows of files in this folder are read"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	tr = Translate(file("agent.json", `{"flows": [`+flow("one")+`]}`), []Source{file("b", "no"), file("c", "[]"), file("d", `{"flows": [`+flow("one")+`]}`), file("e", "{\"flows\":\n 1}")}, Options{})
	want := strings.Join([]string{"b:1:1: no is no value; a text needs double quotes", `c:1:1: must be an object with flows, { "flows": [ ... ] }, not a list`,
		"d:1:12: flows[0]: sends the same files to the same place as flows[0] (agent.json, line 1)", "e:2:2: flows: must be a list of flows, [ ... ], not a number"}, "\n")
	if err := tr.Err(nil); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestMode: the file's own word goes before the caller's only where it is asked for.
func TestMode(t *testing.T) {
	for _, tt := range []struct {
		text string
		o    Options
		want bool
	}{
		{`{}`, Options{ByFile: true}, false},
		{`{"compat": false}`, Options{ByFile: true}, true},
		{`{"compat": "yes"}`, Options{ByFile: true, Fixed: true}, false},
		{`{"compat": false}`, Options{}, false},
		{`{"compat": true}`, Options{Fixed: true}, true},
	} {
		if tr, _ := translated(t, tt.text, tt.o); tr.Fixed != tt.want || len(tr.Warnings) > 0 {
			t.Errorf("%s with %+v: fixed %v, %v", tt.text, tt.o, tr.Fixed, tr.Warnings)
		}
	}
}

func TestSecrets(t *testing.T) {
	tr, _ := translated(t, `{"awsAccessKeyId": "AKIAHUSH", "awsSecretAccessKey": "hush", "flows": [{"filePattern": "/l/a", "kinesisStream": "s"}]}`, Options{HideSecrets: true})
	out, err := tr.YAML()
	if err != nil || strings.Contains(strings.ToLower(string(out)), "hush") || !strings.Contains(string(out), "secret_access_key: ${AWS_SECRET_ACCESS_KEY}") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestIs(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"agent.json", "", true},
		{"weir.yaml", "{}", false},
		{"weir.yml", "{}", false},
		{"agent.conf", " \n// x\n/* y */ {", true},
		{"agent.conf", "\ufeff{", true},
		{"agent.conf", "# x\n{}", false},
		{"weir", "flows: []", false},
		{"weir", "", false},
	} {
		if got := Is(tt.name, []byte(tt.text)); got != tt.want {
			t.Errorf("%s with %q: %v", tt.name, tt.text, got)
		}
	}
}
