package original

import (
	"encoding/binary"
	"math/bits"
)

// appendText appends s, which is UTF-8, as the inside of a JSON string as Jackson writes it: quotes, backslashes and control characters escaped, those without
// a letter of their own with upper-case digits, everything else as it is.
func appendText(dst, s []byte) []byte {
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			m := specials(binary.LittleEndian.Uint64(s[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) / 8
		}
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			dst = appendEscape(append(dst, s[start:i]...), c)
			start = i + 1
		}
		i++
	}
	return append(dst, s[start:]...)
}

// specials returns a word whose lowest set bit is in the first byte of w (little-endian) that is a control character, a quote or a
// backslash. Bits above the lowest one mean nothing.
func specials(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
}

func appendEscape(dst []byte, c byte) []byte {
	const hex, short = "0123456789ABCDEF", "btn\x00fr" // from U+0008
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case '\b' <= c && c <= '\r' && c != '\v':
		return append(dst, '\\', short[c-'\b'])
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// printer writes the members of one object, compact or pretty.
type printer struct {
	pretty bool
	names  []string // each with its quotes and colon, and with what goes before it
}

// newPrinter makes a printer for objects whose members have these names, in this order.
func newPrinter(names []string, pretty bool) printer {
	p := printer{pretty: pretty}
	for i, name := range names {
		before, after := "{", ":"
		if i > 0 {
			before = ","
		}
		if pretty {
			before, after = before+"\n  ", " : "
		}
		p.names = append(p.names, string(append(appendText([]byte(before+`"`), []byte(name)), `"`+after...)))
	}
	return p
}

// open appends the name of member i.
func (p *printer) open(dst []byte, i int) []byte { return append(dst, p.names[i]...) }

// end appends the end of the object, with a line end.
func (p *printer) end(dst []byte) []byte {
	if p.pretty {
		return append(dst, "\n}\n"...)
	}
	return append(dst, "}\n"...)
}

// appendString appends a value: a string, or null.
func appendString(dst, value []byte, null bool) []byte {
	if null {
		return append(dst, "null"...)
	}
	return append(appendText(append(dst, '"'), value), '"')
}
