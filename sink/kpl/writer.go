package kpl

import (
	"crypto/md5"
	"math/bits"
)

// Aggregate builds one aggregated record. The zero value is empty and ready; Reset makes it so again and keeps the memory.
// It is not safe for concurrent use.
//
// As long as all records have the same partition key and none an explicit hash key, the finished form grows in place: the
// bytes of a record are copied once. The second key moves the records behind a table of their own.
type Aggregate struct {
	buf   []byte // magic, keys and, while there is one key only, the records
	n     int
	first int    // where the data of the first record starts: in buf, or in recs if many
	size  int    // of the data of the first record
	key   string // the first

	many   bool
	hashes []byte // the table of explicit hash keys
	recs   []byte
	keyAt  map[string]uint64
	hashAt map[Hash]uint64
	out    []byte // what Bytes returned last
}

// Reset empties a. What Bytes returned becomes invalid.
func (a *Aggregate) Reset() {
	a.buf, a.hashes, a.recs = a.buf[:0], a.hashes[:0], a.recs[:0]
	a.n, a.key, a.many = 0, "", false
	clear(a.keyAt)
	clear(a.hashAt)
}

// Len returns the number of records.
func (a *Aggregate) Len() int { return a.n }

// Size returns the length of the aggregated record in bytes, exactly.
func (a *Aggregate) Size() int {
	if a.n == 0 {
		return Overhead
	}
	return len(a.buf) + len(a.hashes) + len(a.recs) + md5.Size
}

// SizeWith returns what Size would be after an Add of so many bytes of data, exactly.
func (a *Aggregate) SizeWith(key string, explicit *Hash, data int) int {
	size := a.Size()
	keyIndex, known := a.keyIndex(key)
	if !known {
		size += fieldSize(len(key))
	}
	body := 1 + varintSize(keyIndex) + fieldSize(data)
	if explicit != nil {
		hashIndex, known := a.hashIndex(*explicit)
		if !known {
			size += fieldSize(len(explicit.AppendTo(make([]byte, 0, maxDigits))))
		}
		body += 1 + varintSize(hashIndex)
	}
	return size + fieldSize(body)
}

// Add appends a user record and copies data. A nil explicit means that the record's place is the hash of its key.
func (a *Aggregate) Add(key string, explicit *Hash, data []byte) {
	if a.n == 0 {
		a.buf = append(a.buf[:0], magic...)
		a.buf = appendField(a.buf, tagKey, key)
		a.key = key
	}
	if !a.many && explicit == nil && key == a.key {
		a.buf = appendRecordHead(a.buf, 0, nil, len(data))
		a.note(len(a.buf), len(data))
		a.buf = append(a.buf, data...)
		return
	}
	a.spread()
	keyIndex, known := a.keyIndex(key)
	if !known {
		a.keyAt[key] = keyIndex
		a.buf = appendField(a.buf, tagKey, key)
	}
	var hashIndex *uint64
	if explicit != nil {
		index, known := a.hashIndex(*explicit)
		if !known {
			a.hashAt[*explicit] = index
			var digits [maxDigits]byte
			a.hashes = appendField(a.hashes, tagHash, explicit.AppendTo(digits[:0]))
		}
		hashIndex = &index
	}
	a.recs = appendRecordHead(a.recs, keyIndex, hashIndex, len(data))
	a.note(len(a.recs), len(data))
	a.recs = append(a.recs, data...)
}

// note counts a record and remembers where the first one's data is.
func (a *Aggregate) note(at, size int) {
	if a.n == 0 {
		a.first, a.size = at, size
	}
	a.n++
}

// spread moves from one key to tables: the records leave buf, where more keys may follow now.
func (a *Aggregate) spread() {
	if a.many {
		return
	}
	a.many = true
	head := len(magic) + fieldSize(len(a.key))
	a.recs = append(a.recs[:0], a.buf[head:]...)
	a.buf = a.buf[:head]
	a.first -= head
	if a.keyAt == nil {
		a.keyAt, a.hashAt = make(map[string]uint64), make(map[Hash]uint64)
	}
	a.keyAt[a.key] = 0
}

// keyIndex returns the index of key in its table, or the one that it would get.
func (a *Aggregate) keyIndex(key string) (index uint64, known bool) {
	switch {
	case a.n == 0 && !a.many:
		return 0, false
	case key == a.key:
		return 0, true
	case !a.many:
		return 1, false
	}
	if index, known = a.keyAt[key]; !known {
		index = uint64(len(a.keyAt))
	}
	return index, known
}

func (a *Aggregate) hashIndex(h Hash) (index uint64, known bool) {
	if index, known = a.hashAt[h]; !known {
		index = uint64(len(a.hashAt))
	}
	return index, known
}

// Lone returns the data of the only record. Such a record is sent as it is, under its own key, and never wrapped. The
// slice is valid until the next Add or Reset. ok is false unless Len is 1.
func (a *Aggregate) Lone() (data []byte, ok bool) {
	if a.n != 1 {
		return nil, false
	}
	in := a.buf
	if a.many {
		in = a.recs
	}
	return in[a.first : a.first+a.size], true
}

// AppendTo appends the aggregated record to dst.
func (a *Aggregate) AppendTo(dst []byte) []byte {
	start := len(dst)
	if a.n == 0 {
		dst = append(dst, magic...)
	} else {
		dst = append(append(append(dst, a.buf...), a.hashes...), a.recs...)
	}
	sum := md5.Sum(dst[start+len(magic):])
	return append(dst, sum[:]...)
}

// Bytes returns the aggregated record. The slice belongs to a and is valid until the next Add or Reset; with one key it is
// made without a copy of the records.
func (a *Aggregate) Bytes() []byte {
	if a.n == 0 || a.many {
		a.out = a.AppendTo(a.out[:0])
		return a.out
	}
	sum := md5.Sum(a.buf[len(magic):])
	whole := append(a.buf, sum[:]...)
	a.buf = whole[:len(a.buf)] // the next Add overwrites the digest
	return whole
}

// appendRecordHead appends all of a record but the data itself.
func appendRecordHead(dst []byte, key uint64, hash *uint64, data int) []byte {
	body := 1 + varintSize(key) + fieldSize(data)
	if hash != nil {
		body += 1 + varintSize(*hash)
	}
	dst = appendVarint(append(dst, tagRecord), uint64(body))
	dst = appendVarint(append(dst, tagKeyIndex), key)
	if hash != nil {
		dst = appendVarint(append(dst, tagHashIndex), *hash)
	}
	return appendVarint(append(dst, tagData), uint64(data))
}

func appendField[T string | []byte](dst []byte, tag byte, value T) []byte {
	dst = appendVarint(append(dst, tag), uint64(len(value)))
	return append(dst, value...)
}

// fieldSize returns the length of a field of n bytes with its one-byte tag and its length.
func fieldSize(n int) int { return 1 + varintSize(uint64(n)) + n }

func appendVarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

func varintSize(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
