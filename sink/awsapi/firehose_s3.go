package awsapi

// A delivery stream's S3 destination and what it is made of.
var (
	firehoseBufferingHints = structure("BufferingHints",
		optional("SizeInMBs", firehoseSizeInMBs),
		optional("IntervalInSeconds", firehoseIntervalInSeconds),
	)
	firehoseCloudWatchLoggingOptions = structure("CloudWatchLoggingOptions",
		optional("Enabled", firehoseBooleanObject),
		optional("LogGroupName", firehoseLogGroupName),
		optional("LogStreamName", firehoseLogStreamName),
	)
	firehoseDataFormatConversionConfiguration = structure("DataFormatConversionConfiguration",
		optional("SchemaConfiguration", firehoseSchemaConfiguration),
		optional("InputFormatConfiguration", firehoseInputFormatConfiguration),
		optional("OutputFormatConfiguration", firehoseOutputFormatConfiguration),
		optional("Enabled", firehoseBooleanObject),
	)
	firehoseDeserializer = structure("Deserializer",
		optional("OpenXJsonSerDe", firehoseOpenXJsonSerDe),
		optional("HiveJsonSerDe", firehoseHiveJsonSerDe),
	)
	firehoseDynamicPartitioningConfiguration = structure("DynamicPartitioningConfiguration",
		optional("RetryOptions", firehoseRetryOptions),
		optional("Enabled", firehoseBooleanObject),
	)
	firehoseEncryptionConfiguration = structure("EncryptionConfiguration",
		optional("NoEncryptionConfig", firehoseNoEncryptionConfig),
		optional("KMSEncryptionConfig", firehoseKMSEncryptionConfig),
	)
	firehoseExtendedS3DestinationConfiguration = structure("ExtendedS3DestinationConfiguration",
		required("RoleARN", firehoseRoleARN),
		required("BucketARN", firehoseBucketARN),
		optional("Prefix", firehosePrefix),
		optional("ErrorOutputPrefix", firehoseErrorOutputPrefix),
		optional("BufferingHints", firehoseBufferingHints),
		optional("CompressionFormat", firehoseCompressionFormat),
		optional("EncryptionConfiguration", firehoseEncryptionConfiguration),
		optional("CloudWatchLoggingOptions", firehoseCloudWatchLoggingOptions),
		optional("ProcessingConfiguration", firehoseProcessingConfiguration),
		optional("S3BackupMode", firehoseS3BackupMode),
		optional("S3BackupConfiguration", firehoseS3DestinationConfiguration),
		optional("DataFormatConversionConfiguration", firehoseDataFormatConversionConfiguration),
		optional("DynamicPartitioningConfiguration", firehoseDynamicPartitioningConfiguration),
		optional("FileExtension", firehoseFileExtension),
		optional("CustomTimeZone", firehoseCustomTimeZone),
	)
	firehoseExtendedS3DestinationDescription = structure("ExtendedS3DestinationDescription",
		required("RoleARN", firehoseRoleARN),
		required("BucketARN", firehoseBucketARN),
		optional("Prefix", firehosePrefix),
		optional("ErrorOutputPrefix", firehoseErrorOutputPrefix),
		required("BufferingHints", firehoseBufferingHints),
		required("CompressionFormat", firehoseCompressionFormat),
		required("EncryptionConfiguration", firehoseEncryptionConfiguration),
		optional("CloudWatchLoggingOptions", firehoseCloudWatchLoggingOptions),
		optional("ProcessingConfiguration", firehoseProcessingConfiguration),
		optional("S3BackupMode", firehoseS3BackupMode),
		optional("S3BackupDescription", firehoseS3DestinationDescription),
		optional("DataFormatConversionConfiguration", firehoseDataFormatConversionConfiguration),
		optional("DynamicPartitioningConfiguration", firehoseDynamicPartitioningConfiguration),
		optional("FileExtension", firehoseFileExtension),
		optional("CustomTimeZone", firehoseCustomTimeZone),
	)
	firehoseHiveJsonSerDe = structure("HiveJsonSerDe",
		optional("TimestampFormats", firehoseListOfNonEmptyStrings),
	)
	firehoseInputFormatConfiguration = structure("InputFormatConfiguration",
		optional("Deserializer", firehoseDeserializer),
	)
	firehoseKMSEncryptionConfig = structure("KMSEncryptionConfig",
		required("AWSKMSKeyARN", firehoseAWSKMSKeyARN),
	)
	firehoseOpenXJsonSerDe = structure("OpenXJsonSerDe",
		optional("ConvertDotsInJsonKeysToUnderscores", firehoseBooleanObject),
		optional("CaseInsensitive", firehoseBooleanObject),
		optional("ColumnToJsonKeyMappings", firehoseColumnToJsonKeyMappings),
	)
	firehoseOrcSerDe = structure("OrcSerDe",
		optional("StripeSizeBytes", firehoseOrcStripeSizeBytes),
		optional("BlockSizeBytes", firehoseBlockSizeBytes),
		optional("RowIndexStride", firehoseOrcRowIndexStride),
		optional("EnablePadding", firehoseBooleanObject),
		optional("PaddingTolerance", firehoseProportion),
		optional("Compression", firehoseOrcCompression),
		optional("BloomFilterColumns", firehoseListOfNonEmptyStringsWithoutWhitespace),
		optional("BloomFilterFalsePositiveProbability", firehoseProportion),
		optional("DictionaryKeyThreshold", firehoseProportion),
		optional("FormatVersion", firehoseOrcFormatVersion),
	)
	firehoseOutputFormatConfiguration = structure("OutputFormatConfiguration",
		optional("Serializer", firehoseSerializer),
	)
	firehoseParquetSerDe = structure("ParquetSerDe",
		optional("BlockSizeBytes", firehoseBlockSizeBytes),
		optional("PageSizeBytes", firehoseParquetPageSizeBytes),
		optional("Compression", firehoseParquetCompression),
		optional("EnableDictionaryCompression", firehoseBooleanObject),
		optional("MaxPaddingBytes", firehoseNonNegativeIntegerObject),
		optional("WriterVersion", firehoseParquetWriterVersion),
	)
	firehoseProcessingConfiguration = structure("ProcessingConfiguration",
		optional("Enabled", firehoseBooleanObject),
		optional("Processors", firehoseProcessorList),
	)
	firehoseProcessor = structure("Processor",
		required("Type", firehoseProcessorType),
		optional("Parameters", firehoseProcessorParameterList),
	)
	firehoseProcessorParameter = structure("ProcessorParameter",
		required("ParameterName", firehoseProcessorParameterName),
		required("ParameterValue", firehoseProcessorParameterValue),
	)
	firehoseRetryOptions = structure("RetryOptions",
		optional("DurationInSeconds", firehoseRetryDurationInSeconds),
	)
	firehoseS3DestinationConfiguration = structure("S3DestinationConfiguration",
		required("RoleARN", firehoseRoleARN),
		required("BucketARN", firehoseBucketARN),
		optional("Prefix", firehosePrefix),
		optional("ErrorOutputPrefix", firehoseErrorOutputPrefix),
		optional("BufferingHints", firehoseBufferingHints),
		optional("CompressionFormat", firehoseCompressionFormat),
		optional("EncryptionConfiguration", firehoseEncryptionConfiguration),
		optional("CloudWatchLoggingOptions", firehoseCloudWatchLoggingOptions),
	)
	firehoseS3DestinationDescription = structure("S3DestinationDescription",
		required("RoleARN", firehoseRoleARN),
		required("BucketARN", firehoseBucketARN),
		optional("Prefix", firehosePrefix),
		optional("ErrorOutputPrefix", firehoseErrorOutputPrefix),
		required("BufferingHints", firehoseBufferingHints),
		required("CompressionFormat", firehoseCompressionFormat),
		required("EncryptionConfiguration", firehoseEncryptionConfiguration),
		optional("CloudWatchLoggingOptions", firehoseCloudWatchLoggingOptions),
	)
	firehoseSchemaConfiguration = structure("SchemaConfiguration",
		optional("RoleARN", firehoseNonEmptyStringWithoutWhitespace),
		optional("CatalogId", firehoseNonEmptyStringWithoutWhitespace),
		optional("DatabaseName", firehoseNonEmptyStringWithoutWhitespace),
		optional("TableName", firehoseNonEmptyStringWithoutWhitespace),
		optional("Region", firehoseNonEmptyStringWithoutWhitespace),
		optional("VersionId", firehoseNonEmptyStringWithoutWhitespace),
	)
	firehoseSerializer = structure("Serializer",
		optional("ParquetSerDe", firehoseParquetSerDe),
		optional("OrcSerDe", firehoseOrcSerDe),
	)
)

