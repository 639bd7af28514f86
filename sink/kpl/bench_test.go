package kpl

import (
	"bytes"
	"crypto/md5"
	"testing"
)

// The input is 250 records of 200 bytes under one key of 16 bytes: the aggregate of the default size, about 51 KB.
const benchRecords = 250

func benchLine() []byte { return bytes.Repeat([]byte("0123456789abcdef0123"), 10) }

func benchAggregate() *Aggregate {
	a, line := new(Aggregate), benchLine()
	for range benchRecords {
		a.Add("0123456789abcdef", nil, line)
	}
	return a
}

func BenchmarkWrite(b *testing.B) {
	a, line := benchAggregate(), benchLine()
	b.SetBytes(int64(benchRecords * len(line)))
	b.ReportAllocs()
	for b.Loop() {
		a.Reset()
		for range benchRecords {
			a.Add("0123456789abcdef", nil, line)
		}
		a.Bytes()
	}
}

func BenchmarkRead(b *testing.B) {
	whole := bytes.Clone(benchAggregate().Bytes())
	b.SetBytes(int64(benchRecords * len(benchLine())))
	b.ReportAllocs()
	var r Reader
	for b.Loop() {
		if !r.Open(whole) {
			b.Fatal("not an aggregate")
		}
		for _, ok := r.Next(); ok; _, ok = r.Next() {
		}
	}
}

// BenchmarkLimitMD5 is what neither writer nor reader can undercut: the digest of the same bytes.
func BenchmarkLimitMD5(b *testing.B) {
	whole := bytes.Clone(benchAggregate().Bytes())
	b.SetBytes(int64(benchRecords * len(benchLine())))
	for b.Loop() {
		md5.Sum(whole)
	}
}
