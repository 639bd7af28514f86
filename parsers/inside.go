package parsers

import "bytes"

// Inside calls visit for each member of a field that is a JSON object, and each element of one that is an array, in order, until it returns
// false. The key is JSON text without its quotes, nil in an array; the value points into the field and has no name. Other fields have nothing inside.
func (f *Field) Inside(visit func(key []byte, value Field) bool) {
	b := f.Value
	if f.Kind != JSON || len(b) == 0 {
		return
	}
	closer := byte('}')
	if b[0] == '[' {
		closer = ']'
	}
	for i := scanSpace(b, 1); i < len(b) && b[i] != closer; {
		var key []byte
		if closer == '}' {
			if key, i = scanKey(b, i); i < 0 {
				return
			}
		}
		end, kind := scanValue(b, i, maxDepth)
		if end < 0 {
			return
		}
		value := b[i:end]
		if kind == String || kind == Escaped {
			value = value[1 : len(value)-1]
		}
		if !visit(key, Field{Value: value, Kind: kind}) {
			return
		}
		if i = scanSpace(b, end); i < len(b) && b[i] == ',' {
			i = scanSpace(b, i+1)
		}
	}
}

// Member returns the member with this name, given as plain text, of a field that is a JSON object. Of several it is the last.
func (f *Field) Member(name string) (member Field, ok bool) {
	if len(f.Value) > 0 && f.Value[0] == '[' {
		return member, false
	}
	f.Inside(func(key []byte, value Field) bool {
		if string(key) == name || bytes.IndexByte(key, '\\') >= 0 && string(appendUnescaped(nil, key)) == name {
			member, ok = value, true
		}
		return true
	})
	return member, ok
}

// Element returns element i of a field that is a JSON array.
func (f *Field) Element(i int) (element Field, ok bool) {
	if i < 0 || len(f.Value) > 0 && f.Value[0] == '{' {
		return element, false
	}
	f.Inside(func(_ []byte, value Field) bool {
		if i == 0 {
			element, ok = value, true
		}
		i--
		return !ok
	})
	return element, ok
}
