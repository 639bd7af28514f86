package awsapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// The input of all benchmarks: 500 records of 1 KiB of random bytes, each with a partition key of 12 characters. The
// figure in bytes is that of the records' data.
const (
	benchRecords = 500
	benchData    = 1024
)

func benchInput() *kinesis.PutRecordsInput {
	in := &kinesis.PutRecordsInput{StreamName: aws.String("web-logs")}
	for i := range benchRecords {
		data := make([]byte, benchData)
		_, _ = rand.Read(data)
		in.Records = append(in.Records, kinesistypes.PutRecordsRequestEntry{
			Data: data, PartitionKey: aws.String(fmt.Sprintf("partition-%02d", i%100)),
		})
	}
	return in
}

func benchBody(tb testing.TB) (*route, []byte) {
	r, err := newRoute(Service{}, Handle(Kinesis.PutRecords, discard[kinesis.PutRecordsInput, kinesis.PutRecordsOutput]))
	if err != nil {
		tb.Fatal(err)
	}
	return r, encode(nil, r.in, reflect.ValueOf(benchInput()))
}

func benchOutput() *kinesis.GetRecordsOutput {
	out := &kinesis.GetRecordsOutput{MillisBehindLatest: aws.Int64(0), NextShardIterator: aws.String("AAAA")}
	for i, e := range benchInput().Records {
		out.Records = append(out.Records, kinesistypes.Record{
			Data: e.Data, PartitionKey: e.PartitionKey, ApproximateArrivalTimestamp: aws.Time(time.UnixMilli(1700000000123)),
			SequenceNumber: aws.String(fmt.Sprintf("4961%052d", i)),
		})
	}
	return out
}

func BenchmarkPutRecordsShortcut(b *testing.B) {
	r, body := benchBody(b)
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := r.short(body); !ok {
			b.Fatal("the shortcut gave up")
		}
	}
}

func BenchmarkPutRecordsTable(b *testing.B) {
	r, body := benchBody(b)
	r.short = nil
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.read(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLimitDecode is the floor of any reader: nothing but the base64 of the same data.
func BenchmarkLimitDecode(b *testing.B) {
	text := []byte(base64.StdEncoding.EncodeToString(make([]byte, benchRecords*benchData)))
	dst := make([]byte, benchRecords*benchData+3)
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := base64.StdEncoding.Decode(dst, text); err != nil {
			b.Fatal(err)
		}
	}
}

func benchEncode(b *testing.B, direct bool) {
	p, err := newPlan(Kinesis.GetRecords.Output, reflect.TypeFor[kinesis.GetRecordsOutput]())
	if err != nil {
		b.Fatal(err)
	}
	if direct {
		addDirect(p)
	}
	v := reflect.ValueOf(benchOutput())
	buf := encode(nil, p, v)
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		buf = encode(buf[:0], p, v)
	}
}

func BenchmarkGetRecordsDirect(b *testing.B) { benchEncode(b, true) }

func BenchmarkGetRecordsTable(b *testing.B) { benchEncode(b, false) }

// BenchmarkLimitEncode is the floor of any writer: nothing but the base64 of the same data.
func BenchmarkLimitEncode(b *testing.B) {
	data := make([]byte, benchRecords*benchData)
	dst := make([]byte, base64.StdEncoding.EncodedLen(len(data)))
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		base64.StdEncoding.Encode(dst, data)
	}
}

// BenchmarkLimitCopy is what moving the same bytes once costs.
func BenchmarkLimitCopy(b *testing.B) {
	data := bytes.Repeat([]byte{7}, benchRecords*benchData)
	dst := make([]byte, len(data))
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		copy(dst, data)
	}
}

// sinkhole is a client that takes every answer.
type sinkhole struct{ header http.Header }

func (s sinkhole) Header() http.Header         { return s.header }
func (s sinkhole) Write(p []byte) (int, error) { return len(p), nil }
func (s sinkhole) WriteHeader(int)             {}

// BenchmarkMuxPutRecords is a whole request without the network: body read, authenticated, decoded, called, answered.
func BenchmarkMuxPutRecords(b *testing.B) {
	out := &kinesis.PutRecordsOutput{FailedRecordCount: aws.Int32(0)}
	for i := range benchRecords {
		out.Records = append(out.Records, kinesistypes.PutRecordsResultEntry{
			SequenceNumber: aws.String(fmt.Sprintf("4961%052d", i)), ShardId: aws.String("shardId-000000000000")})
	}
	m, err := NewMux([]Service{{Target: KinesisTarget, Handlers: []Handler{Handle(Kinesis.PutRecords,
		func(context.Context, *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) { return out, nil })}}}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	_, body := benchBody(b)
	b.SetBytes(benchRecords * benchData)
	b.ReportAllocs()
	for b.Loop() {
		r := post("Kinesis_20131202.PutRecords", "")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		m.ServeHTTP(sinkhole{http.Header{}}, r)
	}
	b.ReportMetric(float64(benchRecords)*float64(b.N)/b.Elapsed().Seconds(), "rec/s")
}
