package agentjson

// Key is one key that the original agent knows.
type Key struct {
	Name    string
	Flow    bool     // of a flow, not of the agent
	Type    string   // text, integer, long, boolean, list
	Default string   // what the original takes without it; empty means nothing
	Low     int64    // least value, if High is not 0
	High    int64    // greatest value; 0 means that the original has no bounds
	Values  []string // the only ones allowed, in exactly this case
	Ignored string   // why it does nothing in weir; empty for keys that are translated
}

// The types of keys. An integer has 32 bits, a long 64.
const (
	isText    = "text"
	isInteger = "integer"
	isLong    = "long"
	isBoolean = "boolean"
	isList    = "list"
)

// Reasons that several keys share.
const (
	ownPool     = "weir has no pool of sending threads: its requests are bounded by memory and in_flight"
	ownClient   = "weir keeps its connections by itself"
	ownPacing   = "weir paces itself by each shard's limits and tries again for ever, with its own pauses"
	noMetrics   = "weir does not publish to CloudWatch yet; weir status and its Prometheus metrics tell the same"
	ownLog      = "weir logs to standard error, for journald; weir run --verbose logs details"
	ownQueue    = "weir keeps no queue of batches: the files are its buffer"
	fullRequest = "weir fills its requests by itself, within the service's limits"
	ownWatch    = "weir is told of changes by the system and lists folders each second"
)

// Keys returns the keys that the original agent knows, those of the agent first. compat is the one key that is weir's own.
func Keys() []Key {
	return append(agentKeys(), flowKeys()...)
}

func agentKeys() []Key {
	return []Key{
		{Name: "flows", Type: isList},
		{Name: "awsAccessKeyId", Type: isText},
		{Name: "awsSecretAccessKey", Type: isText},
		{Name: "assumeRoleARN", Type: isText},
		{Name: "assumeRoleExternalId", Type: isText},
		{Name: "sts.endpoint", Type: isText},
		{Name: "userDefinedCredentialsProvider.classname", Type: isText, Ignored: "weir cannot load Java classes; it takes keys, profiles, roles and what the host, container or pod provides"},
		{Name: "userDefinedCredentialsProvider.location", Type: isText, Ignored: "weir cannot load Java classes"},
		{Name: "kinesis.endpoint", Type: isText},
		{Name: "kinesis.region", Type: isText},
		{Name: "firehose.endpoint", Type: isText},
		{Name: "cloudwatch.endpoint", Type: isText, Ignored: noMetrics},
		{Name: "cloudwatch.emitMetrics", Type: isBoolean, Default: "true", Ignored: noMetrics},
		{Name: "cloudwatch.namespace", Type: isText, Default: "AWSKinesisAgent", Ignored: noMetrics},
		{Name: "cloudwatch.metricsBufferTimeMillis", Type: isLong, Default: "30000", Ignored: noMetrics},
		{Name: "cloudwatch.metricsQueueSize", Type: isInteger, Default: "10000", Ignored: noMetrics},
		{Name: "cloudwatch.tagInstance", Type: isBoolean, Default: "false", Ignored: noMetrics},
		{Name: "log.emitMetrics", Type: isBoolean, Default: "false", Ignored: ownLog},
		{Name: "log.emitInternalMetrics", Type: isBoolean, Default: "false", Ignored: ownLog},
		{Name: "log.statusReportingPeriodSeconds", Type: isInteger, Default: "30", Ignored: "weir writes no progress lines; ask weir status"},
		{Name: "log.level", Type: isText, Default: "INFO", Ignored: "the original ignores it too, since 1.1.4.1; " + ownLog},
		{Name: "log.file", Type: isText, Ignored: "the original ignores it too, since 1.1.4.1; " + ownLog},
		{Name: "log.maxBackupIndex", Type: isInteger, Default: "5", Ignored: "the original ignores it too, since 1.1.4.1; " + ownLog},
		{Name: "log.maxFileSize", Type: isText, Default: "10 MB", Ignored: "the original ignores it too, since 1.1.4.1; " + ownLog},
		{Name: "checkpointFile", Type: isText, Default: "/var/run/aws-kinesis-agent/checkpoints", Ignored: "weir keeps its positions in state_dir; weir convert --checkpoints takes over those in this file"},
		{Name: "checkpointTimeToLiveDays", Type: isInteger, Default: "7", Ignored: "weir keeps the position of a file as long as the file is there, and for a week after"},
		{Name: "checkpoints.queryTimeoutSeconds", Type: isInteger, Default: "30", Ignored: "weir keeps its positions in a store of its own"},
		{Name: "checkpoints.connectionTimeoutSeconds", Type: isInteger, Default: "5", Ignored: "weir keeps its positions in a store of its own"},
		{Name: "maxSendingThreads", Type: isInteger, Default: "max(2, perCore x cores)", Ignored: ownPool},
		{Name: "maxSendingThreadsPerCore", Type: isInteger, Default: "12", Ignored: ownPool},
		{Name: "sendingThreadsMaxQueueSize", Type: isInteger, Default: "100", Ignored: ownPool},
		{Name: "sendingThreadsKeepAliveMillis", Type: isLong, Default: "60000", Ignored: ownPool},
		{Name: "maxConnections", Type: isInteger, Default: "max(50, maxSendingThreads)", Ignored: ownClient},
		{Name: "connectionTimeoutMillis", Type: isInteger, Default: "10000", Ignored: ownClient},
		{Name: "socketTimeoutMillis", Type: isInteger, Default: "50000", Ignored: ownClient},
		{Name: "connectionTTLMillis", Type: isLong, Default: "-1", Ignored: ownClient},
		{Name: "useTcpKeepAlive", Type: isBoolean, Default: "false", Ignored: ownClient},
		{Name: "useHttpGzip", Type: isBoolean, Default: "false", Ignored: "it asks for compressed answers, which are a few bytes; the records are not compressed by either agent"},
		{Name: "shutdownTimeoutMillis", Type: isLong, Default: "10000", Ignored: "weir run --drain says how long a stop may take; 10s unless given"},
		{Name: "userAgent", Type: isText, Ignored: "weir names itself"},
		{Name: "userAgentOverride", Type: isText, Ignored: "weir names itself"},
	}
}

