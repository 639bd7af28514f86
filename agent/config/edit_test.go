package config

import (
	"strings"
	"testing"
)

// withEdits is a flow with these steps.
func withEdits(format, rest, steps string) string {
	return "endpoint: http://127.0.0.1:1\ncredentials: local\nflows:\n  - name: a\n    read: {paths: [/a]}\n    parse: {format: " + format + "}\n" +
		"    edit: [" + steps + "]\n" + rest
}

const sendS = "    send: [{stream: s}]\n"

// TestEditFields: edits change the fields that there are for what comes after them.
func TestEditFields(t *testing.T) {
	for _, c := range []struct{ format, rest, steps, want string }{
		{"common", sendS, "{add: {a: b}}, {rename: {a: c}}, {remove: [c]}", ""},
		{"common", sendS, "{remove: [hots]}", `flows[0].edit[0].remove[0]: format common with its edits has no field "hots"; did you mean "host"?`},
		{"common", sendS, "{remove: [host]}, {hash: {fields: [status, host]}}", `flows[0].edit[1].hash.fields[1]: format common with its edits has no field "host"`},
		{"common", sendS, "{add: {a: '${field.x}'}}", `flows[0].edit[0].add.a: format common with its edits has no field "x"`},
		{"common", sendS, "{add: {a: '${field.x:-}', x: '${field.a}'}}", ""},
		{"common", sendS, "{rename: {statsu: a}}", `flows[0].edit[0].rename.statsu: format common`},
		{"common", sendS, "{keep: [host]}, {truncate: {field: path}}", `flows[0].edit[1].truncate.field: format common`},
		{"common", sendS, "{parse_json: {field: path}}, {remove: [anything]}", ""},
		{"json", sendS, "{keep: [a]}, {remove: [b]}", `flows[0].edit[1].remove[0]: format json with its edits has no field "b"`},
		{"common", "    send: [{stream: s, partition_key: 'field:client'}]\n", "{rename: {host: client}}", ""},
		{"common", "    send: [{stream: s, partition_key: 'field:host'}]\n", "{rename: {host: client}}", `flows[0].send[0].partition_key: format common`},
		{"common", "    encode: {format: csv, columns: [client, host]}\n" + sendS, "{rename: {host: client}}", `flows[0].encode.columns[1]: format common`},
		{"json", "    encode: {format: csv}\n" + sendS, "{keep: [a, b]}", ""},
	} {
		checkEdits(t, withEdits(c.format, c.rest, c.steps), c.want)
	}
	conf, err := Decode("w", []byte(withEdits("json", "    encode: {format: csv}\n"+sendS, "{keep: [a, b]}, {add: {c: 1}}")), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(conf.Flows[0].Encode.Columns, " "); got != "a b c" {
		t.Errorf("columns %q", got)
	}
}

// checkEdits reads a configuration that has one problem, or none.
func checkEdits(t *testing.T, text, want string) {
	t.Helper()
	_, err := Decode("w", []byte(text), noEnv)
	if got := ""; want == "" {
		if err != nil {
			got = err.Error()
			t.Errorf("%s\ngot %s", text, got)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("%s\ngot %v\nwant %s", text, err, want)
	}
}

// TestEditRaw: where the line itself is sent, what would do nothing, or hide nothing, is refused.
func TestEditRaw(t *testing.T) {
	const raw, byField = "    encode: {format: raw}\n" + sendS, "    encode: {format: raw}\n    send: [{stream: s, partition_key: 'field:k'}]\n"
	for _, c := range []struct{ format, rest, steps, want string }{
		{"none", raw, "{redact: {kinds: [ip]}}", ""},
		{"common", raw, "{redact: {kinds: [ip], fields: [host]}}", "flows[0].edit[0].redact.fields: hides nothing"},
		{"common", raw, "{remove: [host]}", "flows[0].edit[0].remove: has no effect on what is sent"},
		{"common", raw, "{hash: {fields: [host]}}", "flows[0].edit[0].hash: has no effect on what is sent"},
		{"common", raw, "{add: {k: '${field.host}'}}", "flows[0].edit[0].add: has no effect"},
		{"common", byField, "{add: {k: '${field.host}'}}", ""},
	} {
		checkEdits(t, withEdits(c.format, c.rest, c.steps), c.want)
	}
}

// TestEditMistakes: each is told with its place.
func TestEditMistakes(t *testing.T) {
	for steps, want := range map[string]string{
		"{add: {id: '${recordid}'}}":               `w:7:23: flows[0].edit[0].add.id: the variable recordid is not set; set it, or give a default: ${recordid:-default}; did you mean ${record_id}?`,
		"{add: {id: '${fields.a}'}}":               `did you mean ${field.a}?`,
		"{add: {id: '${record_id'}}":               "has no closing brace",
		"{add: {id: [a]}}":                         "flows[0].edit[0].add.id: must be a value, not a list",
		"{add: [a]}":                               "flows[0].edit[0].add: must hold names and their values",
		"{add: {}}":                                "flows[0].edit[0].add: names no field",
		"{rename: {a: {b: c}}}":                    "flows[0].edit[0].rename.a: must be a text",
		"{}":                                       "w:7:12: flows[0].edit[0]: needs one of keep_if, drop_if, add, rename",
		"{remove: [a], keep: [b]}":                 "flows[0].edit[0]: has remove and keep",
		"{redact: {kinds: [mail]}}":                `flows[0].edit[0].redact.kinds[0]: "mail" is not one of credit_card, email, ip, token`,
		"{redact: {pattern: '('}}":                 "flows[0].edit[0].redact.pattern: not a regular expression",
		"{hash: {fields: [a], algorithm: sha265}}": `did you mean "sha256"?`,
		"{timestamp: {field: a, from: ['%Q'], zone: Marz}}": "flows[0].edit[0].timestamp.from[0]: there is no %Q",
	} {
		_, err := Decode("w", []byte(withEdits("json", sendS, steps)), noEnv)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", steps, err, want)
		}
	}
}
