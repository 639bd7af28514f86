package parsers

// csvEncoder writes a record as one line of RFC 4180 with LF at its end: the values of the chosen columns between commas,
// quoted where they hold a comma, a quote or a line break. Null and a missing field are empty; an empty text is "", so
// that the two stay apart. Nested JSON is written as its text. Bytes that are not UTF-8 stay as they are.
//
// A record that did not match its format keeps the number of columns: its whole line goes into the column message if there is one, into the
// first column if not, and the others are empty.
type csvEncoder struct {
	columns []string
	message int // the column that takes a line that did not match; -1: the first that is not of Record.Meta
	lineEnd bool
	text    []byte // an unescaped value; reused
}

func newCSVEncoder(opt EncodeOptions) (Encoder, error) {
	if err := checkColumns(opt.Columns); err != nil {
		return nil, err
	}
	e := &csvEncoder{columns: opt.Columns, message: -1, lineEnd: !opt.NoLineEnd}
	for i, name := range opt.Columns {
		if name == Message {
			e.message = i
		}
	}
	return e, nil
}

func (e *csvEncoder) Append(dst []byte, rec *Record) []byte {
	whole := -1 // the column for the whole line
	if !rec.Parsed {
		whole = e.wholeLine(rec)
	}
	for i, name := range e.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		if i == whole {
			dst = appendCell(dst, rec.Line)
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
		dst = appendCell(dst, value)
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
func appendCell(dst, v []byte) []byte {
	if len(v) > 0 && !needsQuotes(v) {
		return append(dst, v...)
	}
	dst = append(dst, '"')
	start := 0
	for i, c := range v {
		if c == '"' {
			dst = append(dst, v[start:i+1]...)
			start = i // the quote once more
		}
	}
	dst = append(dst, v[start:]...)
	return append(dst, '"')
}

func needsQuotes(v []byte) bool {
	for _, c := range v {
		if c == ',' || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
