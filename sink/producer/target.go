package producer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Bounds of the two services.
const (
	maxRecords = 500 // of a request, both services

	streamRecord   = 1 << 20   // data and partition key
	streamRequest  = 10 << 20  // data and partition keys
	deliveryRecord = 1_024_000 // data
	deliveryBatch  = 4 << 20   // data

	maxKey   = 256 // UTF-16 units of a partition key
	drawnKey = 16  // bytes of a key that the producer draws
)

// target is what differs between a stream and a delivery stream.
type target struct {
	kind    string // for messages
	name    string
	signing string // the service's name in a signature
	action  string // X-Amz-Target
	verb    string // for messages
	prefix  string // of a request body, up to the first record
	keyed   bool   // records have a partition key
	record  int    // bytes of one, at most
	request int    // bytes of data and keys of a request, at most
	entries string // the member of the answer that has one entry for each record
}

var (
	streamName   = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	streamARN    = regexp.MustCompile(`^arn:aws[a-z-]*:kinesis:[^:]*:[^:]*:stream/([a-zA-Z0-9_.-]{1,128})$`)
	deliveryName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	deliveryARN  = regexp.MustCompile(`^arn:aws[a-z-]*:firehose:[^:]*:[^:]*:deliverystream/([a-zA-Z0-9_.-]{1,64})$`)
)

// streamTarget takes a stream's name or its ARN, which goes into requests as it is.
func streamTarget(nameOrARN string) (target, error) {
	member := "StreamName"
	name, isARN, err := nameOf(nameOrARN, streamName, streamARN)
	if err != nil {
		return target{}, fmt.Errorf("stream %w", err)
	}
	if isARN {
		member = "StreamARN"
	}
	return target{
		kind: "stream", name: name, signing: "kinesis", action: "Kinesis_20131202.PutRecords", verb: "PutRecords",
		prefix: prefix(member, nameOrARN), keyed: true, record: streamRecord, request: streamRequest, entries: "Records",
	}, nil
}

// deliveryTarget takes a delivery stream's name or its ARN. The API knows names only.
func deliveryTarget(nameOrARN string) (target, error) {
	name, _, err := nameOf(nameOrARN, deliveryName, deliveryARN)
	if err != nil {
		return target{}, fmt.Errorf("delivery stream %w", err)
	}
	return target{
		kind: "delivery stream", name: name, signing: "firehose", action: "Firehose_20150804.PutRecordBatch", verb: "PutRecordBatch",
		prefix: prefix("DeliveryStreamName", name), record: deliveryRecord, request: deliveryBatch, entries: "RequestResponses",
	}, nil
}

func nameOf(text string, name, arn *regexp.Regexp) (string, bool, error) {
	if strings.HasPrefix(text, "arn:") {
		if parts := arn.FindStringSubmatch(text); parts != nil {
			return parts[1], true, nil
		}
		return "", false, fmt.Errorf("%q: want an ARN of the form %s", text, strings.Trim(arn.String(), "^$"))
	}
	if !name.MatchString(text) {
		return "", false, fmt.Errorf("%q: want a name of the form %s", text, strings.Trim(name.String(), "^$"))
	}
	return text, false, nil
}

func prefix(member, value string) string {
	quoted, _ := json.Marshal(value) // a string cannot fail
	return `{"` + member + `":` + string(quoted) + `,"Records":[`
}
