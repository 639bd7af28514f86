package awsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// configFor is the SDK's configuration for a server of the services.
func configFor(t *testing.T, services ...Service) aws.Config {
	t.Helper()
	m, err := NewMux(services, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(m)
	address := s.Listener.Addr().String()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		if to != address {
			return nil, fmt.Errorf("the test may not go to %s", to)
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
		BaseEndpoint: aws.String(s.URL),
		HTTPClient:   readOnly{&http.Client{Transport: transport}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// readOnly hides all of a request's body but Read and Close. The SDK closes the body when the answer begins, and net/http may still be at its end then:
// the WriteTo of the SDK's body says io.EOF from there on, which net/http takes for an error, so it closes the connection while the answer is read.
// Others do not notice, since the SDK tries again.
type readOnly struct{ client *http.Client }

// Do implements aws.HTTPClient.
func (c readOnly) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body = struct{ io.ReadCloser }{req.Body}
	}
	return c.client.Do(req)
}

// trip sends random inputs through the SDK's client and this package to an operation, and random outputs back.
func trip[In, Out, Option any](t *testing.T, target string, op *Operation,
	method func(aws.Config) func(context.Context, *In, ...Option) (*Out, error)) {
	t.Run(target+"/"+op.Name, func(t *testing.T) {
		r := seeded(t)
		var got *In
		out := new(Out)
		handler := Handle(op, func(ctx context.Context, in *In) (*Out, error) {
			if f := RequestFrom(ctx); f.Region != "eu-west-1" || f.AccessKey != "AKID" || f.Operation != op.Name {
				return nil, fmt.Errorf("the context says %+v", f)
			}
			got = in
			return out, nil
		})
		service := Service{Target: target, Handlers: []Handler{handler}}
		call := method(configFor(t, service))
		route, err := newRoute(service, handler)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			in := new(In)
			out = new(Out)
			fill(r, route.in, reflect.ValueOf(in).Elem())
			if id := reflect.ValueOf(in).Elem().FieldByName("StreamId"); id.IsValid() {
				id.SetZero() // the SDK would turn it into another endpoint
			}
			if route.out != nil {
				fill(r, route.out, reflect.ValueOf(out).Elem())
			}
			back, err := call(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			reflect.ValueOf(back).Elem().FieldByName("ResultMetadata").Set(reflect.ValueOf(middleware.Metadata{}))
			if !reflect.DeepEqual(got, in) {
				t.Fatalf("sent %+v\n got %+v", in, got)
			}
			if !reflect.DeepEqual(back, out) {
				t.Fatalf("answered %s\n     got %s", encode(nil, route.out, reflect.ValueOf(out)), encode(nil, route.out, reflect.ValueOf(back)))
			}
		}
	})
}

func TestSDKKinesis(t *testing.T) {
	type cfg = aws.Config
	k := func(c cfg) *kinesis.Client { return kinesis.NewFromConfig(c) }
	const at = KinesisTarget
	trip(t, at, Kinesis.CreateStream, func(c cfg) func(context.Context, *kinesis.CreateStreamInput, ...func(*kinesis.Options)) (*kinesis.CreateStreamOutput, error) {
		return k(c).CreateStream
	})
	trip(t, at, Kinesis.DeleteStream, func(c cfg) func(context.Context, *kinesis.DeleteStreamInput, ...func(*kinesis.Options)) (*kinesis.DeleteStreamOutput, error) {
		return k(c).DeleteStream
	})
	trip(t, at, Kinesis.DescribeStream, func(c cfg) func(context.Context, *kinesis.DescribeStreamInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamOutput, error) {
		return k(c).DescribeStream
	})
	trip(t, at, Kinesis.DescribeStreamSummary, func(c cfg) func(context.Context, *kinesis.DescribeStreamSummaryInput, ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
		return k(c).DescribeStreamSummary
	})
	trip(t, at, Kinesis.ListStreams, func(c cfg) func(context.Context, *kinesis.ListStreamsInput, ...func(*kinesis.Options)) (*kinesis.ListStreamsOutput, error) {
		return k(c).ListStreams
	})
	trip(t, at, Kinesis.ListShards, func(c cfg) func(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
		return k(c).ListShards
	})
	trip(t, at, Kinesis.PutRecord, func(c cfg) func(context.Context, *kinesis.PutRecordInput, ...func(*kinesis.Options)) (*kinesis.PutRecordOutput, error) {
		return k(c).PutRecord
	})
	trip(t, at, Kinesis.PutRecords, func(c cfg) func(context.Context, *kinesis.PutRecordsInput, ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
		return k(c).PutRecords
	})
	trip(t, at, Kinesis.GetShardIterator, func(c cfg) func(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
		return k(c).GetShardIterator
	})
	trip(t, at, Kinesis.GetRecords, func(c cfg) func(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
		return k(c).GetRecords
	})
}

func TestSDKFirehose(t *testing.T) {
	type cfg = aws.Config
	f := func(c cfg) *firehose.Client { return firehose.NewFromConfig(c) }
	const at = FirehoseTarget
	trip(t, at, Firehose.CreateDeliveryStream, func(c cfg) func(context.Context, *firehose.CreateDeliveryStreamInput, ...func(*firehose.Options)) (*firehose.CreateDeliveryStreamOutput, error) {
		return f(c).CreateDeliveryStream
	})
	trip(t, at, Firehose.DescribeDeliveryStream, func(c cfg) func(context.Context, *firehose.DescribeDeliveryStreamInput, ...func(*firehose.Options)) (*firehose.DescribeDeliveryStreamOutput, error) {
		return f(c).DescribeDeliveryStream
	})
	trip(t, at, Firehose.ListDeliveryStreams, func(c cfg) func(context.Context, *firehose.ListDeliveryStreamsInput, ...func(*firehose.Options)) (*firehose.ListDeliveryStreamsOutput, error) {
		return f(c).ListDeliveryStreams
	})
	trip(t, at, Firehose.DeleteDeliveryStream, func(c cfg) func(context.Context, *firehose.DeleteDeliveryStreamInput, ...func(*firehose.Options)) (*firehose.DeleteDeliveryStreamOutput, error) {
		return f(c).DeleteDeliveryStream
	})
	trip(t, at, Firehose.PutRecord, func(c cfg) func(context.Context, *firehose.PutRecordInput, ...func(*firehose.Options)) (*firehose.PutRecordOutput, error) {
		return f(c).PutRecord
	})
	trip(t, at, Firehose.PutRecordBatch, func(c cfg) func(context.Context, *firehose.PutRecordBatchInput, ...func(*firehose.Options)) (*firehose.PutRecordBatchOutput, error) {
		return f(c).PutRecordBatch
	})
}

// TestSDKErrors: what an operation returns arrives at the client as the same type.
func TestSDKErrors(t *testing.T) {
	text := aws.String("what happened <&>")
	for _, want := range []error{
		&kinesistypes.ResourceNotFoundException{Message: text}, &kinesistypes.ResourceInUseException{Message: text},
		&kinesistypes.LimitExceededException{Message: text}, &kinesistypes.InvalidArgumentException{Message: text},
		&kinesistypes.ExpiredIteratorException{Message: text}, &kinesistypes.ExpiredNextTokenException{Message: text},
		&kinesistypes.ProvisionedThroughputExceededException{Message: text}, &kinesistypes.KMSThrottlingException{Message: text},
		&kinesistypes.AccessDeniedException{Message: text}, &kinesistypes.InternalFailureException{Message: text},
	} {
		c := kinesis.NewFromConfig(configFor(t, Service{Target: KinesisTarget, Handlers: []Handler{Handle(Kinesis.GetRecords,
			func(context.Context, *kinesis.GetRecordsInput) (*kinesis.GetRecordsOutput, error) { return nil, want })}}))
		_, err := c.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: aws.String("i")})
		sameError(t, err, want)
	}
	for _, want := range []error{
		&firehosetypes.ResourceNotFoundException{Message: text}, &firehosetypes.InvalidArgumentException{Message: text},
		&firehosetypes.ServiceUnavailableException{Message: text}, &firehosetypes.LimitExceededException{Message: text},
		&firehosetypes.InvalidKMSResourceException{Message: text, Code: aws.String("c")},
		&firehosetypes.InvalidSourceException{Message: text, Code: aws.String("c")},
	} {
		c := firehose.NewFromConfig(configFor(t, Service{Target: FirehoseTarget, Handlers: []Handler{Handle(Firehose.PutRecord,
			func(context.Context, *firehose.PutRecordInput) (*firehose.PutRecordOutput, error) { return nil, want })}}))
		_, err := c.PutRecord(t.Context(), &firehose.PutRecordInput{
			DeliveryStreamName: aws.String("d"), Record: &firehosetypes.Record{Data: []byte("x")}})
		sameError(t, err, want)
	}
}

