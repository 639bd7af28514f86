package parsers

// jsonEncoder writes a record as one JSON object: its fields in their order, duplicates included, nothing escaped that need not be (no < > &,
// no U+2028). A record that did not match its format is {"message": line}. The output is always valid JSON in valid UTF-8: each byte of a
// text that is not UTF-8 becomes U+FFFD. It is one line without blanks, or with pretty one member a line.
type jsonEncoder struct{ lineEnd, pretty bool }

func (e *jsonEncoder) Append(dst []byte, rec *Record) []byte {
	dst = append(dst, '{')
	members := len(dst)
	for i := range rec.Meta {
		dst = append(e.appendMember(dst, "", &rec.Meta[i]), ',')
	}
	if rec.Parsed {
		dst = e.appendMembers(dst, rec)
	} else {
		dst = append(e.appendMember(dst, "", &Field{Name: Message, Value: rec.Line, EscapedName: true}), ',')
	}
	if n := len(dst) - 1; n >= members {
		dst = dst[:n] // the last comma
		if e.pretty {
			dst = append(dst, '\n')
		}
	}
	dst = append(dst, '}')
	if e.lineEnd {
		dst = append(dst, '\n')
	}
	return dst
}

// appendMembers appends the fields of a line, each with a comma after it.
func (e *jsonEncoder) appendMembers(dst []byte, rec *Record) []byte {
	for i := range rec.Fields {
		f, prefix := &rec.Fields[i], ""
		if len(rec.Meta) > 0 && f.shadowed(rec.Meta) {
			prefix = OwnPrefix
		}
		dst = append(e.appendMember(dst, prefix, f), ',')
	}
	return dst
}

func (e *jsonEncoder) appendMember(dst []byte, prefix string, f *Field) []byte {
	if e.pretty {
		dst = appendIndent(dst, 1)
	}
	dst = append(append(dst, '"'), prefix...)
	if f.EscapedName {
		dst = append(dst, f.Name...)
	} else {
		dst = appendEscaped(dst, []byte(f.Name))
	}
	dst = append(dst, '"', ':')
	if e.pretty {
		dst = append(dst, ' ')
		if f.Kind == JSON {
			return appendPretty(dst, f.Value)
		}
	}
	return appendValue(dst, f)
}

func appendValue(dst []byte, f *Field) []byte {
	switch f.Kind {
	case String:
		return append(appendEscaped(append(dst, '"'), f.Value), '"')
	case Escaped:
		return append(appendValid(append(dst, '"'), f.Value), '"')
	case JSON:
		return appendValid(dst, f.Value)
	case Null:
		return append(dst, "null"...)
	}
	return append(dst, f.Value...)
}
