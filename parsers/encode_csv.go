package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// csvEncoder writes a record as one line of RFC 4180 with LF at its end: the values of the chosen columns between delimiters,
// quoted where they hold a delimiter, a quote or a line break, or all of them. Null and a missing field are empty; an empty text is "", so
// that the two stay apart. Nested JSON is written as its text. Bytes that are not UTF-8 stay as they are. Where the only column is
// null, the line is "" all the same: readers skip an empty one.
//
// A record that did not match its format keeps the number of columns: its whole line goes into the column message if there is one, into the
// first column if not, and the others are empty.
type csvEncoder struct {
	columns   []string
	delimiter byte
	quoteAll  bool
	header    []byte // the line before each record; empty: none
	message   int    // the column that takes a line that did not match; -1: the first that is not of Record.Meta
	lineEnd   bool
	text      []byte // an unescaped value; reused
}

func newCSVEncoder(opt EncodeOptions) (Encoder, error) {
	d, err := delimiter(opt.Delimiter)
	problems := []error{err, checkColumns(opt.Columns)}
	if opt.Quote != "" && !slices.Contains(Quotes(), opt.Quote) {
		problems = append(problems, &OptionError{"quote", fmt.Sprintf("%q is not one of %s", opt.Quote, strings.Join(Quotes(), ", "))})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	e := &csvEncoder{columns: opt.Columns, delimiter: d, quoteAll: opt.Quote == "all", message: slices.Index(opt.Columns, Message), lineEnd: !opt.NoLineEnd}
	if opt.Header {
		for i, name := range opt.Columns {
			if i > 0 {
				e.header = append(e.header, d)
			}
			e.header = e.appendCell(e.header, []byte(name))
		}
		e.header = append(e.header, '\n')
	}
	return e, nil
}

func (e *csvEncoder) Append(dst []byte, rec *Record) []byte {
	dst = append(dst, e.header...)
	start := len(dst)
	whole := -1 // the column for the whole line
	if !rec.Parsed {
		whole = e.wholeLine(rec)
	}
	for i, name := range e.columns {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if i == whole {
			dst = e.appendCell(dst, rec.Line)
			continue
		}
		f := last(rec.Meta, name)
		if f == nil && rec.Parsed {
			f = rec.Lookup(name)
		}
		if f == nil || f.Kind == Null {
			continue
		}
		value := f.Value
		if f.Kind == Escaped {
			e.text = f.AppendText(e.text[:0])
			value = e.text
		}
		dst = e.appendCell(dst, value)
	}
	if len(dst) == start {
		dst = append(dst, `""`...)
	}
	if e.lineEnd {
		dst = append(dst, '\n')
	}
	return dst
}

// wholeLine returns the column for a line that did not match.
func (e *csvEncoder) wholeLine(rec *Record) int {
	if e.message >= 0 {
		return e.message
	}
	for i, name := range e.columns {
		if last(rec.Meta, name) == nil {
			return i
		}
	}
	return 0
}

// appendCell appends one value, quoted if it must be.
func (e *csvEncoder) appendCell(dst, v []byte) []byte {
	if len(v) > 0 && !e.quoteAll && !e.needsQuotes(v) {
		return append(dst, v...)
	}
	dst = append(dst, '"')
	for {
		n := bytes.IndexByte(v, '"') + 1
		if n == 0 {
			return append(append(dst, v...), '"')
		}
		dst = append(append(dst, v[:n]...), '"') // the quote once more
		v = v[n:]
	}
}

func (e *csvEncoder) needsQuotes(v []byte) bool {
	for _, c := range v {
		if c == e.delimiter || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
