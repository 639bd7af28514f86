package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Bounds of one answer of GetRecords.
const (
	maxGetRecords = 10_000
	maxGetBytes   = 10 << 20
)

// GetRecords reads on from an iterator. NextShardIterator is always a new one, and nil only when a closed shard has no more
// records; its children are in ChildShards then, and only then.
//
// MillisBehindLatest is the age of the oldest record that was not returned yet, at least 1, and 0 if there is none.
func (s *Service) GetRecords(ctx context.Context, in *kinesis.GetRecordsInput) (*kinesis.GetRecordsOutput, error) {
	it, st, sh, err := s.openShard(in)
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	limit := store.Limit{Records: maxGetRecords, Bytes: maxGetBytes}
	if in.Limit != nil {
		limit.Records = min(limit.Records, int(*in.Limit))
	}
	page, err := s.cfg.Store.Read(ctx, sh.ref, it.index, limit)
	if err != nil {
		return nil, s.failed(err)
	}
	out := &kinesis.GetRecordsOutput{Records: sh.records(page.Records), MillisBehindLatest: aws.Int64(0)}
	if page.Waiting != 0 {
		out.MillisBehindLatest = aws.Int64(max(1, s.now()-page.Waiting))
	}
	// The shard was looked up before the read: if it was closed then, its end was final.
	if sh.Closed != 0 && page.Waiting == 0 {
		out.ChildShards = st.childShards(sh)
		return out, nil
	}
	it.index = page.Next
	out.NextShardIterator = aws.String(s.sealIterator(it))
	return out, nil
}

// openShard finds what an iterator points to.
func (s *Service) openShard(in *kinesis.GetRecordsInput) (iterator, *stream, *shard, error) {
	it, issued, err := s.openIterator(aws.ToString(in.ShardIterator))
	if errors.Is(err, errExpired) {
		return it, nil, nil, &types.ExpiredIteratorException{Message: aws.String(fmt.Sprintf(
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future "+
				"than the tolerated delay of %d milliseconds.", javaTime(issued), javaTime(s.now()), tokenLife.Milliseconds()))}
	}
	if err != nil {
		return it, nil, nil, invalid("Invalid ShardIterator.")
	}
	if in.StreamARN != nil {
		if name, err := s.name(nil, in.StreamARN); err != nil || name != it.name {
			return it, nil, nil, invalid("Invalid ShardIterator.")
		}
	}
	st := s.catalog.Load().byID[it.stream]
	if st == nil || !st.is(types.StreamStatusActive, types.StreamStatusUpdating) {
		return it, nil, nil, s.streamNotFound(it.name)
	}
	sh := st.shard(it.shard)
	if sh == nil {
		return it, nil, nil, s.shardNotFound(shardID(it.shard), it.name)
	}
	return it, st, sh, nil
}

// javaTime prints a time as the messages of AWS have it.
func javaTime(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
}

// records shows stored records as the API does. All sequence numbers share one string, records of one arrival one time.
func (sh *shard) records(stored []store.Stored) []types.Record {
	out := make([]types.Record, len(stored))
	digits := make([]byte, 0, sequenceDigits*len(stored))
	for i := range stored {
		digits = sh.sequence(stored[i].Index, stored[i].Arrival).append(digits)
	}
	rest := string(digits)
	numbers := make([]string, len(stored))
	var arrival *time.Time
	for i := range stored {
		r := &stored[i]
		if i == 0 || r.Arrival != stored[i-1].Arrival {
			arrival = aws.Time(time.UnixMilli(r.Arrival))
		}
		numbers[i], rest = rest[:sequenceDigits], rest[sequenceDigits:]
		out[i] = types.Record{Data: r.Data, SequenceNumber: &numbers[i], ApproximateArrivalTimestamp: arrival}
		if r.PartitionKey != "" {
			out[i].PartitionKey = &r.PartitionKey
		}
	}
	return out
}

// childShards shows the children of a closed shard.
func (st *stream) childShards(sh *shard) []types.ChildShard {
	children := st.children(sh)
	out := make([]types.ChildShard, len(children))
	for i, child := range children {
		out[i] = types.ChildShard{ShardId: aws.String(child.id), HashKeyRange: child.describeRange()}
		for _, parent := range child.Parents {
			out[i].ParentShards = append(out[i].ParentShards, shardID(parent))
		}
	}
	return out
}
