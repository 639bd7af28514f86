package strict

import (
	"bytes"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// syntaxHints say what to do about text that is no YAML, by what the library says of it.
func syntaxHints() []struct{ message, hint string } {
	return []struct{ message, hint string }{
		{"expected ',' or '}'", "a value with braces, brackets or commas in it, such as ${VAR}, needs quotes there: '${VAR}'"},
		{"expected ',' or ']'", "a value with braces, brackets or commas in it, such as ${VAR}, needs quotes there: '${VAR}'"},
		{"cannot start any token", "a value that begins with %, @ or a backquote needs quotes: '%{WORD:x}'"},
		{"expected alphabetic or numeric character", "a value that begins with * or & needs quotes: '*.log'"},
		{"unknown escape character", "between double quotes a backslash begins an escape: write patterns between single ones: '\\d+'"},
		{"unexpected end of stream", "a quote or bracket is not closed"},
		{"expected key", "keys of one group begin in the same column, and a blank follows each colon"},
		{"mapping values are not allowed", "a blank follows each colon, the keys of one group begin in the same column, and a value with ': ' in it needs quotes"},
		{"unknown anchor", "a value that begins with * needs quotes: '*.log'"},
	}
}

// syntax reports text that is no YAML. The library says where only in its message, and not even that on the first line.
func (d *Document) syntax(err error, data []byte) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	var place *yaml.Node
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if number, reason, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				place, message = &yaml.Node{Line: line, Column: 1}, reason
			}
		}
	}
	if place != nil && (strings.HasPrefix(message, "did not find expected ',' or") || strings.HasPrefix(message, "did not find expected key") || strings.HasPrefix(message, "did not find expected '-'")) {
		place.Line++ // the library counts from 0 here, and names the line where the group begins
		message += " for what begins here"
	}
	if line := tabbed(data); line > 0 && strings.Contains(message, "cannot start any token") {
		d.add("", &yaml.Node{Line: line, Column: 1}, "a tab in the indentation: YAML wants blanks there")
		return
	}
	for _, h := range syntaxHints() {
		if strings.Contains(message, h.message) {
			message += "; " + h.hint
			if place == nil {
				place = &yaml.Node{Line: 1, Column: 1}
			}
			break
		}
	}
	d.add("", place, message)
}

// tabbed returns the number of the first line that has a tab before its text, or 0.
func tabbed(data []byte) int {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]; bytes.IndexByte(indent, '\t') >= 0 {
			return number
		}
	}
	return 0
}
