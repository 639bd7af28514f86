package awsapi

// Structures of Data Firehose.
var (
	firehoseDeliveryStreamDescription = structure("DeliveryStreamDescription",
		required("DeliveryStreamName", firehoseDeliveryStreamName),
		required("DeliveryStreamARN", firehoseDeliveryStreamARN),
		required("DeliveryStreamStatus", firehoseDeliveryStreamStatus),
		optional("FailureDescription", firehoseFailureDescription),
		optional("DeliveryStreamEncryptionConfiguration", firehoseDeliveryStreamEncryptionConfiguration),
		required("DeliveryStreamType", firehoseDeliveryStreamType),
		required("VersionId", firehoseDeliveryStreamVersionId),
		optional("CreateTimestamp", firehoseTimestamp),
		optional("LastUpdateTimestamp", firehoseTimestamp),
		optional("Source", firehoseSourceDescription),
		required("Destinations", firehoseDestinationDescriptionList),
		required("HasMoreDestinations", firehoseBooleanObject),
	)
	firehoseDeliveryStreamEncryptionConfiguration = structure("DeliveryStreamEncryptionConfiguration",
		optional("KeyARN", firehoseAWSKMSKeyARNForSSE),
		optional("KeyType", firehoseKeyType),
		optional("Status", firehoseDeliveryStreamEncryptionStatus),
		optional("FailureDescription", firehoseFailureDescription),
	)
	firehoseDeliveryStreamEncryptionConfigurationInput = structure("DeliveryStreamEncryptionConfigurationInput",
		optional("KeyARN", firehoseAWSKMSKeyARNForSSE),
		required("KeyType", firehoseKeyType),
	)
	firehoseDestinationDescription = structure("DestinationDescription",
		required("DestinationId", firehoseDestinationId),
		optional("S3DestinationDescription", firehoseS3DestinationDescription),
		optional("ExtendedS3DestinationDescription", firehoseExtendedS3DestinationDescription),
		optional("RedshiftDestinationDescription", firehoseRedshiftDestinationDescription),
		optional("ElasticsearchDestinationDescription", firehoseElasticsearchDestinationDescription),
		optional("AmazonopensearchserviceDestinationDescription", firehoseAmazonopensearchserviceDestinationDescription),
		optional("SplunkDestinationDescription", firehoseSplunkDestinationDescription),
		optional("HttpEndpointDestinationDescription", firehoseHttpEndpointDestinationDescription),
		optional("SnowflakeDestinationDescription", firehoseSnowflakeDestinationDescription),
		optional("AmazonOpenSearchServerlessDestinationDescription", firehoseAmazonOpenSearchServerlessDestinationDescription),
		optional("IcebergDestinationDescription", firehoseIcebergDestinationDescription),
	)
	firehoseDirectPutSourceConfiguration = structure("DirectPutSourceConfiguration",
		required("ThroughputHintInMBs", firehoseThroughputHintInMBs),
	)
	firehoseDirectPutSourceDescription = structure("DirectPutSourceDescription",
		optional("ThroughputHintInMBs", firehoseThroughputHintInMBs),
	)
	firehoseFailureDescription = structure("FailureDescription",
		required("Type", firehoseDeliveryStreamFailureType),
		required("Details", firehoseNonEmptyString),
	)
	firehoseKinesisStreamSourceConfiguration = structure("KinesisStreamSourceConfiguration",
		required("KinesisStreamARN", firehoseKinesisStreamARN),
		required("RoleARN", firehoseRoleARN),
	)
	firehoseKinesisStreamSourceDescription = structure("KinesisStreamSourceDescription",
		optional("KinesisStreamARN", firehoseKinesisStreamARN),
		optional("RoleARN", firehoseRoleARN),
		optional("DeliveryStartTimestamp", firehoseDeliveryStartTimestamp),
	)
	firehosePutRecordBatchResponseEntry = structure("PutRecordBatchResponseEntry",
		optional("RecordId", firehosePutResponseRecordId),
		optional("ErrorCode", firehoseErrorCode),
		optional("ErrorMessage", firehoseErrorMessage),
	)
	firehoseRecord = structure("Record",
		required("Data", firehoseData),
	)
	firehoseSourceDescription = structure("SourceDescription",
		optional("DirectPutSourceDescription", firehoseDirectPutSourceDescription),
		optional("KinesisStreamSourceDescription", firehoseKinesisStreamSourceDescription),
		optional("MSKSourceDescription", firehoseMSKSourceDescription),
		optional("DatabaseSourceDescription", firehoseDatabaseSourceDescription),
	)
	firehoseTag = structure("Tag",
		required("Key", firehoseTagKey),
		optional("Value", firehoseTagValue),
	)
)

