package strict

// Key describes one key of a file.
type Key struct {
	Path    string   // full, with [] for the items of a list and NAME for names that are the user's
	Type    string   // text, integer, size, duration, true or false, list of text, keys, list of keys, names with keys
	Default string   // what its destination held, as it would be written in a file; empty means nothing
	Values  []string // the only ones allowed; nil means any

	Low, High int64 // bounds of an integer, of a size in bytes, of a duration in nanoseconds
}

// Keys returns every key that read asks for, in its order, at every level. It calls read on an empty file, and on one item
// of each list and group.
func Keys(read func(*Map)) []Key {
	d := &Document{recording: true}
	newMap(d, "", nil).use(read)
	return d.keys
}
