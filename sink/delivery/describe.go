package delivery

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
)

const (
	destinationID    = "destinationId-000000000001"
	defaultListLimit = 10
)

// DescribeDeliveryStream shows a definition. The one destination is shown whatever ExclusiveStartDestinationId says, as AWS does.
func (s *Service) DescribeDeliveryStream(_ context.Context, in *firehose.DescribeDeliveryStreamInput) (*firehose.DescribeDeliveryStreamOutput, error) {
	d, err := s.lookup(aws.ToString(in.DeliveryStreamName))
	if err != nil {
		return nil, err
	}
	def := d.definition()
	out := &types.DeliveryStreamDescription{
		DeliveryStreamARN: &def.ARN, DeliveryStreamName: &def.Name, VersionId: &def.Version,
		DeliveryStreamStatus: types.DeliveryStreamStatusActive, DeliveryStreamType: types.DeliveryStreamTypeDirectPut,
		CreateTimestamp: &def.Created, HasMoreDestinations: aws.Bool(false),
		Destinations: []types.DestinationDescription{describeDestination(def.Destination)},
	}
	if def.Deleting {
		out.DeliveryStreamStatus = types.DeliveryStreamStatusDeleting
	}
	switch {
	case def.Source != nil:
		out.DeliveryStreamType = types.DeliveryStreamTypeKinesisStreamAsSource
		out.Source = &types.SourceDescription{KinesisStreamSourceDescription: &types.KinesisStreamSourceDescription{
			DeliveryStartTimestamp: &def.Created, KinesisStreamARN: &def.Source.StreamARN, RoleARN: &def.Source.RoleARN,
		}}
	default:
		out.DeliveryStreamEncryptionConfiguration = &types.DeliveryStreamEncryptionConfiguration{Status: types.DeliveryStreamEncryptionStatusDisabled}
		if def.Throughput > 0 {
			out.Source = &types.SourceDescription{DirectPutSourceDescription: &types.DirectPutSourceDescription{ThroughputHintInMBs: &def.Throughput}}
		}
	}
	return &firehose.DescribeDeliveryStreamOutput{DeliveryStreamDescription: out}, nil
}

// describeDestination shows an S3 destination in both forms, as AWS does, whichever it was made with.
func describeDestination(d destination) types.DestinationDescription {
	plain := &types.S3DestinationDescription{
		BucketARN: &d.BucketARN, RoleARN: &d.RoleARN, CompressionFormat: types.CompressionFormat(d.Compression),
		BufferingHints:           &types.BufferingHints{SizeInMBs: &d.SizeInMBs, IntervalInSeconds: &d.IntervalSeconds},
		EncryptionConfiguration:  &types.EncryptionConfiguration{NoEncryptionConfig: types.NoEncryptionConfigNoEncryption},
		CloudWatchLoggingOptions: &types.CloudWatchLoggingOptions{Enabled: aws.Bool(false)},
		Prefix:                   given(d.Prefix), ErrorOutputPrefix: given(d.ErrorPrefix),
	}
	extended := &types.ExtendedS3DestinationDescription{
		BucketARN: plain.BucketARN, RoleARN: plain.RoleARN, CompressionFormat: plain.CompressionFormat, BufferingHints: plain.BufferingHints,
		EncryptionConfiguration: plain.EncryptionConfiguration, CloudWatchLoggingOptions: plain.CloudWatchLoggingOptions,
		Prefix: plain.Prefix, ErrorOutputPrefix: plain.ErrorOutputPrefix,
		S3BackupMode: types.S3BackupModeDisabled, CustomTimeZone: given(d.TimeZone), FileExtension: given(d.Extension),
	}
	return types.DestinationDescription{
		DestinationId: aws.String(destinationID), S3DestinationDescription: plain, ExtendedS3DestinationDescription: extended,
	}
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// ListDeliveryStreams lists names in alphabetical order.
func (s *Service) ListDeliveryStreams(_ context.Context, in *firehose.ListDeliveryStreamsInput) (*firehose.ListDeliveryStreamsOutput, error) {
	limit := defaultListLimit
	if in.Limit != nil && *in.Limit > 0 {
		limit = int(*in.Limit)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := &firehose.ListDeliveryStreamsOutput{DeliveryStreamNames: []string{}, HasMoreDeliveryStreams: aws.Bool(false)}
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		if name <= aws.ToString(in.ExclusiveStartDeliveryStreamName) || in.DeliveryStreamType != "" && in.DeliveryStreamType != s.streams[name].kind() {
			continue
		}
		if len(out.DeliveryStreamNames) == limit {
			out.HasMoreDeliveryStreams = aws.Bool(true)
			break
		}
		out.DeliveryStreamNames = append(out.DeliveryStreamNames, name)
	}
	return out, nil
}
