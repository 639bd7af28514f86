package parsers

import "bytes"

// apacheError parses the error log of Apache, as versions 2.2 and 2.4 write it when they are not told otherwise:
//
//	2.2  [Mon Feb 05 04:47:44 2005] [error] [client 192.0.2.1] (13)Permission denied: MESSAGE
//	2.4  [Thu Jun 09 06:07:05.123456 2005] [core:error] [pid 123:tid 456] util.c(45): (13)Permission denied: [client 192.0.2.1:5310] AH00135: MESSAGE
//
// The first two brackets must be there; any of the other parts may be missing, and gives no field then.
//
//   - time may also be of the form 2005-06-09 06:07:05.123456. A module that is empty, as in [:error], or a dash is Null.
//   - error_code and error_text are an error of the system or of APR; it may stand before or after the client.
//   - client is an address or a name. What follows its last colon is the port if it is one (0 to 65535, no zero in front), and if what is before
//     it is no torn IPv6 address: only 2.4 writes ports, and so where there is no [pid], an IPv6 address has none. 2.4 always writes one, unless
//     its ErrorLogFormat was changed: then the last group of a shortened address that is digits is taken for one. remote in place of client is
//     the other side of a connection that Apache opened.
//   - code is AH and five digits. message is all that is left, a referer at its end included, since a client can write one there itself.
//
// With infer, pid, tid, error_code and port are numbers (if canonical); the others are always text.
type apacheError struct{ infer bool }

func (*apacheError) columns() []string {
	return []string{"time", "module", "level", "pid", "tid", "source", "error_code", "error_text", "client", "remote", "port", "code", Message}
}

