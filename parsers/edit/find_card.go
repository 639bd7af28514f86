package edit

const (
	leastCard = 13 // digits
	mostCard  = 19
)

// findCard finds the number of a payment card: 13 to 19 digits that begin with 2 to 6 and have Luhn's check digit (ISO/IEC 7812-1), in one piece, or in
// groups of four to six between single spaces and dashes. A part of a longer number, or of a fraction, is none.
func findCard(b []byte, from int) (start, end int) {
	for i := from; i+leastCard <= len(b); {
		if !isDigit(b[i]) {
			i++
			continue
		}
		if (i == 0 || !isDigit(b[i-1])) && '2' <= b[i] && b[i] <= '6' && !inFraction(b, i) {
			if end := cardEnd(b, i); end > 0 {
				return i, end
			}
		}
		for i < len(b) && isDigit(b[i]) {
			i++
		}
	}
	return -1, -1
}

// cardEnd returns the index after the longest card number that begins at i, or -1.
func cardEnd(b []byte, i int) int {
	var number [mostCard]byte
	count, best := 0, -1
	for {
		from := i
		for ; i < len(b) && isDigit(b[i]); i++ {
			if count == mostCard {
				return best
			}
			number[count] = b[i]
			count++
		}
		if i == from {
			return best
		}
		if count >= leastCard && !beforeFraction(b, i) && luhn(number[:count]) {
			best = i
		}
		if n := i - from; n < 4 || n > 6 || i == len(b) || b[i] != ' ' && b[i] != '-' {
			return best
		}
		i++
	}
}

// luhn reports whether the last digit is the check digit of the others.
func luhn(number []byte) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}
