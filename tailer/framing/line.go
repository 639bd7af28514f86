package framing

import (
	"bytes"
	"unicode/utf8"
)

// line is one line of a file, or a piece of one.
type line struct {
	text  []byte // in UTF-8, without the line end; in the Input's data or in Framer.line
	eol   string // what it ends in as a record: LF, CRLF, or nothing
	start int64  // offset in the file
	next  int    // where the next line begins, in the Input's data
	cut   Cut
	drop  int  // bytes of the file that truncation leaves out
	alone bool // it is longer than the window: a record of its own
}

// next returns the line that begins at pos. It returns false if its end is not at hand, and is not needed to tell. It looks no farther than
// the window from the last clean cut reaches, so that what it says does not depend on what lies behind by chance; only the end of a line that
// begins at that cut and is to be truncated is searched for wherever it is.
func (f *Framer) next(pos int) (line, bool) {
	data, reach := f.data[pos:min(len(f.data), f.done.taken+f.window)], f.cfg.reach()
	near := data[:min(len(data), reach)]
	i, n := f.lineEnd(near, pos)
	switch {
	case i >= 0:
		text, used := f.decode(near[:i], pos, f.longest())
		if used < i {
			return f.over(pos, text, used, i+n), true
		}
		return line{text: text, eol: f.eol(near[:i+n]), start: f.in.At + int64(pos), next: pos + i + n}, true
	case len(data) < reach:
		return line{}, false
	case f.cfg.Oversize == Truncate:
		if pos == f.done.taken {
			data = f.data[pos:]
		}
		if i, n = f.lineEnd(data, pos); i < 0 {
			return line{}, false
		}
	}
	text, used := f.head(pos)
	return f.over(pos, text, used, i+n), true
}

// over makes a line of the head of one that is too long: used bytes of the file, of a line that is whole bytes long.
func (f *Framer) over(pos int, text []byte, used, whole int) line {
	ln := line{text: text, start: f.in.At + int64(pos), next: pos + used, cut: SplitOff}
	if f.cfg.Oversize == Truncate {
		ln.cut, ln.next, ln.drop = TruncatedAt, pos+whole, whole-used
	}
	return ln
}

// head returns the text of the bytes at pos, as much as a record holds.
func (f *Framer) head(pos int) (text []byte, used int) {
	return f.decode(f.data[pos:], pos, f.cfg.MaxRecord)
}

// longest is how long the text of a line may be: in a container's line there is more than the record.
func (f *Framer) longest() int {
	if f.cfg.Container != "" {
		return f.cfg.reach()
	}
	return f.cfg.MaxRecord
}

// rest returns what is after the last line end as a line, or a piece of it. It returns false if there is nothing, or less than a character
// that may still become whole.
func (f *Framer) rest(pos int) (line, bool) {
	data := f.data[pos:]
	if f.cfg.wide() && f.in.Close < EndOfFile {
		data = f.wholeUnits(data, pos)
	}
	if len(data) == 0 {
		return line{}, false
	}
	text, used := f.decode(data, pos, f.longest())
	if used < len(data) {
		return f.over(pos, text, used, len(data)), true
	}
	return line{text: text, start: f.in.At + int64(pos), next: pos + used}, true
}

// lineEnd returns where the first line end in b begins, and its length; CR before LF belongs to it. b begins at pos. It returns -1 if
// there is none.
func (f *Framer) lineEnd(b []byte, pos int) (i, n int) {
	if i = f.find(b, f.in.At+int64(pos)); i < 0 {
		return -1, 0
	}
	n = len(f.lf)
	if f.cfg.LineEnd != "" {
		return i, n
	}
	if !f.cfg.wide() {
		if i > 0 && b[i-1] == '\r' {
			return i - 1, n + 1
		}
		return i, n
	}
	if i > 1 && f.unit(b[i-2:]) == '\r' {
		return i - 2, n + 2
	}
	return i, n
}

// eol is what a line with this end ends in as a record.
func (f *Framer) eol(b []byte) string {
	n := len(f.lf)
	if f.cfg.LineEnd == "" && len(b) > n && (b[len(b)-n-1] == '\r' && !f.cfg.wide() || f.cfg.wide() && len(b) >= 4 && f.unit(b[len(b)-4:]) == '\r') {
		return "\r\n"
	}
	return "\n"
}

// find returns where the first line end in b begins, or -1. b begins at offset at of the file.
func (f *Framer) find(b []byte, at int64) int {
	if len(f.lf) == 1 {
		return bytes.IndexByte(b, f.lf[0])
	}
	if !f.cfg.wide() {
		return bytes.Index(b, f.lf)
	}
	end := f.delimiter()
	for from := 0; ; {
		i := bytes.Index(b[from:], end)
		if i < 0 {
			return -1
		}
		if i += from; (at+int64(i))&1 == 0 {
			return i
		}
		from = i + 1
	}
}

// FindEnd returns the index after the first line end in data, which begins at offset at of the file, or -1. A search that goes on where
// another ended must begin Overlap bytes earlier.
func (f *Framer) FindEnd(data []byte, at int64, big bool) int {
	f.in = Input{Big: big}
	if i := f.find(data, at); i >= 0 {
		return i + len(f.lf)
	}
	return -1
}

// LastEnd is FindEnd for the last line end.
func (f *Framer) LastEnd(data []byte, at int64, big bool) int {
	f.in = Input{Big: big}
	end := f.delimiter()
	for to := len(data); ; {
		i := bytes.LastIndex(data[:to], end)
		if i < 0 {
			return -1
		}
		if !f.cfg.wide() || (at+int64(i))&1 == 0 {
			return i + len(end)
		}
		to = i + len(end) - 1
	}
}

// Whole returns how many bytes of data, which begins at offset at of the file, there are up to a place where a character may begin.
func (f *Framer) Whole(data []byte, at int64, big bool) int {
	f.in = Input{At: at, Big: big}
	switch {
	case f.cfg.wide():
		return len(f.wholeUnits(data, 0))
	case f.cfg.Encoding == Latin1:
		return len(data)
	}
	for i := len(data) - 1; i >= 0 && i > len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if utf8.FullRune(data[i:]) {
				break
			}
			return i
		}
	}
	return len(data)
}

// Overlap is how many bytes of a line end may lie before the place where a search goes on.
func (r *Rules) Overlap() int { return len(r.lf) - 1 }

// Align returns the offset at or before at where a character may begin.
func (r *Rules) Align(at int64) int64 {
	if r.cfg.wide() {
		return at &^ 1
	}
	return at
}
