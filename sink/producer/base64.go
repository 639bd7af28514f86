package producer

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// appendBase64 appends src in standard base64. It is the library's encoding, eight digits at a time in one word instead of
// one by one out of a table.
func appendBase64(dst, src []byte) []byte {
	n := base64.StdEncoding.EncodedLen(len(src))
	dst = slices.Grow(dst, n)
	out := dst[len(dst) : len(dst)+n]
	for len(src) >= 8 { // six bytes are used, eight are read
		binary.BigEndian.PutUint64(out, digits(binary.BigEndian.Uint64(src)>>16))
		src, out = src[6:], out[8:]
	}
	base64.StdEncoding.Encode(out, src)
	return dst[:len(dst)+n]
}

// digits turns 48 bits into eight base64 digits, the first in the highest byte.
func digits(x uint64) uint64 {
	// Eight values of six bits, one in each byte.
	x = x&0xffffff | x>>24<<32
	x = x&0x00000fff_00000fff | x&0x00fff000_00fff000<<4
	x = x&0x003f003f_003f003f | x&0x0fc00fc0_0fc00fc0<<2
	// The digits are five runs: A..Z a..z 0..9 + /. A carry into the high bit of a byte says that the value lies in
	// the run that begins there or in a later one; each adds its step from the run before. No byte ever overflows.
	const ones = 0x01010101_01010101
	from := func(start uint64) uint64 { return (x + (0x80-start)*ones) >> 7 & ones }
	return x + 'A'*ones + 6*from(26) - 75*from(52) - 15*from(62) + 3*from(63)
}
