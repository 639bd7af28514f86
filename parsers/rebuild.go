package parsers

// AppendCombined appends the access-log line that fields stand for, without a line end: in the combined format, or in the
// common one if there is neither referer nor agent, after the virtual host if there is one. It undoes their parsers exactly,
// also from fields that went through JSON and a decoder, in any order. A missing field is written as the dash of a Null one; unknown names are ignored.
func AppendCombined(dst []byte, fields []Field) []byte {
	l := layOut(fields)
	if l.vhost != nil {
		dst = append(appendPart(dst, l.vhost), ' ')
	}
	dst = appendPart(dst, l.host)
	dst = appendPart(append(dst, ' '), l.ident)
	dst = appendPart(append(dst, ' '), l.authuser)
	dst = appendPart(append(dst, ` [`...), l.time)
	dst = append(dst, `] "`...)
	if l.method != nil {
		dst = appendPart(dst, l.method)
		dst = appendPart(append(dst, ' '), l.path)
		dst = appendPart(append(dst, ' '), l.protocol)
	} else {
		dst = appendPart(dst, l.request)
	}
	dst = appendPart(append(dst, `" `...), l.status)
	dst = appendPart(append(dst, ' '), l.bytes)
	if l.referer != nil || l.agent != nil {
		dst = appendPart(append(dst, ` "`...), l.referer)
		dst = appendPart(append(dst, `" "`...), l.agent)
		dst = append(dst, '"')
	}
	if l.extra != nil {
		dst = appendPart(append(dst, ' '), l.extra)
	}
	return dst
}

// layout has the fields of one access-log line by name; nil is a missing one.
type layout struct {
	vhost, host, ident, authuser, time, request, method, path, protocol, status, bytes, referer, agent, extra *Field
}

func layOut(fields []Field) layout {
	var l layout
	for i := range fields {
		f := &fields[i]
		switch f.Name {
		case "vhost":
			l.vhost = f
		case "host":
			l.host = f
		case "ident":
			l.ident = f
		case "authuser":
			l.authuser = f
		case "time":
			l.time = f
		case "request":
			l.request = f
		case "method":
			l.method = f
		case "path":
			l.path = f
		case "protocol":
			l.protocol = f
		case "status":
			l.status = f
		case "bytes":
			l.bytes = f
		case "referer":
			l.referer = f
		case "agent":
			l.agent = f
		case "extra":
			l.extra = f
		}
	}
	return l
}

func appendPart(dst []byte, f *Field) []byte {
	if f == nil || f.Kind == Null {
		return append(dst, '-')
	}
	return f.AppendText(dst)
}
