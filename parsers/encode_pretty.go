package parsers

// deepest is how many levels of a record are laid out one member a line, the record itself included; what lies deeper stands in one line. Without a bound the
// blanks in front of nested values could make a record hundreds of times as long as its line.
const deepest = 3

// appendIndent begins a line of this level.
func appendIndent(dst []byte, level int) []byte {
	dst = append(dst, '\n')
	for range level {
		dst = append(dst, "  "...)
	}
	return dst
}

// appendPretty appends an array or object that is a member of a record: each value on a line of its own, two blanks for each level, a blank after a colon,
// nothing within empty ones. Values deeper than deepest keep the form that they have. The text must have come through the scanner.
func appendPretty(dst, s []byte) []byte {
	level := 1
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case '{', '[':
			end, closer := scanSpace(s, i+1), c+2 // in ASCII both closers lie two after their openers
			switch {
			case end < len(s) && s[end] == closer:
				dst = append(dst, c, closer)
				i = end + 1
			case level == deepest:
				end = nestedEnd(s, i)
				dst = appendValid(dst, s[i:end])
				i = end
			default:
				level++
				dst = appendIndent(append(dst, c), level)
				i = end
			}
		case '}', ']':
			level--
			dst = append(appendIndent(dst, level), c)
			i++
		case ',':
			dst = appendIndent(append(dst, c), level)
			i++
		case ':':
			dst = append(dst, ": "...)
			i++
		case ' ', '\t', '\r', '\n':
			i++
		default:
			end := scalarEnd(s, i)
			dst = appendValid(dst, s[i:end])
			i = end
		}
	}
	return dst
}

// nestedEnd returns the index after the array or object at i.
func nestedEnd(s []byte, i int) int {
	level := 0
	for i < len(s) {
		switch s[i] {
		case '{', '[':
			level++
		case '}', ']':
			if level--; level == 0 {
				return i + 1
			}
		case '"':
			i = scalarEnd(s, i)
			continue
		}
		i++
	}
	return len(s)
}

// scalarEnd returns the index after the string or word at i, which is after i.
func scalarEnd(s []byte, i int) int {
	if s[i] == '"' {
		if end, _ := scanString(s, i+1); end > 0 {
			return end
		}
		return len(s)
	}
	for i++; i < len(s); i++ {
		switch s[i] {
		case ',', ']', '}', ':', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return i
}
