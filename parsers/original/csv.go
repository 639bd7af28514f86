package original

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"github.com/weir-logs/weir/parsers/javaregex"
)

// csv is CSVTOJSON: it splits a line as String.split does and names the pieces. A missing one, and all empty ones at the end, are null.
type csv struct {
	text    []byte         // the delimiter, if it is plain text
	pattern *regexp.Regexp // else
	columns []column
	printer printer
	pieces  []piece // of the line in hand
}

// column is a member of the object: which piece it has its value from.
type column struct {
	name  string
	piece int
}

type piece struct{ start, end int }

// columnsOf returns the members for names. Of a name that comes twice there is one member, where it comes first, with the last value.
func columnsOf(names []string) []column {
	var columns []column
next:
	for i, name := range names {
		for k := range columns {
			if columns[k].name == name {
				columns[k].piece = i
				continue next
			}
		}
		columns = append(columns, column{name, i})
	}
	return columns
}

func newColumnPrinter(columns []column, pretty bool) printer {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return newPrinter(names, pretty)
}

func (m *maker) csv(pretty bool) converter {
	c := &csv{columns: columnsOf(m.CustomFieldNames)}
	if c.printer = newColumnPrinter(c.columns, pretty); len(c.columns) == 0 {
		m.wrong("customFieldNames", "CSVTOJSON needs the names of the columns")
	}
	if m.Delimiter == "" {
		m.Delimiter = ","
	}
	text, err := javaregex.Translate(m.Delimiter)
	if err != nil {
		m.wrong("delimiter", "%v", err)
		return nil
	}
	c.pattern = regexp.MustCompile(text)
	if prefix, whole := c.pattern.LiteralPrefix(); whole && prefix != "" {
		c.text = []byte(prefix)
	} else if tree, err := syntax.Parse(text, syntax.Perl); err != nil || places(tree) {
		m.wrong("delimiter", `%s has ^, $, \b or the like; write what stands between two columns`, m.Delimiter)
	}
	return c
}

// places reports whether an expression looks at what is around it.
func places(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range tree.Sub {
		if places(sub) {
			return true
		}
	}
	return false
}

func (c *csv) convert(dst, in []byte) ([]byte, Outcome) {
	line := cutLineFeed(in)
	c.split(line)
	for i, column := range c.columns {
		dst = c.printer.open(dst, i)
		if null := column.piece >= len(c.pieces); null {
			dst = appendString(dst, nil, true)
		} else {
			p := c.pieces[column.piece]
			dst = appendString(dst, line[p.start:p.end], false)
		}
	}
	return c.printer.end(dst), Sent
}

// split fills pieces. A line without a delimiter is one piece, even if it is empty. What matches nothing at the start of the line makes no piece.
func (c *csv) split(line []byte) {
	c.pieces = c.pieces[:0]
	start := 0
	for from := 0; from <= len(line); {
		low, high, ok := c.next(line, from)
		if !ok {
			break
		}
		if high > 0 {
			c.pieces = append(c.pieces, piece{start, low})
			start = high
		}
		from = high
		if low == high { // the next one begins a character further on
			for from++; from < len(line) && !utf8.RuneStart(line[from]); from++ {
			}
		}
	}
	found := len(c.pieces) > 0
	c.pieces = append(c.pieces, piece{start, len(line)})
	for n := len(c.pieces); found && n > 0 && c.pieces[n-1].start == c.pieces[n-1].end; n-- {
		c.pieces = c.pieces[:n-1]
	}
}

// next finds the next delimiter.
func (c *csv) next(line []byte, from int) (low, high int, ok bool) {
	if c.text != nil {
		i := bytes.Index(line[from:], c.text)
		return from + i, from + i + len(c.text), i >= 0
	}
	found := c.pattern.FindIndex(line[from:])
	if found == nil {
		return 0, 0, false
	}
	return from + found[0], from + found[1], true
}
