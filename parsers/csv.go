package parsers

import (
	"bytes"
	"fmt"
)

// csvParser parses lines of values between delimiters, quoted as RFC 4180 says: a value that begins with a quote ends at
// the next single quote, and two quotes in it stand for one. A quote inside an unquoted value, or text after a closing one, does not match.
//
// Values get the names of the columns in order. A line with more values than columns does not match; columns without a
// value are Null. With infer, unquoted values get their type by their text and an empty one is Null; a quoted value is
// always text.
type csvParser struct {
	names     []string
	plain     []bool // names[i] has nothing to escape in JSON
	delimiter byte
	infer     bool
	header    bool // the names are those of the line that setHeader was told last
}

func newCSV(opt Options) (Parser, error) {
	p := &csvParser{infer: opt.Infer, header: opt.Header}
	if opt.Header && len(opt.Columns) > 0 {
		return nil, &OptionError{"columns", "stand in the header line already; leave out one of columns and header"}
	}
	if !opt.Header {
		if err := checkColumns(opt.Columns); err != nil {
			return nil, err
		}
	}
	p.setColumns(opt.Columns)
	var err error
	if p.delimiter, err = delimiter(opt.Delimiter); err != nil {
		return nil, err
	}
	return p, nil
}

// delimiter reads what the option of that name says.
func delimiter(option string) (byte, error) {
	switch {
	case option == "":
		return ',', nil
	case option == "tab":
		return '\t', nil
	case len(option) != 1 || option[0] == '"' || option[0] == '\r' || option[0] == '\n' || option[0] >= 0x80:
		return 0, &OptionError{"delimiter", fmt.Sprintf("%q is not one ASCII character other than a quote or a line end, nor tab", option)}
	}
	return option[0], nil
}

func (p *csvParser) setColumns(names []string) {
	p.names, p.plain = names, make([]bool, len(names))
	for i, name := range names {
		p.plain[i] = string(appendEscaped(nil, []byte(name))) == name
	}
}

// checkColumns reports a list of column names that is empty or names one twice.
func checkColumns(columns []string) error {
	if len(columns) == 0 {
		return &OptionError{"columns", "format csv needs the names of its columns"}
	}
	if len(columns) > maxMembers {
		return &OptionError{"columns", fmt.Sprintf("%d are too many; at most %d", len(columns), maxMembers)}
	}
	seen := make(map[string]bool, len(columns))
	for _, name := range columns {
		if name == "" {
			return &OptionError{"columns", "a column has an empty name"}
		}
		if seen[name] {
			return &OptionError{"columns", fmt.Sprintf("%q is named twice", name)}
		}
		seen[name] = true
	}
	return nil
}

func (p *csvParser) columns() []string { return p.names }

func (p *csvParser) Parse(rec *Record) bool {
	rec.scratch = rec.scratch[:0]
	fields, ok := p.split(rec, rec.Fields[:0])
	if !ok {
		fields = fields[:0]
	}
	rec.Fields, rec.Parsed = fields, ok
	return ok
}

func (p *csvParser) split(rec *Record, fields []Field) ([]Field, bool) {
	line := rec.Line
	if len(p.names) == 0 {
		return fields, false // no header that could be read
	}
	for i := 0; ; i++ {
		if len(fields) == len(p.names) {
			return fields, false // more values than columns
		}
		f := Field{Name: p.names[len(fields)], EscapedName: p.plain[len(fields)]}
		if i < len(line) && line[i] == '"' {
			if f.Value, i = unquote(rec, i+1); i < 0 {
				return fields, false
			}
		} else {
			start := i
			for i < len(line) && line[i] != p.delimiter && line[i] != '"' {
				i++
			}
			f.Value = line[start:i]
			if p.infer {
				f.Kind = infer(f.Value)
				if len(f.Value) == 0 {
					f.Kind = Null
				}
			}
		}
		fields = append(fields, f)
		if i == len(line) {
			return p.fill(fields), true
		}
		if line[i] != p.delimiter {
			return fields, false
		}
	}
}

// fill appends the columns that the line has no value for.
func (p *csvParser) fill(fields []Field) []Field {
	for n := len(fields); n < len(p.names); n++ {
		fields = append(fields, Field{Name: p.names[n], Kind: Null, EscapedName: p.plain[n]})
	}
	return fields
}

// unquote reads a quoted value whose opening quote is before i, and returns the index after its closing quote, or -1. The
// value is in the line if it has no quotes in it, in the record's scratch if it has.
func unquote(rec *Record, i int) ([]byte, int) {
	line, start, from := rec.Line, i, len(rec.scratch)
	for {
		n := bytes.IndexByte(line[i:], '"')
		if n < 0 {
			return nil, -1
		}
		i += n + 1
		if i < len(line) && line[i] == '"' {
			rec.scratch = append(rec.scratch, line[start:i]...)
			i++
			start = i
			continue
		}
		if from == len(rec.scratch) {
			return line[start : i-1], i
		}
		rec.scratch = append(rec.scratch, line[start:i-1]...)
		return rec.scratch[from:], i
	}
}
