package parsers

// maxMembers bounds the fields of one record, and so the memory behind it.
const maxMembers = 4096

// jsonParser parses lines that are one JSON object (RFC 8259), at most maxDepth deep and with at most maxMembers members.
// Any other value, or text around it that is not white space, does not match.
//
// The members become fields in their order, duplicates included. Numbers are kept digit for digit, arrays and objects byte
// for byte, and the escapes of strings and keys as they are. Bytes that are not UTF-8 are kept in values and replaced in keys.
type jsonParser struct {
	names names
}

func (p *jsonParser) Parse(rec *Record) bool {
	fields, ok := p.members(rec.Line, rec.Fields[:0])
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

func (p *jsonParser) members(line []byte, fields []Field) ([]Field, bool) {
	i := scanSpace(line, 0)
	if i == len(line) || line[i] != '{' {
		return fields, false
	}
	i = scanSpace(line, i+1)
	if i < len(line) && line[i] == '}' {
		return fields, scanSpace(line, i+1) == len(line)
	}
	for {
		key, start := scanKey(line, i)
		if start < 0 || len(fields) == maxMembers {
			return fields, false
		}
		end, kind := scanValue(line, start, maxDepth-1)
		if end < 0 {
			return fields, false
		}
		value := line[start:end]
		if kind == String || kind == Escaped {
			value = value[1 : len(value)-1]
		}
		fields = append(fields, Field{Name: p.names.of(key), Value: value, Kind: kind, EscapedName: true})
		if i = scanSpace(line, end); i == len(line) {
			return fields, false
		}
		if line[i] == '}' {
			return fields, scanSpace(line, i+1) == len(line)
		}
		if line[i] != ',' {
			return fields, false
		}
		i = scanSpace(line, i+1)
	}
}
