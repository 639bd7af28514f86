package stream

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// GetShardIterator returns the place of a record in a shard, as an iterator that is valid for 300 seconds.
func (s *Service) GetShardIterator(ctx context.Context, in *kinesis.GetShardIteratorInput) (*kinesis.GetShardIteratorOutput, error) {
	st, err := s.findUsable(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	sh, err := s.findShard(st, in.ShardId)
	if err != nil {
		return nil, err
	}
	index, err := s.place(ctx, st, sh, in)
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	token := s.sealIterator(iterator{stream: st.ID, shard: sh.Number, index: index, name: st.Name})
	return &kinesis.GetShardIteratorOutput{ShardIterator: &token}, nil
}

// place returns the index at which reading begins.
func (s *Service) place(ctx context.Context, st *stream, sh *shard, in *kinesis.GetShardIteratorInput) (uint64, error) {
	kind := in.ShardIteratorType
	byNumber := kind == types.ShardIteratorTypeAtSequenceNumber || kind == types.ShardIteratorTypeAfterSequenceNumber
	byTime := kind == types.ShardIteratorTypeAtTimestamp
	switch {
	case byNumber && in.StartingSequenceNumber == nil:
		return 0, invalid("ShardIteratorType %s needs a StartingSequenceNumber.", kind)
	case !byNumber && in.StartingSequenceNumber != nil:
		return 0, invalid("StartingSequenceNumber must not be given with ShardIteratorType %s.", kind)
	case byTime && in.Timestamp == nil:
		return 0, invalid("ShardIteratorType %s needs a Timestamp.", kind)
	case byNumber:
		return s.placeOfNumber(ctx, st, sh, in)
	case byTime:
		return s.placeOfTime(ctx, sh, in.Timestamp.UnixMilli())
	}
	bounds, err := s.cfg.Store.Bounds(ctx, sh.ref)
	if err != nil {
		return 0, s.failed(err)
	}
	if kind == types.ShardIteratorTypeLatest {
		return bounds.Next, nil
	}
	return bounds.First, nil
}

// placeOfNumber finds a sequence number. One whose record has expired stands for the oldest that is left, as reading moves
// it up; one behind the end, such as that of the end of a closed shard, stands for the end.
func (s *Service) placeOfNumber(ctx context.Context, st *stream, sh *shard, in *kinesis.GetShardIteratorInput) (uint64, error) {
	number := aws.ToString(in.StartingSequenceNumber)
	bounds, err := s.cfg.Store.Bounds(ctx, sh.ref)
	if err != nil {
		return 0, s.failed(err)
	}
	n, err := parseSequence(number)
	future := false
	if err == nil { // a close is stamped like an arrival; one second is for rounding
		if future, err = s.future(ctx, sh, n, time.Second); err != nil {
			return 0, s.failed(err)
		}
	}
	if err != nil || future {
		return 0, invalid("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid.",
			number, sh.id, st.Name, s.cfg.Account)
	}
	if n.shard != sh.Number || n.created != sh.stamp() {
		return 0, invalid("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s "+
			"is invalid because it did not come from this stream.", number, sh.id, st.Name, s.cfg.Account)
	}
	index := n.index
	if in.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
		index++
	}
	return min(max(index, 1), bounds.Next), nil
}

// placeOfTime finds the first record that arrived then or later.
func (s *Service) placeOfTime(ctx context.Context, sh *shard, millis int64) (uint64, error) {
	if now := s.now(); millis > now {
		return 0, invalid("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "+
			"timestampInMillis: %s, currentTimestampInMillis: %s", strconv.FormatInt(millis, 10), strconv.FormatInt(now, 10))
	}
	index, err := s.cfg.Store.Seek(ctx, sh.ref, millis)
	if err != nil {
		return 0, s.failed(err)
	}
	return index, nil
}

// future reports whether a sequence number says a time that is still to come. When the clock was set back, the shard and its
// newest record say what time it was.
func (s *Service) future(ctx context.Context, sh *shard, n sequence, grace time.Duration) (bool, error) {
	latest := max(s.now()+grace.Milliseconds(), sh.Created, sh.Closed) / 1000
	if n.arrival <= latest {
		return false, nil
	}
	bounds, err := s.cfg.Store.Bounds(ctx, sh.ref)
	if err != nil || bounds.Next == bounds.First {
		return true, err
	}
	page, err := s.cfg.Store.Read(ctx, sh.ref, bounds.Next-1, store.Limit{Records: 1, Bytes: 1})
	if err != nil || len(page.Records) == 0 {
		return true, err
	}
	return n.arrival > page.Records[0].Arrival/1000, nil
}
