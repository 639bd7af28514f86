package edit

import (
	"strconv"
	"time"
)

// write appends the time, written so.
func (l layout) write(dst []byte, t time.Time) []byte {
	for i := range l {
		dst = l[i].write(dst, t)
	}
	return dst
}

func (p *layoutPart) write(dst []byte, t time.Time) []byte {
	switch p.verb {
	case 0:
		return append(dst, p.text...)
	case 'Y':
		return appendNumber(dst, t.Year(), 4, '0')
	case 'y':
		return appendNumber(dst, t.Year()%100, 2, '0')
	case 'm':
		return appendNumber(dst, int(t.Month()), 2, p.pad)
	case 'd':
		return appendNumber(dst, t.Day(), 2, p.pad)
	case 'j':
		return appendNumber(dst, t.YearDay(), 3, '0')
	case 'H':
		return appendNumber(dst, t.Hour(), 2, p.pad)
	case 'I':
		return appendNumber(dst, (t.Hour()+11)%12+1, 2, p.pad)
	case 'M':
		return appendNumber(dst, t.Minute(), 2, p.pad)
	case 'S':
		return appendNumber(dst, t.Second(), 2, p.pad)
	case 'f':
		return appendFraction(dst, t.Nanosecond(), p.size)
	case verbFraction:
		return appendTrimmed(dst, t.Nanosecond())
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10)
	case verbUnix:
		return appendUnix(dst, t, p.size)
	}
	return p.writeWord(dst, t)
}

func (p *layoutPart) writeWord(dst []byte, t time.Time) []byte {
	switch p.verb {
	case 'b':
		return append(dst, t.Month().String()[:3]...)
	case 'B':
		return append(dst, t.Month().String()...)
	case 'a':
		return append(dst, t.Weekday().String()[:3]...)
	case 'A':
		return append(dst, t.Weekday().String()...)
	case 'p':
		if t.Hour() >= 12 {
			return append(dst, "PM"...)
		}
		return append(dst, "AM"...)
	case 'Z':
		name, _ := t.Zone()
		return append(dst, name...)
	case verbT:
		return append(dst, 'T')
	}
	_, offset := t.Zone()
	if offset == 0 && p.verb == verbZ {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = appendNumber(append(dst, sign), offset/3600, 2, '0')
	if p.verb != 'z' {
		dst = append(dst, ':')
	}
	return appendNumber(dst, offset/60%60, 2, '0')
}

// appendNumber appends a number that is not negative with at least so many characters; pad 0 puts nothing in front.
func appendNumber(dst []byte, v, width int, pad byte) []byte {
	for ; pad != 0 && width > 1; width-- {
		limit := 1
		for range width - 1 {
			limit *= 10
		}
		if v >= limit {
			break
		}
		dst = append(dst, pad)
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

// appendFraction appends the first digits of a fraction of a second.
func appendFraction(dst []byte, nano, digits int) []byte {
	for i := digits; i < 9; i++ {
		nano /= 10
	}
	return appendNumber(dst, nano, digits, '0')
}

// appendTrimmed appends a fraction after its point without zeros at its end, or nothing.
func appendTrimmed(dst []byte, nano int) []byte {
	if nano == 0 {
		return dst
	}
	dst = appendFraction(append(dst, '.'), nano, 9)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendUnix appends the units since 1970 of which 10^digits are a second; of seconds with their fraction.
func appendUnix(dst []byte, t time.Time, digits int) []byte {
	switch digits {
	case 3:
		return strconv.AppendInt(dst, t.UnixMilli(), 10)
	case 6:
		return strconv.AppendInt(dst, t.UnixMicro(), 10)
	case 9:
		if s := t.Unix(); s < -9e9 || s > 9e9 { // more nanoseconds than a 64-bit number holds
			return appendFraction(strconv.AppendInt(dst, s, 10), t.Nanosecond(), 9)
		}
		return strconv.AppendInt(dst, t.UnixNano(), 10)
	}
	if t.Unix() < 0 {
		return strconv.AppendInt(dst, t.Unix(), 10)
	}
	return appendTrimmed(strconv.AppendInt(dst, t.Unix(), 10), t.Nanosecond())
}
