package parsers

import "unicode/utf8"

// names gives keys of lines as strings. It holds the ones seen last, by hash, so that the few keys of a log are allocated once and not per
// line. It is a memory of fixed size, and never changes what comes out.
type names [256]string

// longestName bounds the keys that are remembered.
const longestName = 128

// of returns key as a string of its own, bytes that are not UTF-8 replaced.
func (n *names) of(key []byte) string {
	h := uint32(2166136261) // FNV-1a
	for _, c := range key {
		h = (h ^ uint32(c)) * 16777619
	}
	slot := &n[h%uint32(len(n))]
	if *slot == string(key) {
		return *slot
	}
	var name string
	if utf8.Valid(key) {
		name = string(key)
	} else {
		name = string(appendValid(nil, key))
	}
	if len(name) <= longestName {
		*slot = name
	}
	return name
}
