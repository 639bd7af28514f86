package framing

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Encoding is how text is written in a file. Records are UTF-8.
type Encoding string

// The encodings. Empty means UTF8. A byte order mark at the start of a file is skipped; only UTF16 asks it for the byte order, and is little-endian
// without one. What is not valid in UTF-16 becomes U+FFFD; in UTF-8 it is left as it is.
const (
	UTF8    Encoding = "utf-8"
	UTF16   Encoding = "utf-16"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
	Latin1  Encoding = "latin-1"
)

// Encodings returns all encodings, the default first.
func Encodings() []string {
	return []string{string(UTF8), string(UTF16LE), string(UTF16BE), string(UTF16), string(Latin1)}
}

// Oversize says what becomes of a record that is longer than MaxRecord.
type Oversize string

// The values of Oversize. Empty means Split.
const (
	Split    Oversize = "split"
	Truncate Oversize = "truncate"
)

// Container is a format that a container runtime writes lines in.
type Container string

// The container formats. Empty is none. Auto tells the others apart line by line; a line that has neither form is a record as it is.
const (
	CRI    Container = "cri"    // 2026-11-23T10:00:00.123456789Z stdout F text
	Docker Container = "docker" // {"log":"text\n","stream":"stdout","time":"2026-11-23T10:00:00.123456789Z"}
	Auto   Container = "auto"
)

// Containers returns the container formats.
func Containers() []string { return []string{string(CRI), string(Docker), string(Auto)} }

// Multiline says which lines are one record. At most one of Mode, Start, Continue and End is set; none means that a line is a record.
// The patterns are RE2 and are tried once on each line without its line end.
type Multiline struct {
	Mode     string        // a ready-made mode: java, python, go
	Start    string        // a line that matches begins a record
	Continue string        // a line that matches belongs to the record before it
	End      string        // a line that matches ends its record
	MaxLines int           // 0 means 500
	Timeout  time.Duration // between two lines of a container's record, by the times that they carry; 0 means no limit
}

// On tells whether lines are grouped at all.
func (m *Multiline) On() bool {
	return m.Mode != "" || m.Start != "" || m.Continue != "" || m.End != ""
}

// Config says how a file is cut into records. The zero value cuts UTF-8 at LF.
type Config struct {
	Encoding        Encoding
	LineEnd         string // what ends a line; empty means LF, with a CR before it or not. Records then end in LF instead
	MaxRecord       int    // bytes of a record's text, in UTF-8, without its line end
	Oversize        Oversize
	TruncateMark    string // text that ends a truncated record, within MaxRecord
	SkipHeaderLines int    // lines at the start of a file that give no record, within the window
	Multiline       Multiline
	Container       Container
	PartialTimeout  time.Duration // the rest of a container's partial line is waited for so long, by the times in the log; 0 means for ever

	room int // of containerRoom; 0 means all, tests have smaller windows
}

const (
	defaultMaxLines = 500
	longestLineEnd  = 16
	containerRoom   = 128 << 10 // what a container line may have beside its text: prefix, escapes of a part of 16 KiB
)

func (c Config) withDefaults() Config {
	if c.Encoding == "" {
		c.Encoding = UTF8
	}
	if c.Oversize == "" {
		c.Oversize = Split
	}
	if c.Multiline.MaxLines == 0 {
		c.Multiline.MaxLines = defaultMaxLines
	}
	return c
}

// Plain tells whether records lie in the file as they are sent: its lines.
func (c Config) Plain() bool {
	return (c.Encoding == "" || c.Encoding == UTF8) && c.LineEnd == "" && !c.Multiline.On() && c.Container == ""
}

// SingleLines tells whether a record is one line that ends in LF and needs no other: it can be framed by itself.
func (c Config) SingleLines() bool {
	return !c.wide() && c.LineEnd == "" && !c.Multiline.On() && c.Container == "" && c.SkipHeaderLines == 0
}

func (c *Config) wide() bool {
	return c.Encoding == UTF16 || c.Encoding == UTF16LE || c.Encoding == UTF16BE
}

// reach is how many bytes of the file a line may have, its end included, before it counts as over-long without a look at the text.
func (c *Config) reach() int {
	n := c.MaxRecord + max(len(c.LineEnd), 2)
	if c.Container != "" {
		n += cmp.Or(c.room, containerRoom)
	}
	if c.wide() {
		n *= 2
	}
	return n
}

// Window is how many bytes of a file must be at hand at once, at most.
func (c Config) Window() int {
	if c.Multiline.On() || c.Container != "" {
		return 2 * c.reach()
	}
	return c.reach()
}

// Memory is how much scratch memory a Framer has at most while it works on the given number of bytes, or on a window.
func (c Config) Memory(data int) int {
	if c.Plain() {
		return maxLines * 8
	}
	text := max(data, c.Window())
	if c.Encoding != UTF8 && c.Encoding != "" {
		text *= 2
	}
	open := 0
	if c.Multiline.On() || c.Container != "" {
		open = text / 2
	}
	return text + open + maxRecords*(8+8+metaSize+spanSize)
}

// Problem is one thing that is wrong with a Config.
type Problem struct {
	Key    string // as in the configuration file: multiline.start
	Reason string
}

// Error names the key and what is wrong with it.
func (p *Problem) Error() string { return fmt.Sprintf("framing: %s: %s", p.Key, p.Reason) }

// validate reports every problem, each a *Problem, joined.
func (c *Config) validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, &Problem{key, fmt.Sprintf(format, args...)})
		}
	}
	oneOf := func(key, value string, known []string) {
		for _, k := range known {
			if value == k {
				return
			}
		}
		check(false, key, "%q is not one of %s", value, strings.Join(known, ", "))
	}
	oneOf("encoding", string(c.Encoding), Encodings())
	oneOf("oversize", string(c.Oversize), []string{string(Split), string(Truncate)})
	oneOf("container", string(c.Container), append(Containers(), ""))
	check(c.MaxRecord > 0, "max_record", "%d: want at least 1", c.MaxRecord)
	check(len(c.LineEnd) <= longestLineEnd, "line_end", "has %d bytes; at most %d", len(c.LineEnd), longestLineEnd)
	check(c.Container == "" || c.LineEnd == "", "line_end", "container logs have LF at the end of each line; leave it out")
	check(c.Container == "" || c.SkipHeaderLines == 0, "skip_header_lines", "container logs have no header, and begin anew at each rotation; leave it out")
	check(c.Container == "" || c.Encoding == UTF8, "encoding", "container logs are UTF-8; leave it out")
	check(len(c.TruncateMark) < c.MaxRecord, "truncate_mark", "has %d bytes, max_record only %d", len(c.TruncateMark), c.MaxRecord)
	check(c.SkipHeaderLines >= 0, "skip_header_lines", "%d: want 0 or more", c.SkipHeaderLines)
	if c.Encoding != UTF8 && c.Encoding != "" {
		for _, r := range c.LineEnd {
			check(r < 0x80, "line_end", "%q: only ASCII with encoding %s", c.LineEnd, c.Encoding)
		}
	}
	_, err := newGrouping(c.Multiline)
	return errors.Join(append(errs, err)...)
}
