package parsers

// jsonEncoder writes a record as one JSON object on one line: its fields in their order, compact, nothing escaped that need
// not be (no < > &). A record that did not match its format is {"message": line}. The output is always valid JSON in valid
// UTF-8: each byte of a text that is not UTF-8 becomes U+FFFD.
type jsonEncoder struct{ lineEnd bool }

func (e *jsonEncoder) Append(dst []byte, rec *Record) []byte {
	dst = append(dst, '{')
	for i := range rec.Meta {
		dst = append(appendMember(dst, "", &rec.Meta[i]), ',')
	}
	if rec.Parsed {
		dst = appendMembers(dst, rec)
	} else {
		dst = append(dst, `"`+Message+`":"`...)
		dst = append(appendEscaped(dst, rec.Line), '"')
	}
	if n := len(dst) - 1; dst[n] == ',' { // only Meta
		dst = dst[:n]
	}
	dst = append(dst, '}')
	if e.lineEnd {
		dst = append(dst, '\n')
	}
	return dst
}

// appendMembers appends the fields of a line.
func appendMembers(dst []byte, rec *Record) []byte {
	for i := range rec.Fields {
		f, prefix := &rec.Fields[i], ""
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(rec.Meta) > 0 && f.shadowed(rec.Meta) {
			prefix = OwnPrefix
		}
		dst = appendMember(dst, prefix, f)
	}
	return dst
}

func appendMember(dst []byte, prefix string, f *Field) []byte {
	dst = append(append(dst, '"'), prefix...)
	if f.EscapedName {
		dst = append(dst, f.Name...)
	} else {
		dst = appendEscaped(dst, []byte(f.Name))
	}
	dst = append(dst, '"', ':')
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
