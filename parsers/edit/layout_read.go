package edit

import "time"

// stamp is what was read of a time so far.
type stamp struct {
	year, month, day, yearDay int
	hour, minute, second      int
	nano                      int
	afternoon, twelve         bool // of a clock with twelve hours
	hasYear, hasZone, isUnix  bool
	offset                    int // seconds east of UTC
	unix                      int64
}

// reading takes parts off the front of a text.
type reading struct {
	stamp
	text []byte
}

// read reads a time that is written so and nothing else. What has no zone is in loc; what has no year is in the one that puts it nearest to now.
func (l layout) read(text []byte, loc *time.Location, now time.Time) (time.Time, bool) {
	r := reading{text: text, stamp: stamp{month: 1, day: 1}}
	for i := range l {
		p := &l[i]
		if !r.part(p) {
			return time.Time{}, false
		}
		if p.verb == 'S' && !l.fractionAt(i+1) {
			r.fraction()
		}
	}
	if len(r.text) > 0 {
		return time.Time{}, false
	}
	return r.time(loc, now)
}

// fractionAt reports whether part i reads a fraction itself.
func (l layout) fractionAt(i int) bool {
	if i >= len(l) {
		return false
	}
	return l[i].verb == verbFraction || l[i].verb == 'f' || l[i].verb == 0 && (l[i].text[0] == '.' || l[i].text[0] == ',')
}

// part reads one part.
func (r *reading) part(p *layoutPart) bool {
	switch p.verb {
	case 0:
		return r.literal(p.text)
	case 'Y':
		r.hasYear = true
		return r.number(&r.year, 4, 4)
	case 'y':
		r.hasYear = true
		ok := r.number(&r.year, 2, 2)
		if r.year += 1900; r.year < 1969 { // as POSIX has it
			r.year += 100
		}
		return ok
	case 'm':
		return r.number(&r.month, 1, 2)
	case 'd':
		if len(r.text) > 0 && r.text[0] == ' ' {
			r.text = r.text[1:]
		}
		return r.number(&r.day, 1, 2)
	case 'j':
		return r.number(&r.yearDay, 1, 3)
	case 'H':
		return r.number(&r.hour, 1, 2)
	case 'I':
		r.twelve = true
		return r.number(&r.hour, 1, 2)
	case 'M':
		return r.number(&r.minute, 1, 2)
	case 'S':
		return r.number(&r.second, 1, 2)
	case 'f':
		return r.nanos()
	case verbFraction:
		r.fraction()
		return true
	case 's', verbUnix:
		return r.seconds(p.size)
	}
	return r.word(p.verb)
}

// word reads a part that is not a plain number.
func (r *reading) word(verb byte) bool {
	switch verb {
	case 'b', 'B':
		for m := time.January; m <= time.December; m++ {
			if name := m.String(); r.name(name) || r.name(name[:3]) {
				r.month = int(m)
				return true
			}
		}
		return false
	case 'a', 'A':
		for d := time.Sunday; d <= time.Saturday; d++ {
			if name := d.String(); r.name(name) || r.name(name[:3]) {
				return true
			}
		}
		return false
	case 'p':
		r.afternoon = r.name("PM")
		return r.afternoon || r.name("AM")
	case 'Z':
		r.hasZone = true
		return r.name("UTC") || r.name("GMT") || r.name("Z")
	case verbT:
		return r.name("T") || r.name(" ")
	}
	return r.zone()
}

// literal reads a text; white space stands for any number of blanks.
func (r *reading) literal(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] == ' ' && len(r.text) > 0 && r.text[0] == ' ' {
			r.text = r.text[1:]
			if i+1 == len(text) || text[i+1] != ' ' {
				for len(r.text) > 0 && r.text[0] == ' ' {
					r.text = r.text[1:]
				}
			}
			continue
		}
		if len(r.text) == 0 || r.text[0] != text[i] {
			return false
		}
		r.text = r.text[1:]
	}
	return true
}

// name reads a word, capitals or not.
func (r *reading) name(word string) bool {
	if len(r.text) < len(word) {
		return false
	}
	for i := range len(word) {
		if a, b := r.text[i], word[i]; a != b && (!isLetter(b) || a|0x20 != b|0x20) {
			return false
		}
	}
	r.text = r.text[len(word):]
	return true
}

// number reads digits.
func (r *reading) number(v *int, least, most int) bool {
	n := 0
	*v = 0
	for ; n < most && n < len(r.text) && isDigit(r.text[n]); n++ {
		*v = 10**v + int(r.text[n]-'0')
	}
	r.text = r.text[n:]
	return n >= least
}

