package parsers

import (
	"encoding/binary"
	"math/bits"
)

// The scanner of JSON text. Each function takes the index to begin at and returns the index after what it read, or -1 if
// it is not there.

// maxDepth bounds how deep values may lie in one another, the whole line included.
const maxDepth = 128

// specials returns a word whose lowest set bit is in the first byte of w (little-endian) that cannot stand in a JSON
// string as it is: a control character, a quote or a backslash. Bits above the lowest one mean nothing.
func specials(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
}

// ordinary returns the index of the first byte from i on that cannot stand in a JSON string as it is.
func ordinary(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if m := specials(binary.LittleEndian.Uint64(b[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

func scanSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// scanString reads a string whose opening quote is before i, and tells whether it holds escapes.
func scanString(b []byte, i int) (end int, escapes bool) {
	for {
		i = ordinary(b, i)
		if i == len(b) {
			return -1, false
		}
		switch b[i] {
		case '"':
			return i + 1, escapes
		case '\\':
			escapes = true
			if i = scanEscape(b, i+1); i < 0 {
				return -1, false
			}
		default:
			return -1, false // a bare control character
		}
	}
}

// scanEscape reads an escape whose backslash is before i.
func scanEscape(b []byte, i int) int {
	if i == len(b) {
		return -1
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		if len(b)-i <= 4 {
			return -1
		}
		for _, c := range b[i+1 : i+5] {
			if hexDigit(c) < 0 {
				return -1
			}
		}
		return i + 5
	}
	return -1
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// scanNumber reads a number by the grammar of RFC 8259.
func scanNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i = scanDigits(b, i); i < 0 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i = scanDigits(b, i+1); i < 0 {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return scanDigits(b, i)
	}
	return i
}

// scanDigits reads at least one digit.
func scanDigits(b []byte, i int) int {
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func scanWord(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

// scanValue reads any value and tells its kind; depth is how many values may lie in it, itself included.
func scanValue(b []byte, i, depth int) (end int, kind Kind) {
	if i >= len(b) || depth == 0 {
		return -1, JSON
	}
	switch b[i] {
	case '"':
		end, escapes := scanString(b, i+1)
		if escapes {
			return end, Escaped
		}
		return end, String
	case '{':
		return scanNested(b, i, '}', depth), JSON
	case '[':
		return scanNested(b, i, ']', depth), JSON
	case 't':
		return scanWord(b, i, "true"), Bool
	case 'f':
		return scanWord(b, i, "false"), Bool
	case 'n':
		return scanWord(b, i, "null"), Null
	}
	return scanNumber(b, i), Number
}

// scanNested reads an array or object that begins at i and ends in closer.
func scanNested(b []byte, i int, closer byte, depth int) int {
	i = scanSpace(b, i+1)
	if i < len(b) && b[i] == closer {
		return i + 1
	}
	for i < len(b) {
		if closer == '}' {
			if _, i = scanKey(b, i); i < 0 {
				return -1
			}
		}
		if i, _ = scanValue(b, i, depth-1); i < 0 {
			return -1
		}
		if i = scanSpace(b, i); i == len(b) {
			return -1
		}
		if b[i] == closer {
			return i + 1
		}
		if b[i] != ',' {
			return -1
		}
		i = scanSpace(b, i+1)
	}
	return -1
}

// scanKey reads a key that begins at i and its colon. The key is returned without its quotes.
func scanKey(b []byte, i int) (key []byte, end int) {
	if i >= len(b) || b[i] != '"' {
		return nil, -1
	}
	if end, _ = scanString(b, i+1); end < 0 {
		return nil, -1
	}
	key = b[i+1 : end-1]
	if end = scanSpace(b, end); end == len(b) || b[end] != ':' {
		return nil, -1
	}
	return key, scanSpace(b, end+1)
}
