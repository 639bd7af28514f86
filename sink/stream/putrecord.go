package stream

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// PutRecord adds one record and answers after the fsync. SequenceNumberForOrdering is only checked: within a shard, records
// get their numbers in the order of their puts anyway.
func (s *Service) PutRecord(ctx context.Context, in *kinesis.PutRecordInput) (*kinesis.PutRecordOutput, error) {
	st, err := s.findUsable(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	if err := st.checkRecord(in.Data, in.PartitionKey, ""); err != nil {
		return nil, err
	}
	key, err := st.hash(in.PartitionKey, in.ExplicitHashKey)
	if err != nil {
		return nil, err
	}
	if err := s.checkOrdering(ctx, st, in.SequenceNumberForOrdering); err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	record := store.Record{PartitionKey: aws.ToString(in.PartitionKey), ExplicitHashKey: aws.ToString(in.ExplicitHashKey), Data: in.Data}
	results, err := s.put(ctx, st, []store.Record{record}, []hashKey{key})
	if err != nil {
		return nil, err
	}
	r := results[0]
	if r.err != nil {
		return nil, s.failed(r.err)
	}
	s.health.report(nil)
	return &kinesis.PutRecordOutput{
		ShardId:        aws.String(r.shard.id),
		SequenceNumber: aws.String(r.shard.sequence(r.index, r.arrival).String()),
	}, nil
}

// checkRecord keeps what the stream, not the API, bounds. at is the path of the record in the request.
func (st *stream) checkRecord(data []byte, partitionKey *string, at string) error {
	if most := int(st.MaxKiB) << 10; len(data) > most {
		return violation(fmt.Sprintf("'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'", len(data), len(data)),
			at+"data", fmt.Sprintf("have length less than or equal to %d", most))
	}
	if partitionKey == nil && types.RecordDistributionStrategy(st.Spread) != types.RecordDistributionStrategyAuto {
		return violation("null", at+"partitionKey", "not be null")
	}
	return nil
}

// checkOrdering validates SequenceNumberForOrdering: a number of our layout that does not come from the future, or that is
// there all the same, since the clock was set back.
func (s *Service) checkOrdering(ctx context.Context, st *stream, number *string) error {
	if number == nil {
		return nil
	}
	if n, err := parseSequence(*number); err == nil {
		if n.arrival <= s.now()/1000 {
			return nil
		}
		if sh := st.shard(n.shard); sh != nil && n.created == sh.stamp() {
			if future, err := s.future(ctx, sh, n, 0); err != nil {
				return s.failed(err)
			} else if !future {
				return nil
			}
		}
	}
	return invalid("ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.",
		*number, st.Name, s.cfg.Account)
}
