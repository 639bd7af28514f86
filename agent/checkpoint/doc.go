// Package checkpoint remembers how far each file has been shipped.
//
// It has two halves. A Tracker follows the blocks of one flow in memory: each is claimed in the order it was read and
// released when everything in it is answered, in whatever order that happens. What may be saved is the end of the
// contiguous released prefix of a file, never a high-water mark:
//
//	file    |-- block 1 --|-- block 2 --|-- block 3 --|-- block 4 --|
//	        released      released      waiting       released
//	                      ^ the frontier: the newest position that may be saved
//
// A Store keeps the positions on disk, in one bbolt file, keyed by (flow, destination, file). A Saver carries the one
// to the other: once a second, and at once when a flow has as many bytes in flight as it may. A byte is in flight from
// its reading until the checkpoint that covers it is durable, so what a crash can send twice is never more than that cap.
//
// # The file
//
// Format 1 of checkpoints.db is a bbolt database with four buckets:
//
//	weir       "format" -> the number of the format as one byte
//	flows      flow name -> envelope of {"started": RFC 3339 time}
//	followed   flow name -> envelope of {"since": RFC 3339 time, "paths": [xxHash64 of each]}; made when it is first needed, and written in
//	           one transaction with the positions of all files that match these paths
//	positions  flow NUL destination NUL file id (12 bytes) -> envelope of a position
//
// An envelope protects a value and ties it to its key:
//
//	offset  size  what
//	0       1     version: 1 is JSON, 2 is what follows for positions
//	1       n     the value
//	1+n     4     CRC-32C, little endian, over the key, the version and the value
//
// A position is little endian; times are nanoseconds since the epoch, 0 stands for none. There are as many positions as files, in this file
// and in memory while they are written: so they are not JSON, as they were first, which is still read.
//
//	offset  size  what
//	0       8     offset in the file
//	8       8     xxHash64 of the bytes before it
//	16      8     inode
//	24      8     birth time, as far as the file system knows it
//	32      8     device
//	40      8     xxHash64 of the head of the file
//	48      8     when the file was met
//	56      8     when this was saved
//	64      8     since when the file is nowhere
//	72      8     size of the file when it was last read from; 0 stands for none
//	80      4     how many bytes the hash of those before the offset covers
//	84      4     and that of the head
//	88      4     length p of the path
//	92      p     the path
//	92+p    m     where it led, if it was a symbolic link
//
// # What is removed
//
// A position is removed when its file is known to be deleted and all of it is acknowledged (Tracker.Forget). One of a file that is
// only not found any more is kept: its folder may have been moved, or its file system unmounted, and come back. Such a position
// says since when, so that it is reported once; it is removed after a week, and the oldest go first where a flow has
// more than 4096 of them.
//
// A file that is damaged stops the start of the agent: a copy of it is kept beside it, and the message says what to do.
// Starting over by itself would send every file again from its beginning.
package checkpoint
