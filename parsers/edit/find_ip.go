package edit

// ipv4At finds the IPv4 address whose first point is at i: four numbers up to 255, and no further one.
func ipv4At(b []byte, i int) (start, end int) {
	start = i
	for start > 0 && i-start < 4 && isDigit(b[start-1]) {
		start--
	}
	if start == i || inFraction(b, start) {
		return -1, -1
	}
	if end = ipv4End(b, start); end < 0 {
		return -1, -1
	}
	return start, end
}

// ipv4End returns the index after the IPv4 address that begins at i, or -1.
func ipv4End(b []byte, i int) int {
	for part := range 4 {
		if part > 0 {
			if i == len(b) || b[i] != '.' {
				return -1
			}
			i++
		}
		from, v := i, 0
		for i < len(b) && i-from < 4 && isDigit(b[i]) {
			v = 10*v + int(b[i]-'0')
			i++
		}
		if i == from || i-from > 3 || v > 255 {
			return -1
		}
	}
	if beforeFraction(b, i) {
		return -1
	}
	return i
}

// ipv6At finds the IPv6 address whose first colon is at i (RFC 4291 section 2.2), with an IPv4 address at its end or not. A ninth group is taken for
// the port that some programs write after eight of them.
func ipv6At(b []byte, i int) (start, end int) {
	start = i
	for start > 0 && i-start < 5 && isHex(b[start-1]) {
		start--
	}
	if i-start > 4 || start == i && (i+1 == len(b) || b[i+1] != ':') || start > 0 && goesOn(b, start-1) {
		return -1, -1
	}
	if end = ipv6End(b, start); end < 0 {
		return -1, -1
	}
	return start, end
}

// goesOn reports whether what ends at i, before an address, belongs to it: a letter, a digit, or the colon after another group. The colon after a
// word, as in addr:fe80::1, does not.
func goesOn(b []byte, i int) bool {
	if b[i] != ':' {
		return isWord(b[i])
	}
	from := i
	for from > 0 && i-from < 5 && isHex(b[from-1]) {
		from--
	}
	return i-from <= 4 && (from == 0 || !isWord(b[from-1]))
}

// ipv6End returns the index after the IPv6 address that begins at i, or -1.
func ipv6End(b []byte, i int) int {
	groups, gap := 0, false
	if b[i] == ':' {
		gap = true
		i += 2
	}
	for groups < 8 {
		n := 0
		for i+n < len(b) && n < 5 && isHex(b[i+n]) {
			n++
		}
		if n == 0 {
			break
		}
		if n < 4 && i+n < len(b) && b[i+n] == '.' {
			if v4 := ipv4End(b, i); v4 > 0 {
				groups += 2
				i = v4
				break
			}
		}
		if n > 4 {
			return -1
		}
		groups++
		i += n
		if i+1 >= len(b) || b[i] != ':' || groups == 8 {
			break
		}
		if b[i+1] == ':' && !gap {
			gap = true
			i += 2
		} else if isHex(b[i+1]) {
			i++
		} else {
			break
		}
	}
	if gap && (groups == 0 || groups > 7) || !gap && groups != 8 || i < len(b) && isWord(b[i]) && b[i] != '-' {
		return -1
	}
	return notLonger(b, i)
}

// notLonger returns i, or -1 if groups go on there for more than a port.
func notLonger(b []byte, i int) int {
	if i+1 >= len(b) || b[i] != ':' || !isHex(b[i+1]) {
		return i
	}
	end := i + 1
	for end < len(b) && end-i <= 6 && isDigit(b[end]) {
		end++
	}
	if end-i > 6 || end < len(b) && (b[end] == ':' || isHex(b[end])) {
		return -1
	}
	return i
}
