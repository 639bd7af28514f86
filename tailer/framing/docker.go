package framing

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unwrapDocker takes a line of Docker's json-file driver apart: an object with the members log, stream and time, and perhaps others. A log
// that does not end in LF is a part of a line. It leaves e as it is if the line has another form.
func (f *Framer) unwrapDocker(e *entry) bool {
	b := skipSpace(e.text)
	if len(b) == 0 || b[0] != '{' {
		return false
	}
	var log, stream, stamp []byte
	found := false
	for b = skipSpace(b[1:]); len(b) > 0 && b[0] != '}'; {
		key, rest := jsonString(b)
		rest = skipSpace(rest)
		if key == nil || len(rest) == 0 || rest[0] != ':' {
			return false
		}
		value, rest := jsonValue(skipSpace(rest[1:]))
		if value == nil {
			return false
		}
		switch string(key) {
		case "log":
			log, found = inside(value), value[0] == '"'
		case "stream":
			stream = inside(value)
		case "time":
			stamp = inside(value)
		}
		if b = skipSpace(rest); len(b) > 0 && b[0] == ',' {
			b = skipSpace(b[1:])
		} else if len(b) == 0 || b[0] != '}' {
			return false
		}
	}
	if len(b) == 0 || len(skipSpace(b[1:])) > 0 || !found {
		return false
	}
	f.line = unescape(f.line[:0], log)
	e.cutEnd(f.line)
	e.stream = streamOf(stream)
	if at, ok := parseTime(stamp); ok {
		e.time, e.at = stamp, at
	}
	return true
}

// cutEnd makes text the entry's, without its line end. CRLF is a terminal's.
func (e *entry) cutEnd(text []byte) {
	e.text, e.partial = text, true
	if text, ok := bytes.CutSuffix(text, []byte("\n")); ok {
		e.text, e.eol, e.partial = text, "\n", false
		if text, ok := bytes.CutSuffix(text, []byte("\r")); ok {
			e.text, e.eol = text, "\r\n"
		}
	}
}

func skipSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// inside returns a JSON string without its quotes, and nothing of another value.
func inside(value []byte) []byte {
	if value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}

// jsonString returns the inside of the string that b begins with, and what is after it; nil if there is none.
func jsonString(b []byte) (text, rest []byte) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil
	}
	for i := 1; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return nil, nil
		}
		i += n + 1
		slashes := 0
		for b[i-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return b[1 : i-1 : i-1], b[i:]
		}
	}
}

// jsonValue returns the value that b begins with, a string with its quotes, and what is after it; nil if there is none. Of a nested value only
// the brackets are looked at.
func jsonValue(b []byte) (value, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0] == '"' {
		text, rest := jsonString(b)
		if text == nil {
			return nil, nil
		}
		return b[:len(text)+2], rest
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			text, _ := jsonString(b[i:])
			if text == nil {
				return nil, nil
			}
			i += len(text) + 1
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				if i == 0 {
					return nil, nil
				}
				return b[:i], b[i:]
			}
			if c != ',' {
				if depth--; depth == 0 {
					return b[:i+1], b[i+1:]
				}
			}
		}
	}
	return nil, nil
}

// unescape appends what the inside of a JSON string stands for. Half a surrogate pair becomes U+FFFD; an escape that is none stays as it is.
func unescape(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'u':
			dst, s = unescapeUnit(dst, s)
		default:
			dst = append(dst, '\\', c)
		}
	}
}

// unescapeUnit reads the digits after \u, and the second half of a surrogate pair if there is one.
func unescapeUnit(dst, s []byte) (out, rest []byte) {
	r, ok := hexUnit(s)
	if !ok {
		return append(dst, '\\', 'u'), s
	}
	s = s[4:]
	if utf16.IsSurrogate(r) {
		second := rune(0)
		if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
			second, _ = hexUnit(s[2:])
		}
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			s = s[6:]
		}
	}
	return utf8.AppendRune(dst, r), s
}

func hexUnit(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