func flowKeys() []Key {
	return []Key{
		{Flow: true, Name: "filePattern", Type: isText},
		{Flow: true, Name: "kinesisStream", Type: isText},
		{Flow: true, Name: "deliveryStream", Type: isText},
		{Flow: true, Name: "partitionKeyOption", Type: isText, Default: "RANDOM", Values: []string{"RANDOM", "DETERMINISTIC"}},
		{Flow: true, Name: "aggregatedRecordSizeBytes", Type: isInteger, Default: "0", Low: 0, High: 1_024_000},
		{Flow: true, Name: "initialPosition", Type: isText, Default: "END_OF_FILE", Values: []string{"START_OF_FILE", "END_OF_FILE"}},
		{Flow: true, Name: "multiLineStartPattern", Type: isText},
		{Flow: true, Name: "skipHeaderLines", Type: isInteger, Default: "0"},
		{Flow: true, Name: "fileFooterPattern", Type: isText},
		{Flow: true, Name: "truncatedRecordTerminator", Type: isText, Default: "\n"},
		{Flow: true, Name: "dataProcessingOptions", Type: isList},
		{Flow: true, Name: "maxBufferAgeMillis", Type: isLong, Default: "60000", Low: 1000, High: 900_000},
		{Flow: true, Name: "maxBufferSizeRecords", Type: isInteger, Default: "500", Low: 1, High: 500, Ignored: fullRequest},
		{Flow: true, Name: "maxBufferSizeBytes", Type: isInteger, Default: "5242880, or 4194304 for a delivery stream", Low: 1, High: 5_242_880, Ignored: fullRequest},
		{Flow: true, Name: "publishQueueCapacity", Type: isInteger, Default: "100", Ignored: ownQueue},
		{Flow: true, Name: "waitOnFullPublishQueueMillis", Type: isLong, Default: "60000", Low: 1000, High: 900_000, Ignored: ownQueue},
		{Flow: true, Name: "waitOnEmptyPublishQueueMillis", Type: isLong, Default: "60000", Low: 1000, High: 900_000, Ignored: ownQueue},
		{Flow: true, Name: "retryInitialBackoffMillis", Type: isLong, Default: "100", Ignored: ownPacing},
		{Flow: true, Name: "retryMaxBackoffMillis", Type: isLong, Default: "10000", Ignored: ownPacing},
		{Flow: true, Name: "minTimeBetweenFilePollsMillis", Type: isLong, Default: "100", Ignored: ownWatch},
		{Flow: true, Name: "maxTimeBetweenFileTrackerRefreshMillis", Type: isLong, Default: "10000", Ignored: ownWatch},
		{Flow: true, Name: "log.emitInternalMetrics", Type: isBoolean, Default: "false", Ignored: ownLog},
	}
}
