package agentjson

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weir-logs/weir/agent/config/strict"
)

// Bounds of a file. None is near what a person writes.
const (
	maxDepth  = 64
	maxValues = 100_000
)

// scanner reads JSON with comments. It stops at the first thing that is none.
type scanner struct {
	data   []byte
	at     int
	line   int // of at
	seen   int // column is that of the byte here
	column int // from 0
	file   int
	values int
}

// syntaxError says where text is no JSON, and why.
type syntaxError struct {
	place
	reason string
}

func (e *syntaxError) Error() string { return e.reason }

// scan reads the first value of data, with comments around it. rest is where something else follows it, which the original does not look
// at, or nil.
func scan(data []byte, file int) (v *value, rest *place, err error) {
	s := &scanner{data: bytes.TrimPrefix(data, []byte("\ufeff")), line: 1, file: file}
	switch {
	case len(data) > strict.MaxSize:
		return nil, nil, s.wrong("the file is larger than %s", strict.FormatSize(strict.MaxSize))
	case !utf8.Valid(data):
		for {
			r, size := utf8.DecodeRune(s.data[s.at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			s.step(size)
		}
		return nil, nil, s.wrong("the file is not UTF-8 from here on: save it as UTF-8")
	}
	if err := s.blank(); err != nil {
		return nil, nil, err
	}
	if s.at == len(s.data) {
		return nil, nil, s.wrong("the file is empty; it must hold an object: { \"flows\": [ ... ] }")
	}
	if v, err = s.value("", 0); err != nil {
		return nil, nil, err
	}
	if err := s.blank(); err != nil || s.at < len(s.data) {
		here := s.here()
		return v, &here, nil
	}
	return v, nil, nil
}

// here counts on from the last place it was asked for: lines may be long.
func (s *scanner) here() place {
	s.column += utf8.RuneCount(s.data[s.seen:s.at])
	s.seen = s.at
	return place{s.file, s.line, 1 + s.column}
}

func (s *scanner) wrong(format string, args ...any) error {
	return &syntaxError{s.here(), fmt.Sprintf(format, args...)}
}

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.data) {
		return s.data[s.at]
	}
	return 0
}

// step goes on by n bytes, of which only the last may be a line end.
func (s *scanner) step(n int) {
	if s.at += n; s.data[s.at-1] == '\n' {
		s.line, s.seen, s.column = s.line+1, s.at, 0
	}
}

// blank skips white space and comments.
func (s *scanner) blank() error {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.step(1)
		case '/':
			if err := s.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (s *scanner) comment() error {
	switch rest := s.data[s.at:]; {
	case bytes.HasPrefix(rest, []byte("//")):
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			s.step(end + 1)
		} else {
			s.at = len(s.data)
		}
	case bytes.HasPrefix(rest, []byte("/*")):
		end := bytes.Index(rest[2:], []byte("*/"))
		if end < 0 {
			return s.wrong("this comment has no end: */")
		}
		for to := s.at + 2 + end + 2; s.at < to; {
			s.step(1)
		}
	default:
		return s.wrong("a comment begins with // or /*")
	}
	return nil
}

// value reads one value, whose key is path.
func (s *scanner) value(path string, depth int) (*value, error) {
	v := &value{place: s.here(), path: path}
	if depth > maxDepth {
		return nil, s.wrong("more than %d levels", maxDepth)
	}
	if s.values++; s.values > maxValues {
		return nil, s.wrong("more than %d values", maxValues)
	}
	var err error
	switch c := s.peek(); {
	case c == '{':
		v.kind = object
		err = s.object(v, depth)
	case c == '[':
		v.kind = list
		err = s.list(v, depth)
	case c == '"':
		v.kind = text
		v.text, err = s.string()
	case c == '-' || '0' <= c && c <= '9':
		v.kind = number
		v.text, err = s.number()
	default:
		err = s.word(v)
	}
	return v, err
}

func (s *scanner) object(v *value, depth int) error {
	return s.sequence('}', "an object", func() error {
		if s.peek() != '"' {
			return s.wrong("a key in double quotes is expected here, not %s", s.found())
		}
		m := member{place: s.here()}
		var err error
		if m.name, err = s.string(); err != nil {
			return err
		}
		if err := s.blank(); err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.wrong("a colon is expected after the key %q, not %s", m.name, s.found())
		}
		s.step(1)
		if err := s.blank(); err != nil {
			return err
		}
		m.value, err = s.value(below(v.path, m.name), depth+1)
		v.members = append(v.members, m)
		return err
	})
}

func (s *scanner) list(v *value, depth int) error {
	return s.sequence(']', "a list", func() error {
		one, err := s.value(item(v.path, len(v.items)), depth+1)
		v.items = append(v.items, one)
		return err
	})
}

