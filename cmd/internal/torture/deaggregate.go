package main

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
)

// deaggregate calls f with each user record of a stream's record. An aggregate is F3 89 9A C2, a message of protocol buffers and
// the MD5 of that message; its field 3 is a record, whose field 3 is the data. Anything else is one record by itself, and
// an aggregate that is damaged is an error: the agent made it.
func deaggregate(record []byte, f func(data []byte)) error {
	magic := []byte{0xf3, 0x89, 0x9a, 0xc2}
	if !bytes.HasPrefix(record, magic) {
		f(record)
		return nil
	}
	if len(record) < len(magic)+md5.Size {
		return errors.New("an aggregate is shorter than its frame")
	}
	message, digest := record[len(magic):len(record)-md5.Size], record[len(record)-md5.Size:]
	if sum := md5.Sum(message); !bytes.Equal(sum[:], digest) {
		return errors.New("the digest of an aggregate does not fit")
	}
	return fields(message, func(number uint64, inner []byte) error {
		if number != 3 {
			return nil
		}
		found := false
		err := fields(inner, func(number uint64, data []byte) error {
			if number == 3 {
				found = true
				f(data)
			}
			return nil
		})
		if err == nil && !found {
			err = errors.New("a record of an aggregate has no data")
		}
		return err
	})
}

// fields calls f with each field of a message that has a length; numbers are skipped.
func fields(message []byte, f func(number uint64, data []byte) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return errors.New("a tag of an aggregate is damaged")
		}
		message = message[n:]
		v, n := binary.Uvarint(message)
		if n <= 0 {
			return errors.New("a field of an aggregate is damaged")
		}
		message = message[n:]
		switch tag & 7 {
		case 0:
		case 2:
			if v > uint64(len(message)) {
				return errors.New("a field of an aggregate is longer than the aggregate")
			}
			if err := f(tag>>3, message[:v]); err != nil {
				return err
			}
			message = message[v:]
		default:
			return fmt.Errorf("a field of an aggregate has the wire type %d", tag&7)
		}
	}
	return nil
}
