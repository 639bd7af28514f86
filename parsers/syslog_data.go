package parsers

// facilities and severities are the names of RFC 5424, tables 1 and 2, as syslog.conf spells them.
var (
	facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
		"alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
	severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
)

// maxData bounds the structured data of a line, and so the memory for its JSON. Receivers need not take more than 2 KiB of a whole line (RFC 5424, 6.1).
const maxData = 64 << 10

// structured reads the structured data of RFC 5424 at i and returns it as one JSON object, made in the record's scratch, and the index
// after it, or -1:
//
//	[origin ip="10.0.0.1"][meta sequenceId="7"]   {"origin":{"ip":"10.0.0.1"},"meta":{"sequenceId":"7"}}
//
// A dash stands for none, which is Null.
func structured(rec *Record, i int) (Field, int) {
	f := Field{Name: "structured_data", Kind: JSON, EscapedName: true}
	line, from := rec.Line, len(rec.scratch)
	if i < len(line) && line[i] == '-' {
		f.Kind, f.Value = Null, line[i:i+1]
		return f, i + 1
	}
	if i == len(line) || line[i] != '[' {
		return f, -1
	}
	line = line[:min(len(line), i+maxData)]
	out, members := rec.scratch, 0
	for sep := byte('{'); i < len(line) && line[i] == '['; sep = ',' {
		out = append(out, sep)
		if out, i = element(out, line, i+1, &members); i < 0 {
			return f, -1
		}
	}
	rec.scratch = append(out, '}')
	f.Value = rec.scratch[from:]
	return f, i
}

// element reads one element, whose opening bracket is before i, and appends it as a member.
func element(out, line []byte, i int, members *int) ([]byte, int) {
	end := dataName(line, i)
	if end == i {
		return out, -1
	}
	out = append(appendEscaped(append(out, '"'), line[i:end]), `":`...)
	sep := byte('{')
	for i = end; ; sep = ',' {
		if i == len(line) || *members == maxMembers {
			return out, -1
		}
		*members++
		if line[i] == ']' {
			if sep == '{' {
				out = append(out, '{')
			}
			return append(out, '}'), i + 1
		}
		if line[i] != ' ' {
			return out, -1
		}
		end = dataName(line, i+1)
		if end == i+1 || len(line)-end < len(`=""`) || line[end] != '=' || line[end+1] != '"' {
			return out, -1
		}
		out = append(appendEscaped(append(out, sep, '"'), line[i+1:end]), `":"`...)
		if out, i = dataValue(out, line, end+2); i < 0 {
			return out, -1
		}
		out = append(out, '"')
	}
}

// dataName returns the index after the name that begins at i: printable, without =, ] and quotes.
func dataName(line []byte, i int) int {
	for i < len(line) && line[i] > ' ' && line[i] < 0x7F && line[i] != '=' && line[i] != ']' && line[i] != '"' {
		i++
	}
	return i
}

// dataValue reads a value whose opening quote is before i, appends it as the inside of a JSON string, and returns the index after its
// closing quote, or -1. A backslash before a quote, a backslash or a closing bracket is an escape, any other is itself. As RFC 5424 says, a
// closing bracket must be escaped; one that is not is taken as it is.
func dataValue(out, line []byte, i int) ([]byte, int) {
	start := i
	for ; i < len(line); i++ {
		switch line[i] {
		case '"':
			return appendEscaped(out, line[start:i]), i + 1
		case '\\':
			if i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\' || line[i+1] == ']') {
				out = appendEscaped(out, line[start:i])
				i++
				start = i
			}
		}
	}
	return out, -1
}
