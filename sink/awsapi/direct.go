package awsapi

import (
	"reflect"
	"slices"

	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// The lists that carry data are written without reflection. A test holds these writers to the table's, byte for byte.

// recordOverhead is about how many bytes a record has in an answer besides its data and key.
const recordOverhead = 200

// addDirect gives the plans at and below p the direct writers for their Go types.
func addDirect(p *plan) {
	p.each(func(q *plan) {
		switch q.typ {
		case reflect.TypeFor[[]kinesistypes.Record]():
			q.direct = directRecords
		case reflect.TypeFor[[]kinesistypes.PutRecordsResultEntry]():
			q.direct = directResults
		case reflect.TypeFor[[]firehosetypes.PutRecordBatchResponseEntry]():
			q.direct = directResponses
		}
	})
}

// listOfValue returns the list that v holds, without copying it.
func listOfValue[T any](v reflect.Value) []T {
	if v.CanAddr() {
		return *v.Addr().Interface().(*[]T)
	}
	return v.Interface().([]T)
}

func directRecords(dst []byte, v reflect.Value) []byte {
	list := listOfValue[kinesistypes.Record](v)
	n := 0
	for i := range list {
		n += blobs.EncodedLen(len(list[i].Data)) + recordOverhead
	}
	dst = append(slices.Grow(dst, n), '[')
	for i := range list {
		r := &list[i]
		o := object{dst: dst, more: i > 0}
		o.open()
		o.text(`"SequenceNumber":`, r.SequenceNumber)
		if r.ApproximateArrivalTimestamp != nil {
			o.label(`"ApproximateArrivalTimestamp":`)
			o.dst = appendTime(o.dst, *r.ApproximateArrivalTimestamp)
		}
		o.label(`"Data":`)
		o.dst = appendBlob(o.dst, r.Data)
		o.text(`"PartitionKey":`, r.PartitionKey)
		if r.EncryptionType != "" {
			o.label(`"EncryptionType":`)
			o.dst = appendString(o.dst, string(r.EncryptionType))
		}
		dst = append(o.dst, '}')
	}
	return append(dst, ']')
}

func directResults(dst []byte, v reflect.Value) []byte {
	list := listOfValue[kinesistypes.PutRecordsResultEntry](v)
	dst = append(slices.Grow(dst, len(list)*recordOverhead), '[')
	for i := range list {
		r := &list[i]
		o := object{dst: dst, more: i > 0}
		o.open()
		o.text(`"SequenceNumber":`, r.SequenceNumber)
		o.text(`"ShardId":`, r.ShardId)
		o.text(`"ErrorCode":`, r.ErrorCode)
		o.text(`"ErrorMessage":`, r.ErrorMessage)
		dst = append(o.dst, '}')
	}
	return append(dst, ']')
}

func directResponses(dst []byte, v reflect.Value) []byte {
	list := listOfValue[firehosetypes.PutRecordBatchResponseEntry](v)
	dst = append(slices.Grow(dst, len(list)*recordOverhead), '[')
	for i := range list {
		r := &list[i]
		o := object{dst: dst, more: i > 0}
		o.open()
		o.text(`"RecordId":`, r.RecordId)
		o.text(`"ErrorCode":`, r.ErrorCode)
		o.text(`"ErrorMessage":`, r.ErrorMessage)
		dst = append(o.dst, '}')
	}
	return append(dst, ']')
}

// object writes the members of one JSON object.
type object struct {
	dst  []byte
	more bool // something stands before what comes next
}

func (o *object) open() {
	if o.more {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(o.dst, '{')
	o.more = false
}

func (o *object) label(l string) {
	if o.more {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(o.dst, l...)
	o.more = true
}

func (o *object) text(l string, s *string) {
	if s != nil {
		o.label(l)
		o.dst = appendString(o.dst, *s)
	}
}