// sameError looks for an error of want's type in err and compares what it says.
func sameError(t *testing.T, err, want error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if reflect.TypeOf(e) == reflect.TypeOf(want) {
			for _, name := range []string{"Message", "Code"} {
				g, w := reflect.ValueOf(e).Elem().FieldByName(name), reflect.ValueOf(want).Elem().FieldByName(name)
				if w.IsValid() && !reflect.DeepEqual(g.Interface(), w.Interface()) {
					t.Errorf("%T arrives with another %s", want, name)
				}
			}
			return
		}
	}
	t.Errorf("%T arrives as %v", want, err)
}

func TestSDKSeesOwnErrors(t *testing.T) {
	c := kinesis.NewFromConfig(configFor(t, allOperations()...))
	_, err := c.ListStreams(t.Context(), &kinesis.ListStreamsInput{Limit: aws.Int32(0)})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "ValidationException" || !strings.HasPrefix(api.ErrorMessage(), "1 validation error") {
		t.Errorf("a bound: %v", err)
	}
	_, err = c.SplitShard(t.Context(), &kinesis.SplitShardInput{
		StreamName: aws.String("s"), ShardToSplit: aws.String("0"), NewStartingHashKey: aws.String("1")})
	if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" {
		t.Errorf("an operation that is not offered: %v", err)
	}
}

