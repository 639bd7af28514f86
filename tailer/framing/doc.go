// Package framing finds the records in the bytes of a log file: it knows line ends, encodings, container log formats, multi-line
// records and over-long ones.
//
//	bytes -> lines -> text in UTF-8 -> container line unwrapped -> partial lines joined -> lines grouped -> records
//
// It does no I/O, knows no clock and keeps nothing from one call to the next but scratch memory and compiled patterns. A reader that comes
// back to a file hands in the bytes from its position on once more, and gets the same records for them, whatever pieces they came in.
//
// # Clean cuts
//
// A position is one offset, so records can be handed out only up to a place in the file that no record goes across: no group of lines, no
// line in parts, of none of the streams that a container log interleaves. Such a place is a clean cut. Some are seen when they are reached,
// as nothing is open there, others only when what was open is known to have been complete. What is framed after the last one in the bytes at
// hand is framed again with the bytes to come.
//
// The longest stretch that is searched for a clean cut is the window, a number that follows from the configuration alone. If it
// holds none, everything open is closed at the last line end in it, and counted. As that depends on nothing but the bytes from the last
// clean cut on, it happens at the same place in every run.
//
// # Over-long records
//
// A record has at most MaxRecord bytes without its line end. With Split a longer line goes out in pieces, and a group is ended
// before the line that would make it too long; each record that goes on in the next one is marked. Where a piece ends, a new line
// begins for all that follows, so that no memory of the cut is needed. With Truncate the first MaxRecord bytes go out, marked, and the rest is
// skipped. A line whose end is not within the window stands alone: its Result is Long, and the caller searches for the end with FindEnd.
package framing
