package stream

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
)

// hashKey is a point in the space that the shards of a stream share: an unsigned number of 128 bits.
type hashKey struct{ high, low uint64 }

func (k hashKey) less(o hashKey) bool {
	return k.high < o.high || k.high == o.high && k.low < o.low
}

// keyHash is where a partition key lies: its MD5 as a big-endian number.
func keyHash(partitionKey string) hashKey {
	sum := md5.Sum([]byte(partitionKey))
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

func randomHash() hashKey { return hashKey{rand.Uint64(), rand.Uint64()} }

// maxHashDigits is the number of digits of the largest hash key.
const maxHashDigits = 39

// parseHashKey reads a hash key in decimal.
func parseHashKey(s string) (hashKey, error) {
	if s == "" || len(s) > maxHashDigits {
		return hashKey{}, fmt.Errorf("hash key of %d digits", len(s))
	}
	var k hashKey
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return hashKey{}, fmt.Errorf("hash key %q is not a number", s)
		}
		carry, low := bits.Mul64(k.low, 10)
		over, high := bits.Mul64(k.high, 10)
		low, c1 := bits.Add64(low, uint64(c-'0'), 0)
		high, c2 := bits.Add64(high, carry, c1)
		if over != 0 || c2 != 0 {
			return hashKey{}, fmt.Errorf("hash key %s is larger than 2^128-1", s)
		}
		k = hashKey{high, low}
	}
	return k, nil
}

// String returns the key in decimal.
func (k hashKey) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], k.high)
	binary.BigEndian.PutUint64(b[8:], k.low)
	return new(big.Int).SetBytes(b[:]).String()
}

// hashRange is an inclusive range of hash keys.
type hashRange struct{ start, end hashKey }

// divide cuts the whole space into n ranges of floor(2^128/n) keys; the last one also has the rest.
func divide(n int) []hashRange {
	end := hashKey{1<<64 - 1, 1<<64 - 1}
	if n <= 1 {
		return []hashRange{{end: end}}
	}
	high, rest := bits.Div64(1, 0, uint64(n))
	low, _ := bits.Div64(rest, 0, uint64(n))
	ranges := make([]hashRange, n)
	var start hashKey
	for i := range ranges {
		next, carry := bits.Add64(start.low, low, 0)
		following := hashKey{start.high + high + carry, next}
		last, borrow := bits.Sub64(following.low, 1, 0)
		ranges[i] = hashRange{start, hashKey{following.high - borrow, last}}
		start = following
	}
	ranges[n-1].end = end
	return ranges
}
