// Package kpl reads and writes aggregated records: the format of the Kinesis Producer Library, in which many user records
// travel as one record of a stream.
//
//	F3 89 9A C2 | message | MD5 of the message, 16 bytes
//
// The message is protocol buffers, second edition (presence matters: an index of 0 is written). By field number:
//
//	AggregatedRecord  1 partition key, repeated   2 explicit hash key, repeated   3 record, repeated
//	record            1 index of its partition key   2 index of its explicit hash key, if it has one   3 data   4 tags, skipped
//
// The canonical order is keys, hash keys, records, each key once and in the order of its first use; Aggregate writes
// that. Reader takes any order, keys that occur twice and fields that it does not know. The two records "hello" and
// "world" under the key "pk1" are
//
//	F3899AC2  0A 03 706B31                               key 0 is "pk1"
//	          1A 09  08 00  1A 05 68656C6C6F             a record: key 0, "hello"
//	          1A 09  08 00  1A 05 776F726C64             a record: key 0, "world"
//	          F5FB92B07D5DC986BB5915E9657557AA           MD5 of the 27 bytes between
//
// The service knows nothing of all this: it places the whole by the partition key of the record that carries it. So all
// user records of an aggregate must belong into the same shard. Readers of the KCL drop an aggregate of which one does not.
package kpl

import "crypto/md5"

const (
	magic = "\xf3\x89\x9a\xc2"

	// Overhead is what magic and digest add to the message, in bytes.
	Overhead = len(magic) + md5.Size
)

// Fields of the two messages.
const (
	fieldKey    = 1 // of AggregatedRecord
	fieldHash   = 2
	fieldRecord = 3

	fieldKeyIndex  = 1 // of a record
	fieldHashIndex = 2
	fieldData      = 3
)

// Tags as they are written: field number and wire type in one byte.
const (
	tagKey    = fieldKey<<3 | 2
	tagHash   = fieldHash<<3 | 2
	tagRecord = fieldRecord<<3 | 2

	tagKeyIndex  = fieldKeyIndex << 3
	tagHashIndex = fieldHashIndex << 3
	tagData      = fieldData<<3 | 2
)
