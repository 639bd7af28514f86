package delivery

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
)

// onlyStream is a source that knows the stream "in" alone.
type onlyStream struct{ *consumertest.Stream }

func (o onlyStream) ListShards(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error) {
	if in.StreamName != nil && *in.StreamName != "in" {
		return nil, &kinesistypes.ResourceNotFoundException{}
	}
	return o.Stream.ListShards(ctx, in)
}

// Everything that a request asks for and this version does not do is refused by its name.
func TestCreateRefused(t *testing.T) {
	type request = firehose.CreateDeliveryStreamInput
	extended := func(change func(x *types.ExtendedS3DestinationConfiguration)) func(*request) {
		return func(in *request) { change(in.ExtendedS3DestinationConfiguration) }
	}
	only := func(set func(in *request)) func(*request) {
		return func(in *request) {
			in.ExtendedS3DestinationConfiguration = nil
			set(in)
		}
	}
	for name, tt := range map[string]struct {
		change func(*request)
		text   string
	}{
		"no destination":   {only(func(*request) {}), "Exactly one destination configuration is supported for a Firehose"},
		"two destinations": {func(in *request) { in.SplunkDestinationConfiguration = &types.SplunkDestinationConfiguration{} }, "Exactly one destination"},
		//lint:ignore SA1019 clients still send it
		"both S3":  {func(in *request) { in.S3DestinationConfiguration = &types.S3DestinationConfiguration{} }, "Exactly one destination"},
		"Redshift": {only(func(in *request) { in.RedshiftDestinationConfiguration = &types.RedshiftDestinationConfiguration{} }), "RedshiftDestinationConfiguration is not supported yet"},
		"Splunk":   {only(func(in *request) { in.SplunkDestinationConfiguration = &types.SplunkDestinationConfiguration{} }), "SplunkDestinationConfiguration is not"},
		"HTTP": {only(func(in *request) {
			in.HttpEndpointDestinationConfiguration = &types.HttpEndpointDestinationConfiguration{}
		}), "HttpEndpointDestinationConfiguration is not"},
		"Elasticsearch": {only(func(in *request) {
			in.ElasticsearchDestinationConfiguration = &types.ElasticsearchDestinationConfiguration{}
		}), "ElasticsearchDestinationConfiguration is not"},
		"Snowflake": {only(func(in *request) { in.SnowflakeDestinationConfiguration = &types.SnowflakeDestinationConfiguration{} }), "SnowflakeDestinationConfiguration is not"},
		"Iceberg":   {only(func(in *request) { in.IcebergDestinationConfiguration = &types.IcebergDestinationConfiguration{} }), "IcebergDestinationConfiguration is not"},
		"OpenSearch": {only(func(in *request) {
			in.AmazonopensearchserviceDestinationConfiguration = &types.AmazonopensearchserviceDestinationConfiguration{}
		}), "AmazonopensearchserviceDestinationConfiguration is not"},
		"OpenSearch 2": {only(func(in *request) {
			in.AmazonOpenSearchServerlessDestinationConfiguration = &types.AmazonOpenSearchServerlessDestinationConfiguration{}
		}), "AmazonOpenSearchServerlessDestinationConfiguration is not"},
		"MSK":      {func(in *request) { in.MSKSourceConfiguration = &types.MSKSourceConfiguration{} }, "MSKSourceConfiguration is not"},
		"MSK type": {func(in *request) { in.DeliveryStreamType = types.DeliveryStreamTypeMSKAsSource }, "DeliveryStreamType MSKAsSource is not"},
		"database": {func(in *request) { in.DatabaseSourceConfiguration = &types.DatabaseSourceConfiguration{} }, "DatabaseSourceConfiguration is not"},
		"encryption": {func(in *request) {
			in.DeliveryStreamEncryptionConfigurationInput = &types.DeliveryStreamEncryptionConfigurationInput{}
		}, "DeliveryStreamEncryptionConfigurationInput is not"},
		"processing": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.ProcessingConfiguration = &types.ProcessingConfiguration{Enabled: aws.Bool(true)}
		}), "ProcessingConfiguration is not"},
		"processors": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.ProcessingConfiguration = &types.ProcessingConfiguration{Processors: []types.Processor{{}}}
		}), "ProcessingConfiguration is not"},
		"conversion": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.DataFormatConversionConfiguration = &types.DataFormatConversionConfiguration{}
		}), "DataFormatConversionConfiguration is not"},
		"partitioning": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.DynamicPartitioningConfiguration = &types.DynamicPartitioningConfiguration{Enabled: aws.Bool(true)}
		}), "DynamicPartitioningConfiguration is not"},
		"backup mode": {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.S3BackupMode = types.S3BackupModeEnabled }), "S3BackupMode Enabled is not"},
		"backup": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.S3BackupConfiguration = &types.S3DestinationConfiguration{}
		}), "S3BackupConfiguration is not"},
		"logging": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.CloudWatchLoggingOptions = &types.CloudWatchLoggingOptions{Enabled: aws.Bool(true)}
		}), "CloudWatchLoggingOptions is not"},
		"KMS": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.EncryptionConfiguration = &types.EncryptionConfiguration{KMSEncryptionConfig: &types.KMSEncryptionConfig{}}
		}), "KMSEncryptionConfig is not"},
		"Snappy":         {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.CompressionFormat = types.CompressionFormatSnappy }), "CompressionFormat Snappy is not"},
		"no such format": {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.CompressionFormat = "LZ4" }), `CompressionFormat "LZ4" does not exist`},
		"size":           {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BufferingHints.SizeInMBs = aws.Int32(129) }), "BufferingHints.SizeInMBs must be from 1 to 128"},
		"size 0":         {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BufferingHints.SizeInMBs = aws.Int32(0) }), "BufferingHints.SizeInMBs"},
		"interval":       {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BufferingHints.IntervalInSeconds = aws.Int32(901) }), "BufferingHints.IntervalInSeconds must be from 0 to 900"},
		"bucket":         {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BucketARN = aws.String("logs") }), `BucketARN "logs" is not the ARN of a bucket`},
		"bucket path":    {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BucketARN = aws.String("arn:aws:s3:::..") }), "is not the ARN of a bucket"},
		"unknown bucket": {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.BucketARN = aws.String("arn:aws:s3:::other") }), "BucketARN: there is no bucket other; this server has: logs"},
		"date": {extended(func(x *types.ExtendedS3DestinationConfiguration) {
			x.Prefix, x.ErrorOutputPrefix = aws.String("!{timestamp:bb}"), aws.String("e/")
		}), "Prefix: the expression !{timestamp:bb}"},
		"no error prefix": {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.Prefix = aws.String("!{timestamp:yy}") }), "ErrorOutputPrefix: "},
		"extension":       {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.FileExtension = aws.String("GZ") }), `FileExtension "GZ"`},
		"zone":            {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.CustomTimeZone = aws.String("Mars/Olympus") }), "CustomTimeZone"},
		"local zone":      {extended(func(x *types.ExtendedS3DestinationConfiguration) { x.CustomTimeZone = aws.String("Local") }), "CustomTimeZone"},
		"source and put":  {func(in *request) { fromStream("in")(in); in.DeliveryStreamType = "" }, "KinesisStreamSourceConfiguration is only for"},
		"put and source": {func(in *request) {
			fromStream("in")(in)
			in.DirectPutSourceConfiguration = &types.DirectPutSourceConfiguration{}
		}, "DirectPutSourceConfiguration is only for"},
		"source missing": {func(in *request) { in.DeliveryStreamType = types.DeliveryStreamTypeKinesisStreamAsSource }, "KinesisStreamSourceConfiguration is needed"},
		"source ARN": {func(in *request) {
			fromStream("in")(in)
			in.KinesisStreamSourceConfiguration.KinesisStreamARN = aws.String("in")
		}, `KinesisStreamARN "in" is not the ARN of a stream`},
		"source is unknown": {fromStream("other"), "stream other not found under account"},
		"name":              {func(in *request) { in.DeliveryStreamName = aws.String("a/b") }, "DeliveryStreamName"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, func(c *Config) { c.Source = onlyStream{consumertest.New("in", 1)} })
			_, err := b.CreateDeliveryStream(t.Context(), input("web", tt.change))
			refused(t, name, err, "InvalidArgumentException", tt.text)
			if entries, err := b.cfg.Meta.List(t.Context(), ""); err != nil || len(entries) != 0 {
				t.Errorf("%s: left %v, %v", name, entries, err)
			}
			b.create("web", nil) // nothing stands in the way of a good one
		})
	}
}

