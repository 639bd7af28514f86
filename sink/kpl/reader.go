package kpl

import (
	"crypto/md5"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Record is one user record. Its slices point into what was given to Reader.Open.
type Record struct {
	Data            []byte
	PartitionKey    []byte
	ExplicitHashKey []byte // decimal, as it was written; nil if the record has none
	Index           int    // its place in the aggregate, from 0: the sub-sequence number
}

// Hash returns the record's place in the key space: its explicit hash key or else the hash of its partition key. The error
// says that the explicit hash key is no number.
func (r *Record) Hash() (Hash, error) {
	if r.ExplicitHashKey == nil {
		return HashOf(r.PartitionKey), nil
	}
	return ParseHash(r.ExplicitHashKey)
}

// ErrIndex is the error of an aggregate of which a record names a key that is not in the table.
var ErrIndex = errors.New("aggregated record is damaged")

// Reader opens aggregated records, one after the other. The zero value is ready. It allocates nothing but the tables of
// keys, four times the input at most, and keeps those for the next one. It is not safe for concurrent use.
type Reader struct {
	rest   []byte // of the message
	keys   []span
	hashes []span
	whole  []byte
	n      int
	next   int
	err    error
}

// span is a key in the message. Offsets of 32 bits halve what a hostile table of empty keys costs.
type span struct{ from, to uint32 }

// IsAggregate reports whether data starts as an aggregated record does. Only Open tells for sure.
func IsAggregate(data []byte) bool {
	return len(data) > Overhead && string(data[:len(magic)]) == magic
}

// Open starts to read data, which must not change until the last record is read. It reports whether data is an aggregated
// record; if not (other magic, wrong digest, malformed message), data is a user record by itself.
func (r *Reader) Open(data []byte) bool {
	*r = Reader{keys: r.keys[:0], hashes: r.hashes[:0]}
	if !IsAggregate(data) || uint64(len(data)) > math.MaxUint32 {
		return false
	}
	message, digest := data[len(magic):len(data)-md5.Size], data[len(data)-md5.Size:]
	if md5.Sum(message) != [md5.Size]byte(digest) {
		return false
	}
	if !r.scan(message) {
		*r = Reader{keys: r.keys[:0], hashes: r.hashes[:0]}
		return false
	}
	r.whole, r.rest = message, message
	return true
}

// scan checks the whole message and collects the tables, which may stand behind the records.
func (r *Reader) scan(message []byte) bool {
	for at := 0; at < len(message); {
		num, value, size := consumeField(message[at:])
		if size < 0 {
			return false
		}
		at += size
		where := span{uint32(at - len(value)), uint32(at)}
		switch {
		case value == nil: // of a wire type that no field of ours has: unknown, whatever its number
		case num == fieldKey:
			r.keys = append(r.keys, where)
		case num == fieldHash:
			r.hashes = append(r.hashes, where)
		case num == fieldRecord:
			if _, ok := parseRecord(value); !ok {
				return false
			}
			r.n++
		}
	}
	return true
}

// Len returns how many records the aggregate has.
func (r *Reader) Len() int { return r.n }

// Next returns the next record. ok is false at the end, and at a record whose keys are not in the tables: what came
// before it is good, nothing comes after it, and Err tells.
func (r *Reader) Next() (rec Record, ok bool) {
	for len(r.rest) > 0 && r.err == nil {
		num, value, size := consumeField(r.rest)
		r.rest = r.rest[size:]
		if num == fieldRecord && value != nil {
			return r.record(value)
		}
	}
	return Record{}, false
}

func (r *Reader) record(value []byte) (Record, bool) {
	raw, _ := parseRecord(value)
	rec := Record{Data: raw.data, Index: r.next}
	r.next++
	var ok bool
	if rec.PartitionKey, ok = r.lookup(r.keys, raw.key); !ok {
		r.err = fmt.Errorf("%w: record %d has partition key %d of %d", ErrIndex, rec.Index, raw.key, len(r.keys))
		return Record{}, false
	}
	if raw.hasHash {
		if rec.ExplicitHashKey, ok = r.lookup(r.hashes, raw.hash); !ok {
			r.err = fmt.Errorf("%w: record %d has explicit hash key %d of %d", ErrIndex, rec.Index, raw.hash, len(r.hashes))
			return Record{}, false
		}
	}
	return rec, true
}

func (r *Reader) lookup(table []span, index uint64) ([]byte, bool) {
	if index >= uint64(len(table)) {
		return nil, false
	}
	s := table[index]
	return r.whole[s.from:s.to:s.to], true
}

// Err returns why Next ended before the last record, and nil if it did not.
func (r *Reader) Err() error { return r.err }

// rawRecord is a record before its keys are looked up.
type rawRecord struct {
	key, hash uint64
	hasHash   bool
	data      []byte
}

// parseRecord reads one record. The last of several values counts; key and data are required.
func parseRecord(message []byte) (rec rawRecord, ok bool) {
	var hasKey, hasData bool
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return rec, false
		}
		size := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if size < 0 {
			return rec, false
		}
		value := message[tag : tag+size]
		message = message[tag+size:]
		switch {
		case num == fieldKeyIndex && typ == protowire.VarintType:
			rec.key, _ = protowire.ConsumeVarint(value)
			hasKey = true
		case num == fieldHashIndex && typ == protowire.VarintType:
			rec.hash, _ = protowire.ConsumeVarint(value)
			rec.hasHash = true
		case num == fieldData && typ == protowire.BytesType:
			rec.data, _ = protowire.ConsumeBytes(value)
			rec.data = rec.data[:len(rec.data):len(rec.data)]
			hasData = true
		}
	}
	return rec, hasKey && hasData
}

// consumeField reads one field of the outer message: value is nil unless it is of the wire type bytes; size is negative if
// the message is malformed.
func consumeField(message []byte) (num protowire.Number, value []byte, size int) {
	num, typ, tag := protowire.ConsumeTag(message)
	if tag < 0 {
		return 0, nil, -1
	}
	if typ == protowire.BytesType {
		value, n := protowire.ConsumeBytes(message[tag:])
		if n < 0 {
			return 0, nil, -1
		}
		return num, value, tag + n
	}
	n := protowire.ConsumeFieldValue(num, typ, message[tag:])
	if n < 0 {
		return 0, nil, -1
	}
	return num, nil, tag + n
}
