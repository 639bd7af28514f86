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

const (
	mib         = 1 << 20
	defaultSize = 5 * mib
)

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
	if d.BufferSize%mib != 0 || d.BufferTime%time.Second != 0 {
		return fmt.Errorf("a buffer of %d bytes and %v: whole MiB and whole seconds can be", d.BufferSize, d.BufferTime)
	}
	if d.BufferSize == 0 {
		d.BufferSize = defaultSize
	}
	if d.Compression == "" {
		d.Compression = string(firehosetypes.CompressionFormatUncompressed)
	}
	there, err := b.delivery.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &d.Name})
	if err == nil {
		for _, difference := range b.differences(d, there.DeliveryStreamDescription) {
			b.log.Warn("the delivery stream exists and differs from its declaration; it is left as it is",
				"delivery_stream", d.Name, "difference", difference)
		}
		return nil
	}
	var absent *firehosetypes.ResourceNotFoundException
	if !errors.As(err, &absent) {
		return err
	}
	_, err = b.delivery.CreateDeliveryStream(ctx, b.create(d))
	return err
}

// create is the request that a declaration stands for.
func (b *Backend) create(d DeliveryStream) *firehose.CreateDeliveryStreamInput {
	in := &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: &d.Name,
		DeliveryStreamType: firehosetypes.DeliveryStreamTypeDirectPut,
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			BucketARN: aws.String(bucketARN(d.Bucket)),
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
			KinesisStreamARN: aws.String(b.streamARN(d.Source)),
			RoleARN:          aws.String(b.role()),
		}
	}
	return in
}

// differences says how a delivery stream is not what its declaration wants.
func (b *Backend) differences(d DeliveryStream, there *firehosetypes.DeliveryStreamDescription) (found []string) {
	source, wanted := "", ""
	if there.Source != nil && there.Source.KinesisStreamSourceDescription != nil {
		source = aws.ToString(there.Source.KinesisStreamSourceDescription.KinesisStreamARN)
	}
	if d.Source != "" {
		wanted = b.streamARN(d.Source)
	}
	s3 := there.Destinations[0].ExtendedS3DestinationDescription
	for _, m := range []struct{ name, is, wanted string }{
		{"source", source, wanted},
		{"bucket", aws.ToString(s3.BucketARN), bucketARN(d.Bucket)},
		{"prefix", aws.ToString(s3.Prefix), d.Prefix},
		{"error prefix", aws.ToString(s3.ErrorOutputPrefix), d.ErrorPrefix},
		{"compression", string(s3.CompressionFormat), d.Compression},
		{"buffer size in MiB", fmt.Sprint(aws.ToInt32(s3.BufferingHints.SizeInMBs)), fmt.Sprint(d.BufferSize / mib)},
		{"buffer time", (time.Duration(aws.ToInt32(s3.BufferingHints.IntervalInSeconds)) * time.Second).String(), d.BufferTime.String()},
	} {
		if m.is != m.wanted {
			found = append(found, fmt.Sprintf("its %s is %q, not %q", m.name, m.is, m.wanted))
		}
	}
	return found
}

func bucketARN(bucket string) string { return "arn:aws:s3:::" + bucket }

func (b *Backend) streamARN(stream string) string {
	return fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", b.region, b.account, stream)
}

// role is what the API demands and the backend has no use for.
func (b *Backend) role() string { return fmt.Sprintf("arn:aws:iam::%s:role/weir", b.account) }
