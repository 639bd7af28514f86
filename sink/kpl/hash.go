package kpl

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
)

// Hash is a place in the key space of a stream: an unsigned number of 128 bits. Each shard owns a range of them.
type Hash struct {
	Hi, Lo uint64
}

// HashOf returns where a record with this partition key belongs: the MD5 of its UTF-8 bytes, read as a big-endian number.
func HashOf(partitionKey []byte) Hash {
	sum := md5.Sum(partitionKey)
	return Hash{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// Compare returns -1, 0 or 1 as h is less than, equal to or greater than o.
func (h Hash) Compare(o Hash) int {
	switch {
	case h == o:
		return 0
	case h.Hi < o.Hi || h.Hi == o.Hi && h.Lo < o.Lo:
		return -1
	}
	return 1
}

// maxDigits is the length of 2^128-1 in decimal.
const maxDigits = 39

// AppendTo appends h in decimal, which is how explicit hash keys are written.
func (h Hash) AppendTo(dst []byte) []byte {
	if h.Hi == 0 {
		return strconv.AppendUint(dst, h.Lo, 10)
	}
	// Two divisions by 10^19, the largest power of ten in 64 bits, leave at most 1 + 19 + 19 digits.
	const unit = 1e19
	hi, rem := h.Hi/unit, h.Hi%unit
	lo, low := bits.Div64(rem, h.Lo, unit)
	top, mid := hi, lo
	if top != 0 || mid >= unit {
		q, r := bits.Div64(top, mid, unit)
		dst = strconv.AppendUint(dst, q, 10)
		dst = appendPadded(dst, r)
	} else {
		dst = strconv.AppendUint(dst, mid, 10)
	}
	return appendPadded(dst, low)
}

// appendPadded appends n < 10^19 with leading zeros to 19 digits.
func appendPadded(dst []byte, n uint64) []byte {
	var digits [19]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, digits[:]...)
}

// String returns h in decimal.
func (h Hash) String() string {
	return string(h.AppendTo(make([]byte, 0, maxDigits)))
}

// ParseHash reads a decimal number. Leading zeros are taken, as the KPL takes them; a sign, a space or a number of
// 2^128 and more are errors.
func ParseHash[T string | []byte](text T) (Hash, error) {
	var h Hash
	if len(text) == 0 {
		return h, fmt.Errorf("explicit hash key is empty: want a decimal number from 0 to 2^128-1")
	}
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 || !h.shift(uint64(digit)) {
			return Hash{}, fmt.Errorf("explicit hash key %.50q: want a decimal number from 0 to 2^128-1", string(text))
		}
	}
	return h, nil
}

// shift makes h into 10*h + digit and reports whether that fits.
func (h *Hash) shift(digit uint64) bool {
	carry, lo := bits.Mul64(h.Lo, 10)
	over, hi := bits.Mul64(h.Hi, 10)
	lo, c := bits.Add64(lo, digit, 0)
	hi, c = bits.Add64(hi, carry, c)
	h.Hi, h.Lo = hi, lo
	return over == 0 && c == 0
}