// What is asked for as switched off is no reason to refuse.
func TestCreateSwitchedOff(t *testing.T) {
	b := newBench(t, nil)
	b.create("web", func(in *firehose.CreateDeliveryStreamInput) {
		x := in.ExtendedS3DestinationConfiguration
		x.ProcessingConfiguration = &types.ProcessingConfiguration{Enabled: aws.Bool(false)}
		x.DataFormatConversionConfiguration = &types.DataFormatConversionConfiguration{Enabled: aws.Bool(false)}
		x.DynamicPartitioningConfiguration = &types.DynamicPartitioningConfiguration{}
		x.S3BackupMode = types.S3BackupModeDisabled
		x.CloudWatchLoggingOptions = &types.CloudWatchLoggingOptions{Enabled: aws.Bool(false)}
		x.EncryptionConfiguration = &types.EncryptionConfiguration{NoEncryptionConfig: types.NoEncryptionConfigNoEncryption}
	})
	_, err := b.CreateDeliveryStream(t.Context(), input("web", nil))
	refused(t, "a second one", err, "ResourceInUseException", "Firehose web under accountId 000000000000 already exists")
	_, err = b.CreateDeliveryStream(t.Context(), input("from", fromStream("in")))
	refused(t, "no streams here", err, "InvalidArgumentException", "this server has no streams")
}

