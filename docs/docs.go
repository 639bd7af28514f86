// Package docs holds the reference pages of weir, and the table of the agent's keys in the form that programs read: the one place
// that says what a key means.
package docs

import (
	_ "embed" // for the page
	"strings"
)

//go:embed configuration.md
var configuration string

// Configuration returns the reference page of the agent's configuration.
func Configuration() string { return configuration }

// Key is one row of that page's table.
type Key struct {
	Path    string // with [] for the items of a list
	Type    string
	Default string // a value between backquotes, or words
	Meaning string
}

// Keys returns the table, row by row.
func Keys() []Key {
	_, table, _ := strings.Cut(configuration, "\n| Key |")
	lines := strings.Split(table, "\n")
	var keys []Key
	for _, line := range lines[min(2, len(lines)):] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 4 {
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		keys = append(keys, Key{strings.Trim(cells[0], "`"), cells[1], cells[2], cells[3]})
	}
	return keys
}
