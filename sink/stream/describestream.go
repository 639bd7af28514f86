package stream

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// describePage is the largest and the default number of shards in one answer of DescribeStream.
const describePage = 100

// DescribeStream shows a stream and a page of its shards, by number. A stream in creation shows none.
func (s *Service) DescribeStream(_ context.Context, in *kinesis.DescribeStreamInput) (*kinesis.DescribeStreamOutput, error) {
	st, err := s.find(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	after, err := s.startAfter(st, in.ExclusiveStartShardId)
	if err != nil {
		return nil, err
	}
	d := &types.StreamDescription{
		StreamName:              aws.String(st.Name),
		StreamARN:               aws.String(s.arn(st.Name)),
		StreamStatus:            types.StreamStatus(st.Status),
		StreamModeDetails:       st.modeDetails(),
		StreamCreationTimestamp: aws.Time(time.UnixMilli(st.Created)),
		RetentionPeriodHours:    aws.Int32(st.Hours),
		EncryptionType:          types.EncryptionTypeNone,
		EnhancedMonitoring:      noMonitoring(),
		Shards:                  []types.Shard{},
		HasMoreShards:           aws.Bool(false),
	}
	if !st.is(types.StreamStatusCreating) {
		shards, more := page(st.after(after), in.Limit, describePage)
		d.Shards, d.HasMoreShards = describeShards(shards), aws.Bool(more)
	}
	return &kinesis.DescribeStreamOutput{StreamDescription: d}, nil
}

// DescribeStreamSummary shows a stream without its shards.
func (s *Service) DescribeStreamSummary(_ context.Context, in *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error) {
	st, err := s.find(in.StreamName, in.StreamARN)
	if err != nil {
		return nil, err
	}
	d := &types.StreamDescriptionSummary{
		StreamName:                 aws.String(st.Name),
		StreamARN:                  aws.String(s.arn(st.Name)),
		StreamStatus:               types.StreamStatus(st.Status),
		StreamModeDetails:          st.modeDetails(),
		StreamCreationTimestamp:    aws.Time(time.UnixMilli(st.Created)),
		RetentionPeriodHours:       aws.Int32(st.Hours),
		EncryptionType:             types.EncryptionTypeNone,
		EnhancedMonitoring:         noMonitoring(),
		OpenShardCount:             aws.Int32(0),
		ConsumerCount:              aws.Int32(0),
		MaxRecordSizeInKiB:         aws.Int32(st.MaxKiB),
		RecordDistributionStrategy: types.RecordDistributionStrategy(st.Spread),
	}
	if !st.is(types.StreamStatusCreating) {
		d.OpenShardCount = aws.Int32(int32(len(st.open)))
	}
	return &kinesis.DescribeStreamSummaryOutput{StreamDescriptionSummary: d}, nil
}

func (st *stream) modeDetails() *types.StreamModeDetails {
	return &types.StreamModeDetails{StreamMode: types.StreamMode(st.Mode)}
}

func noMonitoring() []types.EnhancedMetrics {
	return []types.EnhancedMetrics{{ShardLevelMetrics: []types.MetricsName{}}}
}

// startAfter returns the number behind which a page of shards begins, -1 for the first page.
func (s *Service) startAfter(st *stream, id *string) (int64, error) {
	if id == nil {
		return -1, nil
	}
	number, ok := parseShardID(*id)
	if !ok {
		return 0, s.shardNotFound(*id, st.Name)
	}
	return int64(number), nil
}

// page cuts a list after limit entries, at most the given number, and says whether something is left.
func page[T any](list []T, limit *int32, most int) (cut []T, more bool) {
	n := most
	if limit != nil {
		n = min(n, int(*limit))
	}
	if len(list) <= n {
		return list, false
	}
	return list[:n], true
}

func describeShards(shards []*shard) []types.Shard {
	described := make([]types.Shard, len(shards))
	for i, sh := range shards {
		described[i] = sh.describe()
	}
	return described
}
