package parsers

import (
	"bytes"
	"strings"
	"unsafe"
)

// OwnPrefix goes before the name of a line's field that a field of Record.Meta has, too.
const OwnPrefix = "log_"

// Oversize is the name of the field that marks a record which is not all of what it was: split (it goes on in the next one) or truncated.
const Oversize = "oversize"

// ContainerFields returns the names of the fields that tell where a container's record comes from, in order.
func ContainerFields() []string { return []string{"stream", "time", "namespace", "pod", "container"} }

// Memory is how many bytes the record keeps from line to line: its list of fields, and values that are not in the line as they are.
func (r *Record) Memory() int { return cap(r.scratch) + cap(r.Fields)*int(unsafe.Sizeof(Field{})) }

// Lookup returns the field with this name, given as plain text, or nil. Of several it is the last, as in most readers of JSON. It points
// into the record.
func (r *Record) Lookup(name string) *Field {
	if len(r.Meta) == 0 {
		return last(r.Fields, name)
	}
	if f := last(r.Meta, name); f != nil {
		return f
	}
	if own, ok := strings.CutPrefix(name, OwnPrefix); ok && last(r.Meta, own) != nil {
		if f := last(r.Fields, own); f != nil {
			return f
		}
	}
	return last(r.Fields, name)
}

// last returns the last field with this name, or nil.
func last(fields []Field, name string) *Field {
	for i := len(fields) - 1; i >= 0; i-- {
		if f := &fields[i]; f.Is(name) {
			return f
		}
	}
	return nil
}

// Is reports whether name, as plain text, is the field's.
func (f *Field) Is(name string) bool {
	return f.Name == name || f.EscapedName && sameName(f.Name, name)
}

// shadowed reports whether a field of meta has the name of f.
func (f *Field) shadowed(meta []Field) bool {
	for i := range meta {
		if f.Is(meta[i].Name) {
			return true
		}
	}
	return false
}

// sameName reports whether the JSON text escaped stands for the plain text name.
func sameName(escaped, name string) bool {
	if len(escaped) <= len(name) {
		return false // every escape is longer than what it stands for
	}
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '\\' {
			return string(appendUnescaped(nil, []byte(escaped))) == name
		}
	}
	return false
}

// AppendText appends the field's value as plain text: escapes undone, numbers, booleans and nested JSON as they are
// written, and nothing for null.
func (f *Field) AppendText(dst []byte) []byte {
	switch f.Kind {
	case Null:
		return dst
	case Escaped:
		return appendUnescaped(dst, f.Value)
	}
	return append(dst, f.Value...)
}

// isDash reports the text that access logs write for no value.
func isDash(v []byte) bool { return len(v) == 1 && v[0] == '-' }

// Infer returns the kind of a value by its text, as infer of the formats does.
func Infer(v []byte) Kind { return infer(v) }

// infer returns the kind of a value by its text: Bool for true and false, Null for null, Number for what canonical takes,
// String for everything else.
func infer(v []byte) Kind {
	if len(v) == 0 {
		return String
	}
	switch c := v[0]; {
	case c == 't' && string(v) == "true", c == 'f' && string(v) == "false":
		return Bool
	case c == 'n' && string(v) == "null":
		return Null
	case (c == '-' || '0' <= c && c <= '9') && canonical(v):
		return Number
	}
	return String
}

// canonical reports whether v is a number that every reader prints back as the same text, one that keeps numbers as
// 64-bit floats included: an optional minus, no leading zero, at most 15 digits, no trailing zero after a decimal point, no
// exponent, no minus zero. So 007, +1, 1e5, 1.10 and a 20-digit id stay text.
func canonical(v []byte) bool {
	if v[0] == '-' {
		v = v[1:]
		if len(v) == 0 || string(v) == "0" {
			return false
		}
	}
	whole, fraction := v, []byte(nil)
	if dot := bytes.IndexByte(v, '.'); dot >= 0 {
		whole, fraction = v[:dot], v[dot+1:]
		if len(fraction) == 0 || fraction[len(fraction)-1] == '0' {
			return false
		}
	}
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' || len(whole)+len(fraction) > 15 {
		return false
	}
	return digits(whole) && digits(fraction)
}

func digits(v []byte) bool {
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
