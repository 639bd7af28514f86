package edit

import "bytes"

// longestLocal is how much is looked at before the at sign; RFC 5321 allows 64 bytes, some senders take more.
const longestLocal = 256

// findEmail finds an address of mail: a local part, an at sign, or the %40 that stands for one in a URL, and a domain of two labels or more whose last one
// begins with a letter.
func findEmail(b []byte, from int) (start, end int) {
	for i := from; i < len(b); {
		at, after := nextAt(b, i)
		if at < 0 {
			break
		}
		start = at
		for start > from && at-start < longestLocal && isLocal(b[start-1]) {
			start--
		}
		for start < at && b[start] == '.' {
			start++
		}
		if end := domainEnd(b, after); end > 0 && start < at {
			return start, end
		}
		i = after
	}
	return -1, -1
}

// nextAt returns the place of the next at sign, written out or not, and what is after it.
func nextAt(b []byte, i int) (at, after int) {
	end := len(b)
	if n := bytes.IndexByte(b[i:], '@'); n >= 0 {
		end = i + n
	}
	if n := bytes.Index(b[i:end], []byte("%40")); n >= 0 {
		return i + n, i + n + 3
	}
	if end == len(b) {
		return -1, -1
	}
	return end, end + 1
}

func isLocal(c byte) bool {
	return isWord(c) || c == '.' || c == '+' || c == '%' || c == '\'' || c >= 0x80
}

// domainEnd returns the index after the domain that begins at i, or -1.
func domainEnd(b []byte, i int) int {
	end := i
	for end < len(b) && (isWord(b[end]) && b[end] != '_' || b[end] == '.' || b[end] >= 0x80) {
		end++
	}
	for end > i && (b[end-1] == '.' || b[end-1] == '-') {
		end--
	}
	dot := bytes.LastIndexByte(b[i:end], '.')
	if dot <= 0 || end-(i+dot) < 3 {
		return -1
	}
	if first := b[i+dot+1]; !isLetter(first) && first < 0x80 {
		return -1
	}
	return end
}
