package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/tailer/framing"
)

// reading is a configuration with one flow whose read has more keys, and whatever follows it.
func reading(keys, rest string) string {
	return strings.Replace(least, "[/var/log/x.log]}", "[/var/log/x.log], "+keys+"}"+rest, 1)
}

func TestFramingProblems(t *testing.T) {
	for _, c := range []struct{ keys, rest, want string }{
		{"encoding: utf-61", "", `read.encoding: "utf-61" is not one of`},
		{"container: podman", "", `read.container: "podman" is not one of cri, docker, auto`},
		{"container: cri, encoding: latin-1", "", "read.encoding: container logs are UTF-8"},
		{`container: cri, line_end: "\r"`, "", "read.line_end: container logs have LF"},
		{"line_end: aaaaaaaaaaaaaaaaa", "", "read.line_end: has 17 bytes; at most 16"},
		{"truncate_mark: X", "", "read.truncate_mark: goes with oversize: truncate"},
		{`line_end: ""`, "", "read.line_end: is empty; leave it out for LF"},
		{"line_end: ", "", "read.line_end: has no value"},
		{"encoding: utf-16, line_end: é", "", "read.line_end: \"é\": only ASCII"},
		{"skip_header_lines: -1", "", "read.skip_header_lines: -1 is out of range"},
		{"multiline: {timeout: 2s}", "", "read.multiline: needs one of mode, start, continue and end"},
		{"multiline: {start: '('}", "", "read.multiline.start: not a regular expression of RE2"},
		{"multiline: {start: a, end: b}", "", "read.multiline.end: only one of mode, start, continue and end"},
		{"multiline: {mode: jaav}", "", `read.multiline.mode: "jaav" is not one of java, python, go; did you mean "java"?`},
		{"multiline: {start: a, max_lines: 0}", "", "read.multiline.max_lines: 0 is out of range"},
		{"container: auto, skip_header_lines: 1", "", "read.skip_header_lines: container logs have no header"},
		{"max_record: 256, oversize: truncate, truncate_mark: " + strings.Repeat("x", 256), "", "read.truncate_mark: has 256 bytes, max_record only 256"},
		{"scan_interval: 1s", "\n    parse: {format: none}\n    encode: {format: csv, columns: [pod, message]}", `encode.columns[0]: format none has no field "pod"`},
	} {
		_, err := Decode("weir.yaml", []byte(reading(c.keys, c.rest)), noEnv)
		var problems *strict.Error
		if !errors.As(err, &problems) || len(problems.Problems) != 1 || !strings.Contains(err.Error(), "flows[0]."+c.want) {
			t.Errorf("%s: %v\nwant one problem with %s", c.keys, err, c.want)
		}
	}
}

func TestFraming(t *testing.T) {
	for _, c := range []struct {
		rest, mark string
		columns    []string
	}{
		{"", "[truncated]", nil},
		{"\n    encode: {format: json}", "", nil},
		{"\n    encode: {format: csv}", "", []string{"stream", "time", "namespace", "pod", "container", "message"}},
		{"\n    encode: {format: csv, columns: [pod, oversize, message]}", "", []string{"pod", "oversize", "message"}},
	} {
		cfg, err := Decode("weir.yaml", []byte(reading("container: auto, max_record: 2MiB, multiline: {mode: go}", c.rest)), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		got := cfg.Flows[0].Framing()
		if got.TruncateMark != c.mark || got.Container != framing.Auto || got.MaxRecord != 2<<20 || got.Multiline.Mode != "go" || got.PartialTimeout == 0 {
			t.Errorf("%q: %+v", c.rest, got)
		}
		if got := cfg.Flows[0].Encode.Columns; !slices.Equal(got, c.columns) {
			t.Errorf("%q: columns %q, want %q", c.rest, got, c.columns)
		}
	}
}
