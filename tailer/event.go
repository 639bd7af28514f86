package tailer

import (
	"maps"
	"time"
)

// EventKind says what happened.
type EventKind string

// The kinds of events, with the fields of Event that each fills beside Kind, ID and Path.
const (
	FileFound     EventKind = "file_found"     // a file that was never seen; Offset is where reading starts
	FileResumed   EventKind = "file_resumed"   // a file of an earlier run, at Offset
	FileRotated   EventKind = "file_rotated"   // the name From stands for another file or for none; Path is the new name, empty if not found
	FileEnded     EventKind = "file_ended"     // a file without a name was read to its end at Offset, was quiet, and is let go. NewID: it was truncated
	FileTruncated EventKind = "file_truncated" // cut or rewritten: NewID begins at 0, and what ID held from Offset on, Bytes as far as was seen (-1: not known), is looked for
	FileRecovered EventKind = "file_recovered" // what ID held was found in a copy, or compressed, at Path: reading goes on there at Offset
	FileGone      EventKind = "file_gone"      // not found any more, read up to Offset; Bytes after it are lost (-1: not known whether there were any). NewID: it was truncated
	FilesHeld     EventKind = "files_held"     // Count deleted files of Bytes are kept open until they are read and acknowledged and nobody writes to them, Path the longest; at most each ten minutes
	LineSplit     EventKind = "line_split"     // Count records of the block at Offset go on in the next one: they were longer than MaxRecord or MaxLines
	LineTruncated EventKind = "line_truncated" // Count records of the block at Offset lost their end, Bytes in all: they were longer than that
	GroupForced   EventKind = "group_forced"   // Count open records of the block at Offset were ended early: there was no place where none was open
	LineForeign   EventKind = "line_foreign"   // Count lines of the block at Offset did not have the container's format; they went out as they are
	PartialSent   EventKind = "partial_sent"   // the unfinished last line at Offset, Bytes long, went out as a record
	PathSkipped   EventKind = "path_skipped"   // Count names match, Path among them, that are not followed: neither file nor pipe, or compressed; Err says which
	PathFailed    EventKind = "path_failed"    // Err on a file or directory; it is tried again. At most once a minute for a path
	BlockRefused  EventKind = "block_refused"  // the Handler answered Err; the bytes at Offset are offered again. At most once a minute for a file
	WatchLimited  EventKind = "watch_limited"  // file events cannot be had (Err): scanning only. Once for a run
	EventsMissed  EventKind = "events_missed"  // the queue of file events ran over; everything is scanned. At most once a minute
)

// Event is something that an operator or a counter should know about.
type Event struct {
	Kind   EventKind
	ID     FileID
	NewID  FileID
	Path   string
	From   string
	Offset int64
	Bytes  int64
	Count  int
	Err    error

	// Left, of a PathSkipped about compressed files, is when the youngest of them came to be. Others carry none.
	Left time.Time

	// Earlier, of FileGone, says that no run but an earlier one has met the file. Bytes is what that one had seen and not read; what was written since
	// nobody knows, so it may be 0, too.
	Earlier bool

	// Deleted, of FileEnded and FileGone, says that the file has no name left anywhere: its open descriptor counted no links, so it never comes back. If it is
	// false, the file may only be out of sight: moved away, or on a file system that is not mounted just now.
	Deleted bool
}

// emit hands an event on. It must be called without t.mu: the observer may ask for Files.
func (t *Tailer) emit(e Event) {
	if t.cfg.Observe != nil {
		t.cfg.Observe(e)
	}
}

// quietFor is how long an event of the same kind about the same path is held back.
const (
	quietFor     = int64(60e9) // nanoseconds
	maxThrottled = 4096        // paths remembered for that; beyond it nothing is emitted until some are forgotten
)

// emitSometimes emits e unless one of its kind and path was emitted within quietFor.
func (t *Tailer) emitSometimes(e Event) {
	key := string(e.Kind) + e.Path
	now := t.now()
	t.mu.Lock()
	last, seen := t.throttled[key]
	due := !seen || now-last >= quietFor
	if due && !seen && len(t.throttled) >= maxThrottled && now >= t.forgetAt {
		t.forgetAt = now + quietFor
		maps.DeleteFunc(t.throttled, func(_ string, at int64) bool { return now-at >= quietFor })
	}
	if due = due && (seen || len(t.throttled) < maxThrottled); due {
		t.throttled[key] = now
	}
	t.mu.Unlock()
	if due {
		t.emit(e)
	}
}
