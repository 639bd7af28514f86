package awsapi

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// readBy reads a body by the table's way and returns the error's text.
func readBy(r *route, body string) (any, string) {
	table := *r
	table.short = nil
	in, err := table.read([]byte(body))
	if err != nil {
		return nil, err.Error()
	}
	return in, ""
}

func TestDecodeRefusesWrongTypes(t *testing.T) {
	all := routes(t)
	for _, c := range []struct{ target, body, want string }{
		{"Kinesis_20131202.CreateStream", `{"StreamName":1}`, "NUMBER_VALUE can not be converted to a String at StreamName"},
		{"Kinesis_20131202.CreateStream", `{"StreamName":true}`, "TRUE_VALUE can not be converted to a String at StreamName"},
		{"Kinesis_20131202.CreateStream", `{"StreamName":{}}`,
			"start of a structure or map can not be converted to a String at StreamName"},
		{"Kinesis_20131202.CreateStream", `{"StreamName":["a"]}`, "start of a list can not be converted to a String at StreamName"},
		{"Kinesis_20131202.CreateStream", `{"ShardCount":"1"}`, "STRING_VALUE can not be converted to an Integer at ShardCount"},
		{"Kinesis_20131202.CreateStream", `{"ShardCount":1.5}`, "NUMBER_VALUE 1.5 can not be converted to an Integer at ShardCount"},
		{"Kinesis_20131202.CreateStream", `{"ShardCount":2147483648}`,
			"NUMBER_VALUE 2147483648 can not be converted to an Integer at ShardCount"},
		{"Kinesis_20131202.CreateStream", `{"Tags":[]}`, "start of a list can not be converted to a Map at Tags"},
		{"Kinesis_20131202.CreateStream", `{"Tags":{"a":1}}`, "NUMBER_VALUE can not be converted to a String at Tags.a"},
		{"Kinesis_20131202.CreateStream", `{"StreamModeDetails":"x"}`,
			"STRING_VALUE can not be converted to a Structure at StreamModeDetails"},
		{"Kinesis_20131202.PutRecords", `{"Records":{}}`, "start of a structure or map can not be converted to a List at Records"},
		{"Kinesis_20131202.PutRecords", `{"Records":[{"Data":"AAEC"},{"Data":5}]}`,
			"NUMBER_VALUE can not be converted to a Blob at Records[1].Data"},
		{"Kinesis_20131202.PutRecords", `{"Records":[{"Data":"AAE"}]}`,
			"a string that is not base64 can not be converted to a Blob at Records[0].Data"},
		{"Kinesis_20131202.PutRecord", `{"Data":"AA\nEC"}`, "a string that is not base64 can not be converted to a Blob at Data"},
		{"Kinesis_20131202.PutRecord", `{"Data":"AAF="}`, "a string that is not base64 can not be converted to a Blob at Data"},
		{"Kinesis_20131202.PutRecord", `{"DryRun":"true"}`, "STRING_VALUE can not be converted to a Boolean at DryRun"},
		{"Kinesis_20131202.PutRecord", `{"DryRun":0}`, "NUMBER_VALUE can not be converted to a Boolean at DryRun"},
		{"Kinesis_20131202.GetShardIterator", `{"Timestamp":"2026-01-01"}`,
			"STRING_VALUE can not be converted to a Timestamp at Timestamp"},
		{"Kinesis_20131202.GetShardIterator", `{"Timestamp":1e99}`, "NUMBER_VALUE 1e99 can not be converted to a Timestamp at Timestamp"},
		{"Firehose_20150804.CreateDeliveryStream", `{"ExtendedS3DestinationConfiguration":{"ProcessingConfiguration":{"Processors":[{"Parameters":[{"ParameterName":false}]}]}}}`,
			"FALSE_VALUE can not be converted to a String at ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors[0].Parameters[0].ParameterName"},
		{"Kinesis_20131202.ListStreams", `[]`, "The request body must be a JSON object"},
		{"Kinesis_20131202.ListStreams", `"x"`, "The request body must be a JSON object"},
		{"Kinesis_20131202.ListStreams", `null`, "The request body must be a JSON object"},
		{"Kinesis_20131202.ListStreams", `x`, "The request body is not valid JSON: a value is malformed at byte 0"},
		{"Kinesis_20131202.ListStreams", `{"Limit":}`, "The request body is not valid JSON: a value is missing at byte 9"},
		{"Kinesis_20131202.ListStreams", `{"Limit":1`, `The request body is not valid JSON: "," is missing at byte 10`},
		{"Kinesis_20131202.ListStreams", `{} x`, "The request body is not valid JSON: something follows the document at byte 3"},
		{"Kinesis_20131202.ListStreams", `{"X":` + strings.Repeat("[", 100), "The request body is not valid JSON: more than 64 levels are nested at byte 68"},
	} {
		if _, got := readBy(all[c.target], c.body); got != "SerializationException: "+c.want {
			t.Errorf("%s %.200s\n got %s\nwant SerializationException: %s", c.target, c.body, got, c.want)
		}
	}
}

