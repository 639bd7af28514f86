package stream

import (
	"errors"
	"fmt"
	"math/bits"
)

// sequence is what a sequence number says. Clients compare the numbers, and the KCL takes them apart, so the layout is
// the one of AWS: 186 bits, printed in decimal, always 56 digits.
//
//	bit  184  version, 2
//	     148  creation of the shard, epoch seconds, 36 bits
//	     144  low 4 bits of the shard's number
//	      80  index of the record, 63 bits in 64
//	      72  zero, 8 bits
//	      36  arrival, epoch seconds, 36 bits
//	       4  number of the shard, 32 bits
//	       0  version again, 4 bits
//
// Within a shard creation and number are the same, so the index alone orders the numbers. Index 0 is the start of a shard
// and its first record has index 1, as in the store; the end of a closed shard has the largest index.
type sequence struct {
	created int64 // of the shard, epoch seconds
	shard   uint32
	index   uint64
	arrival int64 // epoch seconds
}

const (
	sequenceDigits  = 56
	sequenceVersion = 2
	maxIndex        = 1<<63 - 1
	maxSeconds      = 1<<36 - 1
	tenTo19         = 10_000_000_000_000_000_000
)

// words returns the number, lowest word first. Times out of range, which no clock shows, are moved into it.
func (s sequence) words() (w [3]uint64) {
	created := uint64(min(max(s.created, 0), maxSeconds))
	arrival := uint64(min(max(s.arrival, 0), maxSeconds))
	index := min(s.index, maxIndex)
	w[0] = sequenceVersion | uint64(s.shard)<<4 | arrival<<36
	w[1] = arrival>>28 | index<<16
	w[2] = index>>48 | uint64(s.shard&15)<<16 | created<<20 | sequenceVersion<<56
	return w
}

// append adds the number in decimal.
func (s sequence) append(dst []byte) []byte {
	w := s.words()
	var parts [3]uint64 // 19 digits each, lowest first
	for i := range parts {
		var rest uint64
		w[2], rest = w[2]/tenTo19, w[2]%tenTo19
		w[1], rest = bits.Div64(rest, w[1], tenTo19)
		w[0], rest = bits.Div64(rest, w[0], tenTo19)
		parts[i] = rest
	}
	var digits [3 * 19]byte
	for i, part := range parts {
		for at := len(digits) - 19*i - 1; at >= len(digits)-19*(i+1); at-- {
			digits[at] = byte('0' + part%10)
			part /= 10
		}
	}
	return append(dst, digits[len(digits)-sequenceDigits:]...)
}

func (s sequence) String() string { return string(s.append(nil)) }

// parseSequence reads a sequence number of this layout and no other.
func parseSequence(s string) (sequence, error) {
	if len(s) != sequenceDigits {
		return sequence{}, fmt.Errorf("sequence number of %d digits, not %d", len(s), sequenceDigits)
	}
	var w [3]uint64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return sequence{}, errors.New("sequence number has a byte that is no digit")
		}
		carry := uint64(c - '0')
		for i := range w { // 10^56 < 2^192: nothing is carried out
			high, low := bits.Mul64(w[i], 10)
			var more uint64
			w[i], more = bits.Add64(low, carry, 0)
			carry = high + more
		}
	}
	n := sequence{
		created: int64(w[2] >> 20 & maxSeconds),
		shard:   uint32(w[0] >> 4),
		index:   w[2]<<48 | w[1]>>16,
		arrival: int64(w[0]>>36 | w[1]&0xff<<28),
	}
	// What was not read must be as we write it: both versions, the zero byte, the low bits of the shard, the top bit of the index.
	if n.words() != w {
		return sequence{}, errors.New("sequence number is not of version 2")
	}
	return n, nil
}
