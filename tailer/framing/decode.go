package framing

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// lineEnds returns what ends a line as it lies in a file, for both byte orders.
func lineEnds(c *Config) (little, big []byte) {
	text := c.LineEnd
	if text == "" {
		text = "\n"
	}
	if !c.wide() {
		return []byte(text), []byte(text)
	}
	for i := range len(text) {
		little, big = append(little, text[i], 0), append(big, 0, text[i])
	}
	return little, big
}

// delimiter is what ends a line in the byte order of the Input.
func (f *Framer) delimiter() []byte {
	if f.big() {
		return f.bigLF
	}
	return f.lf
}

func (f *Framer) big() bool {
	return f.cfg.Encoding == UTF16BE || f.cfg.Encoding == UTF16 && f.in.Big
}

// unit returns the first code unit of b.
func (f *Framer) unit(b []byte) uint16 {
	if f.big() {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return uint16(b[1])<<8 | uint16(b[0])
}

// decode returns the text of b, which begins at pos, in UTF-8: at most limit bytes, no part of a character, and at least one character. used is
// how many bytes of b it stands for.
func (f *Framer) decode(b []byte, pos, limit int) (text []byte, used int) {
	switch {
	case f.cfg.wide():
		return f.decodeWide(b, f.in.At+int64(pos), limit)
	case f.cfg.Encoding == Latin1:
		return f.decodeLatin1(b, limit)
	case len(b) <= limit:
		return b, len(b)
	}
	n := charStart(b, limit)
	if n == 0 {
		n = limit
	}
	return b[:n], n
}

// charStart returns the largest index up to n where a character of b begins, or n if what is there is no UTF-8. b has more than n bytes.
func charStart(b []byte, n int) int {
	for i := n; i >= 0 && i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if i == n || utf8.FullRune(b[i:n]) {
				return n
			}
			return i
		}
	}
	return n
}

func (f *Framer) decodeLatin1(b []byte, limit int) ([]byte, int) {
	dst, i := f.line[:0], 0
	for i < len(b) {
		run := i
		for run < len(b) && b[run] < utf8.RuneSelf {
			run++
		}
		run = min(run, i+max(limit-len(dst), 0))
		dst = append(dst, b[i:run]...)
		i = run
		if i == len(b) || len(dst)+2 > limit && i > 0 || b[i] < utf8.RuneSelf && len(dst) >= limit {
			break
		}
		dst = utf8.AppendRune(dst, rune(b[i]))
		i++
	}
	f.line = dst
	return dst, i
}

// decodeWide decodes UTF-16. Half a code unit or a surrogate without its other half becomes U+FFFD; if the file offset is odd, the first
// byte is half a code unit.
func (f *Framer) decodeWide(b []byte, at int64, limit int) ([]byte, int) {
	dst, i := f.line[:0], 0
	low, high := 0, 1
	if f.big() {
		low, high = 1, 0
	}
	for i < len(b) {
		for (at+int64(i))&1 == 0 && i+1 < len(b) && b[i+high] == 0 && b[i+low] < utf8.RuneSelf && len(dst) < limit {
			dst = append(dst, b[i+low])
			i += 2
		}
		if i == len(b) {
			break
		}
		r, n := rune(utf8.RuneError), 1
		if (at+int64(i))&1 == 0 && i+1 < len(b) {
			r, n = rune(f.unit(b[i:])), 2
			if utf16.IsSurrogate(r) {
				second := rune(0)
				if i+3 < len(b) {
					second = rune(f.unit(b[i+2:]))
				}
				if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
					n = 4
				}
			}
		}
		if len(dst)+utf8.RuneLen(r) > limit && i > 0 {
			break
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	f.line = dst
	return dst, i
}

// wholeUnits cuts half a character off the end of b, which begins at pos.
func (f *Framer) wholeUnits(b []byte, pos int) []byte {
	b = b[:len(b)-int((f.in.At+int64(pos+len(b)))&1)]
	if n := len(b); n >= 2 && f.unit(b[n-2:])&0xFC00 == 0xD800 {
		b = b[:n-2]
	}
	return b
}

const (
	bomUTF8   = "\xEF\xBB\xBF"
	bomLittle = "\xFF\xFE"
	bomBig    = "\xFE\xFF"
)

// NeedsHead tells whether BigEndian must be asked, with the first two bytes of the file.
func (r *Rules) NeedsHead() bool { return r.cfg.Encoding == UTF16 }

// BigEndian tells the byte order of a file by its first two bytes. Without a byte order mark it is little-endian.
func (r *Rules) BigEndian(head []byte) bool { return bytes.HasPrefix(head, []byte(bomBig)) }

// bom returns the byte order mark that in's encoding has.
func (f *Framer) bom() string {
	switch {
	case f.cfg.Encoding == UTF8:
		return bomUTF8
	case f.cfg.Encoding == Latin1:
		return ""
	case f.big():
		return bomBig
	}
	return bomLittle
}

// Preamble returns how many bytes at the start of a file, which in.Data is, give no record: a byte order mark and the header lines. It
// returns false if that cannot be told yet. A header that is longer than the window ends with the last line in it.
func (f *Framer) Preamble(in Input) (n int, ok bool) {
	f.in = in
	if mark := f.bom(); bytes.HasPrefix(in.Data, []byte(mark)) {
		n = len(mark)
	} else if len(in.Data) < len(mark) && bytes.HasPrefix([]byte(mark), in.Data) && in.Close < Lines {
		return 0, false
	}
	for range f.cfg.SkipHeaderLines {
		i := f.find(in.Data[n:min(len(in.Data), max(f.window, n))], int64(n))
		switch {
		case i >= 0:
			n += i + len(f.lf)
		case len(in.Data) >= f.window:
			return n, true
		case in.Close == EndOfFile:
			return len(in.Data), true
		default:
			return 0, false
		}
	}
	return n, true
}

// HasPreamble tells whether a file may have one: Preamble need not be asked for otherwise.
func (r *Rules) HasPreamble(head []byte) bool {
	return r.cfg.SkipHeaderLines > 0 || len(head) > 0 && (head[0] == bomUTF8[0] || head[0] >= bomBig[0])
}
