// Package store keeps the records of streams and the definitions beside them.
//
// A shard is a log. Records enter at its end in the order of Append and get consecutive indexes, the first one 1, and an
// arrival time that never goes back. They leave at its front by Trim. Nothing else changes them. An index is never used
// twice within a shard, and a record can be read only after it is durable, so what a reader saw is still there after a crash.
//
//	Append --> [first ........... next)   --> Read, Seek, Bounds, Watch
//	            ^ Trim moves it            ^ Append moves it
//
// A shard has an epoch, the right to append. A shard that nobody ever fenced has epoch 0, in which nothing can be
// appended. Fence raises the epoch: its caller may append in the new one, whoever holds an older one is refused. To open a
// shard is to fence it for oneself; to close it is to fence it and to append no more.
//
// Appends are stored as blocks of records (block.go), not record by record, so that a store on top of a replicated log
// can have the same shape. Meta is a small table with compare-and-set for definitions; nothing is written to a log and to
// Meta in one step.
//
// Pebble is the embedded store, Memory the one for tests. Package storetest holds what every store must pass.
package store

import (
	"context"
	"errors"
)

// Shard names one log: the shard of that number in the stream of that number. Stream numbers are never used again.
type Shard struct {
	Stream uint64
	Number uint32
}

// Record is what a producer put.
type Record struct {
	PartitionKey    string
	ExplicitHashKey string // as given, in decimal; empty if none was
	Data            []byte
}

// Stored is a record in its place.
type Stored struct {
	Record
	Index   uint64
	Arrival int64 // milliseconds since 1970
}

// Appended says where the records of one Append went.
type Appended struct {
	First   uint64 // index of the first record; the others follow
	Arrival int64  // of all of them, milliseconds since 1970
}

// Bounds are the ends of a shard's log. First == Next means that it holds no record.
type Bounds struct {
	First uint64 // index of the oldest record that is left
	Next  uint64 // index of the record after the newest durable one
	Epoch uint32
}

// Limit bounds one Read. Both must be positive.
type Limit struct {
	Records int
	Bytes   int // of partition keys and data; the first record is returned even if it is larger
}

// Page is the answer of one Read.
type Page struct {
	Records []Stored // owned by the caller; may share backing memory with each other, with nothing else
	Next    uint64   // where to go on
	Waiting int64    // arrival of the record at Next, 0 if there is none yet
}

// Bounds of what a store takes.
const (
	MaxData    = 10 << 20 // bytes of one record's data
	MaxKey     = 1 << 10  // bytes of a partition key
	MaxRecords = 1 << 16  // records of one Append
)

// Errors of a store, to be found by errors.Is; their texts carry the details.
var (
	ErrFenced   = errors.New("the shard was fenced by a newer epoch or never opened")
	ErrNoSpace  = errors.New("no space left for the store")
	ErrFailed   = errors.New("the store failed and takes nothing until it is opened again")
	ErrClosed   = errors.New("the store is closed")
	ErrInvalid  = errors.New("outside the bounds of the store")
	ErrNotFound = errors.New("no such key")
	ErrConflict = errors.New("the revision is not the expected one")
)

// Appender is the writing side of the logs.
type Appender interface {
	// Append adds records, at least one, to the end of the shard, all or none of them. It copies what it needs before it
	// returns, and may wait for room until ctx ends. It calls done exactly once, from any goroutine, perhaps before it returns:
	// with a nil error after the records are durable, or with the reason why they were refused. After
	// ErrNoSpace, ErrFailed or an error of the disk the records may still turn up, as after an answer that got lost. done must not
	// block. Appends of one goroutine to one shard keep their order.
	Append(ctx context.Context, shard Shard, epoch uint32, records []Record, done func(Appended, error))

	// Fence raises the epoch of the shards, durably and in one step. Repeating it is harmless; ErrFenced means that one of them
	// has a higher epoch already, and then none has changed. When it returns, no append of an older epoch will be accepted and
	// those accepted before are readable.
	Fence(ctx context.Context, epoch uint32, shards ...Shard) error
}

// Reader is the reading side of the logs. A shard that was never opened reads as an empty one.
type Reader interface {
	// Read returns durable records from index from on, which is moved up to the oldest one left and down to the
	// end. It does not wait for records to come: an empty page is an answer.
	Read(ctx context.Context, shard Shard, from uint64, limit Limit) (Page, error)

	// Seek returns the index of the first record that arrived at time (ms since 1970) or later, or the end if there is none.
	Seek(ctx context.Context, shard Shard, time int64) (uint64, error)

	// Bounds returns the ends of the log.
	Bounds(ctx context.Context, shard Shard) (Bounds, error)

	// Watch returns a channel that is closed at the next change of the shard's bounds: call it, then Read, then wait.
	Watch(ctx context.Context, shard Shard) (<-chan struct{}, error)
}

// Trimmer removes what is no longer wanted.
type Trimmer interface {
	// Trim removes the records below index before, at most up to the end. Indexes go on where they were.
	Trim(ctx context.Context, shard Shard, before uint64) error

	// Drop removes all shards of a stream and all that is known about them.
	Drop(ctx context.Context, stream uint64) error
}

// Log is all that can be done with shards.
type Log interface {
	Appender
	Reader
	Trimmer
}

// Entry is one row of Meta.
type Entry struct {
	Key      string
	Value    []byte // owned by the caller
	Revision uint64 // grows with each change of any key, never 0
}

// Bounds of Meta.
const (
	MaxMetaKey   = 1 << 10
	MaxMetaValue = 8 << 20
)

// Meta is a small, durable table of definitions. Keys are names such as "stream/web"; each package has its own first word.
type Meta interface {
	// Get returns the entry, or ErrNotFound.
	Get(ctx context.Context, key string) (Entry, error)

	// Put sets the value if the key's revision is still the given one, 0 for a key that must not exist, and returns the new
	// revision; otherwise ErrConflict. The value is copied. The change is durable when Put returns.
	Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)

	// Delete removes the key if its revision is still the given one; otherwise ErrConflict or ErrNotFound.
	Delete(ctx context.Context, key string, revision uint64) error

	// List returns the entries whose key begins with prefix, in the order of their keys.
	List(ctx context.Context, prefix string) ([]Entry, error)
}

// Store is the logs and the table of one data folder.
type Store interface {
	Log
	Meta

	// Close takes no more work, ends what is under way and gives the data folder back. If ctx ends first, it returns
	// its error; nothing acknowledged is lost then.
	Close(ctx context.Context) error
}
