package consumer

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/kpl"
)

// opener turns a stream's record into user records.
type opener struct {
	kpl kpl.Reader
	key string // of the user record before: most aggregates have one key
}

// appendTo appends the user records in a record of a stream. One that is no aggregate, or a damaged one, is a user record
// by itself; the error says that it is damaged.
func (o *opener) appendTo(dst []Record, in types.Record) ([]Record, error) {
	whole := Record{
		Data: in.Data, PartitionKey: aws.ToString(in.PartitionKey),
		Arrival: aws.ToTime(in.ApproximateArrivalTimestamp), Sequence: aws.ToString(in.SequenceNumber),
	}
	if !o.kpl.Open(in.Data) {
		return append(dst, whole), nil
	}
	before := len(dst)
	for {
		user, ok := o.kpl.Next()
		if !ok {
			break
		}
		if o.key != string(user.PartitionKey) {
			o.key = string(user.PartitionKey)
		}
		dst = append(dst, Record{Data: user.Data, PartitionKey: o.key, Arrival: whole.Arrival, Sequence: whole.Sequence, Sub: user.Index})
	}
	if err := o.kpl.Err(); err != nil {
		return append(dst[:before], whole), err
	}
	return dst, nil
}
