// Package tailer follows many regular files and hands out what is written to them, in blocks of whole records. Named pipes
// that match are read along: pipe.go.
//
// # Who does what
//
// One goroutine, the scanner (Run itself), owns all knowledge about names: it lists directories, matches names, finds out
// which file each name stands for and what became of a file that lost its name. A few workers own the bytes: a worker
// takes a file from the ready queue, reads one block, has package framing find the records in it, calls the Handler in place, and puts the file
// back at the end of the queue if there is more. So one busy file starves no other, nothing hops between goroutines per
// record, and a Handler that blocks stops the reading. A file belongs to the scanner while it is idle and to one
// worker while it is queued or read; that hand-over is what makes its descriptor safe without a lock of its own.
//
// # What a file is
//
// A name is never an identity. A file is its inode and birth time, proven by a hash of its first KiB; a place in it is
// proven by a hash of the 256 bytes before it. Those bytes are read together with each block, so that every single
// read is checked against a file that was truncated and has grown again. A renamed file keeps its FileID and its
// descriptor; a truncated or rewritten one starts again at 0 under a new FileID, which is reported. What it held before is looked for in
// copies of it and in compressed files (orphan.go, copy.go, content.go), and read on there under the old FileID.
//
// # Hints and truth
//
// File events only wake the scanner early. The truth is stat: files that grew lately are looked at all the time, watched
// directories are listed each ten scan intervals, the others each interval, and both less often where a listing costs
// more than a two-hundredth of the time. Rotations that come faster than the looks leave generations that were never
// seen under their own name; sibling.go says how they are told from old and foreign files, target.go what of that lies beside the target of a symbolic link.
//
// # What is kept
//
// An idle file is a struct of a few hundred bytes: no goroutine, no buffer, no partial line, and soon no descriptor. A file without a name is held
// open until it is read, acknowledged and closed by its writer (held.go).
package tailer
