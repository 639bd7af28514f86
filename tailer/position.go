package tailer

import (
	"encoding/hex"
	"fmt"
)

// FileID names a file for ever. It is minted once, when the file is first seen, and stays with the content through
// renames, compression and copying; (FileID, offset) names a record, the same on every retry. The zero value is no file.
type FileID [12]byte

// String returns the id in lower-case hexadecimal, 24 digits.
func (id FileID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText writes the form of String.
func (id FileID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form that String writes.
func (id *FileID) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(id) {
		return fmt.Errorf("tailer: file id %q: want %d hexadecimal digits", text, hex.EncodedLen(len(id)))
	}
	if _, err := hex.Decode(id[:], text); err != nil {
		return fmt.Errorf("tailer: file id %q: %w", text, err)
	}
	return nil
}

// Digest is a hash over a run of a file's bytes: how many, and their sum. The zero value covers nothing and matches anything.
type Digest struct {
	Len int    `json:"len"`
	Sum uint64 `json:"sum"` // xxHash64
}

// Identity says which file this is. A name is never part of it. Inode and Birth decide quickly, Head proves it; the
// device number is a hint only, because it changes at reboot.
type Identity struct {
	Inode  uint64 `json:"inode"`
	Birth  int64  `json:"birth,omitempty"` // nanoseconds since the epoch; 0 where the file system keeps none
	Device uint64 `json:"device"`
	Head   Digest `json:"head"` // the first bytes, up to 1 KiB; grows with the file
}

// Position is a place in a file that survives a restart of the reader: which file, and how far.
type Position struct {
	ID       FileID   `json:"id"`
	Path     string   `json:"path"`             // the last name it was seen under; of what lies beside the target of a link, that link. For people, and a place to look first
	Target   string   `json:"target,omitempty"` // where that name led, if it was a symbolic link: the file may still lie there, or beside
	Identity Identity `json:"identity"`
	Offset   int64    `json:"offset"` // of the next byte to read
	Before   Digest   `json:"before"` // the bytes that end at Offset

	// Size is how many bytes there were when this was last read from; 0: not known. What was read since may lie beyond it.
	Size int64 `json:"size,omitempty"`

	// Met is when the file was met under a name that is followed, in nanoseconds since the epoch; what that name had been rotated to before
	// is history. 0: not known, then the birth of the file counts.
	Met int64 `json:"met,omitempty"`
}

// unread is how many bytes had been seen and not read when p was taken; -1: not known.
func (p *Position) unread() int64 {
	if p.Size <= 0 && (p.Offset > 0 || p.Identity.Head.Len > 0) {
		return -1
	}
	return max(p.Size-p.Offset, 0)
}