func TestDecodeTakesWhatIsOnlyUnusual(t *testing.T) {
	r := routes(t)["Kinesis_20131202.PutRecord"]
	in, text := readBy(r, `{"Unknown":[{"a":[1,null,"\u0000"]}], "StreamName":"first", "StreamName":"s", "PartitionKey":"\u00e4\ud83d\ude00",
		"StreamARN":null, "Data":"\u0041AEC", "SequenceNumberForOrdering":null}`)
	if text != "" {
		t.Fatal(text)
	}
	got := in.(*kinesis.PutRecordInput)
	if *got.StreamName != "s" || *got.PartitionKey != "ä😀" || got.StreamARN != nil || !bytes.Equal(got.Data, []byte{0, 1, 2}) ||
		got.SequenceNumberForOrdering != nil {
		t.Errorf("read as %+v", got)
	}
}

// TestDecodeBoundsMemory: a request can not make the server hold much more than was sent.
func TestDecodeBoundsMemory(t *testing.T) {
	all := routes(t)
	r := all["Kinesis_20131202.PutRecords"]
	x, err := decodeJSON(r.in, []byte(`{"Records":`+bodyWith(5000, `{}`)+`}`))
	if err != nil {
		t.Fatal(err)
	}
	records := x.parts[r.in.member("Records")]
	if records.length != 5000 || len(records.parts) != 500 {
		t.Errorf("%d records counted and %d kept, want 5000 and 500", records.length, len(records.parts))
	}
	_, err = decodeJSON(r.in, []byte(`{"Records":`+bodyWith(maxValues, `{}`)+`}`))
	if err == nil || !strings.Contains(err.Error(), "more than 100000 values") {
		t.Errorf("error %v, want one about too many values", err)
	}
}

func TestUnofferedDestinationIsSeen(t *testing.T) {
	r := routes(t)["Firehose_20150804.CreateDeliveryStream"]
	in, text := readBy(r, `{"DeliveryStreamName":"d","SplunkDestinationConfiguration":{"HECEndpoint":"https://x"}}`)
	if text != "" {
		t.Fatal(text)
	}
	if got := in.(*firehose.CreateDeliveryStreamInput); got.SplunkDestinationConfiguration == nil {
		t.Error("the destination is not seen")
	}
}

func FuzzDecode(f *testing.F) {
	all := routes(f)
	targets := make([]string, 0, len(all))
	for _, api := range Tables() {
		for _, op := range api.Operations {
			targets = append(targets, api.Target+"."+op.Name)
		}
	}
	for i := range targets {
		f.Add(byte(i), []byte(`{"StreamName":"s","Records":[{"Data":"AAEC"}],"Tags":{"a":"b"},"Limit":5,"Timestamp":1.5,"DryRun":true}`))
		f.Add(byte(i), []byte(`{"DeliveryStreamName":"d","ExtendedS3DestinationConfiguration":{"BufferingHints":{"SizeInMBs":1}}}`))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		r := all[targets[int(which)%len(targets)]]
		table := *r
		table.short = nil
		in, err := table.read(body)
		var api *Error
		if err != nil {
			if !errors.As(err, &api) || (api.Code != codeSerialization && api.Code != codeValidation) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if wellFormed(body) != nil {
			t.Fatalf("taken, but not well-formed: %q", body)
		}
		again, err := table.read(encode(nil, r.in, reflect.ValueOf(in))) // what was read can be written and read again
		if err != nil || !reflect.DeepEqual(in, again) {
			t.Fatalf("%+v comes back as %+v, %v", in, again, err)
		}
	})
}