func (p *apacheError) Parse(rec *Record) bool {
	fields, ok := p.split(rec.Line, rec.Fields[:0])
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

func (p *apacheError) split(line []byte, fields []Field) ([]Field, bool) {
	if len(line) == 0 || line[0] != '[' {
		return fields, false
	}
	i := scanCtime(line, 1)
	if i < 0 {
		i = scanDate(line, 1, ' ')
	}
	if i < 0 || !bytes.HasPrefix(line[i:], []byte("] [")) {
		return fields, false
	}
	fields = append(fields, text("time", line[1:i]))
	if fields, i = appendLevel(fields, line, i+len("] [")); i < 0 {
		return fields, false
	}
	before := i
	fields, i = p.process(fields, line, i)
	if i == len(line) {
		return fields, true
	}
	if line[i] != ' ' {
		return fields, false
	}
	return p.rest(fields, line, i+1, i > before), true
}

// appendLevel reads LEVEL] or MODULE:LEVEL] at i.
func appendLevel(fields []Field, line []byte, i int) ([]Field, int) {
	end := i
	for end < len(line) && (letter(line[end]) || line[end]-'0' <= 9 || line[end] == '_' || line[end] == '-' || line[end] == ':') {
		end++
	}
	if end == len(line) || line[end] != ']' {
		return fields, -1
	}
	level := i
	if colon := bytes.IndexByte(line[i:end], ':'); colon >= 0 {
		level = i + colon + 1
		module := text("module", line[i:level-1])
		if len(module.Value) == 0 {
			module.Kind = Null
		}
		fields = append(fields, module)
	}
	if level == end || bytes.IndexByte(line[level:end], ':') >= 0 {
		return fields, -1
	}
	return append(fields, text("level", line[level:end])), end + 1
}

// process reads " [pid P:tid T]" or " [pid P]" at i, if it is there.
func (p *apacheError) process(fields []Field, line []byte, i int) ([]Field, int) {
	const open = " [pid "
	if !bytes.HasPrefix(line[i:], []byte(open)) {
		return fields, i
	}
	pid := i + len(open)
	end := scanDigits(line, pid)
	if end < 0 {
		return fields, i
	}
	const mid = ":tid "
	if bytes.HasPrefix(line[end:], []byte(mid)) {
		tid := end + len(mid)
		if last := scanDigits(line, tid); last > 0 && last < len(line) && line[last] == ']' {
			return append(fields, typed("pid", line[pid:end], p.infer), typed("tid", line[tid:last], p.infer)), last + 1
		}
		return fields, i
	}
	if end == len(line) || line[end] != ']' {
		return fields, i
	}
	return append(fields, typed("pid", line[pid:end], p.infer)), end + 1
}

// rest goes on after the brackets that every line has. ports says that clients have ports.
func (p *apacheError) rest(fields []Field, line []byte, i int, ports bool) []Field {
	if end := sourceEnd(line, i); end > 0 {
		fields = append(fields, text("source", line[i:end]))
		i = end + len(": ")
	}
	fields, after := p.systemError(fields, line, i)
	failed := after > i
	fields, i = p.peer(fields, line, after, ports)
	if !failed && i < len(line) {
		fields, i = p.systemError(fields, line, i)
	}
	const code = "AH00135"
	if len(line)-i >= len(code+": ") && line[i] == 'A' && line[i+1] == 'H' && digits(line[i+2:i+len(code)]) && line[i+len(code)] == ':' && line[i+len(code)+1] == ' ' {
		fields = append(fields, text("code", line[i:i+len(code)]))
		i += len(code + ": ")
	}
	return append(fields, Field{Name: Message, Value: line[i:], EscapedName: true})
}

// sourceEnd returns the index after a place in Apache's source at i, as in mod_ssl.c(123), if ": " follows, or -1.
func sourceEnd(line []byte, i int) int {
	n := i
	for n < len(line) && (letter(line[n]) || line[n]-'0' <= 9 || line[n] == '_' || line[n] == '-' || line[n] == '.' || line[n] == '/') {
		n++
	}
	if n == i || n == len(line) || line[n] != '(' {
		return -1
	}
	if n = scanDigits(line, n+1); n < 0 || !bytes.HasPrefix(line[n:], []byte("): ")) {
		return -1
	}
	return n + 1
}

// systemError reads "(CODE)TEXT: " at i, if it is there. Windows puts OS and a space before the code.
func (p *apacheError) systemError(fields []Field, line []byte, i int) ([]Field, int) {
	if i == len(line) || line[i] != '(' {
		return fields, i
	}
	code := i + 1
	if bytes.HasPrefix(line[code:], []byte("OS ")) {
		code += len("OS ")
	}
	end := scanDigits(line, code)
	if end < 0 || end == len(line) || line[end] != ')' {
		return fields, i
	}
	n := bytes.Index(line[end:], []byte(": "))
	if n < 0 {
		return fields, i
	}
	return append(fields, typed("error_code", line[code:end], p.infer), text("error_text", line[end+1:end+n])), end + n + len(": ")
}

// peer reads "[client NAME] " or "[remote NAME] " at i, if it is there.
func (p *apacheError) peer(fields []Field, line []byte, i int, ports bool) ([]Field, int) {
	for _, name := range [...]string{"client", "remote"} {
		if len(line)-i < len("[client ") || line[i] != '[' || string(line[i+1:i+1+len(name)]) != name || line[i+1+len(name)] != ' ' {
			continue
		}
		from := i + len("[client ")
		n := bytes.Index(line[from:], []byte("] "))
		if n <= 0 || wordEnd(line[from:from+n], 0) != n {
			break
		}
		address := line[from : from+n]
		end := from + n + len("] ")
		if colon := portAt(address, ports); colon > 0 {
			return append(fields, text(name, address[:colon]), typed("port", address[colon+1:], p.infer)), end
		}
		return append(fields, text(name, address)), end
	}
	return fields, i
}

// portAt returns the index of the colon before the port of an address, or -1.
func portAt(address []byte, ports bool) int {
	colon := bytes.LastIndexByte(address, ':')
	if colon <= 0 || !isPort(address[colon+1:]) {
		return -1
	}
	host := address[:colon]
	colons := bytes.Count(host, []byte(":"))
	if colons == 0 || host[0] == '[' && host[colon-1] == ']' {
		return colon
	}
	if ports && (colons == 7 || bytes.Contains(host, []byte("::"))) {
		return colon
	}
	return -1
}

// isPort reports whether v is a number from 0 to 65535 without a zero in front.
func isPort(v []byte) bool {
	if len(v) == 0 || len(v) > len("65535") || v[0] == '0' && len(v) > 1 || !digits(v) {
		return false
	}
	return len(v) < len("65535") || string(v) <= "65535"
}