// Lists and maps of the S3 destination.
var (
	firehoseColumnToJsonKeyMappings                = mapOf("ColumnToJsonKeyMappings", firehoseNonEmptyStringWithoutWhitespace, firehoseNonEmptyString, none, none)
	firehoseListOfNonEmptyStrings                  = listOf("ListOfNonEmptyStrings", firehoseNonEmptyString, none, none)
	firehoseListOfNonEmptyStringsWithoutWhitespace = listOf("ListOfNonEmptyStringsWithoutWhitespace", firehoseNonEmptyStringWithoutWhitespace, none, none)
	firehoseProcessorList                          = listOf("ProcessorList", firehoseProcessor, none, none)
	firehoseProcessorParameterList                 = listOf("ProcessorParameterList", firehoseProcessorParameter, none, none)
)

// Scalars of the S3 destination.
var (
	firehoseAWSKMSKeyARN                    = text("AWSKMSKeyARN", 1, 512, `arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:(key|alias)/[a-zA-Z_0-9+=,.@\-_/]+`)
	firehoseBlockSizeBytes                  = number("BlockSizeBytes", Integer, 67108864, none)
	firehoseBucketARN                       = text("BucketARN", 1, 2048, `arn:.*:s3:::[\w\.\-]{1,255}`)
	firehoseCompressionFormat               = enum("CompressionFormat", "ZIP", "HADOOP_SNAPPY", "Snappy", "GZIP", "UNCOMPRESSED")
	firehoseCustomTimeZone                  = text("CustomTimeZone", 0, 50, "^$|[a-zA-Z/_]+")
	firehoseErrorOutputPrefix               = text("ErrorOutputPrefix", 0, 1024, ".*")
	firehoseFileExtension                   = text("FileExtension", 0, 128, `^$|\.[0-9a-z!\-_.*'()]+`)
	firehoseIntervalInSeconds               = number("IntervalInSeconds", Integer, 0, 900)
	firehoseLogGroupName                    = text("LogGroupName", 0, 512, `[\.\-_/#A-Za-z0-9]*`)
	firehoseLogStreamName                   = text("LogStreamName", 0, 512, "[^:*]*")
	firehoseNoEncryptionConfig              = enum("NoEncryptionConfig", "NoEncryption")
	firehoseNonEmptyString                  = text("NonEmptyString", 1, 1024, `^(?!\s*$).+`)
	firehoseNonEmptyStringWithoutWhitespace = text("NonEmptyStringWithoutWhitespace", 1, 1024, `^\S+$`)
	firehoseOrcCompression                  = enum("OrcCompression", "NONE", "ZLIB", "SNAPPY")
	firehoseOrcFormatVersion                = enum("OrcFormatVersion", "V0_11", "V0_12")
	firehoseOrcRowIndexStride               = number("OrcRowIndexStride", Integer, 1000, none)
	firehoseOrcStripeSizeBytes              = number("OrcStripeSizeBytes", Integer, 8388608, none)
	firehoseParquetCompression              = enum("ParquetCompression", "UNCOMPRESSED", "GZIP", "SNAPPY")
	firehoseParquetPageSizeBytes            = number("ParquetPageSizeBytes", Integer, 65536, none)
	firehoseParquetWriterVersion            = enum("ParquetWriterVersion", "V1", "V2")
	firehosePrefix                          = text("Prefix", 0, 1024, ".*")
	firehoseProcessorParameterName          = enum("ProcessorParameterName", "LambdaArn", "NumberOfRetries", "MetadataExtractionQuery", "JsonParsingEngine", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds", "SubRecordType", "Delimiter", "CompressionFormat", "DataMessageExtraction")
	firehoseProcessorParameterValue         = text("ProcessorParameterValue", 1, 5120, `^(?!\s*$).+`)
	firehoseProcessorType                   = enum("ProcessorType", "RecordDeAggregation", "Decompression", "CloudWatchLogProcessing", "Lambda", "MetadataExtraction", "AppendDelimiterToRecord")
	firehoseProportion                      = number("Proportion", Double, 0, 1)
	firehoseRetryDurationInSeconds          = number("RetryDurationInSeconds", Integer, 0, 7200)
	firehoseS3BackupMode                    = enum("S3BackupMode", "Disabled", "Enabled")
	firehoseSizeInMBs                       = number("SizeInMBs", Integer, 1, 128)
)
