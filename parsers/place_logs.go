package parsers

import (
	"bytes"
	"fmt"
)

// place goes through the line as split does.
func (p *apacheError) place(line []byte) (int, string) {
	if len(line) == 0 || line[0] != '[' {
		return 0, "a bracket and a time, such as [Mon Feb 05 04:47:44 2005]"
	}
	i := scanCtime(line, 1)
	if i < 0 {
		i = scanDate(line, 1, ' ')
	}
	if i < 0 {
		return 1, "a time such as Mon Feb 05 04:47:44 2005"
	}
	if !bytes.HasPrefix(line[i:], []byte("] [")) {
		return i, "the closing bracket, a space and another bracket"
	}
	level := i + len("] [")
	if _, i = appendLevel(nil, line, level); i < 0 {
		return level, "a level, such as error], or a module and a level, such as core:error]"
	}
	_, i = p.process(nil, line, i)
	return i, "a space, or the end"
}

// place goes through the line as split does.
func (p *syslog) place(line []byte) (int, string) {
	i := 0
	if len(line) > 0 && line[0] == '<' {
		if _, i = p.priority(&Record{Line: line}, nil); i < 0 {
			return 0, "a priority from <0> to <191>"
		}
		if bytes.HasPrefix(line[i:], []byte("1 ")) {
			if !p.new {
				return i, "a time such as Feb  5 10:11:12, not the 1 of rfc5424"
			}
			return placeNew(line, i+2)
		}
	}
	if !p.old {
		return i, "a priority, a 1 and a space, such as <165>1"
	}
	_, stamp, next := oldStamp(line, i)
	if stamp < 0 {
		return i, "a time such as Feb  5 10:11:12 or 2024-02-05T10:11:12Z, and a space"
	}
	return min(next, len(line)), "a host or a tag"
}

// placeNew goes through the line as splitNew does.
func placeNew(line []byte, i int) (int, string) {
	end := scanTime(line, i)
	if end < 0 && i < len(line) && line[i] == '-' {
		end = i + 1
	}
	if end < 0 || end == len(line) || line[end] != ' ' {
		return i, "a time such as 2024-02-05T10:11:12Z, or a dash, and a space"
	}
	for _, name := range [...]string{"a host", "an app", "a process id", "a message id"} {
		i = end + 1
		if end = printable(line, i); end == i || end == len(line) || line[end] != ' ' {
			return i, name + ", or a dash, and a space"
		}
	}
	i = end + 1
	if _, end = structured(&Record{Line: line}, i); end < 0 {
		return i, `a dash, or structured data such as [id name="value"]`
	}
	return end, "a space, or the end"
}

// place goes through the line as split does.
func (p *csvParser) place(line []byte) (int, string) {
	if len(p.names) == 0 {
		return -1, "" // the columns are not known
	}
	for i, n := 0, 0; ; i++ {
		if n == len(p.names) {
			return i - 1, fmt.Sprintf("the end after %d columns", n)
		}
		if i < len(line) && line[i] == '"' {
			start := i
			if _, i = unquote(&Record{Line: line}, i+1); i < 0 {
				return start, "a closing quote"
			}
		} else {
			for i < len(line) && line[i] != p.delimiter && line[i] != '"' {
				i++
			}
		}
		if n++; i == len(line) {
			return -1, ""
		}
		if line[i] != p.delimiter {
			return i, fmt.Sprintf("the delimiter %q, or the end; a quote begins a value and is doubled within", p.delimiter)
		}
	}
}

// place goes through the line as pairs does.
func (p *logfmt) place(line []byte) (int, string) {
	rec := &Record{Line: line}
	pairs := 0
	for i := blanks(line, 0); i < len(line); i = blanks(line, i) {
		end, _ := keyEnd(line, i)
		pair := end < len(line) && line[end] == '='
		switch {
		case end == i:
			return i, "a key"
		case pairs == maxMembers:
			return i, fmt.Sprintf("the end after %d pairs", pairs)
		case !pair && pairs == 0:
			return end, "an equals sign"
		case !pair && end < len(line) && !blank(line[end]):
			return end, "an equals sign, or a space"
		}
		if pairs++; pair {
			if i = p.value(rec, new(Field), end+1); i < 0 {
				return end + 1, "a value: in quotes that are closed and followed by a space, or without any control character"
			}
		} else {
			i = end
		}
	}
	return len(line), "a pair such as level=info"
}
