package awsapi

// Structures of Kinesis Data Streams.
var (
	kinesisChildShard = structure("ChildShard",
		required("ShardId", kinesisShardId),
		required("ParentShards", kinesisShardIdList),
		required("HashKeyRange", kinesisHashKeyRange),
	)
	kinesisEnhancedMetrics = structure("EnhancedMetrics",
		optional("ShardLevelMetrics", kinesisMetricsNameList),
	)
	kinesisHashKeyRange = structure("HashKeyRange",
		required("StartingHashKey", kinesisHashKey),
		required("EndingHashKey", kinesisHashKey),
	)
	kinesisPutRecordsRequestEntry = structure("PutRecordsRequestEntry",
		required("Data", kinesisData),
		optional("ExplicitHashKey", kinesisHashKey),
		optional("PartitionKey", kinesisPartitionKey),
	)
	kinesisPutRecordsResultEntry = structure("PutRecordsResultEntry",
		optional("SequenceNumber", kinesisSequenceNumber),
		optional("ShardId", kinesisShardId),
		optional("ErrorCode", kinesisErrorCode),
		optional("ErrorMessage", kinesisErrorMessage),
	)
	kinesisRecord = structure("Record",
		required("SequenceNumber", kinesisSequenceNumber),
		optional("ApproximateArrivalTimestamp", kinesisTimestamp),
		required("Data", kinesisData),
		optional("PartitionKey", kinesisPartitionKey),
		optional("EncryptionType", kinesisEncryptionType),
	)
	kinesisSequenceNumberRange = structure("SequenceNumberRange",
		required("StartingSequenceNumber", kinesisSequenceNumber),
		optional("EndingSequenceNumber", kinesisSequenceNumber),
	)
	kinesisShard = structure("Shard",
		required("ShardId", kinesisShardId),
		optional("ParentShardId", kinesisShardId),
		optional("AdjacentParentShardId", kinesisShardId),
		required("HashKeyRange", kinesisHashKeyRange),
		required("SequenceNumberRange", kinesisSequenceNumberRange),
	)
	kinesisShardFilter = structure("ShardFilter",
		required("Type", kinesisShardFilterType),
		optional("ShardId", kinesisShardId),
		optional("Timestamp", kinesisTimestamp),
	)
	kinesisStreamDescription = structure("StreamDescription",
		required("StreamName", kinesisStreamName),
		required("StreamARN", kinesisStreamARN),
		required("StreamStatus", kinesisStreamStatus),
		optional("StreamModeDetails", kinesisStreamModeDetails),
		required("Shards", kinesisShardList),
		required("HasMoreShards", kinesisBooleanObject),
		required("RetentionPeriodHours", kinesisRetentionPeriodHours),
		required("StreamCreationTimestamp", kinesisTimestamp),
		required("EnhancedMonitoring", kinesisEnhancedMonitoringList),
		optional("EncryptionType", kinesisEncryptionType),
		optional("KeyId", kinesisKeyId),
	)
	kinesisStreamDescriptionSummary = structure("StreamDescriptionSummary",
		required("StreamName", kinesisStreamName),
		required("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
		required("StreamStatus", kinesisStreamStatus),
		optional("StreamModeDetails", kinesisStreamModeDetails),
		required("RetentionPeriodHours", kinesisRetentionPeriodHours),
		required("StreamCreationTimestamp", kinesisTimestamp),
		required("EnhancedMonitoring", kinesisEnhancedMonitoringList),
		optional("EncryptionType", kinesisEncryptionType),
		optional("KeyId", kinesisKeyId),
		required("OpenShardCount", kinesisShardCountObject),
		optional("ConsumerCount", kinesisConsumerCountObject),
		optional("WarmThroughput", kinesisWarmThroughputObject),
		optional("MaxRecordSizeInKiB", kinesisMaxRecordSizeInKiB),
		optional("ChannelCount", kinesisChannelCountObject),
		optional("RecordDistributionStrategy", kinesisRecordDistributionStrategy),
		optional("QueueCount", kinesisQueueCountObject),
	)
	kinesisStreamModeDetails = structure("StreamModeDetails",
		required("StreamMode", kinesisStreamMode),
	)
	kinesisStreamSummary = structure("StreamSummary",
		required("StreamName", kinesisStreamName),
		required("StreamARN", kinesisStreamARN),
		required("StreamStatus", kinesisStreamStatus),
		optional("StreamModeDetails", kinesisStreamModeDetails),
		optional("StreamCreationTimestamp", kinesisTimestamp),
	)
	kinesisWarmThroughputObject = structure("WarmThroughputObject",
		optional("TargetMiBps", kinesisNaturalIntegerObject),
		optional("CurrentMiBps", kinesisNaturalIntegerObject),
	)
)

// Lists and maps.
var (
	kinesisChildShardList             = listOf("ChildShardList", kinesisChildShard, none, none)
	kinesisEnhancedMonitoringList     = listOf("EnhancedMonitoringList", kinesisEnhancedMetrics, none, none)
	kinesisMetricsNameList            = listOf("MetricsNameList", kinesisMetricsName, 1, 7)
	kinesisPutRecordsRequestEntryList = listOf("PutRecordsRequestEntryList", kinesisPutRecordsRequestEntry, 1, 500)
	kinesisPutRecordsResultEntryList  = listOf("PutRecordsResultEntryList", kinesisPutRecordsResultEntry, 1, 500)
	kinesisRecordList                 = listOf("RecordList", kinesisRecord, none, none)
	kinesisShardIdList                = listOf("ShardIdList", kinesisShardId, none, none)
	kinesisShardList                  = listOf("ShardList", kinesisShard, none, none)
	kinesisStreamNameList             = listOf("StreamNameList", kinesisStreamName, none, none)
	kinesisStreamSummaryList          = listOf("StreamSummaryList", kinesisStreamSummary, none, none)
	kinesisTagMap                     = mapOf("TagMap", kinesisTagKey, kinesisTagValue, 1, 200)
)

// Scalars.
var (
	kinesisBooleanObject              = plain("BooleanObject", Boolean)
	kinesisChannelCountObject         = number("ChannelCountObject", Integer, 0, 1000000)
	kinesisConsumerCountObject        = number("ConsumerCountObject", Integer, 0, 1000000)
	kinesisData                       = blob("Data", 0, 10485760)
	kinesisDescribeStreamInputLimit   = number("DescribeStreamInputLimit", Integer, 1, 10000)
	kinesisEncryptionType             = enum("EncryptionType", "NONE", "KMS")
	kinesisErrorCode                  = text("ErrorCode", none, none, "")
	kinesisErrorMessage               = text("ErrorMessage", none, none, "")
	kinesisGetRecordsInputLimit       = number("GetRecordsInputLimit", Integer, 1, 10000)
	kinesisHashKey                    = text("HashKey", none, none, `^(0|([1-9]\d{0,38}))$`)
	kinesisKeyId                      = text("KeyId", 1, 2048, "")
	kinesisListShardsInputLimit       = number("ListShardsInputLimit", Integer, 1, 10000)
	kinesisListStreamsInputLimit      = number("ListStreamsInputLimit", Integer, 1, 10000)
	kinesisMaxRecordSizeInKiB         = number("MaxRecordSizeInKiB", Integer, 1024, 10240)
	kinesisMetricsName                = enum("MetricsName", "IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords", "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds", "ALL")
	kinesisMillisBehindLatest         = number("MillisBehindLatest", Long, 0, none)
	kinesisNaturalIntegerObject       = number("NaturalIntegerObject", Integer, 0, none)
	kinesisNextToken                  = text("NextToken", 1, 1048576, "")
	kinesisPartitionKey               = text("PartitionKey", 1, 256, "")
	kinesisPositiveIntegerObject      = number("PositiveIntegerObject", Integer, 1, none)
	kinesisQueueCountObject           = number("QueueCountObject", Integer, 0, 1000000)
	kinesisRecordDistributionStrategy = enum("RecordDistributionStrategy", "AUTO", "USER_PARTITION_KEY")
	kinesisRetentionPeriodHours       = number("RetentionPeriodHours", Integer, none, none)
	kinesisSequenceNumber             = text("SequenceNumber", none, none, `^(0|([1-9]\d{0,128}))$`)
	kinesisShardCountObject           = number("ShardCountObject", Integer, 0, 1000000)
	kinesisShardFilterType            = enum("ShardFilterType", "AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP")
	kinesisShardId                    = text("ShardId", 1, 128, "[a-zA-Z0-9_.-]+")
	kinesisShardIterator              = text("ShardIterator", 1, 512, "")
	kinesisShardIteratorType          = enum("ShardIteratorType", "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON")
	kinesisStreamARN                  = text("StreamARN", 1, 2048, `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`)
	kinesisStreamId                   = text("StreamId", 1, 24, "[a-z0-9]{20}-[a-z0-9]{3}")
	kinesisStreamMode                 = enum("StreamMode", "PROVISIONED", "ON_DEMAND")
	kinesisStreamName                 = text("StreamName", 1, 128, "[a-zA-Z0-9_.-]+")
	kinesisStreamStatus               = enum("StreamStatus", "CREATING", "DELETING", "ACTIVE", "UPDATING")
	kinesisTagKey                     = text("TagKey", 1, 128, "")
	kinesisTagValue                   = text("TagValue", 0, 256, "")
	kinesisTimestamp                  = plain("Timestamp", Timestamp)
)
