package edit

import "bytes"

const (
	leastBearer = 8  // characters after Bearer or Basic; shorter is a word
	leastJWT    = 10 // of each of its first two parts
	leastSecret = 32
	awsID       = 20 // of AWS
	secretKey   = 40 // of AWS
)

// bearerAt finds what stands after the word bearer, whose second letter is at i.
func bearerAt(b []byte, i int) (start, end int) {
	if i == 0 || b[i-1]|0x20 != 'b' || i > 1 && isLetter(b[i-2]) {
		return -1, -1
	}
	start = i + len("earer")
	for n := start; start < len(b) && start-n < 8 && bytes.IndexByte([]byte(` :="'`), b[start]) >= 0; start++ {
	}
	if end = tokenEnd(b, start); start == i+len("earer") || end-start < leastBearer {
		return -1, -1
	}
	return start, end
}

// basicAt finds the name and password, in base64, after the word basic, whose second letter is at i.
func basicAt(b []byte, i int) (start, end int) {
	if i == 0 || b[i-1]|0x20 != 'b' || i > 1 && isLetter(b[i-2]) {
		return -1, -1
	}
	start = i + len("asic ")
	end = tokenEnd(b, start)
	if n := end - start; n < leastBearer || n%4 != 0 {
		return -1, -1
	}
	for _, c := range b[start:end] {
		if isUpper(c) || isDigit(c) || c == '=' {
			return start, end
		}
	}
	return -1, -1
}

// tokenEnd returns the index after the characters of a token (token68 in RFC 9110 section 11.2) that begin at i.
func tokenEnd(b []byte, i int) int {
	for i < len(b) && (isWord(b[i]) || b[i] == '.' || b[i] == '~' || b[i] == '+' || b[i] == '/' || b[i] == '=') {
		i++
	}
	return i
}

// jwtAt finds a JSON web token, whose header, {" in base64, begins at i: two parts or more between points.
func jwtAt(b []byte, i int) (start, end int) {
	if i > 0 && isWord(b[i-1]) {
		return -1, -1
	}
	end = i
	for part := 0; ; part++ {
		from := end
		for end < len(b) && isWord(b[end]) {
			end++
		}
		if part < 2 && end-from < leastJWT {
			return -1, -1
		}
		if end == len(b) || b[end] != '.' {
			if part == 0 {
				return -1, -1
			}
			return i, end
		}
		end++
	}
}

// awsIDAt finds the id of an AWS access key, which begins at i: 20 capitals and digits.
func awsIDAt(b []byte, i int) (start, end int) {
	if i+awsID > len(b) || i > 0 && (isUpper(b[i-1]) || isDigit(b[i-1])) {
		return -1, -1
	}
	for _, c := range b[i : i+awsID] {
		if !isUpper(c) && !isDigit(c) {
			return -1, -1
		}
	}
	if end = i + awsID; end < len(b) && (isLetter(b[end]) || isDigit(b[end])) {
		return -1, -1
	}
	return i, end
}

// findSecretKey finds what looks like the secret key of an AWS access key: exactly 40 letters, digits, slashes and plus signs, mixed.
func findSecretKey(b []byte, from int) (start, end int) {
	is := func(c byte) bool { return isLetter(c) || isDigit(c) || c == '/' || c == '+' }
	for {
		if start, end = run(b, from, secretKey, is); start < 0 || end-start == secretKey && mixed(b[start:end]) {
			return start, end
		}
		from = end
	}
}

// findSecret finds any other long secret: 32 or more letters, digits, dashes and underscores, mixed.
func findSecret(b []byte, from int) (start, end int) {
	for {
		if start, end = run(b, from, leastSecret, isWord); start < 0 || mixed(b[start:end]) {
			return start, end
		}
		from = end
	}
}

// mixed reports whether a text has capitals, small letters and digits.
func mixed(b []byte) bool {
	upper, lower, digit := false, false, false
	for _, c := range b {
		upper = upper || isUpper(c)
		lower = lower || c-'a' < 26
		digit = digit || isDigit(c)
	}
	return upper && lower && digit
}

// run returns the next run of n or more bytes of a class that begins at from or later. It looks at each n-th byte first.
func run(b []byte, from, n int, is func(byte) bool) (start, end int) {
	for i := from; i+n <= len(b); {
		j := i + n - 1
		for j >= i && is(b[j]) {
			j--
		}
		if j >= i {
			i = j + 1
			continue
		}
		end = i + n
		for end < len(b) && is(b[end]) {
			end++
		}
		return i, end
	}
	return -1, -1
}
