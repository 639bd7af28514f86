package parsers

import (
	"bytes"
	"fmt"
)

// SetHeader gives p, if it was made with Options.Header, the line that names the columns of the lines that are parsed from now on, until the next call. A
// column without a name is called column_N, one with the name of an earlier one NAME_N, N being its number. After a line that is
// no header (nil, more than 4,096 columns, quotes that do not close) no line matches.
func SetHeader(p Parser, line []byte) {
	if p, ok := p.(interface{ setHeader(line []byte) }); ok {
		p.setHeader(line)
	}
}

func (p *csvParser) setHeader(line []byte) {
	if !p.header {
		return
	}
	p.setColumns(nil)
	if len(line) == 0 {
		return
	}
	// One name for each value that there may be, so that the line can be read as any other.
	most := min(bytes.Count(line, []byte{p.delimiter})+1, maxMembers)
	values := csvParser{names: make([]string, most), plain: make([]bool, most), delimiter: p.delimiter}
	rec := Record{Line: line}
	if !values.Parse(&rec) {
		return
	}
	var names []string
	seen := map[string]bool{}
	for i := range rec.Fields {
		if rec.Fields[i].Kind == Null {
			break // filled up: a quoted value held delimiters
		}
		name := string(bytes.ToValidUTF8(rec.Fields[i].Value, []byte("\uFFFD")))
		switch {
		case name == "":
			name = fmt.Sprintf("column_%d", i+1)
		case seen[name]:
			name = fmt.Sprintf("%s_%d", name, i+1)
		}
		for seen[name] {
			name += "_"
		}
		seen[name] = true
		names = append(names, name)
	}
	p.setColumns(names)
}
