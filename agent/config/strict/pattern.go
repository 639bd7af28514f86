package strict

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sizePattern returns a regular expression of the texts that ParseSize reads, from low to high. It is of the dialect that JSON
// Schema's readers share.
func sizePattern(low, high int64) string {
	var forms []string
	for _, u := range units() {
		from, to := max(low+u.bytes-1, 0)/u.bytes, high/u.bytes
		switch {
		case from > to:
		case u.bytes == 1:
			forms = append(forms, numberPattern(from, to)+"(?: ?B)?")
		default:
			forms = append(forms, numberPattern(from, to)+" ?"+u.name)
		}
	}
	return "^0*(?:" + strings.Join(forms, "|") + ")$"
}

// durationPattern returns a regular expression of the texts that time.ParseDuration reads, from low to high nanoseconds. Those of more than
// one unit, and those with a fraction, it takes whatever their length.
func durationPattern(low, high int64) string {
	const fraction, names = `(?:[0-9]+\.[0-9]*|\.[0-9]+)`, "(?:ns|us|µs|μs|ms|s|m|h)"
	var forms []string
	for _, u := range []struct {
		name string
		long time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"(?:us|µs|μs)", time.Microsecond}, {"ns", 1}} {
		long := int64(u.long)
		if from, to := (max(low, 0)+long-1)/long, high/long; from <= to {
			forms = append(forms, "0*"+numberPattern(from, to)+u.name)
		}
	}
	forms = append(forms, fraction+names, fmt.Sprintf("(?:(?:[0-9]+|%s)%s){2,}", fraction, names))
	return `^\+?(?:` + strings.Join(forms, "|") + ")$"
}

// numberPattern returns a regular expression of the decimal numbers from low to high, without leading
// zeros.
func numberPattern(low, high int64) string {
	var forms []string
	if low == 0 {
		forms = append(forms, "0")
		low = 1
	}
	whole := 0 // how many digits the first of a row of lengths has that are there in full
	for n := len(strconv.FormatInt(low, 10)); low <= high; n++ {
		last := int64(9)
		for range n - 1 {
			last = last*10 + 9
		}
		first := last/10 + 1
		if low == first && last <= high {
			if whole == 0 {
				whole = n
			}
		} else {
			forms = append(wholes(forms, whole, n-1), between(strconv.FormatInt(low, 10), strconv.FormatInt(min(last, high), 10)))
			whole = 0
		}
		if high <= last {
			forms = wholes(forms, whole, n)
			break
		}
		low = last + 1
	}
	return "(?:" + strings.Join(forms, "|") + ")"
}

// wholes adds all numbers of from to to digits; from 0 is none.
func wholes(forms []string, from, to int) []string {
	if from == 0 {
		return forms
	}
	return append(forms, fmt.Sprintf("[1-9][0-9]{%d,%d}", from-1, to-1))
}

// between returns a regular expression of the texts of digits from low to high, which are of one length.
func between(low, high string) string {
	rest := len(low) - 1
	switch {
	case low == high:
		return low
	case rest == 0:
		return "[" + low + "-" + high + "]"
	case low[0] == high[0]:
		return low[:1] + "(?:" + between(low[1:], high[1:]) + ")"
	}
	var forms []string
	first, last := low[0], high[0]
	if zeros := strings.Repeat("0", rest); low[1:] != zeros {
		forms = append(forms, low[:1]+"(?:"+between(low[1:], strings.Repeat("9", rest))+")")
		first++
	}
	nines := strings.Repeat("9", rest)
	if high[1:] != nines {
		last--
	}
	if first <= last {
		forms = append(forms, fmt.Sprintf("[%c-%c][0-9]{%d}", first, last, rest))
	}
	if high[1:] != nines {
		forms = append(forms, high[:1]+"(?:"+between(strings.Repeat("0", rest), high[1:])+")")
	}
	return strings.Join(forms, "|")
}
