package parsers

// Message is the name of the field that holds a whole line: of format none, and of a line that did not match its format.
const Message = "message"

// none is the format without structure: every line has it, and is one field.
type none struct{}

func (none) Parse(rec *Record) bool {
	rec.Fields = append(rec.Fields[:0], Field{Name: Message, Value: rec.Line, EscapedName: true})
	rec.Parsed = true
	return true
}

func (none) columns() []string { return []string{Message} }
