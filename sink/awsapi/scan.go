package awsapi

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep a document may be nested, known members and unknown ones alike. The deepest shape of the
// tables has nine levels.
const maxDepth = 64

// scanner walks over JSON text (RFC 8259) without copying any of it.
type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) fail(format string, args ...any) error {
	return &Error{Code: codeSerialization, Message: fmt.Sprintf("The request body is not valid JSON: "+format+" at byte %d",
		append(args, s.pos)...)}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		s.pos++
	}
	return 0
}

// take goes past c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) expect(c byte) error {
	if !s.take(c) {
		return s.fail("%q is missing", string(c))
	}
	return nil
}

// end demands that nothing follows.
func (s *scanner) end() error {
	if s.peek(); s.pos != len(s.data) {
		return s.fail("something follows the document")
	}
	return nil
}

// plain goes past a string without escapes and returns what is between its quotes. If the next token is anything else
// it returns false and the position is undefined. It does not look for control characters and bad UTF-8.
func (s *scanner) plain() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	n := bytes.IndexByte(s.data[s.pos:], '"')
	if n < 0 {
		return nil, false
	}
	raw := s.data[s.pos : s.pos+n]
	s.pos += n + 1
	return raw, bytes.IndexByte(raw, '\\') < 0
}

// text goes past a string and returns what it says: a part of the document if it has no escapes.
func (s *scanner) text() ([]byte, error) {
	if !s.take('"') {
		return nil, s.fail("a string is missing")
	}
	start := s.pos
	escaped := false
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw := s.data[start:s.pos]
			if !utf8.Valid(raw) {
				return nil, s.fail("a string is not UTF-8")
			}
			s.pos++
			if !escaped {
				return raw, nil
			}
			return unescape(raw), nil
		case c < ' ':
			return nil, s.fail("a control character stands in a string")
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, err
			}
		default:
			s.pos++
		}
	}
	return nil, s.fail("a string has no end")
}

// escape goes past one escape sequence.
func (s *scanner) escape() error {
	s.pos++
	if s.pos >= len(s.data) {
		return s.fail("an escape has no end")
	}
	switch s.data[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
		if _, ok := hex4(s.data[s.pos+1:]); ok {
			s.pos += 5
			return nil
		}
	}
	return s.fail("an escape is unknown")
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape resolves the escapes of a string that text has checked. Half of a surrogate pair becomes U+FFFD.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'u':
			r, _ := hex4(raw[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				low, ok := escapedRune(raw[i:])
				if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, simpleEscape(c))
			i += 2
		}
	}
	return out
}

func escapedRune(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	return hex4(b[2:])
}

func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// number goes past a number and returns its text.
func (s *scanner) number() ([]byte, error) {
	s.peek()
	start := s.pos
	s.sign("-")
	first := s.pos
	if s.digits() == 0 || (s.data[first] == '0' && s.pos > first+1) {
		return nil, s.fail("a value is malformed")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return nil, s.fail("a number has no digit after its point")
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		s.sign("+-")
		if s.digits() == 0 {
			return nil, s.fail("a number has no exponent")
		}
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) sign(which string) {
	if s.pos < len(s.data) && bytes.IndexByte([]byte(which), s.data[s.pos]) >= 0 {
		s.pos++
	}
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

// word goes past one of true, false and null.
func (s *scanner) word(w string) error {
	s.peek()
	if !bytes.HasPrefix(s.data[s.pos:], []byte(w)) {
		return s.fail("a value is malformed")
	}
	s.pos += len(w)
	return nil
}

// object walks over a structure or map: each is called after every key, with what text returned, and must go past the value.
func (s *scanner) object(each func(key []byte) error) error {
	if err := s.expect('{'); err != nil || s.take('}') {
		return err
	}
	for {
		key, err := s.text()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := each(key); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
}

// array walks over a list: each is called before every element and must go past it.
func (s *scanner) array(each func(i int) error) error {
	if err := s.expect('['); err != nil || s.take(']') {
		return err
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
}

// skip goes past one value of any kind.
func (s *scanner) skip(depth int) error {
	if depth >= maxDepth {
		return s.fail("more than " + strconv.Itoa(maxDepth) + " levels are nested")
	}
	switch s.peek() {
	case '{':
		return s.object(func([]byte) error { return s.skip(depth + 1) })
	case '[':
		return s.array(func(int) error { return s.skip(depth + 1) })
	case '"':
		_, err := s.text()
		return err
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	_, err := s.number()
	return err
}

// wellFormed says what is wrong with a document as such, whatever its shape.
func wellFormed(body []byte) error {
	s := scanner{data: body}
	if err := s.skip(0); err != nil {
		return err
	}
	return s.end()
}
