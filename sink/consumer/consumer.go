// Package consumer reads the records of a stream, all shards of it, from a position that its caller keeps.
//
// Run finds the shards and reads each with a goroutine of its own; the children of a split or a merge wait until their
// parents are read to the end, so that records of one partition key come in order across a reshard. Aggregated records are
// opened. What was read is handed on in batches, and a shard goes on only after its batch was taken:
//
//	ListShards -> GetShardIterator -> GetRecords -> open aggregates -> Handle(Batch)
//	                                      ^                              |
//	                                      +------------- taken ----------+
//
// The position of a shard is the sequence number of its last record that was taken. Whoever keeps Batch.Next together with
// what he made of the records, in one atomic write, and gives it back in Config.Positions after a restart, gets every
// record once.
//
// All records of an aggregate are handed on, also those that belong into another shard by their own key. The KCL drops
// an aggregate with such a member, since the KPL puts them once more after a reshard; here they come twice rather than never.
package consumer

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Source is the part of Kinesis that reading takes. Its methods are called from many goroutines at a time.
type Source interface {
	ListShards(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error)
	GetShardIterator(ctx context.Context, in *kinesis.GetShardIteratorInput) (*kinesis.GetShardIteratorOutput, error)
	GetRecords(ctx context.Context, in *kinesis.GetRecordsInput) (*kinesis.GetRecordsOutput, error)
}

// Position is how far a shard has been read. The zero value means that it has not been seen.
type Position struct {
	Sequence string // of the last record that was taken
	Ended    bool   // the shard is closed and was read to its end
}

// Record is one user record.
type Record struct {
	Data         []byte
	PartitionKey string
	Arrival      time.Time // in the stream
	Sequence     string    // of the stream's record
	Sub          int       // place in its aggregate; 0 for a record that came alone
}

// Batch is what is taken as a whole: records of one shard, in order.
type Batch struct {
	Shard   string
	Records []Record // owned by the receiver; may be none when only the position moves

	// First is the sequence number of the first record of the stream in the batch, which is not among Records if it was an
	// aggregate of none; empty if only the position moves.
	First string

	// Next is the position after these records. A batch without records and with the zero Position says that the shard has
	// left the stream, and that its position is of no more use.
	Next Position
}

// Config says what to read. Source, Stream and Handle must be set.
type Config struct {
	Source    Source
	Stream    string              // its name
	Positions map[string]Position // by shard, from the batches of an earlier run; not changed
	Start     time.Time           // where shards without a position are read from; zero means from their oldest record

	// Handle takes a batch. It may block: that stops the reading of the shard, and, when it blocks for Parallel shards, of all.
	// After an error it gets the same batch again, after a while. It is called from the goroutine of the shard, for many
	// shards at a time.
	Handle func(ctx context.Context, b Batch) error

	// Report is told what went wrong and is tried again: a missing stream, throttling, an error of Handle. It is called from
	// many goroutines and must not block. nil means that nobody listens.
	Report func(err error)

	Idle     time.Duration // between two looks at a shard that is read to its tip; default 200ms
	Rescan   time.Duration // between two looks for new shards; default 10s. The end of a shard is a reason to look at once
	Parallel int           // shards whose records are held at a time, up to 10 MiB each; more wait. Default 4
	MaxBatch int           // bytes of data in a batch, passed only by the last record of the stream in it; default 1 MiB

	// Sleep waits for d or until ctx ends, whose error it returns then. nil means real time.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Run reads until ctx ends, and returns its error. All goroutines that it started have ended then.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Source == nil || cfg.Stream == "" || cfg.Handle == nil {
		return errors.New("read a stream: Source, Stream and Handle are needed")
	}
	if cfg.Idle <= 0 {
		cfg.Idle = 200 * time.Millisecond
	}
	if cfg.Rescan <= 0 {
		cfg.Rescan = 10 * time.Second
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = 4
	}
	if cfg.MaxBatch <= 0 {
		cfg.MaxBatch = 1 << 20
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Report == nil {
		cfg.Report = func(error) {}
	}
	c := newCoordinator(&cfg)
	defer c.group.Wait()
	return c.run(ctx)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
