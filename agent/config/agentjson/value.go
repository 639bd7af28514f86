package agentjson

import "fmt"

// kind is what a JSON value is.
type kind int

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

// String names a kind for messages.
func (k kind) String() string {
	return [...]string{"null", "true or false", "a number", "a text", "a list", "an object"}[k]
}

// place is where something stands in a file.
type place struct {
	file   int // index of the source
	line   int // from 1
	column int // from 1, in characters
}

// value is one JSON value and where it stands.
type value struct {
	place
	kind    kind
	text    string // of a text without its quotes and escapes; of a number, true and false as it is written
	path    string // its key, such as flows[0].filePattern
	items   []*value
	members []member
}

// member is one key of an object. A key that stands twice is there twice.
type member struct {
	name  string
	place place
	value *value
}

// get returns the value of a key, or nil. Of a key that stands twice the last one counts, as for the original.
func (v *value) get(name string) *value {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return v.members[i].value
		}
	}
	return nil
}

// below returns the path of a key of the object at path.
func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
