package inflate

import (
	"errors"
	"fmt"
	"io"
)

// ErrClosed says that a Source was used after Close.
var ErrClosed = errors.New("inflate: the source is closed")

// CorruptError says that a file is damaged. All that could be decoded before was delivered.
type CorruptError struct {
	Format     Format
	Offset     int64 // in the content: so many bytes were delivered
	Compressed int64 // in the file: the damage is there or before
	Err        error // what the decoder says
}

// Error says where the damage is.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("inflate: %s data is damaged at byte %d, after %d bytes of content: %v; what follows cannot be read", e.Format, e.Compressed, e.Offset, e.Err)
}

// Unwrap returns what the decoder says.
func (e *CorruptError) Unwrap() error { return e.Err }

// UnfinishedError says that a file ends too early: it was cut off, or is still being written. All that it has was
// delivered. It is an io.ErrUnexpectedEOF.
type UnfinishedError struct {
	Format     Format
	Offset     int64 // in the content: so many bytes were delivered
	Compressed int64 // the size of the file
}

// Error says where the file ends.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("inflate: %s data ends too early at byte %d, after %d bytes of content: it is cut off or still being written", e.Format, e.Compressed, e.Offset)
}

// Unwrap returns io.ErrUnexpectedEOF.
func (e *UnfinishedError) Unwrap() error { return io.ErrUnexpectedEOF }

// UnsupportedError says that a file may be in order, and cannot be read all the same.
type UnsupportedError struct {
	Format Format
	Why    string // with the thing to do
}

// Error says why, and what to do.
func (e *UnsupportedError) Error() string { return fmt.Sprintf("inflate: %s: %s", e.Format, e.Why) }
