package awsapi

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	all := routes(t)
	const name = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
	const kin, fire = "Kinesis_20131202.", "Firehose_20150804."
	long := strings.Repeat("a", 129)
	for _, c := range []struct{ target, body, want string }{
		{kin + "CreateStream", `{}`,
			"1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
		{kin + "CreateStream", `{"StreamName":null,"ShardCount":0}`,
			"2 validation errors detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null; " +
				"Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{kin + "CreateStream", `{"StreamName":""}`,
			"2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: " + name +
				"; Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{kin + "CreateStream", `{"StreamName":"` + long + `"}`,
			"1 validation error detected: Value '" + long +
				"' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 128"},
		{kin + "CreateStream", `{"StreamName":"a b"}`,
			"1 validation error detected: Value 'a b' at 'streamName' failed to satisfy constraint: " + name},
		{kin + "CreateStream", `{"StreamName":"s","StreamModeDetails":{}}`, "1 validation error detected: " +
			"Value null at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must not be null"},
		{kin + "CreateStream", `{"StreamName":"s","StreamModeDetails":{"StreamMode":"X"}}`, "1 validation error detected: " +
			"Value 'X' at 'streamModeDetails.streamMode' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]"},
		{kin + "CreateStream", `{"StreamName":"s","StreamModeDetails":{"StreamMode":""}}`, "1 validation error detected: " +
			"Value '' at 'streamModeDetails.streamMode' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]"},
		{kin + "CreateStream", `{"StreamName":"s","Tags":{}}`, "1 validation error detected: " +
			"Value '{}' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{kin + "CreateStream", `{"StreamName":"s","Tags":{"":null}}`, "2 validation errors detected: " +
			"Value '{1 value}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: " +
			"[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]; " +
			"Value '{1 value}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: " +
			"[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]"},
		{kin + "GetShardIterator", `{"StreamName":"s","ShardId":"0","ShardIteratorType":"NEWEST"}`, "1 validation error detected: " +
			"Value 'NEWEST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: " +
			"[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]"},
		{kin + "PutRecord", `{"StreamName":"s","PartitionKey":"k"}`,
			"1 validation error detected: Value null at 'data' failed to satisfy constraint: Member must not be null"},
		{kin + "PutRecords", `{"StreamName":"s","Records":[]}`, "1 validation error detected: " +
			"Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{kin + "PutRecords", `{"StreamName":"s","Records":` + bodyWith(501, `{"Data":"","PartitionKey":"k"}`) + `}`,
			"1 validation error detected: Value '[501 members]' at 'records' failed to satisfy constraint: " +
				"Member must have length less than or equal to 500"},
		{kin + "PutRecords", `{"StreamName":"s","Records":[{"Data":"","PartitionKey":""},null,{"Data":"AA==","PartitionKey":"k","ExplicitHashKey":"01"}]}`,
			"3 validation errors detected: " +
				"Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value null at 'records.2.member' failed to satisfy constraint: Member must not be null; " +
				`Value '01' at 'records.3.member.explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(0|([1-9]\d{0,38}))$`},
		{kin + "GetRecords", `{"ShardIterator":"","Limit":10001}`, "2 validation errors detected: " +
			"Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
			"Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		{fire + "PutRecord", `{}`, "2 validation errors detected: Value at 'deliveryStreamName' failed to satisfy constraint: " +
			"Member must not be null; Value at 'record' failed to satisfy constraint: Member must not be null"},
		{fire + "PutRecordBatch", `{"DeliveryStreamName":"d","Records":[{}]}`, "1 validation error detected: " +
			"Value at 'records.1.member.data' failed to satisfy constraint: Member must not be null"},
		{fire + "CreateDeliveryStream", `{"DeliveryStreamName":"d!","S3DestinationConfiguration":{"RoleARN":"arn:aws:iam::123456789012:role/r","BucketARN":"arn:aws:s3:::b","CompressionFormat":"LZ4","BufferingHints":{"SizeInMBs":0}}}`,
			"3 validation errors detected: Value at 'deliveryStreamName' failed to satisfy constraint: " + name +
				"; Value at 's3DestinationConfiguration.bufferingHints.sizeInMBs' failed to satisfy constraint: " +
				"Member must have value greater than or equal to 1; " +
				"Value at 's3DestinationConfiguration.compressionFormat' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]"},
		{fire + "CreateDeliveryStream", `{"DeliveryStreamName":"d","Tags":[{"Key":"aws:x"}]}`, "1 validation error detected: " +
			"Value at 'tags.1.member.key' failed to satisfy constraint: " +
			`Member must satisfy regular expression pattern: ^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$`},
	} {
		if _, got := readBy(all[c.target], c.body); got != "ValidationException: "+c.want {
			t.Errorf("%s %.200s\n got %s\nwant ValidationException: %s", c.target, c.body, got, c.want)
		}
	}
}

func TestValidateNamesTenAtMost(t *testing.T) {
	r := routes(t)["Kinesis_20131202.PutRecords"]
	_, got := readBy(r, `{"Records":`+bodyWith(500, `{"PartitionKey":""}`)+`}`)
	if !strings.HasPrefix(got, "ValidationException: 10 validation errors detected: ") || strings.Count(got, "Member must") != 10 {
		t.Errorf("the answer is %s", got)
	}
}

// TestValidateCountsCharacters: a key of 256 characters is allowed, however many bytes it has.
func TestValidateCountsCharacters(t *testing.T) {
	r := routes(t)["Kinesis_20131202.PutRecord"]
	for n, want := range map[int]bool{256: true, 257: false} {
		body := `{"StreamName":"s","Data":"","PartitionKey":"` + strings.Repeat("語", n) + `"}`
		if _, text := readBy(r, body); (text == "") != want {
			t.Errorf("%d characters by the table: %q", n, text)
		}
		if _, ok := r.short([]byte(body)); ok != want {
			t.Errorf("%d characters by the shortcut: %v", n, ok)
		}
	}
}

func TestValidateShowsBlobsAndLongTextsByTheirSize(t *testing.T) {
	op := &Operation{Name: "X", Input: structure("In",
		optional("B", blob("B", none, 1)), optional("S", text("S", none, 1, "")), optional("D", number("D", Double, 0, 1)))}
	r, err := newRoute(Service{}, Handle(op, discard[struct {
		B []byte
		S *string
		D *float64
	}, struct{}]))
	if err != nil {
		t.Fatal(err)
	}
	_, got := readBy(r, `{"B":"AAEC","S":"`+strings.Repeat("ä", 1000)+`","D":1.5}`)
	const failed = " failed to satisfy constraint: Member must have "
	want := "ValidationException: 3 validation errors detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'b'" + failed +
		"length less than or equal to 1; Value '" + strings.Repeat("ä", 512) + "...' at 's'" + failed +
		"length less than or equal to 1; Value '1.5' at 'd'" + failed + "value less than or equal to 1"
	if got != want {
		t.Errorf(" got %s\nwant %s", got, want)
	}
}
