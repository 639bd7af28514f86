package awsapi

// FirehoseTarget and FirehoseSigning name Data Firehose in a request: the prefix of X-Amz-Target, and the service in the
// scope of a signature.
const (
	FirehoseTarget  = "Firehose_20150804"
	FirehoseSigning = "firehose"
)

// maxBatch bounds the body of a put: the 4 MiB that a batch may hold in base64, and half of that again, so that a batch a
// little too large gets the service's own answer.
const maxBatch = 8 << 20

// FirehoseOperations are the rows of Data Firehose.
type FirehoseOperations struct {
	CreateDeliveryStream   *Operation
	DescribeDeliveryStream *Operation
	ListDeliveryStreams    *Operation
	DeleteDeliveryStream   *Operation
	PutRecord              *Operation
	PutRecordBatch         *Operation
}

// Firehose is the table of Data Firehose, API version 2015-08-04.
var Firehose = FirehoseOperations{
	CreateDeliveryStream: &Operation{
		Name: "CreateDeliveryStream", Input: firehoseCreateDeliveryStreamInput, Output: firehoseCreateDeliveryStreamOutput,
		HideValues: true,
	},
	DescribeDeliveryStream: &Operation{
		Name: "DescribeDeliveryStream", Input: firehoseDescribeDeliveryStreamInput, Output: firehoseDescribeDeliveryStreamOutput,
		HideValues: true,
	},
	ListDeliveryStreams: &Operation{
		Name: "ListDeliveryStreams", Input: firehoseListDeliveryStreamsInput, Output: firehoseListDeliveryStreamsOutput,
		HideValues: true,
	},
	DeleteDeliveryStream: &Operation{
		Name: "DeleteDeliveryStream", Input: firehoseDeleteDeliveryStreamInput, Output: firehoseDeleteDeliveryStreamOutput,
		HideValues: true,
	},
	PutRecord: &Operation{
		Name: "PutRecord", Input: firehosePutRecordInput, Output: firehosePutRecordOutput,
		MaxBody: maxBatch, HideValues: true,
	},
	PutRecordBatch: &Operation{
		Name: "PutRecordBatch", Input: firehosePutRecordBatchInput, Output: firehosePutRecordBatchOutput,
		MaxBody: maxBatch, HideValues: true,
	},
}

// What goes in and out.
var (
	firehoseCreateDeliveryStreamInput = structure("CreateDeliveryStreamInput",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		optional("DeliveryStreamType", firehoseDeliveryStreamType),
		optional("DirectPutSourceConfiguration", firehoseDirectPutSourceConfiguration),
		optional("KinesisStreamSourceConfiguration", firehoseKinesisStreamSourceConfiguration),
		optional("DeliveryStreamEncryptionConfigurationInput", firehoseDeliveryStreamEncryptionConfigurationInput),
		optional("S3DestinationConfiguration", firehoseS3DestinationConfiguration),
		optional("ExtendedS3DestinationConfiguration", firehoseExtendedS3DestinationConfiguration),
		optional("RedshiftDestinationConfiguration", firehoseRedshiftDestinationConfiguration),
		optional("ElasticsearchDestinationConfiguration", firehoseElasticsearchDestinationConfiguration),
		optional("AmazonopensearchserviceDestinationConfiguration", firehoseAmazonopensearchserviceDestinationConfiguration),
		optional("SplunkDestinationConfiguration", firehoseSplunkDestinationConfiguration),
		optional("HttpEndpointDestinationConfiguration", firehoseHttpEndpointDestinationConfiguration),
		optional("Tags", firehoseTagDeliveryStreamInputTagList),
		optional("AmazonOpenSearchServerlessDestinationConfiguration", firehoseAmazonOpenSearchServerlessDestinationConfiguration),
		optional("MSKSourceConfiguration", firehoseMSKSourceConfiguration),
		optional("SnowflakeDestinationConfiguration", firehoseSnowflakeDestinationConfiguration),
		optional("IcebergDestinationConfiguration", firehoseIcebergDestinationConfiguration),
		optional("DatabaseSourceConfiguration", firehoseDatabaseSourceConfiguration),
	)
	firehoseCreateDeliveryStreamOutput = structure("CreateDeliveryStreamOutput",
		optional("DeliveryStreamARN", firehoseDeliveryStreamARN),
	)
	firehoseDescribeDeliveryStreamInput = structure("DescribeDeliveryStreamInput",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		optional("Limit", firehoseDescribeDeliveryStreamInputLimit),
		optional("ExclusiveStartDestinationId", firehoseDestinationId),
	)
	firehoseDescribeDeliveryStreamOutput = structure("DescribeDeliveryStreamOutput",
		required("DeliveryStreamDescription", firehoseDeliveryStreamDescription),
	)
	firehoseListDeliveryStreamsInput = structure("ListDeliveryStreamsInput",
		optional("Limit", firehoseListDeliveryStreamsInputLimit),
		optional("DeliveryStreamType", firehoseDeliveryStreamType),
		optional("ExclusiveStartDeliveryStreamName", firehoseDeliveryStreamName),
	)
	firehoseListDeliveryStreamsOutput = structure("ListDeliveryStreamsOutput",
		required("DeliveryStreamNames", firehoseDeliveryStreamNameList),
		required("HasMoreDeliveryStreams", firehoseBooleanObject),
	)
	firehoseDeleteDeliveryStreamInput = structure("DeleteDeliveryStreamInput",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		optional("AllowForceDelete", firehoseBooleanObject),
	)
	firehoseDeleteDeliveryStreamOutput = structure("DeleteDeliveryStreamOutput")
	firehosePutRecordInput             = structure("PutRecordInput",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		required("Record", firehoseRecord),
	)
	firehosePutRecordOutput = structure("PutRecordOutput",
		required("RecordId", firehosePutResponseRecordId),
		optional("Encrypted", firehoseBooleanObject),
	)
	firehosePutRecordBatchInput = structure("PutRecordBatchInput",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		required("Records", firehosePutRecordBatchRequestEntryList),
	)
	firehosePutRecordBatchOutput = structure("PutRecordBatchOutput",
		required("FailedPutCount", firehoseNonNegativeIntegerObject),
		optional("Encrypted", firehoseBooleanObject),
		required("RequestResponses", firehosePutRecordBatchResponseEntryList),
	)
)
