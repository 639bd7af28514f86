package parsers

import "bytes"

// syslog parses lines of syslog, as daemons write them to files and to /dev/log:
//
//	RFC 3164   <PRI>Feb  5 10:11:12 HOST TAG[PID]: MESSAGE
//	           with or without <PRI>, HOST, TAG and [PID]; the stamp may be of RFC 3339, as rsyslog writes it, have a year after the
//	           day, or be of the forms that scanDevice knows
//	RFC 5424   <PRI>1 TIME HOST APP PROCID MSGID [ID NAME="VALUE" ...] MESSAGE
//
// A 1 and a space after the priority tell the second from the first.
//
//   - priority is 0 to 191, without leading zeros. facility and severity are its two parts, by their names in syslog.conf.
//   - Of RFC 3164, the word after the stamp is the host, unless it is a tag. A tag is a word that ends in a colon, perhaps with [PID]
//     before that; it becomes app and pid. Without one, all after the host is the message: "last message repeated 2 times".
//   - Of RFC 5424, a dash stands for no value, which is Null. Structured data is one object of objects, in the order and with the
//     duplicates of the line. The byte order mark that may begin a message is not part of it.
//
// With infer, priority and pid are numbers (if canonical); the others are always text.
type syslog struct {
	infer    bool
	old, new bool // which of the two RFCs may match
}

func (p *syslog) columns() []string {
	names := []string{"priority", "facility", "severity", "time", "host", "app", "pid"}
	if p.new {
		names = append(names, "msgid", "structured_data")
	}
	return append(names, Message)
}

func (p *syslog) Parse(rec *Record) bool {
	rec.scratch = rec.scratch[:0]
	fields, ok := p.split(rec, rec.Fields[:0])
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

func (p *syslog) split(rec *Record, fields []Field) ([]Field, bool) {
	i := 0
	if len(rec.Line) > 0 && rec.Line[0] == '<' {
		if fields, i = p.priority(rec, fields); i < 0 {
			return fields, false
		}
		if bytes.HasPrefix(rec.Line[i:], []byte("1 ")) {
			if !p.new {
				return fields, false
			}
			return p.splitNew(rec, i+2, fields)
		}
	}
	if !p.old {
		return fields, false
	}
	return p.splitOld(rec.Line, i, fields)
}

// priority reads <PRI> at the start of the line and appends what it says.
func (p *syslog) priority(rec *Record, fields []Field) ([]Field, int) {
	line := rec.Line
	end := scanDigits(line, 1)
	if end < 0 || end == len(line) || line[end] != '>' || end > len("<191") || line[1] == '0' && end > 2 {
		return fields, -1
	}
	n := 0
	for _, c := range line[1:end] {
		n = 10*n + int(c-'0')
	}
	if n >= 8*len(facilities) {
		return fields, -1
	}
	from := len(rec.scratch)
	rec.scratch = append(rec.scratch, facilities[n/8]...)
	mid := len(rec.scratch)
	rec.scratch = append(rec.scratch, severities[n%8]...)
	return append(fields,
		typed("priority", line[1:end], p.infer),
		Field{Name: "facility", Value: rec.scratch[from:mid], EscapedName: true},
		Field{Name: "severity", Value: rec.scratch[mid:], EscapedName: true}), end + 1
}

// splitOld goes on after the priority of RFC 3164.
func (p *syslog) splitOld(line []byte, i int, fields []Field) ([]Field, bool) {
	start, stamp, next := oldStamp(line, i)
	if stamp < 0 {
		return fields, false
	}
	fields = append(fields, text("time", line[start:stamp]))
	i = next
	end := wordEnd(line, i)
	if end == i {
		return fields, false
	}
	app, pid := tag(line[i:end])
	if app == nil {
		fields = append(fields, text("host", line[i:end]))
		if end == len(line) {
			return fields, true
		}
		i = end + 1
		if bytes.HasPrefix(line[i:], []byte(": %")) {
			i += len(": ") // firewalls set a colon apart after their name
		}
		end = wordEnd(line, i)
		app, pid = tag(line[i:end])
	}
	if app != nil {
		fields = append(fields, text("app", app))
		if pid != nil {
			fields = append(fields, typed("pid", pid, p.infer))
		}
		if end == len(line) {
			return fields, true
		}
		i = end + 1
	}
	return append(fields, Field{Name: Message, Value: line[i:], EscapedName: true}), true
}

// oldStamp reads the stamp of RFC 3164, and tells where it begins and ends and what comes after it begins; end is -1 if there is none.
func oldStamp(line []byte, i int) (start, end, next int) {
	if end = scanStamp(line, i); end < 0 {
		end = scanTime(line, i)
	}
	plain := end >= 0 && end < len(line) && line[end] == ' '
	if plain && zoneEnd(line, end+1) < 0 {
		return i, end, end + 1
	}
	if start, end := scanDevice(line, i); end > 0 {
		return start, end, end + len(": ")
	}
	if plain {
		return i, end, end + 1
	}
	return i, -1, -1
}

// tag takes a word such as sshd[123]: or kernel: apart. It returns nil if the word is none, as an IPv6 address that ends in two colons; pid is
// nil if there is none.
func tag(word []byte) (app, pid []byte) {
	n := len(word) - 1
	if n < 1 || word[n] != ':' {
		return nil, nil
	}
	word = word[:n]
	if word[n-1] == ':' && ipv6(word) {
		return nil, nil
	}
	open := bytes.IndexByte(word, '[')
	switch {
	case open < 0:
		return word, nil
	case open > 0 && word[n-1] == ']':
		return word[:open], word[open+1 : n-1]
	}
	return nil, nil
}

// ipv6 reports whether b has the characters of an IPv6 address, and no others.
func ipv6(b []byte) bool {
	for _, c := range b {
		if c != ':' && hexDigit(c) < 0 {
			return false
		}
	}
	return true
}

// splitNew goes on after the version of RFC 5424.
func (p *syslog) splitNew(rec *Record, i int, fields []Field) ([]Field, bool) {
	line := rec.Line
	end := scanTime(line, i)
	if end < 0 && i < len(line) && line[i] == '-' {
		end = i + 1
	}
	if end < 0 || end == len(line) || line[end] != ' ' {
		return fields, false
	}
	fields = append(fields, text("time", line[i:end]))
	for _, name := range [...]string{"host", "app", "pid", "msgid"} {
		i = end + 1
		end = printable(line, i)
		if end == i || end == len(line) || line[end] != ' ' {
			return fields, false
		}
		fields = append(fields, typed(name, line[i:end], p.infer && name == "pid"))
	}
	data, end := structured(rec, end+1)
	if end < 0 {
		return fields, false
	}
	fields = append(fields, data)
	if end == len(line) {
		return fields, true
	}
	if line[end] != ' ' {
		return fields, false
	}
	const mark = "\xEF\xBB\xBF"
	return append(fields, Field{Name: Message, Value: bytes.TrimPrefix(line[end+1:], []byte(mark)), EscapedName: true}), true
}

// printable returns the index of the first byte from i on that is white space or a control character.
func printable(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != 0x7F {
		i++
	}
	return i
}
