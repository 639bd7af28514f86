package tailer

import (
	"crypto/rand"
	"errors"
	"io"

	"github.com/cespare/xxhash/v2"
)

// How many bytes the digests of a Position cover at most.
const (
	headSize   = 1 << 10
	beforeSize = 256
)

// newFileID mints an id from the system's random source, which never fails on the systems that Go supports.
func newFileID() FileID {
	var id FileID
	_, _ = rand.Read(id[:])
	return id
}

// digestOf returns the digest of b. That of no bytes is the zero value.
func digestOf(b []byte) Digest {
	if len(b) == 0 {
		return Digest{}
	}
	return Digest{Len: len(b), Sum: xxhash.Sum64(b)}
}

// covers tells whether b begins with the bytes of d. A digest of no bytes is in everything.
func (d Digest) covers(b []byte) bool {
	return d.Len <= len(b) && digestOf(b[:d.Len]) == d
}

// endsWith tells whether b ends with the bytes of d.
func (d Digest) endsWith(b []byte) bool {
	return d.Len <= len(b) && digestOf(b[len(b)-d.Len:]) == d
}

// valid tells whether p may have been made by this version: within the bounds of what it will read back.
func (p *Position) valid() bool {
	return p.Offset >= 0 && p.Identity.Head.Len >= 0 && p.Identity.Head.Len <= headSize &&
		p.Before.Len >= 0 && p.Before.Len <= beforeSize && int64(p.Before.Len) <= p.Offset
}

// matches tells whether st, by its numbers, may be the file of this identity. Device is a hint only and not asked for.
func (id *Identity) matches(st *fileStat) bool {
	return id.Inode == st.inode && (id.Birth == st.birth || id.Birth == 0 || st.birth == 0)
}

// readAt fills buf from off as far as the file goes. Meeting the end is no error.
func readAt(r io.ReaderAt, buf []byte, off int64) (int, error) {
	n, err := r.ReadAt(buf, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// readBefore returns the bytes that end at off, at most size and no more than there are. scratch holds them.
func readBefore(r io.ReaderAt, scratch []byte, off int64, size int) ([]byte, error) {
	size = int(min(int64(size), off))
	n, err := readAt(r, scratch[:size], off-int64(size))
	return scratch[:n], err
}

// proves tells whether the content of r, of which head is the first KiB, is that which p was taken from: its head and the
// bytes before its offset are there.
func proves(r io.ReaderAt, head []byte, p *Position) (bool, error) {
	if !p.Identity.Head.covers(head) {
		return false, nil
	}
	if p.Offset == 0 {
		return true, nil
	}
	var scratch [beforeSize]byte
	before, err := readBefore(r, scratch[:], p.Offset, max(p.Before.Len, 1))
	if err != nil {
		return false, err
	}
	// A read that comes back empty means that the file is shorter than the offset.
	return len(before) > 0 && p.Before.endsWith(before) && (p.Before.Len == 0 || len(before) == p.Before.Len), nil
}
