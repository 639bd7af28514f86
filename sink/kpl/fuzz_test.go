package kpl

import (
	"bytes"
	"crypto/md5"
	"testing"
)

// FuzzReader reads arbitrary messages. The digest is put right, or no input but the seeds would get past it.
func FuzzReader(f *testing.F) {
	for name := range vectorItems() {
		v := vector(f, name)
		f.Add(v[len(magic) : len(v)-md5.Size])
	}
	f.Add([]byte("\x0a\x01a\x1a\x05\x08\x07\x1a\x01b"))
	f.Add([]byte("\x0b\x0b\x0b\x0c\x0c\x0c"))
	f.Fuzz(func(t *testing.T, message []byte) {
		sum := md5.Sum(message)
		data := append(append([]byte(magic), message...), sum[:]...)
		before := bytes.Clone(data)
		var r Reader
		items, ok := read(t, &r, data)
		if !bytes.Equal(data, before) {
			t.Fatal("reading changed the input")
		}
		if !ok {
			return
		}
		if r.Err() == nil && len(items) != r.Len() || len(items) > r.Len() {
			t.Fatalf("%d records read, Len %d, error %v", len(items), r.Len(), r.Err())
		}
		rewrite(t, items)
	})
}

// rewrite checks that what was read can be written and read again.
func rewrite(t *testing.T, items []item) {
	var a Aggregate
	for i, it := range items {
		if h, err := ParseHash(it.hash); err == nil {
			items[i].hash = h.String() // without leading zeros
		} else {
			items[i].hash = ""
		}
		items[i].add(t, &a)
	}
	if len(items) == 0 {
		return
	}
	var r Reader
	if again, ok := read(t, &r, a.Bytes()); !ok || r.Err() != nil || !equal(again, items) {
		t.Fatalf("written again: %q, %v, %v, want %q", again, ok, r.Err(), items)
	}
}

// FuzzOpen reads arbitrary records, which are hardly ever aggregates.
func FuzzOpen(f *testing.F) {
	for name := range vectorItems() {
		f.Add(vector(f, name))
	}
	f.Add([]byte(magic))
	f.Add([]byte(magic + "0123456789abcdef"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Reader
		read(t, &r, data)
	})
}

// FuzzWriter builds aggregates from a script: per record a byte for the key, one for the hash key, one for the length.
func FuzzWriter(f *testing.F) {
	f.Add([]byte{0, 0, 5, 0, 0, 5})
	f.Add([]byte{0, 1, 0, 1, 2, 200, 0, 1, 7})
	f.Fuzz(func(t *testing.T, script []byte) {
		var items []item
		for len(script) >= 3 && len(items) < 1000 {
			key, hash, size := script[0], script[1], int(script[2])
			script = script[3:]
			it := item{key: string(bytes.Repeat([]byte{'k'}, int(key))), data: string(bytes.Repeat([]byte{key}, size))}
			if hash > 0 {
				it.hash = Hash{uint64(hash) << 40, uint64(size)}.String()
			}
			items = append(items, it)
		}
		rewrite(t, items)
	})
}
