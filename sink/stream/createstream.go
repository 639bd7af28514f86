package stream

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// CreateStream makes a stream. Without mode and ShardCount it is ON_DEMAND, with ShardCount PROVISIONED. An ON_DEMAND
// stream has 4 shards and does not scale. WarmThroughputMiBps is accepted and has no effect: there is nothing to warm.
func (s *Service) CreateStream(ctx context.Context, in *kinesis.CreateStreamInput) (*kinesis.CreateStreamOutput, error) {
	sp := spec{
		name:   aws.ToString(in.StreamName),
		shards: int(aws.ToInt32(in.ShardCount)),
		hours:  defaultHours,
		maxKiB: defaultMaxKiB,
		spread: in.RecordDistributionStrategy,
		tags:   in.Tags,
	}
	if in.MaxRecordSizeInKiB != nil {
		sp.maxKiB = *in.MaxRecordSizeInKiB
	}
	sp.mode = types.StreamModeProvisioned
	if in.StreamModeDetails != nil {
		sp.mode = in.StreamModeDetails.StreamMode
	} else if in.ShardCount == nil {
		sp.mode = types.StreamModeOnDemand
	}
	switch {
	case len(sp.tags) > maxTags:
		return nil, invalid("A stream can have at most %d tags, %d were given.", maxTags, len(sp.tags))
	case sp.mode == types.StreamModeOnDemand && in.ShardCount != nil:
		return nil, invalid("ShardCount must not be given for a stream in ON_DEMAND mode.")
	case sp.mode == types.StreamModeOnDemand:
		sp.shards = onDemandShards
	case sp.shards < 1:
		return nil, invalid("ShardCount must be given for a stream in PROVISIONED mode.")
	case sp.shards > maxShards:
		return nil, limitExceeded("A stream can have at most %d shards, %d were asked for.", maxShards, sp.shards)
	}
	if err := s.create(ctx, sp); err != nil {
		return nil, err
	}
	return &kinesis.CreateStreamOutput{}, nil
}
