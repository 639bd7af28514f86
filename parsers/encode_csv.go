package parsers

import (
	"bytes"
	"encoding/binary"
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
	text      []byte   // an unescaped value; reused
	cells     []*Field // per column, of the record in hand
	places    []place  // where the fields of the record before went
}

// place says which column a field of this name goes to; -1 is none. Records of one format have the same names at the same places, most often.
type place struct {
	name    string
	escaped bool
	column  int
}

// maxPlaces bounds the places that are remembered.
const maxPlaces = 256

func newCSVEncoder(opt EncodeOptions) (Encoder, error) {
	d, err := delimiter(opt.Delimiter)
	problems := []error{err, checkColumns(opt.Columns)}
	if opt.Quote != "" && !slices.Contains(Quotes(), opt.Quote) {
		problems = append(problems, &OptionError{"quote", fmt.Sprintf("%q is not one of %s", opt.Quote, strings.Join(Quotes(), ", "))})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	e := &csvEncoder{columns: opt.Columns, cells: make([]*Field, len(opt.Columns)), delimiter: d, quoteAll: opt.Quote == "all", message: slices.Index(opt.Columns, Message), lineEnd: !opt.NoLineEnd}
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
	e.find(rec)
	for i, f := range e.cells {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		if i == whole {
			dst = e.appendCell(dst, rec.Line)
			continue
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

// find puts the field of each column into cells, as Lookup finds it.
func (e *csvEncoder) find(rec *Record) {
	clear(e.cells)
	if len(rec.Meta) > 0 {
		for i, name := range e.columns {
			if e.cells[i] = last(rec.Meta, name); e.cells[i] == nil && rec.Parsed {
				e.cells[i] = rec.Lookup(name)
			}
		}
		return
	}
	for i := range rec.Fields { // of several with one name the last stays
		if column := e.column(i, &rec.Fields[i]); column >= 0 {
			e.cells[column] = &rec.Fields[i]
		}
	}
}

// column returns which column field i goes to.
func (e *csvEncoder) column(i int, f *Field) int {
	if i < len(e.places) {
		if p := &e.places[i]; p.name == f.Name && p.escaped == f.EscapedName {
			return p.column
		}
	}
	column := slices.IndexFunc(e.columns, f.Is)
	now := place{f.Name, f.EscapedName, column}
	if len(f.Name) > longestName {
		now = place{column: -1} // not to be kept in memory; no column has an empty name
	}
	switch {
	case i < len(e.places):
		e.places[i] = now
	case i == len(e.places) && i < maxPlaces:
		e.places = append(e.places, now)
	}
	return column
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
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(v) >= 8; v = v[8:] { // whether any byte of eight is one of four: a difference of zero borrows its top bit
		w := binary.LittleEndian.Uint64(v)
		d, q, n, r := w^ones*uint64(e.delimiter), w^ones*'"', w^ones*'\n', w^ones*'\r'
		if ((d-ones)&^d|(q-ones)&^q|(n-ones)&^n|(r-ones)&^r)&tops != 0 {
			return true
		}
	}
	for _, c := range v {
		if c == e.delimiter || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
