package parsers

// rawEncoder writes the line as it was, with the line end that it had in the file; a record without one gets LF.
type rawEncoder struct{ lineEnd bool }

func (e *rawEncoder) Append(dst []byte, rec *Record) []byte {
	dst = append(dst, rec.Line...)
	if !e.lineEnd {
		return dst
	}
	if len(rec.End) == 0 {
		return append(dst, '\n')
	}
	return append(dst, rec.End...)
}
