package parsers

import "bytes"

// access parses the access-log formats of Apache and nginx, whose default is combined:
//
//	common          host ident authuser [time] "request" status bytes
//	combined        common "referer" "agent"
//	vhost_combined  vhost combined
//
// with one space between the parts. A line matches only if joining its fields with AppendCombined gives the same bytes again:
//
//   - vhost, host and ident are words; vhost is the name of a virtual host, most often with its port, as Debian's Apache writes it.
//   - authuser is the text up to ` [time] "`; it may hold spaces if ident is a dash, since otherwise a line that begins with one
//     more word (a virtual host) would match with its fields shifted.
//   - time is day/month/year:hour:minute:second zone, 26 bytes, as in 05/Feb/2024:10:11:12 +0000.
//   - A quoted part ends at the first quote without a backslash before it. Its text is kept as it stands in the file, escapes included.
//   - request is given as method, path and protocol if it is a word of letters, a path (with spaces, perhaps) and
//     HTTP/something; if not, as request.
//   - status is three digits or a dash, bytes is digits or a dash.
//   - A space and more text after the last part is one more field, extra.
//
// A value that is a dash is Null. With infer, status and bytes are numbers (if canonical); the others are always text.
type access struct {
	infer    bool
	combined bool
	vhost    bool
}

func (p *access) columns() []string {
	var names []string
	if p.vhost {
		names = append(names, "vhost")
	}
	names = append(names, "host", "ident", "authuser", "time", "request", "method", "path", "protocol", "status", "bytes")
	if p.combined {
		names = append(names, "referer", "agent")
	}
	return append(names, "extra")
}