// Sources and destinations that are not offered.
var (
	firehoseAmazonOpenSearchServerlessDestinationConfiguration = unoffered("AmazonOpenSearchServerlessDestinationConfiguration")
	firehoseAmazonOpenSearchServerlessDestinationDescription   = unoffered("AmazonOpenSearchServerlessDestinationDescription")
	firehoseAmazonopensearchserviceDestinationConfiguration    = unoffered("AmazonopensearchserviceDestinationConfiguration")
	firehoseAmazonopensearchserviceDestinationDescription      = unoffered("AmazonopensearchserviceDestinationDescription")
	firehoseDatabaseSourceConfiguration                        = unoffered("DatabaseSourceConfiguration")
	firehoseDatabaseSourceDescription                          = unoffered("DatabaseSourceDescription")
	firehoseElasticsearchDestinationConfiguration              = unoffered("ElasticsearchDestinationConfiguration")
	firehoseElasticsearchDestinationDescription                = unoffered("ElasticsearchDestinationDescription")
	firehoseHttpEndpointDestinationConfiguration               = unoffered("HttpEndpointDestinationConfiguration")
	firehoseHttpEndpointDestinationDescription                 = unoffered("HttpEndpointDestinationDescription")
	firehoseIcebergDestinationConfiguration                    = unoffered("IcebergDestinationConfiguration")
	firehoseIcebergDestinationDescription                      = unoffered("IcebergDestinationDescription")
	firehoseMSKSourceConfiguration                             = unoffered("MSKSourceConfiguration")
	firehoseMSKSourceDescription                               = unoffered("MSKSourceDescription")
	firehoseRedshiftDestinationConfiguration                   = unoffered("RedshiftDestinationConfiguration")
	firehoseRedshiftDestinationDescription                     = unoffered("RedshiftDestinationDescription")
	firehoseSnowflakeDestinationConfiguration                  = unoffered("SnowflakeDestinationConfiguration")
	firehoseSnowflakeDestinationDescription                    = unoffered("SnowflakeDestinationDescription")
	firehoseSplunkDestinationConfiguration                     = unoffered("SplunkDestinationConfiguration")
	firehoseSplunkDestinationDescription                       = unoffered("SplunkDestinationDescription")
)

// Lists.
var (
	firehoseDeliveryStreamNameList          = listOf("DeliveryStreamNameList", firehoseDeliveryStreamName, none, none)
	firehoseDestinationDescriptionList      = listOf("DestinationDescriptionList", firehoseDestinationDescription, none, none)
	firehosePutRecordBatchRequestEntryList  = listOf("PutRecordBatchRequestEntryList", firehoseRecord, 1, 500)
	firehosePutRecordBatchResponseEntryList = listOf("PutRecordBatchResponseEntryList", firehosePutRecordBatchResponseEntry, 1, 500)
	firehoseTagDeliveryStreamInputTagList   = listOf("TagDeliveryStreamInputTagList", firehoseTag, 1, 50)
)

// Scalars.
var (
	firehoseAWSKMSKeyARNForSSE               = text("AWSKMSKeyARNForSSE", 1, 512, `arn:.*:kms:[a-zA-Z0-9\-]+:\d{12}:key/[a-zA-Z_0-9+=,.@\-_/]+`)
	firehoseBooleanObject                    = plain("BooleanObject", Boolean)
	firehoseData                             = blob("Data", 0, 1024000)
	firehoseDeliveryStartTimestamp           = plain("DeliveryStartTimestamp", Timestamp)
	firehoseDeliveryStreamARN                = text("DeliveryStreamARN", 1, 512, `arn:.*:firehose:[a-zA-Z0-9\-]+:\d{12}:deliverystream/[a-zA-Z0-9._-]+`)
	firehoseDeliveryStreamEncryptionStatus   = enum("DeliveryStreamEncryptionStatus", "ENABLED", "ENABLING", "ENABLING_FAILED", "DISABLED", "DISABLING", "DISABLING_FAILED")
	firehoseDeliveryStreamFailureType        = enum("DeliveryStreamFailureType", "VPC_ENDPOINT_SERVICE_NAME_NOT_FOUND", "VPC_INTERFACE_ENDPOINT_SERVICE_ACCESS_DENIED", "RETIRE_KMS_GRANT_FAILED", "CREATE_KMS_GRANT_FAILED", "KMS_ACCESS_DENIED", "DISABLED_KMS_KEY", "INVALID_KMS_KEY", "KMS_KEY_NOT_FOUND", "KMS_OPT_IN_REQUIRED", "CREATE_ENI_FAILED", "DELETE_ENI_FAILED", "SUBNET_NOT_FOUND", "SECURITY_GROUP_NOT_FOUND", "ENI_ACCESS_DENIED", "SUBNET_ACCESS_DENIED", "SECURITY_GROUP_ACCESS_DENIED", "UNKNOWN_ERROR")
	firehoseDeliveryStreamName               = text("DeliveryStreamName", 1, 64, "[a-zA-Z0-9_.-]+")
	firehoseDeliveryStreamStatus             = enum("DeliveryStreamStatus", "CREATING", "CREATING_FAILED", "DELETING", "DELETING_FAILED", "ACTIVE")
	firehoseDeliveryStreamType               = enum("DeliveryStreamType", "DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource")
	firehoseDeliveryStreamVersionId          = text("DeliveryStreamVersionId", 1, 50, "[0-9]+")
	firehoseDescribeDeliveryStreamInputLimit = number("DescribeDeliveryStreamInputLimit", Integer, 1, 10000)
	firehoseDestinationId                    = text("DestinationId", 1, 100, "[a-zA-Z0-9-]+")
	firehoseErrorCode                        = text("ErrorCode", none, none, "")
	firehoseErrorMessage                     = text("ErrorMessage", none, none, "")
	firehoseKeyType                          = enum("KeyType", "AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK")
	firehoseKinesisStreamARN                 = text("KinesisStreamARN", 1, 512, `arn:.*:kinesis:[a-zA-Z0-9\-]+:\d{12}:stream/[a-zA-Z0-9_.-]+`)
	firehoseListDeliveryStreamsInputLimit    = number("ListDeliveryStreamsInputLimit", Integer, 1, 10000)
	firehoseNonNegativeIntegerObject         = number("NonNegativeIntegerObject", Integer, 0, none)
	firehosePutResponseRecordId              = text("PutResponseRecordId", 1, none, "")
	firehoseRoleARN                          = text("RoleARN", 1, 512, `arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+`)
	firehoseTagKey                           = text("TagKey", 1, 128, `^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$`)
	firehoseTagValue                         = text("TagValue", 0, 256, `^[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$`)
	firehoseThroughputHintInMBs              = number("ThroughputHintInMBs", Integer, 1, 100)
	firehoseTimestamp                        = plain("Timestamp", Timestamp)
)
