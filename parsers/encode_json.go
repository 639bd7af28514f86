package parsers

// jsonEncoder writes a record as one JSON object on one line: its fields in their order, compact, nothing escaped that need
// not be (no < > &). A record that did not match its format is {"message": line}. The output is always valid JSON in valid
// UTF-8: each byte of a text that is not UTF-8 becomes U+FFFD.
type jsonEncoder struct{ lineEnd bool }

func (e *jsonEncoder) Append(dst []byte, rec *Record) []byte {
	if rec.Parsed {
		dst = appendObject(dst, rec.Fields)
	} else {
		dst = append(dst, `{"`+Message+`":"`...)
		dst = append(appendEscaped(dst, rec.Line), `"}`...)
	}
	if e.lineEnd {
		dst = append(dst, '\n')
	}
	return dst
}

func appendObject(dst []byte, fields []Field) []byte {
	dst = append(dst, '{')
	for i := range fields {
		f := &fields[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		if f.EscapedName {
			dst = append(dst, f.Name...)
		} else {
			dst = appendEscaped(dst, []byte(f.Name))
		}
		dst = append(dst, '"', ':')
		dst = appendValue(dst, f)
	}
	return append(dst, '}')
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
