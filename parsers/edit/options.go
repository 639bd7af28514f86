package edit

import (
	"slices"
	"strconv"
)

// item is the key of an item of a list.
func item(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// without returns a copy of names that is never nil, without those that gone reports.
func without(names []string, gone func(string) bool) []string {
	after := slices.DeleteFunc(slices.Clone(names), gone)
	if after == nil {
		after = []string{}
	}
	return after
}
