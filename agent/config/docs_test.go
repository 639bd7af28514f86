package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/docs"
	"github.com/weir-logs/weir/parsers"
)

// TestPage keeps docs/configuration.md and the decoder in step: each key is in the page's table, in the decoder's order,
// with its type and its default, and no other key is.
func TestPage(t *testing.T) {
	rows := docs.Keys()
	keys := strict.Keys(Default().read)
	for i := range max(len(rows), len(keys)) {
		if i >= len(rows) || i >= len(keys) {
			t.Fatalf("the page has %d keys, the decoder %d", len(rows), len(keys))
		}
		key, row := keys[i], rows[i]
		if row.Path != key.Path {
			t.Fatalf("row %d is %s, the decoder has %s", i, row.Path, key.Path)
		}
		kind := key.Type
		if key.Values != nil {
			kind = strings.Join(key.Values, ", ")
		}
		if row.Type != kind {
			t.Errorf("%s: the page says %q, the decoder %q", key.Path, row.Type, kind)
		}
		if fallback := "`" + key.Default + "`"; (key.Default != "") != (row.Default == fallback) && !derived(key.Path) {
			t.Errorf("%s: the page has default %s, the decoder %s", key.Path, row.Default, fallback)
		}
		if row.Meaning == "" {
			t.Errorf("%s: the page does not say what it means", key.Path)
		}
	}
}

// derived reports keys whose default follows from other keys.
func derived(path string) bool {
	return slices.Contains([]string{"endpoints.kinesis", "endpoints.firehose", "endpoints.sts", "flows[].region", "flows[].endpoint", "flows[].endpoints.kinesis",
		"flows[].endpoints.firehose", "flows[].endpoints.sts", "flows[].credentials", "socket", "flows[].encode.format", "flows[].dead_letter.dir"}, path)
}

// TestPageFormats: every format and encoding has its paragraph, which names all fields of the format.
func TestPageFormats(t *testing.T) {
	_, page, _ := strings.Cut(docs.Configuration(), "## Formats")
	paragraphs := map[string]string{}
	for _, paragraph := range strings.Split(page, "\n\n") {
		names, _, _ := strings.Cut(strings.TrimSpace(paragraph), ":")
		for name := range strings.SplitSeq(names, ", ") {
			paragraphs[strings.Trim(name, "`")] += paragraph
		}
	}
	for _, name := range append(parsers.Formats(), parsers.Encodings()...) {
		if paragraphs[name] == "" {
			t.Errorf("no paragraph begins with %s", name)
		}
	}
	for _, name := range parsers.Formats() {
		p, err := parsers.New(name, parsers.Options{})
		if err != nil {
			continue // its fields are the user's
		}
		for _, field := range parsers.Columns(p) {
			if !strings.Contains(paragraphs[name], "`"+field+"`") {
				t.Errorf("the paragraph of %s does not name its field %s", name, field)
			}
		}
	}
}
