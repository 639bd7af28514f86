package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
)

// routing is a configuration with one flow of this format that sends so.
func routing(format, rest string) string {
	return strings.Replace(least, "    send: [{stream: logs}]\n", "    parse: {format: "+format+"}\n"+rest, 1)
}

func TestRoutes(t *testing.T) {
	const a, b = "    send: [{stream: a, ", "}, {stream: b, "
	for _, c := range []struct{ format, rest, want string }{
		{"combined", a + `when: 'status >= 500'` + b + "default: true}, {stream: c}]", ""},
		{"combined", a + `when: 'status >= 500'` + b + "when: parsed}]\n    on_unrouted: dead_letter", ""},
		{"none", a + `when: 'message contains "x"'` + b + "default: true}]", ""},
		{"json", a + `when: 'whatever.there == "is"'}]`, ""},

		{"combined", a + `when: 'sttaus >= 500'}]`,
			`weir.yaml:7:30: flows[0].send[0].when: column 1 of the expression: records have no field "sttaus"; did you mean "status"?`},
		{"combined", a + `when: 'lowr(path) == "x"'}]`, `column 1 of the expression: there is no function "lowr"; there are field, len,`},
		{"combined", a + `when: 'status >='}]`, "column 9 of the expression: unexpected token EOF"},
		{"combined", a + `when: 'status + 1'}]`, "column 1 of the expression: it must be true or false"},
		{"combined", a + `when: 'path matches "(?=x)"'}]`, "column 14 of the expression: not a regular expression of RE2"},
		{"combined", a + `when: ''}]`, "flows[0].send[0].when: is empty"},
		{"combined", a + `when: 'status > 1', default: true` + b + `when: 'status > 2'}]`, "flows[0].send[0].default: the default entry has no condition"},
		{"combined", a + `when: 'status > 1'` + b + "default: true}, {stream: c, default: true}]", "flows[0].send[2].default: send[1] is the default entry already"},
		{"combined", a + `default: true` + b + "linger: 1s}]", "flows[0].send[0].default: has no effect: no other entry has a condition"},
		{"combined", a + `when: 'status > 1'` + b + "default: true}]\n    on_unrouted: dead_letter", "flows[0].on_unrouted: has no effect: send[1] gets the records"},
		{"combined", a + `when: 'status > 1'` + b + "linger: 1s}]\n    on_unrouted: dead_letter", "flows[0].on_unrouted: has no effect: send[1] gets every record"},
		{"combined", a + "linger: 1s}]\n    on_unrouted: dead_lettre", `"dead_lettre" is not one of drop, dead_letter; did you mean "dead_letter"?`},
	} {
		_, err := Decode("weir.yaml", []byte(routing(c.format, c.rest)), noEnv)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.rest, err)
			}
			continue
		}
		var problems *strict.Error
		if !errors.As(err, &problems) || len(problems.Problems) != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant one problem with %s", c.rest, err, c.want)
		}
	}
}

func TestConditionEdits(t *testing.T) {
	for _, c := range []struct{ edit, want string }{
		{`[{keep_if: 'status >= 400'}, {drop_if: 'not parsed'}]`, ""},
		{`[{add: {env: prod}}, {drop_if: 'env == "prod"'}]`, ""},
		{`[{keep_if: 'sttaus >= 400'}]`, `flows[0].edit[0].keep_if: column 1 of the expression: records have no field "sttaus"; did you mean "status"?`},
		{`[{remove: [status]}, {drop_if: 'status > 1'}]`, `flows[0].edit[1].drop_if: column 1 of the expression: records have no field "status"`},
		{`[{keep_if: 'status >'}]`, "flows[0].edit[0].keep_if: column 8 of the expression"},
		{`[{keep_if: 'status + 1'}]`, "flows[0].edit[0].keep_if: column 1 of the expression: it must be true or false"},
		{"[{rename: {status: code}}]\n    send: [{stream: b, when: 'status > 1'}]", `records have no field "status"`},
	} {
		rest := "    edit: " + c.edit + "\n"
		if !strings.Contains(rest, "send:") {
			rest += "    send: [{stream: a}]\n"
		}
		_, err := Decode("weir.yaml", []byte(routing("combined", rest)), noEnv)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.edit, err, c.want)
		}
	}
}

// TestCompatRoutes: what the original agent would send has no fields to judge by.
func TestCompatRoutes(t *testing.T) {
	text := strings.Replace(least, "{stream: logs}", `{stream: logs, when: 'message contains "x"'}`, 1) + "    compat: true\n"
	if _, err := Decode("weir.yaml", []byte(text), noEnv); err == nil || !strings.Contains(err.Error(), "flows[0].send[0].when: with compat: true records have no fields") {
		t.Error(err)
	}
}

// TestRouteFields: a condition may name what a container's records have beside the line's fields.
func TestRouteFields(t *testing.T) {
	_, err := Decode("weir.yaml", []byte(reading("container: cri", "")+"\n"), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(reading("container: cri", ""), "{stream: logs}", `{stream: logs, when: 'stream == "stderr" and namespace != "kube-system"'}`, 1)
	if _, err := Decode("weir.yaml", []byte(text), noEnv); err != nil {
		t.Error(err)
	}
	text = strings.Replace(text, "container: cri", "start: end", 1)
	if _, err := Decode("weir.yaml", []byte(text), noEnv); err == nil || !strings.Contains(err.Error(), `records have no field "stream"`) {
		t.Errorf("without containers: %v", err)
	}
}
