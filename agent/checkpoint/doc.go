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
//	positions  flow NUL destination NUL file id (12 bytes) -> envelope of {"position": ..., "saved": RFC 3339 time,
//	           "vanished": RFC 3339 time, only if the file is nowhere}
//
// An envelope protects a value and ties it to its key:
//
//	offset  size  what
//	0       1     version, 1
//	1       n     JSON
//	1+n     4     CRC-32C, little endian, over the key, the version and the JSON
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
