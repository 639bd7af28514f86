package original

import (
	"regexp"
	"strings"

	"github.com/weir-logs/weir/parsers/javaregex"
)

// log is LOGTOJSON: it takes a line apart, all of which must match, and drops one that does not.
type log struct {
	format  format
	pattern *regexp.Regexp // in place of the format's own; may be nil
	spans   []span         // of the line in hand
	columns []column
	printer printer
}

// span is the place of a value in a line. One that took no part begins before it.
type span struct{ start, end int }

// format is one of LogFormats.
type format struct {
	fields []string
	dash   bool // a dash stands for no value
	// match fills spans, one for each field, all of which say before that they took no part.
	match func(line []byte, spans []span) bool
}

func formatOf(name string) (f format, ok bool) {
	access := []string{"host", "ident", "authuser", "datetime", "request", "response", "bytes"}
	syslog := []string{"timestamp", "hostname", "program", "processid", "message"}
	switch name {
	case "COMMONAPACHELOG":
		return format{access, true, matchCommon}, true
	case "COMBINEDAPACHELOG":
		return format{append(access, "referer", "agent"), true, matchCombined}, true
	case "APACHEERRORLOG":
		return format{[]string{"timestamp", "module", "severity", "processid", "threadid", "client", "message"}, true, matchError}, true
	case "SYSLOG":
		return format{syslog, false, matchSyslog}, true
	case "RFC3339SYSLOG":
		return format{syslog, false, matchRFC3339}, true
	}
	return format{}, false
}

func (m *maker) log(pretty bool) converter {
	f, ok := formatOf(m.LogFormat)
	if !ok && m.LogFormat == "" {
		m.wrong("logFormat", "LOGTOJSON needs one of %s, with a matchPattern too", strings.Join(LogFormats(), ", "))
	}
	m.oneOf("logFormat", m.LogFormat, LogFormats()...)
	l, names := &log{format: f}, m.CustomFieldNames
	switch {
	case m.MatchPattern != "":
		m.pattern(l)
	case len(names) == 0:
		names = f.fields
	case ok && len(names) != len(f.fields):
		m.wrong("customFieldNames", "has %d names; %s has %d fields, %s", len(names), m.LogFormat, len(f.fields), strings.Join(f.fields, ", "))
	}
	l.columns = columnsOf(names)
	l.printer = newColumnPrinter(l.columns, pretty)
	l.spans = make([]span, len(names))
	return l
}

// pattern takes the user's expression.
func (m *maker) pattern(l *log) {
	text, err := javaregex.Translate(m.MatchPattern)
	if err != nil {
		m.wrong("matchPattern", "%v", err)
		return
	}
	l.pattern = regexp.MustCompile(`\A(?:` + text + `)\z`)
	if names, groups := len(m.CustomFieldNames), l.pattern.NumSubexp(); names == 0 {
		m.wrong("customFieldNames", "a matchPattern needs a name for each of its groups")
	} else if names != groups {
		m.wrong("customFieldNames", "has %d names, matchPattern %d groups: the original agent drops every record then", names, groups)
	}
}

func (l *log) convert(dst, in []byte) ([]byte, Outcome) {
	line := cutLineFeed(in)
	if !l.match(line) {
		return dst, Dropped
	}
	for i, column := range l.columns {
		dst = l.printer.open(dst, i)
		s := l.spans[column.piece]
		if s.start < 0 || l.format.dash && s.end-s.start == 1 && line[s.start] == '-' {
			dst = appendString(dst, nil, true)
		} else {
			dst = appendString(dst, line[s.start:s.end], false)
		}
	}
	return l.printer.end(dst), Sent
}

// match fills spans and reports whether the whole line matches.
func (l *log) match(line []byte) bool {
	if l.pattern != nil {
		found := l.pattern.FindSubmatchIndex(line)
		if found == nil {
			return false
		}
		for i := range l.spans {
			l.spans[i] = span{found[2*i+2], found[2*i+3]}
		}
		return true
	}
	for i := range l.spans {
		l.spans[i] = span{-1, -1}
	}
	return l.format.match(line, l.spans)
}
