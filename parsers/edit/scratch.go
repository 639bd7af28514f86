package edit

import (
	"strconv"
	"unsafe"

	"github.com/weir-logs/weir/parsers"
)

// MaxGrowth is how many bytes the edits of a chain may add to a record in all, beside the texts that parse_json keeps.
const MaxGrowth = 16 << 10

// smallText is how many bytes of new values are kept from record to record.
const smallText = 2 * MaxGrowth

// Scratch is the memory of a chain, and what it knows of the record in hand.
type Scratch struct {
	opt    Options
	file   File
	offset int64
	read   []byte // file.Read as ingest_time, made when it is asked for
	own    []ownName

	text  []byte // new values
	limit int    // bytes in text from which on those still in use are moved together
	grown int    // bytes that the steps have added to the record
	plain []byte // an unescaped value, of one step at a time
	out   []byte // a text that redact makes

	json parsers.Parser // of parse_json
	sub  parsers.Record
}

// ownName is a name that fields of Record.Meta have shadowed, and what it is called for that.
type ownName struct{ name, own string }

func (s *Scratch) open(f File) {
	s.file, s.read = f, s.read[:0]
}

// begin puts all fields of the record into rec.Fields.
func (s *Scratch) begin(rec *parsers.Record, offset int64) {
	s.offset, s.grown, s.text = offset, 0, s.text[:0]
	s.limit = len(rec.Line) + MaxGrowth
	if len(rec.Meta) == 0 {
		return
	}
	if !rec.Parsed {
		rec.Fields = append(rec.Fields[:0], rec.Meta...)
		rec.Meta = nil
		return
	}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		for m := range rec.Meta {
			if name := rec.Meta[m].Name; f.Is(name) {
				f.Name, f.EscapedName = s.ownName(name), rec.Meta[m].EscapedName
				break
			}
		}
	}
	count, meta := len(rec.Fields), len(rec.Meta)
	rec.Fields = append(rec.Fields, rec.Meta...)
	copy(rec.Fields[meta:], rec.Fields[:count])
	copy(rec.Fields, rec.Meta)
	rec.Meta = nil
}

// end puts the fields of a line that did not match back to where encoders look for them.
func (s *Scratch) end(rec *parsers.Record) {
	if !rec.Parsed {
		rec.Meta, rec.Fields = rec.Fields, rec.Fields[len(rec.Fields):]
	}
}

// ownName returns what a field of the line is called that one of Meta with this name shadows. Those are few.
func (s *Scratch) ownName(name string) string {
	for i := range s.own {
		if s.own[i].name == name {
			return s.own[i].own
		}
	}
	own := ownName{name, parsers.OwnPrefix + name}
	s.own = append(s.own, own)
	return own.own
}

// grow reports whether a step may make the record longer by n bytes, and notes it. A negative n gives back.
func (s *Scratch) grow(n int) bool {
	if s.grown+n > MaxGrowth {
		return false
	}
	s.grown += n
	return true
}

// fit moves the values in use together, if many of those in text are not in use any more, so that a long chain on a long
// record does not hold each state that the record had.
func (s *Scratch) fit(rec *parsers.Record) {
	if len(s.text) <= s.limit {
		return
	}
	size := len(rec.Line)
	for i := range rec.Fields {
		size += len(rec.Fields[i].Value)
	}
	s.text = make([]byte, 0, size+MaxGrowth)
	s.limit = size + MaxGrowth
	rec.Line = s.keep(rec.Line)
	for i := range rec.Fields {
		rec.Fields[i].Value = s.keep(rec.Fields[i].Value)
	}
}

// keep returns a copy of v in the chain's memory.
func (s *Scratch) keep(v []byte) []byte {
	from := len(s.text)
	s.text = append(s.text, v...)
	return s.since(from)
}

// since returns the value that was appended to text from this index on.
func (s *Scratch) since(from int) []byte { return s.text[from:len(s.text):len(s.text)] }

// textOf returns the field's value as plain text, which is valid until the next call.
func (s *Scratch) textOf(f *parsers.Field) []byte {
	if f.Kind != parsers.Escaped {
		return f.Value
	}
	s.plain = f.AppendText(s.plain[:0])
	return s.plain
}

func (s *Scratch) memory() int {
	return cap(s.text) + cap(s.plain) + cap(s.out) + s.sub.Memory() + cap(s.own)*int(unsafe.Sizeof(ownName{}))
}

func (s *Scratch) release() {
	if cap(s.text) > smallText {
		s.text = nil
	}
	if cap(s.plain) > smallText {
		s.plain = nil
	}
	if cap(s.out) > smallText {
		s.out = nil
	}
	s.sub.Line = nil
}

// recordID appends what names the record in hand for ever.
func (s *Scratch) recordID(dst []byte) []byte {
	return strconv.AppendInt(append(append(dst, s.file.ID...), '-'), s.offset, 10)
}

// set gives the record a field: in the place of the last one that has the name, or as the last.
func set(rec *parsers.Record, f parsers.Field) {
	if old := find(rec, f.Name); old != nil {
		old.Value, old.Kind = f.Value, f.Kind
		return
	}
	rec.Fields = append(rec.Fields, f)
}

// find returns the last field with this name, given as plain text, or nil.
func find(rec *parsers.Record, name string) *parsers.Field {
	if i := index(rec, name); i >= 0 {
		return &rec.Fields[i]
	}
	return nil
}

// index returns the place of the last field with this name, or -1.
func index(rec *parsers.Record, name string) int {
	for i := len(rec.Fields) - 1; i >= 0; i-- {
		if rec.Fields[i].Is(name) {
			return i
		}
	}
	return -1
}

// isLine reports whether name stands for the line of a record that did not match, which is no field.
func isLine(rec *parsers.Record, name string) bool { return !rec.Parsed && name == parsers.Message }

// escapedAlready reports whether a name is the same text in JSON.
func escapedAlready(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
