package stream

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// PutRecords adds up to 500 records and answers after the fsync. A malformed entry fails the request; a shard whose
// store failed fails its entries, with InternalFailure.
func (s *Service) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
	st, err := s.findUsable(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	records, keys, err := st.checkRecords(in.Records)
	if err != nil {
		return nil, err
	}
	if err := dryRun(in.DryRun); err != nil {
		return nil, err
	}
	results, err := s.put(ctx, st, records, keys)
	if err != nil {
		return nil, err
	}
	return s.answerPuts(results), nil
}

func (st *stream) checkRecords(entries []types.PutRecordsRequestEntry) ([]store.Record, []hashKey, error) {
	records, keys := make([]store.Record, len(entries)), make([]hashKey, len(entries))
	size := 0
	for i := range entries {
		e := &entries[i]
		if err := st.checkRecord(e.Data, e.PartitionKey, ""); err != nil {
			return nil, nil, st.checkRecord(e.Data, e.PartitionKey, fmt.Sprintf("records.%d.member.", i+1))
		}
		key, err := st.hash(e.PartitionKey, e.ExplicitHashKey)
		if err != nil {
			return nil, nil, err
		}
		keys[i] = key
		records[i] = store.Record{PartitionKey: aws.ToString(e.PartitionKey), ExplicitHashKey: aws.ToString(e.ExplicitHashKey), Data: e.Data}
		size += len(e.Data) + len(records[i].PartitionKey)
	}
	if size > maxRequestBytes {
		return nil, nil, invalid("Records size exceeds %d MB limit", maxRequestBytes>>20)
	}
	return records, keys, nil
}

// answerPuts makes the answer. All sequence numbers share one string.
func (s *Service) answerPuts(results []placed) *kinesis.PutRecordsOutput {
	out := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(results))}
	digits := make([]byte, 0, sequenceDigits*len(results))
	for i := range results {
		if results[i].err == nil {
			digits = results[i].shard.sequence(results[i].index, results[i].arrival).append(digits)
		}
	}
	rest := string(digits)
	numbers := make([]string, len(results))
	failed := int32(0)
	for i, r := range results {
		e := &out.Records[i]
		if r.err != nil {
			_ = s.failed(r.err)
			failed++
			e.ErrorCode, e.ErrorMessage = aws.String(codeInternalFailure), aws.String(textInternalFailure)
			continue
		}
		numbers[i], rest = rest[:sequenceDigits], rest[sequenceDigits:]
		e.SequenceNumber, e.ShardId = &numbers[i], &r.shard.id
	}
	if failed == 0 {
		s.health.report(nil)
	}
	out.FailedRecordCount = &failed
	return out
}
