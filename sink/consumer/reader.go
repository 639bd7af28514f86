package consumer

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// reader reads one shard.
type reader struct {
	cfg      *Config
	id       string
	shard    types.Shard
	at       Position
	wait     *backoff
	iterator string
	open     opener
	room     chan struct{} // holds one for each reader that holds records
}

// run reads until the shard's end (at says so then), until the shard has to be looked up again, or until ctx ends.
func (r *reader) run(ctx context.Context) {
	for ctx.Err() == nil {
		read, err := r.turn(ctx)
		if err == nil {
			if r.at.Ended || r.rest(ctx, read) != nil {
				return
			}
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if expired(err) { // we were held up for long; nothing is wrong
			r.iterator = ""
			continue
		}
		r.cfg.Report(fmt.Errorf("stream %s: shard %s: %w", r.cfg.Stream, r.id, err))
		if r.wait.wait(ctx) != nil || lost(err) {
			return
		}
	}
}

// looked is what a look at a shard showed.
type looked struct {
	records int
	behind  bool // of the stream's tip
}

// turn reads once and hands on what came. It holds records only while it has room to.
func (r *reader) turn(ctx context.Context) (looked, error) {
	select {
	case r.room <- struct{}{}:
		defer func() { <-r.room }()
	case <-ctx.Done():
		return looked{}, ctx.Err()
	}
	out, err := r.get(ctx)
	if err != nil {
		return looked{}, err
	}
	r.wait.reset()
	if err := r.take(ctx, out); err != nil {
		return looked{}, err
	}
	r.iterator = aws.ToString(out.NextShardIterator)
	return looked{len(out.Records), aws.ToInt64(out.MillisBehindLatest) > 0}, nil
}

// get asks for the next records.
func (r *reader) get(ctx context.Context) (*kinesis.GetRecordsOutput, error) {
	if r.iterator == "" {
		out, err := r.cfg.Source.GetShardIterator(ctx, r.place())
		if err != nil {
			return nil, fmt.Errorf("get iterator: %w", err)
		}
		r.iterator = aws.ToString(out.ShardIterator)
	}
	out, err := r.cfg.Source.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: &r.iterator})
	if err != nil {
		return nil, fmt.Errorf("get records: %w", err)
	}
	return out, nil
}

// place says where reading goes on.
func (r *reader) place() *kinesis.GetShardIteratorInput {
	in := &kinesis.GetShardIteratorInput{StreamName: &r.cfg.Stream, ShardId: &r.id}
	switch {
	case r.at.Sequence != "":
		in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
		in.StartingSequenceNumber = aws.String(r.at.Sequence)
	case !r.cfg.Start.IsZero():
		in.ShardIteratorType = types.ShardIteratorTypeAtTimestamp
		in.Timestamp = aws.Time(r.cfg.Start)
	default:
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	}
	return in
}

// take hands on what came, in batches, and moves the position behind each.
func (r *reader) take(ctx context.Context, out *kinesis.GetRecordsOutput) error {
	ended := out.NextShardIterator == nil
	rest := out.Records
	for len(rest) > 0 || ended {
		b, n := r.batch(rest)
		rest = rest[n:]
		b.Next.Ended = ended && len(rest) == 0
		if err := hand(ctx, r.cfg, b); err != nil {
			return err
		}
		r.at = b.Next
		if len(rest) == 0 {
			break
		}
	}
	return nil
}

// batch makes a batch of the first records that fit into one, and says how many those are.
func (r *reader) batch(records []types.Record) (Batch, int) {
	b := Batch{Shard: r.id, Next: r.at}
	if b.Next.Sequence == "" && r.shard.SequenceNumberRange != nil { // a shard that ends without a record
		b.Next.Sequence = aws.ToString(r.shard.SequenceNumberRange.StartingSequenceNumber)
	}
	if len(records) > 0 {
		b.First = aws.ToString(records[0].SequenceNumber)
	}
	size, n := 0, 0
	for n < len(records) && (n == 0 || size+len(records[n].Data) <= r.cfg.MaxBatch) {
		var err error
		b.Records, err = r.open.appendTo(b.Records, records[n])
		if err != nil {
			r.cfg.Report(fmt.Errorf("stream %s: shard %s: record %s is handed on as it is: %w",
				r.cfg.Stream, r.id, aws.ToString(records[n].SequenceNumber), err))
		}
		b.Next.Sequence = aws.ToString(records[n].SequenceNumber)
		size += len(records[n].Data)
		n++
	}
	return b, n
}

// rest waits if there is nothing to read at present.
func (r *reader) rest(ctx context.Context, last looked) error {
	switch {
	case last.behind && last.records > 0:
		return ctx.Err()
	case last.behind: // on its way to the next record, says the stream; give it a little time
		return r.cfg.Sleep(ctx, r.cfg.Idle/10)
	}
	return r.cfg.Sleep(ctx, r.cfg.Idle)
}

// hand gives a batch to the handler until that takes it, or until ctx ends.
func hand(ctx context.Context, cfg *Config, b Batch) error {
	wait := backoff{sleep: cfg.Sleep}
	for {
		err := cfg.Handle(ctx, b)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		cfg.Report(fmt.Errorf("stream %s: shard %s: %w", cfg.Stream, b.Shard, err))
		if err := wait.wait(ctx); err != nil {
			return err
		}
	}
}

func expired(err error) bool {
	var e *types.ExpiredIteratorException
	return errors.As(err, &e)
}

// lost reports whether an error says that the stream or the shard is not what it was: it has to be looked up again.
func lost(err error) bool {
	var missing *types.ResourceNotFoundException
	var invalid *types.InvalidArgumentException
	return errors.As(err, &missing) || errors.As(err, &invalid)
}
