package inflate

import (
	"fmt"
	"strings"
)

// Format is how a file is compressed.
type Format uint8

// The formats. The zero value is a file that is not compressed, as far as its first bytes tell.
const (
	Plain Format = iota
	Gzip
	Zstd
	Bzip2
	XZ
	LZ4
	Zip
)

// DetectSize is how many of a file's first bytes Detect needs to know every format.
const DetectSize = 10

// Detect returns the format of a file that begins with head. Fewer than DetectSize bytes are taken for plain where they
// could become something else.
func Detect(head []byte) Format {
	begins := func(magic string) bool { return strings.HasPrefix(string(head[:min(len(head), DetectSize)]), magic) }
	switch {
	case begins("\x1f\x8b\x08"): // RFC 1952 section 2.3.1: deflate is the only method there is
		return Gzip
	case begins(zstdMagic), len(head) >= 4 && head[0]>>4 == 5 && string(head[1:4]) == skippableMagic:
		return Zstd
	case begins("BZh") && len(head) >= 10 && head[3] >= '1' && head[3] <= '9' && bzip2Block(string(head[4:10])):
		return Bzip2
	case begins("\xfd7zXZ\x00"):
		return XZ
	case begins("\x04\x22\x4d\x18"):
		return LZ4
	case begins("PK\x03\x04"):
		return Zip
	}
	return Plain
}

// bzip2Block tells whether s announces a block of a bzip2 stream or its end: the digits of pi and of its square root.
func bzip2Block(s string) bool {
	return s == "\x31\x41\x59\x26\x53\x59" || s == "\x17\x72\x45\x38\x50\x90"
}

// Check returns nil if New takes the format, otherwise an UnsupportedError.
func (f Format) Check() error {
	switch f {
	case Gzip, Zstd, Bzip2:
		return nil
	}
	return &UnsupportedError{f, fmt.Sprintf("weir does not read this format: unpack it first (%s), or leave it out", f.unpack())}
}

// String returns the name of the format.
func (f Format) String() string {
	return [...]string{"plain", "gzip", "zstd", "bzip2", "xz", "lz4", "zip"}[f]
}

// unpack is the command that makes a plain file of one of the format.
func (f Format) unpack() string {
	return [...]string{"cat", "gunzip", "unzstd", "bunzip2", "unxz", "unlz4", "unzip"}[f]
}