func TestPutRefused(t *testing.T) {
	b := newBench(t, nil)
	b.create("web", nil)
	batch := func(n, size int) *firehose.PutRecordBatchInput {
		in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("web")}
		for range n {
			in.Records = append(in.Records, types.Record{Data: make([]byte, size)})
		}
		return in
	}
	for text, in := range map[string]*firehose.PutRecordBatchInput{
		"Records size exceeds 4 MB limit":     batch(5, 900_000),
		"there must be 1 to 500":              batch(501, 1),
		"number 1 has 1024001 bytes":          batch(1, 1_024_001),
		"there must be 1 to 500, and there a": batch(0, 0),
	} {
		_, err := b.PutRecordBatch(t.Context(), in)
		refused(t, text, err, "InvalidArgumentException", text)
	}
	_, err := b.PutRecordBatch(t.Context(), &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("other"), Records: []types.Record{{}}})
	refused(t, "unknown", err, "ResourceNotFoundException", "other is not active in account")
	_, err = b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("web")})
	refused(t, "no record", err, "InvalidArgumentException", "Record")
	if out, err := b.PutRecordBatch(t.Context(), batch(4, 1_024_000)); err != nil || *out.FailedPutCount != 0 {
		t.Errorf("four of the largest: %v", err)
	}
	if out, err := b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("web"), Record: &types.Record{}}); err != nil || len(*out.RecordId) < 20 || *out.Encrypted {
		t.Errorf("an empty record: %+v, %v", out, err)
	}
}

func TestHandlersCoverTheTable(t *testing.T) {
	b := newBench(t, nil)
	var names []string
	service := b.Handlers()
	for _, h := range service.Handlers {
		names = append(names, h.Operation.Name)
	}
	want := "CreateDeliveryStream DescribeDeliveryStream ListDeliveryStreams DeleteDeliveryStream PutRecord PutRecordBatch"
	if got := strings.Join(names, " "); got != want || service.Target != "Firehose_20150804" || service.Signing != "firehose" {
		t.Errorf("handlers %s of %s, %s", got, service.Target, service.Signing)
	}
}