// fraction reads a point or comma and digits, if they are there.
func (r *reading) fraction() {
	if len(r.text) > 1 && (r.text[0] == '.' || r.text[0] == ',') && isDigit(r.text[1]) {
		r.text = r.text[1:]
		r.nanos()
	}
}

// nanos reads the digits of a fraction; more than nine are read over.
func (r *reading) nanos() bool {
	r.nano = 0
	n := 0
	for ; n < len(r.text) && isDigit(r.text[n]); n++ {
		if n < 9 {
			r.nano = 10*r.nano + int(r.text[n]-'0')
		}
	}
	for i := n; i < 9; i++ {
		r.nano *= 10
	}
	r.text = r.text[n:]
	return n > 0
}

// lastSecond is the end of the year 9999.
const lastSecond = 253402300799

// seconds reads a number of units since 1970, of which 10^digits are a second.
func (r *reading) seconds(digits int) bool {
	negative := len(r.text) > 0 && r.text[0] == '-'
	if negative {
		r.text = r.text[1:]
	}
	n, v := 0, int64(0)
	for ; n < len(r.text) && n < 18+digits/9 && isDigit(r.text[n]); n++ {
		v = 10*v + int64(r.text[n]-'0')
	}
	if n == 0 || v < 0 {
		return false
	}
	r.text = r.text[n:]
	unit := int64(1)
	for range digits {
		unit *= 10
	}
	r.isUnix, r.unix = true, v/unit
	if digits == 0 {
		r.fraction()
	} else if r.nano = int(v % unit * (1_000_000_000 / unit)); len(r.text) > 1 && r.text[0] == '.' { // beyond what is told apart
		for r.text = r.text[1:]; len(r.text) > 0 && isDigit(r.text[0]); r.text = r.text[1:] {
		}
	}
	if negative {
		r.unix, r.nano = -r.unix, -r.nano
	}
	return r.unix <= lastSecond && r.unix >= -lastSecond/4
}

// zone reads an offset: Z, +01, +0100 or +01:00.
func (r *reading) zone() bool {
	r.hasZone = true
	if r.name("Z") {
		return true
	}
	if len(r.text) == 0 || r.text[0] != '+' && r.text[0] != '-' {
		return false
	}
	sign, hours, minutes := 1, 0, 0
	if r.text[0] == '-' {
		sign = -1
	}
	if r.text = r.text[1:]; !r.number(&hours, 2, 2) {
		return false
	}
	colon := len(r.text) > 0 && r.text[0] == ':'
	if colon {
		r.text = r.text[1:]
	}
	if (colon || len(r.text) > 0 && isDigit(r.text[0])) && !r.number(&minutes, 2, 2) {
		return false
	}
	r.offset = sign * (hours*3600 + minutes*60)
	return hours <= 24 && minutes < 60
}

// time makes a time of what was read, if there is one.
func (r *reading) time(loc *time.Location, now time.Time) (time.Time, bool) {
	if r.isUnix {
		return time.Unix(r.unix, int64(r.nano)), true
	}
	if r.twelve {
		if r.hour < 1 || r.hour > 12 {
			return time.Time{}, false
		}
		r.hour %= 12
		if r.afternoon {
			r.hour += 12
		}
	}
	if r.hour > 23 || r.minute > 59 || r.second > 60 || r.month < 1 || r.month > 12 {
		return time.Time{}, false
	}
	if r.hasZone {
		loc = time.UTC
	}
	if r.hasYear {
		return r.in(r.year, loc)
	}
	return r.nearest(loc, now)
}

// in makes a time in a year, if it has the day.
func (r *reading) in(year int, loc *time.Location) (time.Time, bool) {
	month, day := r.month, r.day
	if r.yearDay > 0 {
		month, day = 1, r.yearDay
		if day > 365 && (day > 366 || time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).YearDay() < 366) {
			return time.Time{}, false
		}
	} else if day < 1 || day > 28 && day > time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, r.hour, r.minute, r.second, r.nano, loc)
	return t.Add(-time.Duration(r.offset) * time.Second), true
}

// nearest makes a time in the year that puts it nearest to now.
func (r *reading) nearest(loc *time.Location, now time.Time) (best time.Time, ok bool) {
	const half = 182 * 24 * time.Hour
	year := now.In(loc).Year()
	if best, ok = r.in(year, loc); ok && best.Sub(now).Abs() < half {
		return best, true
	}
	for _, y := range [...]int{year - 1, year + 1, year - 2, year + 2, year - 3, year + 3, year - 4, year + 4} { // the 29th of February comes every four
		if t, valid := r.in(y, loc); valid && (!ok || t.Sub(now).Abs() < best.Sub(now).Abs()) {
			best, ok = t, true
		}
	}
	return best, ok
}
