package kpl

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"testing"
)

// seal puts magic and digest around a message given in hex.
func seal(t testing.TB, message string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(message)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(raw)
	return append(append([]byte(magic), raw...), sum[:]...)
}

func TestNotAggregated(t *testing.T) {
	var r Reader
	v1 := vector(t, "v1")
	for i := len(magic); i < len(v1); i++ {
		flipped := bytes.Clone(v1)
		flipped[i] ^= 1
		if r.Open(flipped) {
			t.Errorf("read with byte %d flipped", i)
		}
	}
	for n := range Overhead + 1 {
		if r.Open(append([]byte(magic), make([]byte, 64)...)[:n]) {
			t.Errorf("read magic with %d bytes in all", n)
		}
	}
	for name, message := range map[string]string{
		"cut tag":                   "80",
		"cut length":                "0a",
		"length beyond the end":     "0a05 61",
		"record without data":       "0a0161 1a020800",
		"record without key":        "0a0161 1a031a0161",
		"record with a cut field":   "0a0161 1a04 0800 1a05",
		"record with a cut varint":  "0a0161 1a05 1a0161 0880",
		"field number 0":            "0200",
		"end of no group":           "0a0161 0c",
		"group without end":         "0b0a00",
		"wire type 7":               "0f00",
		"length of 2^64-1":          "0affffffffffffffffff01",
		"length of 2^63":            "0a80808080808080808001",
		"record: length of 2^64-1":  "1a0b1affffffffffffffffff01",
		"record is a cut length":    "1aff",
		"record: eleven-byte index": "1a0f 08ffffffffffffffffffff01 1a0161",
	} {
		if r.Open(seal(t, clean(message))) {
			t.Errorf("%s: %s is read as an aggregate", name, message)
		}
	}
}

func clean(s string) string { return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)) }

func TestReaderTolerates(t *testing.T) {
	var r Reader
	for name, c := range map[string]struct {
		message string
		want    []item
	}{
		"no record":              {"0a0161", nil},
		"tables behind":          {"1a07 0800 1000 1a0161 120137 0a016b", []item{{"k", "7", "a"}}},
		"a key twice":            {"0a016b 0a016b 1a05 0801 1a0161", []item{{"k", "", "a"}}},
		"data before key":        {"0a016b 1a05 1a0161 0800", []item{{"k", "", "a"}}},
		"the last value counts":  {"0a016b 1a0a 1a0162 0805 0800 1a0161", []item{{"k", "", "a"}}},
		"tags":                   {"0a016b 1a0c 0800 1a0161 2205 0a0161 1200", []item{{"k", "", "a"}}},
		"unknown fields":         {"3a00 0a016b 4001 1a0c 0800 1a0161 3a00 4d01020304", []item{{"k", "", "a"}}},
		"unknown group":          {"0a016b 2b 0800 2c 1a05 0800 1a0161", []item{{"k", "", "a"}}},
		"known number, odd type": {"0a016b 0805 1805 1a07 0800 1801 1a0161", []item{{"k", "", "a"}}},
		"bytes that are no text": {"0a02fffe 1a05 0800 1a01ff", []item{{"\xff\xfe", "", "\xff"}}},
		"long varints":           {"0a8100 6b 1a07 088000 1a8100 61", []item{{"k", "", "a"}}},
	} {
		got, ok := read(t, &r, seal(t, clean(c.message)))
		if !ok || r.Err() != nil || !equal(got, c.want) || r.Len() != len(c.want) {
			t.Errorf("%s: got %q, %v, %v, Len %d, want %q", name, got, ok, r.Err(), r.Len(), c.want)
		}
	}
}

func TestBadIndexKeepsWhatCameBefore(t *testing.T) {
	var r Reader
	for name, c := range map[string]struct {
		message string
		want    []item
	}{
		"key":       {"0a016b 1a05 0800 1a0161 1a05 0807 1a0162 1a05 0800 1a0163", []item{{"k", "", "a"}}},
		"hash key":  {"0a016b 120137 1a07 0800 1000 1a0161 1a07 0800 1001 1a0162", []item{{"k", "7", "a"}}},
		"first":     {"1a05 0800 1a0161", nil},
		"of 64 bit": {"0a016b 1a0e 08ffffffffffffffffff01 1a0161", nil},
	} {
		got, ok := read(t, &r, seal(t, clean(c.message)))
		if !ok || !errors.Is(r.Err(), ErrIndex) || !equal(got, c.want) {
			t.Errorf("%s: got %q, %v, error %v, want %q", name, got, ok, r.Err(), c.want)
		}
		if _, more := r.Next(); more {
			t.Errorf("%s: a record follows the bad one", name)
		}
	}
}

func TestHashOfBadText(t *testing.T) {
	var r Reader
	if !r.Open(seal(t, clean("0a016b 1200 1a07 0800 1000 1a0161"))) {
		t.Fatal("an empty hash key is not read")
	}
	rec, ok := r.Next()
	if !ok || rec.ExplicitHashKey == nil {
		t.Fatalf("got %+v, %v, want a present, empty hash key", rec, ok)
	}
	if h, err := rec.Hash(); err == nil {
		t.Errorf("Hash = %v, want an error", h)
	}
}

func TestRecordsAreCapped(t *testing.T) {
	var r Reader
	v1 := vector(t, "v1")
	r.Open(v1)
	rec, _ := r.Next()
	_, _ = append(rec.Data, "overwritten"...), append(rec.PartitionKey, "overwritten"...)
	if !bytes.Equal(v1, vector(t, "v1")) {
		t.Error("an append to a record's slice wrote into the input")
	}
}
