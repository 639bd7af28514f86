package original

import "unicode/utf8"

const replacement = "\uFFFD"

// decode appends src to dst as Java decodes and encodes it again, and reports whether that is anything else than src. If not, nothing is appended.
func decode(dst, src []byte) ([]byte, bool) {
	if utf8.Valid(src) {
		return dst, false
	}
	for len(src) > 0 {
		if r, size := utf8.DecodeRune(src); r != utf8.RuneError || size > 1 {
			dst, src = append(dst, src[:size]...), src[size:]
			continue
		}
		dst = append(dst, replacement...)
		src = src[malformed(src):]
	}
	return dst, true
}

// malformed returns how many bytes at the start of src become one U+FFFD: those that could have begun a character, and the three
// that would be half of a surrogate pair.
func malformed(src []byte) int {
	n, low, high := 0, byte(0x80), byte(0xbf)
	switch c := src[0]; {
	case c == 0xe0:
		n, low = 3, 0xa0
	case 0xe1 <= c && c <= 0xef:
		n = 3
	case c == 0xf0:
		n, low = 4, 0x90
	case 0xf1 <= c && c <= 0xf3:
		n = 4
	case c == 0xf4:
		n, high = 4, 0x8f
	}
	for i := 1; i < n; i++ {
		if i == len(src) || src[i] < low || src[i] > high {
			return i
		}
		low, high = 0x80, 0xbf
	}
	return max(n, 1)
}

// cutLineFeed takes one LF off the end of a record.
func cutLineFeed(record []byte) []byte {
	if n := len(record); n > 0 && record[n-1] == '\n' {
		return record[:n-1]
	}
	return record
}
