package awsapi

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// shortcut reads a body into the SDK's input type, or says that the body is to be read by the table's way. What it
// returns is valid and belongs to the caller alone: nothing of it lies in the body.
type shortcut func(body []byte) (any, bool)

// shortcutFor returns the shortcut for an input, or nil.
func shortcutFor(p *plan) shortcut {
	switch p.typ {
	case reflect.TypeFor[kinesis.PutRecordInput]():
		return kinesisPutRecord(p)
	case reflect.TypeFor[kinesis.PutRecordsInput]():
		return kinesisPutRecords(p)
	case reflect.TypeFor[firehose.PutRecordInput]():
		return firehosePutRecord(p)
	case reflect.TypeFor[firehose.PutRecordBatchInput]():
		return firehosePutRecordBatch(p)
	}
	return nil
}

// member returns the index of a member of p; the tables that it is used with are checked by tests.
func (p *plan) member(name string) int { return p.index[name] }

// textOf makes strings of spans. They share the memory of one string and of one slice.
type textOf struct {
	all  string
	room []string
}

func newTextOf(f *flat, n int) *textOf {
	return &textOf{all: string(f.words), room: make([]string, 0, n)}
}

// at returns the text of s, or nil if the member is absent. There is room for as many as newTextOf was told.
func (t *textOf) at(s span) *string {
	if !s.set {
		return nil
	}
	t.room = append(t.room, t.all[s.off:s.end])
	return &t.room[len(t.room)-1]
}

func kinesisPutRecord(p *plan) shortcut {
	name, arn, id := p.member("StreamName"), p.member("StreamARN"), p.member("StreamId")
	data, key, hash := p.member("Data"), p.member("PartitionKey"), p.member("ExplicitHashKey")
	ordering := p.member("SequenceNumberForOrdering")
	return func(body []byte) (any, bool) {
		var r row
		f := newFlat(body)
		if !f.structure(p, &r, nil) || f.end() != nil {
			return nil, false
		}
		t := newTextOf(f, maxFlat)
		return &kinesis.PutRecordInput{
			Data:                      f.data(r[data]),
			PartitionKey:              t.at(r[key]),
			ExplicitHashKey:           t.at(r[hash]),
			SequenceNumberForOrdering: t.at(r[ordering]),
			StreamName:                t.at(r[name]),
			StreamARN:                 t.at(r[arn]),
			StreamId:                  t.at(r[id]),
		}, true
	}
}

func kinesisPutRecords(p *plan) shortcut {
	name, arn, id := p.member("StreamName"), p.member("StreamARN"), p.member("StreamId")
	records := p.member("Records")
	list := p.members[records].plan
	data, key, hash := list.elem.member("Data"), list.elem.member("PartitionKey"), list.elem.member("ExplicitHashKey")
	return func(body []byte) (any, bool) {
		var r row
		var rows [maxRows]row
		f := newFlat(body)
		n, ok := f.withRows(p, &r, records, &rows)
		if !ok || f.end() != nil {
			return nil, false
		}
		t := newTextOf(f, 2*n+maxFlat)
		in := &kinesis.PutRecordsInput{
			Records:    make([]kinesistypes.PutRecordsRequestEntry, n),
			StreamName: t.at(r[name]),
			StreamARN:  t.at(r[arn]),
			StreamId:   t.at(r[id]),
		}
		for i := range in.Records {
			e := &in.Records[i]
			e.Data, e.PartitionKey, e.ExplicitHashKey = f.data(rows[i][data]), t.at(rows[i][key]), t.at(rows[i][hash])
		}
		return in, true
	}
}

func firehosePutRecord(p *plan) shortcut {
	name, record := p.member("DeliveryStreamName"), p.member("Record")
	inner := p.members[record].plan
	data := inner.member("Data")
	return func(body []byte) (any, bool) {
		var r, entry row
		f := newFlat(body)
		ok := f.structure(p, &r, func(i int) bool { return i == record && f.structure(inner, &entry, nil) })
		if !ok || f.end() != nil {
			return nil, false
		}
		t := newTextOf(f, maxFlat)
		return &firehose.PutRecordInput{
			DeliveryStreamName: t.at(r[name]),
			Record:             &firehosetypes.Record{Data: f.data(entry[data])},
		}, true
	}
}

func firehosePutRecordBatch(p *plan) shortcut {
	name, records := p.member("DeliveryStreamName"), p.member("Records")
	list := p.members[records].plan
	data := list.elem.member("Data")
	return func(body []byte) (any, bool) {
		var r row
		var rows [maxRows]row
		f := newFlat(body)
		n, ok := f.withRows(p, &r, records, &rows)
		if !ok || f.end() != nil {
			return nil, false
		}
		t := newTextOf(f, maxFlat)
		in := &firehose.PutRecordBatchInput{
			Records:            make([]firehosetypes.Record, n),
			DeliveryStreamName: t.at(r[name]),
		}
		for i := range in.Records {
			in.Records[i].Data = f.data(rows[i][data])
		}
		return in, true
	}
}
