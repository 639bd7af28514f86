package backend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/weir-logs/weir/sink/stream"
)

const mib = 1 << 20

// declare creates what the configuration names and the backend does not have yet. What is there already stays as it is; a
// difference is reported and never mended silently.
func (b *Backend) declare(ctx context.Context, c Config) error {
	for _, s := range c.Streams {
		if err := b.declareStream(ctx, s); err != nil {
			return fmt.Errorf("stream %s: %w", s.Name, err)
		}
	}
	for _, d := range c.DeliveryStreams {
		if err := b.declareDelivery(ctx, d); err != nil {
			return fmt.Errorf("delivery stream %s: %w", d.Name, err)
		}
	}
	return nil
}

func (b *Backend) declareStream(ctx context.Context, s Stream) error {
	differences, err := b.streams.Declare(ctx, stream.Declaration{Name: s.Name, Shards: max(1, s.Shards), Retention: s.Retention})
	for _, d := range differences {
		b.log.Warn("the stream exists and differs from its declaration; it is left as it is", "stream", s.Name, "difference", d)
	}
	return err
}

func (b *Backend) declareDelivery(ctx context.Context, d DeliveryStream) error {
	_, err := b.delivery.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &d.Name})
	var absent *firehosetypes.ResourceNotFoundException
	if !errors.As(err, &absent) {
		return err
	}
	in := &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: &d.Name,
		DeliveryStreamType: firehosetypes.DeliveryStreamTypeDirectPut,
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			BucketARN: aws.String("arn:aws:s3:::" + d.Bucket),
			RoleARN:   aws.String(b.role()),
			BufferingHints: &firehosetypes.BufferingHints{
				SizeInMBs:         aws.Int32(int32(d.BufferSize / mib)),
				IntervalInSeconds: aws.Int32(int32(d.BufferTime / time.Second)),
			},
			CompressionFormat: firehosetypes.CompressionFormat(d.Compression),
		},
	}
	if d.Prefix != "" {
		in.ExtendedS3DestinationConfiguration.Prefix = &d.Prefix
	}
	if d.ErrorPrefix != "" {
		in.ExtendedS3DestinationConfiguration.ErrorOutputPrefix = &d.ErrorPrefix
	}
	if d.Source != "" {
		in.DeliveryStreamType = firehosetypes.DeliveryStreamTypeKinesisStreamAsSource
		in.KinesisStreamSourceConfiguration = &firehosetypes.KinesisStreamSourceConfiguration{
			KinesisStreamARN: aws.String(fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", b.region, b.account, d.Source)),
			RoleARN:          aws.String(b.role()),
		}
	}
	_, err = b.delivery.CreateDeliveryStream(ctx, in)
	return err
}

// role is what the API demands and the backend has no use for.
func (b *Backend) role() string { return fmt.Sprintf("arn:aws:iam::%s:role/weir", b.account) }
