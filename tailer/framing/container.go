package framing

import "bytes"

// entry is a line once its container's wrapping is off.
type entry struct {
	about
	text    []byte
	eol     string
	stream  Stream
	partial bool  // its rest comes in a later line of the same stream
	foreign bool  // it has not the container's format
	at      int64 // its time in nanoseconds since the epoch; 0: it has none
}

// unwrap takes the container's wrapping off a line. A line that has none is an entry as it is.
func (f *Framer) unwrap(ln *line) entry {
	e := entry{about: about{start: ln.start, cut: ln.cut}, text: ln.text, eol: ln.eol}
	ok := true
	switch c := f.cfg.Container; {
	case c == "":
		return e
	case c == Docker, c == Auto && len(ln.text) > 0 && ln.text[0] == '{':
		ok = f.unwrapDocker(&e)
	default:
		ok = unwrapCRI(&e)
	}
	if e.foreign = !ok; e.foreign {
		return e
	}
	e.partial = e.partial && ln.cut == Whole
	return e
}

// unwrapCRI takes a line of the container runtime interface apart: time, stream, tags and text, with a space between them. The first tag, up
// to a colon, is F for a full line or P for a part of one. It leaves e as it is if the line has another form. A CR before the line end is the
// program's, as a terminal writes it; of a part it is no line end.
func unwrapCRI(e *entry) bool {
	stamp, rest, ok := bytes.Cut(e.text, []byte{' '})
	if !ok {
		return false
	}
	at, ok := parseTime(stamp)
	if !ok {
		return false
	}
	name, rest, ok := bytes.Cut(rest, []byte{' '})
	stream := streamOf(name)
	if !ok || stream == NoStream {
		return false
	}
	tags, text, _ := bytes.Cut(rest, []byte{' '})
	if len(tags) == 0 || tags[0] != 'F' && tags[0] != 'P' || len(tags) > 1 && tags[1] != ':' {
		return false
	}
	e.time, e.at, e.stream, e.text, e.partial = stamp, at, stream, text, tags[0] == 'P'
	if e.partial && e.eol == "\r\n" {
		e.text = text[:len(text)+1]
	}
	return true
}

func streamOf(name []byte) Stream {
	switch string(name) {
	case "stdout":
		return Stdout
	case "stderr":
		return Stderr
	}
	return NoStream
}

// parseTime reads a time of RFC 3339, with a fraction of a second or without, as nanoseconds since the epoch.
func parseTime(b []byte) (int64, bool) {
	if len(b) < len("2006-01-02T15:04:05Z") || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	year, ok1 := number(b[0:4])
	month, ok2 := number(b[5:7])
	day, ok3 := number(b[8:10])
	hour, ok4 := number(b[11:13])
	minute, ok5 := number(b[14:16])
	second, ok6 := number(b[17:19])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || month < 1 || month > 12 || year < 1970 || year > 2200 {
		return 0, false
	}
	seconds := days(year, month, day)*86400 + hour*3600 + minute*60 + second
	b = b[19:]
	var nanos int64
	if b[0] == '.' {
		unit := int64(1e8)
		for b = b[1:]; len(b) > 0 && b[0]-'0' <= 9; b = b[1:] {
			nanos += int64(b[0]-'0') * unit
			unit /= 10
		}
	}
	offset, ok := zone(b)
	return (seconds-offset)*1e9 + nanos, ok
}

// zone reads Z or an offset such as +02:00, in seconds.
func zone(b []byte) (int64, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != len("+02:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hours, ok1 := number(b[1:3])
	minutes, ok2 := number(b[4:6])
	seconds := hours*3600 + minutes*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok1 && ok2
}

// days is how many days of the Gregorian calendar lie between the epoch and a date. The year is counted from March, so that a leap day is
// its last one.
func days(year, month, day int64) int64 {
	month -= 3
	if month < 0 {
		month += 12
		year--
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + day - 1 - 719468
}

func number(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
