package awsapi

// KinesisTarget and KinesisSigning name Kinesis Data Streams in a request: the prefix of X-Amz-Target, and the service
// in the scope of a signature.
const (
	KinesisTarget  = "Kinesis_20131202"
	KinesisSigning = "kinesis"
)

// maxPut bounds the body of a put: 10 MiB of data in base64, and 500 keys of 256 characters with each one escaped.
const maxPut = 16 << 20

// maxGet is what an answer of GetRecords takes: 10 MiB of data, and the same in base64.
const maxGet = 24 << 20

// KinesisOperations are the rows of Kinesis Data Streams.
type KinesisOperations struct {
	CreateStream          *Operation
	DeleteStream          *Operation
	DescribeStream        *Operation
	DescribeStreamSummary *Operation
	ListStreams           *Operation
	ListShards            *Operation
	PutRecord             *Operation
	PutRecords            *Operation
	GetShardIterator      *Operation
	GetRecords            *Operation
}

// Kinesis is the table of Kinesis Data Streams, API version 2013-12-02.
var Kinesis = KinesisOperations{
	CreateStream:          &Operation{Name: "CreateStream", Input: kinesisCreateStreamInput},
	DeleteStream:          &Operation{Name: "DeleteStream", Input: kinesisDeleteStreamInput},
	DescribeStream:        &Operation{Name: "DescribeStream", Input: kinesisDescribeStreamInput, Output: kinesisDescribeStreamOutput},
	DescribeStreamSummary: &Operation{Name: "DescribeStreamSummary", Input: kinesisDescribeStreamSummaryInput, Output: kinesisDescribeStreamSummaryOutput},
	ListStreams:           &Operation{Name: "ListStreams", Input: kinesisListStreamsInput, Output: kinesisListStreamsOutput},
	ListShards:            &Operation{Name: "ListShards", Input: kinesisListShardsInput, Output: kinesisListShardsOutput},
	PutRecord:             &Operation{Name: "PutRecord", Input: kinesisPutRecordInput, Output: kinesisPutRecordOutput, MaxBody: maxPut},
	PutRecords:            &Operation{Name: "PutRecords", Input: kinesisPutRecordsInput, Output: kinesisPutRecordsOutput, MaxBody: maxPut},
	GetShardIterator:      &Operation{Name: "GetShardIterator", Input: kinesisGetShardIteratorInput, Output: kinesisGetShardIteratorOutput},
	GetRecords:            &Operation{Name: "GetRecords", Input: kinesisGetRecordsInput, Output: kinesisGetRecordsOutput, Memory: maxGet},
}

// What goes in and out.
var (
	kinesisCreateStreamInput = structure("CreateStreamInput",
		required("StreamName", kinesisStreamName),
		optional("ShardCount", kinesisPositiveIntegerObject),
		optional("StreamModeDetails", kinesisStreamModeDetails),
		optional("Tags", kinesisTagMap),
		optional("WarmThroughputMiBps", kinesisNaturalIntegerObject),
		optional("MaxRecordSizeInKiB", kinesisMaxRecordSizeInKiB),
		optional("RecordDistributionStrategy", kinesisRecordDistributionStrategy),
	)
	kinesisDeleteStreamInput = structure("DeleteStreamInput",
		optional("StreamName", kinesisStreamName),
		optional("EnforceConsumerDeletion", kinesisBooleanObject),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
	)
	kinesisDescribeStreamInput = structure("DescribeStreamInput",
		optional("StreamName", kinesisStreamName),
		optional("Limit", kinesisDescribeStreamInputLimit),
		optional("ExclusiveStartShardId", kinesisShardId),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
	)
	kinesisDescribeStreamOutput = structure("DescribeStreamOutput",
		required("StreamDescription", kinesisStreamDescription),
	)
	kinesisDescribeStreamSummaryInput = structure("DescribeStreamSummaryInput",
		optional("StreamName", kinesisStreamName),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
	)
	kinesisDescribeStreamSummaryOutput = structure("DescribeStreamSummaryOutput",
		required("StreamDescriptionSummary", kinesisStreamDescriptionSummary),
	)
	kinesisListStreamsInput = structure("ListStreamsInput",
		optional("Limit", kinesisListStreamsInputLimit),
		optional("ExclusiveStartStreamName", kinesisStreamName),
		optional("NextToken", kinesisNextToken),
	)
	kinesisListStreamsOutput = structure("ListStreamsOutput",
		required("StreamNames", kinesisStreamNameList),
		required("HasMoreStreams", kinesisBooleanObject),
		optional("NextToken", kinesisNextToken),
		optional("StreamSummaries", kinesisStreamSummaryList),
	)
	kinesisListShardsInput = structure("ListShardsInput",
		optional("StreamName", kinesisStreamName),
		optional("NextToken", kinesisNextToken),
		optional("ExclusiveStartShardId", kinesisShardId),
		optional("MaxResults", kinesisListShardsInputLimit),
		optional("StreamCreationTimestamp", kinesisTimestamp),
		optional("ShardFilter", kinesisShardFilter),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
	)
	kinesisListShardsOutput = structure("ListShardsOutput",
		optional("Shards", kinesisShardList),
		optional("NextToken", kinesisNextToken),
	)
	kinesisPutRecordInput = structure("PutRecordInput",
		optional("StreamName", kinesisStreamName),
		required("Data", kinesisData),
		optional("PartitionKey", kinesisPartitionKey),
		optional("ExplicitHashKey", kinesisHashKey),
		optional("SequenceNumberForOrdering", kinesisSequenceNumber),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
		optional("DryRun", kinesisBooleanObject),
	)
	kinesisPutRecordOutput = structure("PutRecordOutput",
		required("ShardId", kinesisShardId),
		required("SequenceNumber", kinesisSequenceNumber),
		optional("EncryptionType", kinesisEncryptionType),
	)
	kinesisPutRecordsInput = structure("PutRecordsInput",
		required("Records", kinesisPutRecordsRequestEntryList),
		optional("StreamName", kinesisStreamName),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
		optional("DryRun", kinesisBooleanObject),
	)
	kinesisPutRecordsOutput = structure("PutRecordsOutput",
		optional("FailedRecordCount", kinesisPositiveIntegerObject),
		required("Records", kinesisPutRecordsResultEntryList),
		optional("EncryptionType", kinesisEncryptionType),
	)
	kinesisGetShardIteratorInput = structure("GetShardIteratorInput",
		optional("StreamName", kinesisStreamName),
		required("ShardId", kinesisShardId),
		required("ShardIteratorType", kinesisShardIteratorType),
		optional("StartingSequenceNumber", kinesisSequenceNumber),
		optional("Timestamp", kinesisTimestamp),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
		optional("DryRun", kinesisBooleanObject),
	)
	kinesisGetShardIteratorOutput = structure("GetShardIteratorOutput",
		optional("ShardIterator", kinesisShardIterator),
	)
	kinesisGetRecordsInput = structure("GetRecordsInput",
		required("ShardIterator", kinesisShardIterator),
		optional("Limit", kinesisGetRecordsInputLimit),
		optional("StreamARN", kinesisStreamARN),
		optional("StreamId", kinesisStreamId),
		optional("DryRun", kinesisBooleanObject),
	)
	kinesisGetRecordsOutput = structure("GetRecordsOutput",
		required("Records", kinesisRecordList),
		optional("NextShardIterator", kinesisShardIterator),
		optional("MillisBehindLatest", kinesisMillisBehindLatest),
		optional("ChildShards", kinesisChildShardList),
	)
)
