package parsers

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// appendEscaped appends s as the inside of a JSON string: quotes, backslashes and control characters escaped, each byte
// that is not part of valid UTF-8 replaced by U+FFFD, everything else (<, >, & and U+2028 too) as it is.
func appendEscaped(dst, s []byte) []byte {
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			w := binary.LittleEndian.Uint64(s[i:])
			m := specials(w) | w&0x8080808080808080
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) / 8
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRune(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		} else if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

// appendEscape appends what stands for a byte that cannot stand in a JSON string itself.
func appendEscape(dst []byte, c byte) []byte {
	switch {
	case c >= utf8.RuneSelf:
		return append(dst, "\uFFFD"...)
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// appendValid appends JSON text that may lie across lines or hold bytes that are not UTF-8: each such byte is replaced by
// U+FFFD, and each line break (white space, since none can stand in a string) by a space.
func appendValid(dst, s []byte) []byte {
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			const ones, tops = 0x0101010101010101, 0x8080808080808080
			w := binary.LittleEndian.Uint64(s[i:])
			m := (w | (w-ones*' ')&^w) & tops // not ASCII, or a control character
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) / 8
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRune(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		} else if c != '\n' && c != '\r' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c >= utf8.RuneSelf {
			dst = append(dst, "\uFFFD"...)
		} else {
			dst = append(dst, ' ')
		}
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

// appendUnescaped appends what the inside of a JSON string stands for. Half a surrogate pair becomes U+FFFD. The text
// must have come through the scanner; what it would not take is appended as it is.
func appendUnescaped(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		if s[i] != '\\' || scanEscape(s, i+1) < 0 {
			dst = append(dst, s[i])
			i++
			continue
		}
		c := s[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			var r rune
			r, i = unescapeRune(s, i)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// unescapeRune reads the four digits at i, and the second half of a surrogate pair after them if there is one.
func unescapeRune(s []byte, i int) (rune, int) {
	r, i := hexRune(s, i), i+4
	if !utf16.IsSurrogate(r) {
		return r, i
	}
	if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' && scanEscape(s, i+1) > 0 {
		if pair := utf16.DecodeRune(r, hexRune(s, i+2)); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return utf8.RuneError, i
}

func hexRune(s []byte, i int) rune {
	return hexDigit(s[i])<<12 | hexDigit(s[i+1])<<8 | hexDigit(s[i+2])<<4 | hexDigit(s[i+3])
}
