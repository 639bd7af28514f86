// Package buffer keeps what a delivery stream has acknowledged and not delivered yet: append-only, checksummed files, one
// file (a segment) for each object to be.
//
// Append answers after the fsync that covers its batch; batches that arrive meanwhile share the next one. A segment is
// sealed when it holds Size bytes of data or Interval has passed since its first record, whichever comes first. Sealing
// fixes, on disk, the key of the object and exactly which bytes are its members; only then is the segment handed to the
// uploader, which may try as often as it has to: it always writes the same bytes under the same key. Once the object is
// durable the segment is removed.
//
// # Files
//
// A folder holds the segments of one delivery stream, named by a number of 16 hexadecimal digits that only grows:
//
//	0000000000000007.seg   sealed: its seal is in segment 8
//	0000000000000008.seg   open: the one with the highest number
//	0000000000000005.bad   damaged, set aside and reported; never read again, never removed
//	0000000000000009.tmp   a segment that was being made when the program ended; removed at start
//
// A segment gets its .seg name by a rename after its first frames are synced, so a .seg file always has a whole head:
//
//	+--------------------+--------------+---------------------------+---------------+-----
//	| "weirBUF" version  | header frame | seal frame of the segment | records frame | ...
//	| 7 bytes   1 byte   |              | before it, if there is one|               |
//	+--------------------+--------------+---------------------------+---------------+-----
//
// The seal of a segment stands in its successor. Sealing one and opening the next is thereby one atomic step, and it needs no
// write to a segment that could not be written: what a failed write may have left behind its last synced byte lies
// beyond the end that the seal gives, and is dead.
//
// # Frames
//
//	 0         4         8      9
//	+---------+---------+------+---------------------+
//	| length  | CRC-32C | type | payload             |
//	| of the  |         | 1..3 | length bytes,       |
//	| payload |         |      | at most 16 MiB      |
//	+---------+---------+------+---------------------+
//	 little-endian
//
// The checksum covers length, type and payload and goes on from the checksum of the frame before (the first from that of
// the file's first 8 bytes). A frame is therefore only valid behind the very frames that it was written behind: a leftover
// of a torn write can never be taken for a successor of what is written over it later.
//
// Payloads are made of unsigned varints (v), strings and bytes with a varint length before them (s), and single bytes (b).
// Times are milliseconds since 1970, positions are
//
//	positions = v count, count x { s shard, s sequence number, b flags (1: the shard is read to its end, 2: forget it) }
//
//	header  (1) = s delivery stream, v number of the segment, v time made, positions (all that were known)
//	records (2) = v time received, positions (those that this batch moves), v count,
//	              count x { v time received - arrival as a zigzag varint, v length }, the data of all records in a row
//	seal    (3) = v number of the sealed segment, v its end in bytes, v the checksum of its last frame, v records,
//	              v bytes of data, v arrival of the oldest record, v time sealed, s bucket, s key, s compression
//
// A read position of a source stream and the records that it covers are in one frame: after a crash both are there or neither.
//
// # Recovery
//
// The open segment is read up to its first bad frame; what follows was never acknowledged (or has rotted: it is
// reported with its size) and is written over. A sealed segment must be whole up to its sealed end; if it is not, it is
// reported and set aside. Positions are those of the highest segment, whose header repeats what came before it, so any older
// segment can go as soon as its object is durable.
package buffer
