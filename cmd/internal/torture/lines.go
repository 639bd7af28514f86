package main

import (
	"bytes"
	"strconv"
	"strings"
)

// A line is "L0007 000000042 padding": the number of its log, its own number from 1, and padding that depends on both, so that
// no two lines are equal and a damaged one is recognised. With its line end it has 200 bytes on average.
const (
	headSize   = len("L0007 000000042 ")
	padLeast   = 120
	padSpan    = 129        // padding has padLeast to padLeast+padSpan-1 bytes
	meanLine   = 200        // bytes, line end included
	maxNumber  = 50_000_000 // of a line: bounds what the verifier keeps
	padPattern = "abcdefghijklmnopqrstuvwxyz0123456789 /ABCDEFGHIJKLMNOPQRSTUVWXYZ=-_.:;,?"
)

// padding is where all padding is cut from.
func padding() string { return strings.Repeat(padPattern, 8) }

// lines makes and knows the numbered lines. It is never changed.
type lines struct{ pad string }

func newLines() lines { return lines{padding()} }

// append adds line n of a log, with its line end.
func (l lines) append(dst []byte, log, n int) []byte {
	dst = append(dst, 'L')
	dst = appendPadded(dst, log, 4)
	dst = append(dst, ' ')
	dst = appendPadded(dst, n, 9)
	dst = append(dst, ' ')
	mix := (uint64(log)<<32 + uint64(n)) * 0x9e3779b97f4a7c15
	from := int(mix>>40) % (len(padPattern) * 4)
	size := padLeast + int(mix>>20&0xffff)%padSpan
	dst = append(dst, l.pad[from:from+size]...)
	return append(dst, '\n')
}

// appendPadded writes n in decimal with leading zeros.
func appendPadded(dst []byte, n, width int) []byte {
	start := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := start + width - 1; i >= start; i-- {
		dst[i] += byte(n % 10)
		n /= 10
	}
	return dst
}

// parse returns the log and the number of a line without its line end, if it is one of ours to the last byte.
func (l lines) parse(line, scratch []byte) (log, n int, ok bool) {
	if len(line) < headSize || line[0] != 'L' || line[5] != ' ' || line[15] != ' ' {
		return 0, 0, false
	}
	log, err := strconv.Atoi(string(line[1:5]))
	if err != nil || log < 0 {
		return 0, 0, false
	}
	n, err = strconv.Atoi(string(line[6:15]))
	if err != nil || n < 1 || n > maxNumber {
		return 0, 0, false
	}
	want := l.append(scratch[:0], log, n)
	return log, n, bytes.Equal(want[:len(want)-1], line)
}