func (p *access) Parse(rec *Record) bool {
	line, fields, ok := rec.Line, rec.Fields[:0], true
	if p.vhost {
		vhost := bytes.IndexByte(line, ' ')
		if ok = vhost > 0; ok {
			fields = append(fields, text("vhost", line[:vhost]))
			line = line[vhost+1:]
		}
	}
	if ok {
		fields, ok = p.split(line, fields)
	}
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

// split appends the fields of line. In it, i is always the index of the next byte to read.
func (p *access) split(line []byte, fields []Field) ([]Field, bool) {
	host := bytes.IndexByte(line, ' ')
	if host <= 0 {
		return fields, false
	}
	ident := host + 1 + bytes.IndexByte(line[host+1:], ' ')
	if ident <= host+1 {
		return fields, false
	}
	user := userEnd(line, ident+1, isDash(line[host+1:ident]))
	if user < 0 {
		return fields, false
	}
	i := user + len(` [05/Feb/2024:10:11:12 +0000] "`)
	request := closingQuote(line, i)
	if request < 0 {
		return fields, false
	}
	fields = append(fields,
		text("host", line[:host]),
		text("ident", line[host+1:ident]),
		text("authuser", line[ident+1:user]),
		text("time", line[user+len(` [`):i-len(`] "`)]))
	fields = appendRequest(fields, line[i:request])
	return p.splitTail(line, request+1, fields)
}

// splitTail goes on after the request: status, bytes, referer, agent, extra.
func (p *access) splitTail(line []byte, i int, fields []Field) ([]Field, bool) {
	status := countEnd(line, i)
	if status < 0 || status-i != len(` 200`) && line[status-1] != '-' {
		return fields, false
	}
	size := countEnd(line, status)
	if size < 0 {
		return fields, false
	}
	fields = append(fields, typed("status", line[i+1:status], p.infer), typed("bytes", line[status+1:size], p.infer))
	i = size
	if p.combined {
		referer := quoted(line, i)
		if referer < 0 {
			return fields, false
		}
		agent := quoted(line, referer)
		if agent < 0 {
			return fields, false
		}
		fields = append(fields, text("referer", line[i+2:referer-1]), text("agent", line[referer+2:agent-1]))
		i = agent
	}
	if i < len(line) {
		if line[i] != ' ' {
			return fields, false
		}
		fields = append(fields, text("extra", line[i+1:]))
	}
	return fields, true
}

// userEnd returns the index of the space after the user name that begins at i, or -1.
func userEnd(line []byte, i int, spaces bool) int {
	for from := i; ; {
		n := bytes.IndexByte(line[from:], '[')
		if n < 0 {
			return -1
		}
		from += n + 1
		end := from - len(` [`)
		if end <= i || line[end] != ' ' || !isTime(line[from:]) {
			continue
		}
		if !spaces && bytes.IndexByte(line[i:end], ' ') >= 0 {
			return -1
		}
		return end
	}
}

// isTime reports whether b begins with a time such as 05/Feb/2024:10:11:12 +0000 and `] "`.
func isTime(b []byte) bool {
	const length = len(`05/Feb/2024:10:11:12 +0000] "`)
	if len(b) < length {
		return false
	}
	b = b[:length]
	return b[2] == '/' && b[6] == '/' && b[11] == ':' && b[14] == ':' && b[17] == ':' && b[20] == ' ' &&
		(b[21] == '+' || b[21] == '-') && b[26] == ']' && b[27] == ' ' && b[28] == '"' &&
		digits(b[:2]) && letter(b[3]) && letter(b[4]) && letter(b[5]) && digits(b[7:11]) &&
		digits(b[12:14]) && digits(b[15:17]) && digits(b[18:20]) && digits(b[22:26])
}

func letter(c byte) bool { return (c|0x20)-'a' < 26 }

// closingQuote returns the index of the first quote from i on that has no backslash before it, or -1. A backslash
// takes the byte after it along, so `\\"` ends a text.
func closingQuote(line []byte, i int) int {
	for from := i; ; {
		n := bytes.IndexByte(line[from:], '"')
		if n < 0 {
			return -1
		}
		quote := from + n
		slashes := 0
		for quote-slashes > i && line[quote-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return quote
		}
		from = quote + 1
	}
}

// quoted reads a space and a quoted text at i and returns the index after the closing quote, or -1.
func quoted(line []byte, i int) int {
	if len(line)-i < len(` ""`) || line[i] != ' ' || line[i+1] != '"' {
		return -1
	}
	if quote := closingQuote(line, i+2); quote >= 0 {
		return quote + 1
	}
	return -1
}

// countEnd reads a space and digits or a dash at i and returns the index after them, or -1.
func countEnd(line []byte, i int) int {
	if len(line)-i < 2 || line[i] != ' ' {
		return -1
	}
	i++
	if line[i] == '-' {
		return i + 1
	}
	start := i
	for i < len(line) && line[i]-'0' <= 9 {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// appendRequest appends the request as method, path and protocol if joining them with spaces gives it again, as request if
// it has no such parts.
func appendRequest(fields []Field, request []byte) []Field {
	method := 0
	for method < len(request) && letter(request[method]) {
		method++
	}
	protocol := bytes.LastIndexByte(request, ' ') + 1
	if method == 0 || protocol < method+len(" / ") || request[method] != ' ' || !isHTTP(request[protocol:]) {
		return append(fields, text("request", request))
	}
	return append(fields,
		text("method", request[:method]),
		text("path", request[method+1:protocol-1]),
		text("protocol", request[protocol:]))
}

func isHTTP(protocol []byte) bool {
	return len(protocol) > len("HTTP/") && string(protocol[:len("HTTP/")]) == "HTTP/"
}

func text(name string, v []byte) Field {
	f := Field{Name: name, Value: v, EscapedName: true}
	if isDash(v) {
		f.Kind = Null
	}
	return f
}

// typed is text, or with infer a number if it is canonical.
func typed(name string, v []byte, infer bool) Field {
	f := text(name, v)
	if infer && f.Kind == String && len(v) > 0 && canonical(v) {
		f.Kind = Number
	}
	return f
}
