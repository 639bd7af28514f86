package delivery

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
)

const (
	defaultSizeInMBs       = 5
	defaultIntervalSeconds = 300
	maxSizeInMBs           = 128
	maxIntervalSeconds     = 900
)

// defineDestination takes the one destination out of a request.
func defineDestination(in *firehose.CreateDeliveryStreamInput) (destination, error) {
	//lint:ignore SA1019 clients still send the older form
	plain, extended := in.S3DestinationConfiguration, in.ExtendedS3DestinationConfiguration
	other := ""
	count := 0
	for _, d := range []struct {
		name string
		set  bool
	}{
		{"", plain != nil},
		{"", extended != nil},
		{"RedshiftDestinationConfiguration", in.RedshiftDestinationConfiguration != nil},
		{"ElasticsearchDestinationConfiguration", in.ElasticsearchDestinationConfiguration != nil},
		{"AmazonopensearchserviceDestinationConfiguration", in.AmazonopensearchserviceDestinationConfiguration != nil},
		{"AmazonOpenSearchServerlessDestinationConfiguration", in.AmazonOpenSearchServerlessDestinationConfiguration != nil},
		{"SplunkDestinationConfiguration", in.SplunkDestinationConfiguration != nil},
		{"HttpEndpointDestinationConfiguration", in.HttpEndpointDestinationConfiguration != nil},
		{"SnowflakeDestinationConfiguration", in.SnowflakeDestinationConfiguration != nil},
		{"IcebergDestinationConfiguration", in.IcebergDestinationConfiguration != nil},
	} {
		if d.set {
			count++
			other = d.name
		}
	}
	switch {
	case count != 1:
		return destination{}, invalid("Exactly one destination configuration is supported for a Firehose")
	case other != "":
		return destination{}, unsupported(other)
	case plain != nil:
		return defineS3(plain)
	}
	return defineExtendedS3(extended)
}

// defineExtendedS3 refuses the members that only it has and that are not done yet, unless they are switched off.
func defineExtendedS3(in *types.ExtendedS3DestinationConfiguration) (destination, error) {
	on := func(enabled *bool, omitted bool) bool { return enabled == nil && omitted || aws.ToBool(enabled) }
	switch {
	case in.ProcessingConfiguration != nil && (on(in.ProcessingConfiguration.Enabled, false) || len(in.ProcessingConfiguration.Processors) > 0):
		return destination{}, unsupported("ProcessingConfiguration")
	case in.DataFormatConversionConfiguration != nil && on(in.DataFormatConversionConfiguration.Enabled, true):
		return destination{}, unsupported("DataFormatConversionConfiguration")
	case in.DynamicPartitioningConfiguration != nil && on(in.DynamicPartitioningConfiguration.Enabled, false):
		return destination{}, unsupported("DynamicPartitioningConfiguration")
	case in.S3BackupMode == types.S3BackupModeEnabled:
		return destination{}, unsupported("S3BackupMode Enabled")
	case in.S3BackupConfiguration != nil:
		return destination{}, unsupported("S3BackupConfiguration")
	}
	d, err := defineS3(&types.S3DestinationConfiguration{
		BucketARN: in.BucketARN, RoleARN: in.RoleARN, BufferingHints: in.BufferingHints, CloudWatchLoggingOptions: in.CloudWatchLoggingOptions,
		CompressionFormat: in.CompressionFormat, EncryptionConfiguration: in.EncryptionConfiguration,
		ErrorOutputPrefix: in.ErrorOutputPrefix, Prefix: in.Prefix,
	})
	if err != nil {
		return d, err
	}
	d.Extended = true
	d.TimeZone = aws.ToString(in.CustomTimeZone)
	d.Extension = aws.ToString(in.FileExtension)
	if d.Extension != "" && !regexp.MustCompile(`^\.[0-9a-z!\-_.*'()]{1,127}$`).MatchString(d.Extension) {
		return d, invalid(`FileExtension %q is not of the form \.[0-9a-z!\-_.*'()]+.`, d.Extension)
	}
	return d, nil
}

func defineS3(in *types.S3DestinationConfiguration) (destination, error) {
	d := destination{
		BucketARN: aws.ToString(in.BucketARN), RoleARN: aws.ToString(in.RoleARN),
		Prefix: aws.ToString(in.Prefix), ErrorPrefix: aws.ToString(in.ErrorOutputPrefix),
		Compression: string(in.CompressionFormat), SizeInMBs: defaultSizeInMBs, IntervalSeconds: defaultIntervalSeconds,
	}
	if d.Compression == "" {
		d.Compression = plainFormat
	}
	bucket := regexp.MustCompile(`^arn:[^:]*:s3:::([A-Za-z0-9][\w.-]{0,254})$`).FindStringSubmatch(d.BucketARN)
	switch {
	case bucket == nil:
		return d, invalid("BucketARN %q is not the ARN of a bucket.", d.BucketARN)
	case !slices.Contains(types.CompressionFormat("").Values(), in.CompressionFormat) && in.CompressionFormat != "":
		return d, invalid("CompressionFormat %q does not exist.", d.Compression)
	case d.Compression != plainFormat && d.Compression != gzipFormat:
		return d, unsupported("CompressionFormat " + d.Compression)
	case in.CloudWatchLoggingOptions != nil && aws.ToBool(in.CloudWatchLoggingOptions.Enabled):
		return d, unsupported("CloudWatchLoggingOptions")
	case in.EncryptionConfiguration != nil && in.EncryptionConfiguration.KMSEncryptionConfig != nil:
		return d, unsupported("KMSEncryptionConfig")
	}
	d.Bucket = bucket[1]
	if strings.Contains(d.Bucket, "..") {
		return d, invalid("BucketARN %q is not the ARN of a bucket.", d.BucketARN)
	}
	return d, d.setHints(in.BufferingHints)
}

func (d *destination) setHints(hints *types.BufferingHints) error {
	if hints == nil {
		return nil
	}
	if hints.SizeInMBs != nil {
		d.SizeInMBs = *hints.SizeInMBs
	}
	if hints.IntervalInSeconds != nil {
		d.IntervalSeconds = *hints.IntervalInSeconds
	}
	if d.SizeInMBs < 1 || d.SizeInMBs > maxSizeInMBs {
		return invalid("BufferingHints.SizeInMBs must be from 1 to %d, and is %d.", maxSizeInMBs, d.SizeInMBs)
	}
	if d.IntervalSeconds < 0 || d.IntervalSeconds > maxIntervalSeconds {
		return invalid("BufferingHints.IntervalInSeconds must be from 0 to %d, and is %d.", maxIntervalSeconds, d.IntervalSeconds)
	}
	return nil
}
