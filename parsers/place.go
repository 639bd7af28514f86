package parsers

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"regexp/syntax"
	"sort"
)

// Place says from which byte of a line on it does not have p's format, and what the format wants there. For people: it is slow, and for
// formats that know no place it returns -1, as it does for a line that has the format.
func Place(p Parser, line []byte) (at int, wanted string) {
	if p.Parse(&Record{Line: line}) {
		return -1, ""
	}
	switch p := p.(type) {
	case *original:
		return Place(p.Parser, line)
	case interface {
		place(line []byte) (int, string)
	}:
		return p.place(line)
	case *jsonParser:
		return jsonPlace(line)
	case *regexParser:
		return regexPlace(p.whole.String(), line)
	}
	return -1, ""
}

// place goes through the line as split does.
func (p *access) place(line []byte) (int, string) {
	i, words := 0, []string{"a host", "an ident"}
	if p.vhost {
		words = append([]string{"a virtual host"}, words...)
	}
	ident := 0
	for _, word := range words {
		n := bytes.IndexByte(line[i:], ' ')
		if n <= 0 {
			return i, word + " and a space"
		}
		ident, i = i, i+n+1
	}
	user := userEnd(line, i, isDash(line[ident:i-1]))
	if user < 0 {
		return i, "a user or a dash, then a time such as [05/Feb/2024:10:11:12 +0000], then a quoted request"
	}
	i = user + len(` [05/Feb/2024:10:11:12 +0000] "`)
	request := closingQuote(line, i)
	if request < 0 {
		return i, "the closing quote of the request"
	}
	return p.placeTail(line, request+1)
}

// placeTail goes through the line as splitTail does.
func (p *access) placeTail(line []byte, i int) (int, string) {
	status := countEnd(line, i)
	if status < 0 || status-i != len(` 200`) && line[status-1] != '-' {
		return i, "a space and a status of three digits, or a dash"
	}
	size := countEnd(line, status)
	if size < 0 {
		return status, "a space and a number of bytes, or a dash"
	}
	i = size
	if p.combined {
		for _, name := range []string{"referer", "agent"} {
			end := quoted(line, i)
			if end < 0 {
				return i, "a space and a quoted " + name
			}
			i = end
		}
	}
	return i, "a space, or the end"
}

func jsonPlace(line []byte) (int, string) {
	var value json.RawMessage
	var wrong *json.SyntaxError
	if errors.As(json.Unmarshal(line, &value), &wrong) {
		if at := int(wrong.Offset); wrong.Error() != "unexpected end of JSON input" {
			return max(0, at-1), "JSON: " + wrong.Error()
		}
		return len(line), "the rest of an object"
	}
	if start := scanSpace(line, 0); start < len(line) && line[start] != '{' {
		return start, "an object"
	}
	return -1, "" // too deep, or too many members
}

// regexPlace finds the longest row of the parts of an expression that the beginning of line has.
func regexPlace(whole string, line []byte) (int, string) {
	tree, err := syntax.Parse(whole, syntax.Perl)
	if err != nil || tree.Op != syntax.OpConcat {
		return -1, ""
	}
	parts := tree.Sub
	matches := func(n int) []int {
		text := (&syntax.Regexp{Op: syntax.OpConcat, Flags: tree.Flags, Sub: parts[:n]}).String()
		re, err := regexp.Compile(text)
		if err != nil {
			return nil
		}
		return re.FindIndex(line)
	}
	n := sort.Search(len(parts)-1, func(n int) bool {
		return matches(n+1) == nil
	})
	switch found := matches(n); {
	case n == 0 || found == nil:
		return 0, ""
	case n == len(parts)-1:
		return found[1], "the end"
	default:
		return found[1], parts[n].String()
	}
}
