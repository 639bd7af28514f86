package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/weir-logs/weir/parsers/original"
)

const compatFlow = `
region: eu-west-1
flows:
  - name: web
    read: {paths: [/var/log/a.log]}
    send: [{stream: s}]
`

// TestCompat: every key of data_processing.
func TestCompat(t *testing.T) {
	c, err := Decode("weir.yaml", []byte(compatFlow+`
    compat: true
    data_processing:
      - {optionName: SINGLELINE, parseOptions: [NO_TRIM]}
      - {optionName: CSVTOJSON, customFieldNames: [a, b], delimiter: '\|', jsonFormat: PRETTYPRINT}
      - {optionName: LOGTOJSON, logFormat: SYSLOG, matchPattern: '(a)', customFieldNames: [a]}
      - optionName: ADDMETADATA
        metadata: {env: "prod", n: 1.10, text: '1', list: [true, null, {"a<b": é}], empty: }
        timestamp: true
      - {optionName: ADDEC2METADATA, metadataTTL: 60, logFormat: SYSLOG}
      - {optionName: ADDBRACKETS}
`), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	want := []original.Option{
		{Name: "SINGLELINE", ParseOptions: []string{"NO_TRIM"}},
		{Name: "CSVTOJSON", CustomFieldNames: []string{"a", "b"}, Delimiter: `\|`, JSONFormat: "PRETTYPRINT"},
		{Name: "LOGTOJSON", LogFormat: "SYSLOG", MatchPattern: "(a)", CustomFieldNames: []string{"a"}},
		{Name: "ADDMETADATA", Metadata: `{"env":"prod","n":1.10,"text":"1","list":[true,null,{"a\u003cb":"é"}],"empty":null}`, Timestamp: "true"},
		{Name: "ADDEC2METADATA", MetadataTTL: 60, LogFormat: "SYSLOG"},
		{Name: "ADDBRACKETS"},
	}
	f := c.Flows[0]
	if !reflect.DeepEqual(f.Processing, want) {
		t.Errorf("got  %+v\nwant %+v", f.Processing, want)
	}
	if !f.Compat || f.Encode.Format != "raw" || f.Parse.OnMismatch != MismatchDrop {
		t.Errorf("got %+v", f)
	}
}

// TestCompatProblems: each with its key and place.
func TestCompatProblems(t *testing.T) {
	for _, c := range []struct{ flow, want string }{
		{"    data_processing: [{optionName: ADDBRACKETS}]\n", "flows[0].data_processing: goes with compat: true"},
		{"    compat: true\n    parse: {format: json}\n", "flows[0].parse: does not go with compat: true"},
		{"    compat: true\n    encode: {format: json}\n", "flows[0].encode: does not go with compat: true"},
		{"    compat: true\n    data_processing: [{optionName: USINGPLUGGIN}]\n", "7:36: flows[0].data_processing[0].optionName: USINGPLUGGIN loads a class of Java"},
		{"    compat: true\n    data_processing: [{optionName: LOGTOJSON, logFormat: SYSLOG, matchPattern: '(a)(?=b)', customFieldNames: [a]}]\n",
			"7:80: flows[0].data_processing[0].matchPattern: character 4: the lookahead (?= is not supported"},
		{"    compat: true\n    data_processing: [{optionName: LOGTOJSON, logformat: SYSLOG}]\n", `flows[0].data_processing[0].logformat: unknown key; did you mean "logFormat"?`},
		{"    compat: true\n    data_processing: [{optionName: ADDBRACKETS, delimiter: x}]\n", "flows[0].data_processing[0].delimiter: ADDBRACKETS has no such key"},
		{"    compat: true\n    data_processing: [{optionName: ADDMETADATA, metadata: {a: 010}}]\n", "flows[0].data_processing[0].metadata.a: 010 is no number of JSON"},
		{"    compat: true\n    data_processing: [{optionName: ADDMETADATA, metadata: " + strings.Repeat("[", 120) + strings.Repeat("]", 120) + "}]\n", "more than 100 values in one another"},
	} {
		_, err := Decode("weir.yaml", []byte(compatFlow[1:]+c.flow), noEnv)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: got %v, want %s", c.flow, err, c.want)
		}
	}
	keyed := strings.Replace(compatFlow, "{stream: s}", "{stream: s, partition_key: 'field:a'}", 1) + "    compat: true\n"
	if _, err := Decode("weir.yaml", []byte(keyed), noEnv); err == nil || !strings.Contains(err.Error(), "send[0].partition_key: with compat: true records have no fields") {
		t.Errorf("got %v", err)
	}
}
