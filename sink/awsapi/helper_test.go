package awsapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// discard is an operation that answers with an empty output.
func discard[In, Out any](context.Context, *In) (*Out, error) { return new(Out), nil }

// allOperations has a handler for each row of both tables, which answers with an empty output.
func allOperations() []Service {
	k, f := Kinesis, Firehose
	return []Service{
		{Target: KinesisTarget, Signing: KinesisSigning, Handlers: []Handler{
			Handle(k.CreateStream, discard[kinesis.CreateStreamInput, kinesis.CreateStreamOutput]),
			Handle(k.DeleteStream, discard[kinesis.DeleteStreamInput, kinesis.DeleteStreamOutput]),
			Handle(k.DescribeStream, discard[kinesis.DescribeStreamInput, kinesis.DescribeStreamOutput]),
			Handle(k.DescribeStreamSummary, discard[kinesis.DescribeStreamSummaryInput, kinesis.DescribeStreamSummaryOutput]),
			Handle(k.ListStreams, discard[kinesis.ListStreamsInput, kinesis.ListStreamsOutput]),
			Handle(k.ListShards, discard[kinesis.ListShardsInput, kinesis.ListShardsOutput]),
			Handle(k.PutRecord, discard[kinesis.PutRecordInput, kinesis.PutRecordOutput]),
			Handle(k.PutRecords, discard[kinesis.PutRecordsInput, kinesis.PutRecordsOutput]),
			Handle(k.GetShardIterator, discard[kinesis.GetShardIteratorInput, kinesis.GetShardIteratorOutput]),
			Handle(k.GetRecords, discard[kinesis.GetRecordsInput, kinesis.GetRecordsOutput]),
		}},
		{Target: FirehoseTarget, Signing: FirehoseSigning, Handlers: []Handler{
			Handle(f.CreateDeliveryStream, discard[firehose.CreateDeliveryStreamInput, firehose.CreateDeliveryStreamOutput]),
			Handle(f.DescribeDeliveryStream, discard[firehose.DescribeDeliveryStreamInput, firehose.DescribeDeliveryStreamOutput]),
			Handle(f.ListDeliveryStreams, discard[firehose.ListDeliveryStreamsInput, firehose.ListDeliveryStreamsOutput]),
			Handle(f.DeleteDeliveryStream, discard[firehose.DeleteDeliveryStreamInput, firehose.DeleteDeliveryStreamOutput]),
			Handle(f.PutRecord, discard[firehose.PutRecordInput, firehose.PutRecordOutput]),
			Handle(f.PutRecordBatch, discard[firehose.PutRecordBatchInput, firehose.PutRecordBatchOutput]),
		}},
	}
}

// routes returns the routes of allOperations by target.
func routes(tb testing.TB) map[string]*route {
	tb.Helper()
	m, err := NewMux(allOperations(), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return m.routes
}

// samples are strings that fit the patterns of the tables, by shape.
var samples = map[string][]string{
	"StreamName":                      {"web-logs", "a", "A_b.c-9"},
	"StreamARN":                       {"arn:aws:kinesis:eu-west-1:123456789012:stream/web-logs"},
	"StreamId":                        {"abcdefghij0123456789-abc"},
	"ShardId":                         {"shardId-000000000000", "shardId-000000000001"},
	"HashKey":                         {"0", "1", "340282366920938463463374607431768211455"},
	"SequenceNumber":                  {"0", "49590338271490256608559692538361571095921575989136588898"},
	"DeliveryStreamName":              {"archive", "A_b.c-9"},
	"DeliveryStreamARN":               {"arn:aws:firehose:eu-west-1:123456789012:deliverystream/archive"},
	"DeliveryStreamVersionId":         {"1", "27"},
	"DestinationId":                   {"destinationId-000000000001"},
	"KinesisStreamARN":                {"arn:aws:kinesis:eu-west-1:123456789012:stream/web-logs"},
	"RoleARN":                         {"arn:aws:iam::123456789012:role/delivery"},
	"BucketARN":                       {"arn:aws:s3:::my-bucket"},
	"AWSKMSKeyARN":                    {"arn:aws:kms:eu-west-1:123456789012:key/0a-1b"},
	"AWSKMSKeyARNForSSE":              {"arn:aws:kms:eu-west-1:123456789012:key/0a-1b"},
	"CustomTimeZone":                  {"", "UTC", "Europe/Berlin"},
	"FileExtension":                   {"", ".log.gz"},
	"LogGroupName":                    {"/aws/firehose/x"},
	"LogStreamName":                   {"errors"},
	"NonEmptyString":                  {"x", "a b"},
	"NonEmptyStringWithoutWhitespace": {"x", "LATEST"},
	"ProcessorParameterValue":         {"3", "{a: .b}"},
	"Prefix":                          {"", "logs/!{timestamp:yyyy}/<&>"},
	"ErrorOutputPrefix":               {"errors/"},
}

// fill sets v to a random valid value of p. Optional members are left out now and then, and unoffered ones always: the SDK
// would miss their members.
func fill(r *rand.Rand, p *plan, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	s := p.shape
	switch s.Kind {
	case Structure:
		for i := range p.members {
			m := &p.members[i]
			unoffered := m.shape.Kind == Structure && len(m.members) == 0
			if m.field >= 0 && (m.required || !unoffered && r.IntN(4) > 0) {
				fill(r, m.plan, v.Field(m.field))
			}
		}
	case List:
		n := int(s.Min) + r.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, p.elem, v.Index(i))
		}
	case Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range int(s.Min) + r.IntN(3) {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, p.key, key)
			fill(r, p.elem, elem)
			v.SetMapIndex(key, elem)
		}
	case String:
		v.SetString(sample(r, s))
	case Blob:
		data := make([]byte, r.IntN(40))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		v.SetBytes(data)
	case Integer, Long:
		most := int64(1 << 30)
		if s.HasMax {
			most = s.Max
		}
		v.SetInt(s.Min + r.Int64N(most-s.Min+1))
	case Double:
		v.SetFloat(r.Float64())
	case Boolean:
		v.SetBool(r.IntN(2) == 0)
	case Timestamp:
		// Eighths of a second: of other parts the SDK's client loses up to a millisecond as it reads them.
		v.Set(reflect.ValueOf(time.UnixMilli(r.Int64N(4e9) * 125).UTC()))
	}
}

func sample(r *rand.Rand, s *Shape) string {
	if len(s.Enum) > 0 {
		return s.Enum[r.IntN(len(s.Enum))]
	}
	if list := samples[s.Name]; list != nil {
		return list[r.IntN(len(list))]
	}
	if s.Pattern != "" && s.Pattern[0] == '^' {
		return "tag" // of the two patterns for tags
	}
	alphabet := []string{"a", "Z", "7", " ", `"`, `\`, "/", "<", "&", "\n", "\t", "\x01", "\x7f", "ä", "語", "\u2028", "😀"}
	var b strings.Builder
	for range max(1, int(s.Min)) + r.IntN(12) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// seeded returns a source that a failure can be repeated with.
func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// bodyWith is a document with n elements, for bounds.
func bodyWith(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "%d", fmt.Sprint(i))
	}
	return "[" + strings.Join(parts, ",") + "]"
}
