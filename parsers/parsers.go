// Package parsers turns lines into records of named fields, and records into JSON, CSV or the raw line again.
//
// It works in append style on the caller's buffers: a Parser fills a Record whose fields point into the line, an Encoder
// appends to a slice. Neither allocates per line, keeps state between lines, or starts a goroutine; one value of
// each may be used from one goroutine at a time, and is cheap to make.
package parsers

// Kind says how a field's value is written in JSON.
type Kind uint8

// The kinds of a value.
const (
	String  Kind = iota // text; encoders quote and escape it
	Number              // a JSON number, kept digit for digit
	Bool                // true or false
	Null                // no value; Value is what stood for it in the line, a dash for instance
	JSON                // a JSON array or object, kept byte for byte
	Escaped             // text with JSON escapes in it, without its quotes, kept as it stood in a JSON line
)

// Field is one named value of a record.
type Field struct {
	Name  string
	Value []byte // points into the line, or into memory that the Record owns
	Kind  Kind

	// EscapedName says that Name is JSON text already and can stand between quotes as it is. A name with nothing to
	// escape is the same text either way; a key of a JSON line keeps the escapes that it came with.
	EscapedName bool
}

// Record is one parsed line. A caller reuses it from line to line; the Fields and their bytes are valid until the next Parse.
type Record struct {
	Line   []byte // the whole line without its line end
	End    []byte // the line end as it was in the file: LF, CRLF, or empty
	Fields []Field
	// Meta are fields that are not from the line: the caller sets them, parsers leave them alone, encoders write them before Fields. Where a
	// field has the name of one, that name stands for the one in Meta, and the field is written, and found, as log_NAME.
	Meta   []Field
	Parsed bool // false: the line did not match its format and has no Fields

	scratch []byte // values that are not in the line as they are; reused from line to line
}

// Parser reads one format.
type Parser interface {
	// Parse fills rec.Fields from rec.Line and reports whether the line has the format, in rec.Parsed too. If not, Fields is
	// empty.
	Parse(rec *Record) bool
}

// Encoder writes one format.
type Encoder interface {
	// Append appends the encoded record to dst, with exactly one line end unless it was made without, and returns dst.
	Append(dst []byte, rec *Record) []byte
}
