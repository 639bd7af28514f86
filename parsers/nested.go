package parsers

// AppendNested appends the nested JSON value with its texts edited: strings, keys, and numbers, which become strings where they change. edit gets each
// as plain text and returns what is to stand in its place, valid until the next call, or false if it is to stay. Escapes are undone in
// *plain. The value must have come through a parser; AppendNested reports whether anything changed.
func AppendNested(dst, value []byte, plain *[]byte, edit func(text []byte) ([]byte, bool)) ([]byte, bool) {
	changed, start := false, 0 // what lies before start is in dst
	for i := 0; i < len(value); {
		text, end := value[i:i], -1
		switch c := value[i]; {
		case c == '"':
			var escapes bool
			if end, escapes = scanString(value, i+1); end < 0 {
				return append(dst, value[start:]...), changed
			}
			if text = value[i+1 : end-1]; escapes {
				*plain = appendUnescaped((*plain)[:0], text)
				text = *plain
			}
		case c == '-' || '0' <= c && c <= '9':
			if end = scanNumber(value, i); end > 0 {
				text = value[i:end]
			}
		}
		if end < 0 {
			i++
			continue
		}
		if text, ok := edit(text); ok {
			dst = append(append(dst, value[start:i]...), '"')
			dst = append(appendEscaped(dst, text), '"')
			start, changed = end, true
		}
		i = end
	}
	return append(dst, value[start:]...), changed
}
