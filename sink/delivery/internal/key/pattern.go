package key

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// pattern is a date format in the notation of Java's DateTimeFormatter, English and with weeks that begin on Sunday:
//
//	y u   year            M L  month                d    day of the month     D    day of the year
//	Y     week-based year w    week of the year     W    week of the month    Q q  quarter
//	E     day of the week e c  its number, Sunday 1 a    AM or PM
//	H     hour, 0 to 23   k    1 to 24              K    0 to 11              h    1 to 12
//	m     minute          s    second               S    fraction, always 0
//	z     name of the zone     VV  its id           X x Z  its offset
//	'…'   text            ''   a quote              other characters stand for themselves
//
// A letter's count gives the form: the least number of digits of a number (yy: the last two), and for texts three letters
// for the short form, four for the long one, five for the first letter.
type pattern struct{ fields []field }

// field is a letter and its count, or a text.
type field struct {
	letter byte
	count  int
	text   string
}

// counts are the forms that letters have: the highest count of each. A letter that is not here is refused.
func maxCount(letter byte) int {
	switch letter {
	case 'y', 'u', 'Y':
		return 19
	case 'M', 'L', 'E', 'Q', 'q', 'e', 'c', 'x', 'X', 'Z':
		return 5
	case 'z':
		return 4
	case 'S':
		return 9
	case 'D':
		return 3
	case 'd', 'H', 'h', 'K', 'k', 'm', 's', 'w', 'V':
		return 2
	case 'a', 'W':
		return 1
	}
	return 0
}

func parsePattern(s string) (pattern, error) {
	var p pattern
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'':
			text, n, err := quoted(s[i:])
			if err != nil {
				return p, err
			}
			p.literal(text)
			i += n
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(s) && s[i+n] == c {
				n++
			}
			if err := checkLetter(c, n); err != nil {
				return p, err
			}
			p.fields = append(p.fields, field{letter: c, count: n})
			i += n
		case strings.IndexByte("{}#[]", c) >= 0:
			return p, fmt.Errorf("%q is reserved in a date format; put it in quotes", c)
		default:
			p.literal(s[i : i+1])
			i++
		}
	}
	return p, nil
}

func checkLetter(letter byte, count int) error {
	switch most := maxCount(letter); {
	case most == 0:
		return fmt.Errorf("the date format has no letter %q; text goes in single quotes", letter)
	case count > most:
		return fmt.Errorf("too many pattern letters: %q has at most %d", letter, most)
	case letter == 'V' && count != 2, letter == 'c' && count == 2:
		return fmt.Errorf("pattern letter count of %q cannot be %d", letter, count)
	}
	return nil
}

// quoted returns the text between the quote that s begins with and the next single one, and how long that was in s.
func quoted(s string) (text string, n int, err error) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, nil
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
			text += s[i : i+1]
		case i+1 < len(s) && s[i+1] == '\'':
			text += "'"
			i++
		default:
			return text, i + 1, nil
		}
	}
	return "", 0, errors.New("the date format ends inside a quoted text")
}

func (p *pattern) literal(text string) { p.fields = append(p.fields, field{text: text}) }

func (p pattern) append(dst []byte, t time.Time) []byte {
	for _, f := range p.fields {
		dst = f.append(dst, t)
	}
	return dst
}

func (f field) append(dst []byte, t time.Time) []byte {
	switch f.letter {
	case 0:
		return append(dst, f.text...)
	case 'y', 'u':
		return f.year(dst, t.Year())
	case 'Y':
		year, _ := week(t)
		return f.year(dst, year)
	case 'M', 'L':
		return f.named(dst, int(t.Month()), t.Month().String())
	case 'Q', 'q':
		return f.quarter(dst, (int(t.Month())+2)/3)
	case 'E':
		return field{count: max(f.count, 3)}.named(dst, 0, t.Weekday().String())
	case 'e', 'c':
		return f.named(dst, int(t.Weekday())+1, t.Weekday().String())
	case 'a':
		return append(dst, t.Format("PM")...)
	case 'S':
		return append(dst, strings.Repeat("0", f.count)...)
	case 'z':
		return append(dst, t.Format("MST")...)
	case 'V':
		return append(dst, t.Location().String()...)
	case 'X', 'x', 'Z':
		return f.offset(dst, t)
	}
	return pad(dst, f.number(t), f.count)
}

func (f field) number(t time.Time) int {
	switch f.letter {
	case 'd':
		return t.Day()
	case 'D':
		return t.YearDay()
	case 'w':
		_, w := week(t)
		return w
	case 'W':
		first := t.AddDate(0, 0, 1-t.Day())
		return (t.Day()-1+int(first.Weekday()))/7 + 1
	case 'H':
		return t.Hour()
	case 'k':
		return (t.Hour()+23)%24 + 1
	case 'K':
		return t.Hour() % 12
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'm':
		return t.Minute()
	}
	return t.Second()
}

func pad(dst []byte, n, width int) []byte {
	digits := strconv.Itoa(n)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func (f field) year(dst []byte, year int) []byte {
	if f.count == 2 {
		return pad(dst, year%100, 2)
	}
	return pad(dst, year, f.count)
}

// named writes a number, or the name that it has, as the count says.
func (f field) named(dst []byte, number int, name string) []byte {
	switch f.count {
	case 3:
		return append(dst, name[:3]...)
	case 4:
		return append(dst, name...)
	case 5:
		return append(dst, name[0])
	}
	return pad(dst, number, f.count)
}

func (f field) quarter(dst []byte, q int) []byte {
	switch f.count {
	case 3:
		return append(dst, 'Q', '0'+byte(q))
	case 4:
		return append(dst, []string{"1st", "2nd", "3rd", "4th"}[q-1]+" quarter"...)
	}
	if f.count == 5 {
		return append(dst, '0'+byte(q))
	}
	return pad(dst, q, f.count)
}

// offset writes the difference to UTC.
func (f field) offset(dst []byte, t time.Time) []byte {
	_, seconds := t.Zone()
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	hours, minutes := seconds/3600, seconds/60%60
	zero := seconds == 0
	switch {
	case f.letter == 'X' && zero, f.letter == 'Z' && f.count == 5 && zero:
		return append(dst, 'Z')
	case f.letter == 'Z' && f.count == 4 && zero:
		return append(dst, "GMT"...)
	case f.letter == 'Z' && f.count == 4:
		dst = append(dst, "GMT"...)
	}
	dst = pad(append(dst, sign), hours, 2)
	colon := f.letter != 'Z' && (f.count == 3 || f.count == 5) || f.letter == 'Z' && f.count >= 4
	if f.letter != 'Z' && f.count == 1 && minutes == 0 {
		return dst
	}
	if colon {
		dst = append(dst, ':')
	}
	return pad(dst, minutes, 2)
}

// week returns the year that the week of t belongs to, and the number of the week in it. Weeks begin on Sunday; the first
// one of a year is the one with January 1.
func week(t time.Time) (year, number int) {
	saturday := t.AddDate(0, 0, 6-int(t.Weekday()))
	if saturday.Year() > t.Year() {
		return saturday.Year(), 1
	}
	first := time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC).Weekday()
	return t.Year(), (t.YearDay()-1+int(first))/7 + 1
}