// TestSDKPutsAtTheLimit sends the largest requests that the services take.
func TestSDKPutsAtTheLimit(t *testing.T) {
	var records []kinesistypes.PutRecordsRequestEntry
	var batch []firehosetypes.Record
	services := []Service{
		{Target: KinesisTarget, Handlers: []Handler{Handle(Kinesis.PutRecords,
			func(_ context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
				records = in.Records
				return new(kinesis.PutRecordsOutput), nil
			})}},
		{Target: FirehoseTarget, Handlers: []Handler{Handle(Firehose.PutRecordBatch,
			func(_ context.Context, in *firehose.PutRecordBatchInput) (*firehose.PutRecordBatchOutput, error) {
				batch = in.Records
				return new(firehose.PutRecordBatchOutput), nil
			})}},
	}
	cfg := configFor(t, services...)
	in := &kinesis.PutRecordsInput{StreamName: aws.String("s")}
	for range 500 {
		in.Records = append(in.Records, kinesistypes.PutRecordsRequestEntry{
			Data: bytes.Repeat([]byte{0xff}, 10<<20/500-256), PartitionKey: aws.String(strings.Repeat("\x01", 256))})
	}
	if _, err := kinesis.NewFromConfig(cfg).PutRecords(t.Context(), in); err != nil || !reflect.DeepEqual(records, in.Records) {
		t.Errorf("PutRecords: %v, equal %v", err, reflect.DeepEqual(records, in.Records))
	}
	put := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("d")}
	for range 4 {
		put.Records = append(put.Records, firehosetypes.Record{Data: make([]byte, 1<<20-48<<10)})
	}
	if _, err := firehose.NewFromConfig(cfg).PutRecordBatch(t.Context(), put); err != nil || !reflect.DeepEqual(batch, put.Records) {
		t.Errorf("PutRecordBatch: %v, equal %v", err, reflect.DeepEqual(batch, put.Records))
	}
}