// sequence reads from a bracket to its end, with read for each part between commas.
func (s *scanner) sequence(end byte, what string, read func() error) error {
	opened := s.here()
	s.step(1)
	for first := true; ; first = false {
		if err := s.blank(); err != nil {
			return err
		}
		switch c := s.peek(); {
		case s.at == len(s.data):
			return s.wrong("the file ends within %s that begins at line %d, column %d", what, opened.line, opened.column)
		case c == end && first:
			s.step(1)
			return nil
		case c == end || !first && c == ',':
			return s.wrong("a comma too many")
		}
		if err := read(); err != nil {
			return err
		}
		if err := s.blank(); err != nil {
			return err
		}
		switch c := s.peek(); {
		case c == end:
			s.step(1)
			return nil
		case c == ',':
			s.step(1)
			if err := s.blank(); err != nil {
				return err
			}
			if s.peek() == end {
				return s.wrong("a comma too many: nothing follows it")
			}
		case s.at < len(s.data):
			return s.wrong("a comma or %c is expected here, not %s", end, s.found())
		}
	}
}

// found describes what stands at the place where something else was expected.
func (s *scanner) found() string {
	if s.at == len(s.data) {
		return "the end of the file"
	}
	r, _ := utf8.DecodeRune(s.data[s.at:])
	return strconv.QuoteRune(r)
}

// word reads true, false and null.
func (s *scanner) word(v *value) error {
	end := s.at
	for end < len(s.data) && ('a' <= s.data[end]|0x20 && s.data[end]|0x20 <= 'z' || s.data[end] == '_') {
		end++
	}
	switch word := string(s.data[s.at:end]); word {
	case "null":
		v.kind = null
	case "true", "false":
		v.kind, v.text = boolean, word
	case "":
		return s.wrong("a value is expected here, not %s", s.found())
	default:
		return s.wrong("%s is no value; a text needs double quotes", word)
	}
	s.step(end - s.at)
	return nil
}

// number reads a number as RFC 8259 has it.
func (s *scanner) number() (string, error) {
	from, at := s.at, s.at
	digits := func() bool {
		first := at
		for at < len(s.data) && '0' <= s.data[at] && s.data[at] <= '9' {
			at++
		}
		return at > first
	}
	next := func(any string) bool {
		if at < len(s.data) && bytes.IndexByte([]byte(any), s.data[at]) >= 0 {
			at++
			return true
		}
		return false
	}
	next("-")
	ok := next("0") || digits()
	if ok && next(".") {
		ok = digits()
	}
	if ok && next("eE") {
		next("+-")
		ok = digits()
	}
	if ok && at < len(s.data) && ('0' <= s.data[at] && s.data[at] <= '9' || s.data[at] == '.') {
		ok = false
	}
	if !ok {
		return "", s.wrong("this is no number: JSON has no leading zeros, and digits on both sides of a point")
	}
	s.step(at - s.at)
	return string(s.data[from:at]), nil
}

// string reads a text between double quotes and undoes its escapes. Half of a surrogate pair becomes U+FFFD.
func (s *scanner) string() (string, error) {
	opened := s.here()
	s.step(1)
	var out []byte
	for s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case c == '"':
			s.step(1)
			return string(out), nil
		case c == '\\':
			var err error
			if out, err = s.escape(out); err != nil {
				return "", err
			}
		case c < ' ':
			return "", s.wrong("a text must not hold %q itself; write \\n, \\t or \\u%04x", c, c)
		default:
			out = append(out, c)
			s.step(1)
		}
	}
	return "", &syntaxError{opened, "this text has no closing quote"}
}

func (s *scanner) escape(out []byte) ([]byte, error) {
	if s.at+1 == len(s.data) {
		return nil, s.wrong("the file ends within an escape")
	}
	plain := map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
	c := s.data[s.at+1]
	if to, ok := plain[c]; ok {
		s.step(2)
		return append(out, to), nil
	}
	r, ok := s.unit(s.at)
	if !ok {
		return nil, s.wrong("\\%s is no escape of JSON; a backslash itself is written \\\\", printable(c))
	}
	s.step(6)
	if utf16.IsSurrogate(r) {
		if low, ok := s.unit(s.at); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			s.step(6)
			return utf8.AppendRune(out, utf16.DecodeRune(r, low)), nil
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r), nil
}

func printable(c byte) string {
	if ' ' < c && c < 0x7f {
		return string(rune(c))
	}
	return fmt.Sprintf("(byte %#x)", c)
}

// unit reads \uXXXX at an offset.
func (s *scanner) unit(at int) (rune, bool) {
	if at+6 > len(s.data) || s.data[at] != '\\' || s.data[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s.data[at+2 : at+6] {
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
