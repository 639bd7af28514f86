package config

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers"
)

// TestPage keeps docs/configuration.md and the decoder in step: each key is in the page's table, in the decoder's order,
// with its type and its default, and no other key is.
func TestPage(t *testing.T) {
	data, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := tableRows(string(data))
	keys := strict.Keys(Default().read)
	for i := range max(len(rows), len(keys)) {
		if i >= len(rows) || i >= len(keys) {
			t.Fatalf("the page has %d keys, the decoder %d", len(rows), len(keys))
		}
		key, row := keys[i], rows[i]
		if row[0] != "`"+key.Path+"`" {
			t.Fatalf("row %d is %s, the decoder has %s", i, row[0], key.Path)
		}
		kind := key.Type
		if key.Values != nil {
			kind = strings.Join(key.Values, ", ")
		}
		if row[1] != kind {
			t.Errorf("%s: the page says %q, the decoder %q", key.Path, row[1], kind)
		}
		if fallback := "`" + key.Default + "`"; (key.Default != "") != (row[2] == fallback) && !derived(key.Path) {
			t.Errorf("%s: the page has default %s, the decoder %s", key.Path, row[2], fallback)
		}
		if row[3] == "" {
			t.Errorf("%s: the page does not say what it means", key.Path)
		}
	}
}

// derived reports keys whose default follows from other keys.
func derived(path string) bool {
	return slices.Contains([]string{"endpoints.kinesis", "endpoints.firehose", "socket", "flows[].encode.format", "flows[].dead_letter.dir"}, path)
}

// tableRows returns the cells of the rows below the header that begins with Key.
func tableRows(page string) [][]string {
	_, table, _ := strings.Cut(page, "| Key |")
	var rows [][]string
	for _, line := range strings.Split(table, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		var cells []string
		for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

// TestPageFormats: every format and encoding has its paragraph, which names all fields of the format.
func TestPageFormats(t *testing.T) {
	data, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(data), "## Formats")
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
