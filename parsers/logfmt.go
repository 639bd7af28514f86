package parsers

import (
	"bytes"
	"unicode/utf8"
)

// logfmt parses lines of key=value pairs between spaces or tabs:
//
//		level=info msg="request served" path=/a?b=c took=12ms cached user= name="say \"hi\""
//
//	  - A key is at least one byte, none of them white space, a control character, = or ". Dots and brackets are part of it.
//	  - A value that does not begin with a quote goes up to the next white space: b=c=d is b with the value c=d. It may be empty.
//	  - A quoted value ends at the first quote without a backslash before it, and white space or the end of the line must follow. The escapes
//	    of JSON in it are kept for JSON, and undone elsewhere; those that Go and Python write besides (\x1b, \a, \v, \', \U0001F600) are
//	    undone. Any other backslash is itself.
//	  - A key alone is Null. A line must begin with a pair, though: otherwise any sentence would match.
//
// Pairs become fields in their order, duplicates included, at most maxMembers. With infer, unquoted values get their type by their text, and
// an empty one is Null; a quoted value is always text.
type logfmt struct {
	infer bool
	names names
}

func (p *logfmt) Parse(rec *Record) bool {
	rec.scratch = rec.scratch[:0]
	fields, ok := p.pairs(rec, rec.Fields[:0])
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

func (p *logfmt) pairs(rec *Record, fields []Field) ([]Field, bool) {
	line := rec.Line
	for i := blanks(line, 0); i < len(line); i = blanks(line, i) {
		end, plain := keyEnd(line, i)
		pair := end < len(line) && line[end] == '='
		if end == i || len(fields) == maxMembers || !pair && (len(fields) == 0 || end < len(line) && !blank(line[end])) {
			return fields, false
		}
		f := Field{Name: p.names.of(line[i:end]), Kind: Null, EscapedName: plain}
		if i = end; pair {
			if i = p.value(rec, &f, end+1); i < 0 {
				return fields, false
			}
		}
		fields = append(fields, f)
	}
	return fields, len(fields) > 0
}

// value reads the value of f at i and returns the index after it, or -1.
func (p *logfmt) value(rec *Record, f *Field, i int) int {
	line := rec.Line
	if i == len(line) || line[i] != '"' {
		end := printable(line, i)
		if end < len(line) && !blank(line[end]) {
			return -1 // a control character
		}
		f.Value, f.Kind = line[i:end], String
		if p.infer {
			if f.Kind = infer(f.Value); len(f.Value) == 0 {
				f.Kind = Null
			}
		}
		return end
	}
	i++
	end := closingQuote(line, i)
	if end < 0 || end+1 < len(line) && !blank(line[end+1]) {
		return -1
	}
	f.Value, f.Kind = line[i:end], String
	if bytes.IndexByte(f.Value, '\\') < 0 {
		return end + 1
	}
	if last, _ := scanString(line, i); last == end+1 {
		f.Kind = Escaped
		return end + 1
	}
	from := len(rec.scratch)
	rec.scratch = appendUnquoted(rec.scratch, f.Value)
	f.Value = rec.scratch[from:]
	return end + 1
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func blanks(b []byte, i int) int {
	for i < len(b) && blank(b[i]) {
		i++
	}
	return i
}

// keyEnd returns the index after the key that begins at i, and whether it is ASCII with nothing to escape in JSON.
func keyEnd(b []byte, i int) (end int, plain bool) {
	plain = true
	for i < len(b) && b[i] > ' ' && b[i] != 0x7F && b[i] != '=' && b[i] != '"' {
		plain = plain && b[i] < utf8.RuneSelf && b[i] != '\\'
		i++
	}
	return i, plain
}

// appendUnquoted appends what the inside of a quoted value stands for: escapes of JSON, and those of Go and Python. Other backslashes are
// themselves.
func appendUnquoted(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		n := bytes.IndexByte(s[i:], '\\')
		if n < 0 || i+n+1 == len(s) {
			return append(dst, s[i:]...)
		}
		dst = append(dst, s[i:i+n]...)
		i += n
		switch c := s[i+1]; c {
		case 'a':
			dst, i = append(dst, '\a'), i+2
		case 'v':
			dst, i = append(dst, '\v'), i+2
		case '\'':
			dst, i = append(dst, c), i+2
		case 'x', 'U':
			dst, i = appendCode(dst, s, i)
		case 'u':
			if scanEscape(s, i+1) < 0 {
				dst = append(dst, '\\')
				i++
				break
			}
			var r rune
			r, i = unescapeRune(s, i+2)
			dst = utf8.AppendRune(dst, r)
		default:
			if scanEscape(s, i+1) < 0 {
				dst = append(dst, '\\')
				i++
				break
			}
			dst = appendUnescaped(dst, s[i:i+2])
			i += 2
		}
	}
	return dst
}

// appendCode appends what the escape \xHH or \UHHHHHHHH at i stands for, a byte or a character, and returns the index after it.
func appendCode(dst, s []byte, i int) ([]byte, int) {
	width := 2
	if s[i+1] == 'U' {
		width = 8
	}
	if len(s)-i < 2+width {
		return append(dst, '\\'), i + 1
	}
	code := rune(0)
	for _, c := range s[i+2 : i+2+width] {
		d := hexDigit(c)
		if d < 0 {
			return append(dst, '\\'), i + 1
		}
		code = code<<4 | d
	}
	if width == 2 {
		return append(dst, byte(code)), i + 2 + width
	}
	return utf8.AppendRune(dst, code), i + 2 + width
}
