package parsers

import "bytes"

// The scanners of time stamps. Each takes the index to begin at and returns the index after the stamp, or -1 if there is none. They
// look at its shape, and not at whether there is such a day or hour: what a stamp means is for those who read it.

// digitPairs reads hh:mm:ss.
func digitPairs(b []byte, i int) int {
	const length = len("10:11:12")
	if len(b)-i < length {
		return -1
	}
	b = b[i : i+length]
	if b[2] == ':' && b[5] == ':' && digits(b[:2]) && digits(b[3:5]) && digits(b[6:]) {
		return i + length
	}
	return -1
}

// fraction reads a point and digits, if they are there.
func fraction(b []byte, i int) int {
	if i < len(b) && b[i] == '.' {
		if end := scanDigits(b, i+1); end > 0 {
			return end
		}
	}
	return i
}

// isMonth reports whether b begins with the short English name of a month.
func isMonth(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	switch string(b[:3]) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}

// scanStamp reads the stamp of RFC 3164, as in "Feb  5 10:11:12": the day padded with a space, with a zero, or not at all, perhaps a year
// after the day, and perhaps a fraction of the second.
func scanStamp(b []byte, i int) int {
	if len(b)-i < len("Feb 5 10:11:12") || !isMonth(b[i:]) || b[i+3] != ' ' {
		return -1
	}
	i += len("Feb ")
	if b[i] == ' ' {
		i++
	}
	day := scanDigits(b, i)
	if day < 0 || day-i > 2 || day == len(b) || b[day] != ' ' {
		return -1
	}
	i = day + 1
	if year(b, i) {
		i += len("2024 ")
	}
	if i = digitPairs(b, i); i < 0 {
		return -1
	}
	return fraction(b, i)
}

// year reports whether four digits and a space stand at i.
func year(b []byte, i int) bool {
	return len(b)-i > 4 && b[i+4] == ' ' && digits(b[i:i+4])
}

// scanDevice reads a stamp as network gear writes it, up to the colon before a message that begins with %, and returns where it begins and ends:
//
//	*Feb  5 10:11:12.123: %SYS-5-CONFIG_I: MESSAGE          (a mark: the clock is not in step)
//	Feb 05 2024 10:11:12: %ASA-6-302013: MESSAGE
//	: 2024 Feb  5 10:11:12.123 UTC: %ETHPORT-5-IF_UP: MESSAGE
//
// Mark, year and zone are part of the stamp.
func scanDevice(b []byte, i int) (start, end int) {
	if bytes.HasPrefix(b[i:], []byte(": ")) {
		i += len(": ")
	}
	start = i
	if i < len(b) && (b[i] == '*' || b[i] == '.') {
		i++
	}
	if year(b, i) {
		i += len("2024 ")
	}
	if end = scanStamp(b, i); end < 0 {
		return start, -1
	}
	if end < len(b) && b[end] == ' ' {
		return start, zoneEnd(b, end+1)
	}
	if !bytes.HasPrefix(b[end:], []byte(": %")) {
		return start, -1
	}
	return start, end
}

// zoneEnd returns the index after a time zone such as UTC at i, if a colon and a message of network gear follow, or -1.
func zoneEnd(b []byte, i int) int {
	end := i
	for end < len(b) && b[end]-'A' < 26 {
		end++
	}
	if end-i < len("ET") || end-i > len("CHADT") || !bytes.HasPrefix(b[end:], []byte(": %")) {
		return -1
	}
	return end
}

// scanTime reads the stamp of RFC 3339, as in 2024-02-05T10:11:12.123+00:00. The colon in the zone may be missing.
func scanTime(b []byte, i int) int {
	if i = scanDate(b, i, 'T'); i < 0 || i == len(b) {
		return -1
	}
	if b[i] == 'Z' {
		return i + 1
	}
	if b[i] != '+' && b[i] != '-' || len(b)-i < len("+0000") || !digits(b[i+1:i+3]) {
		return -1
	}
	i += len("+00")
	if b[i] == ':' {
		i++
	}
	if len(b)-i < 2 || !digits(b[i:i+2]) {
		return -1
	}
	return i + 2
}

// scanDate reads a date, sep, and a time of day with or without a fraction of the second.
func scanDate(b []byte, i int, sep byte) int {
	const length = len("2024-02-05T")
	if len(b)-i < length {
		return -1
	}
	d := b[i : i+length]
	if d[4] != '-' || d[7] != '-' || d[10] != sep || !digits(d[:4]) || !digits(d[5:7]) || !digits(d[8:10]) {
		return -1
	}
	if i = digitPairs(b, i+length); i < 0 {
		return -1
	}
	return fraction(b, i)
}

// scanCtime reads a stamp as in "Mon Feb 05 04:47:44.123456 2005", the fraction being optional and the year nowhere else.
func scanCtime(b []byte, i int) int {
	if len(b)-i < len("Mon Feb 05 04:47:44 2005") || !letter(b[i]) || !letter(b[i+1]) || !letter(b[i+2]) || b[i+3] != ' ' {
		return -1
	}
	if i += len("Sun "); b[i+len("Dec ")] == ' ' && b[i+len("Dec")] == ' ' {
		return -1 // a day of two digits, unlike syslog's
	}
	if year(b, i+len("Dec 01 ")) {
		return -1
	}
	if i = scanStamp(b, i); i < 0 || len(b)-i < len(" 2005") || b[i] != ' ' || !digits(b[i+1:i+5]) {
		return -1
	}
	return i + len(" 2005")
}

// wordEnd returns the index of the next space from i on, or the end of b.
func wordEnd(b []byte, i int) int {
	if n := bytes.IndexByte(b[i:], ' '); n >= 0 {
		return i + n
	}
	return len(b)
}
