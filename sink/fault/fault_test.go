package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/weir-logs/weir/sink/backend"
	"github.com/weir-logs/weir/sink/fault"
)

// site is a backend on a loopback port and the SDK's clients of it, which do not repeat requests.
type site struct {
	faults   *fault.Faults
	streams  *kinesis.Client
	delivery *firehose.Client
}

func open(t *testing.T, rules ...fault.Rule) site {
	t.Helper()
	faults, err := fault.New(rules)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b, err := backend.Open(t.Context(), backend.Config{
		Listen: "127.0.0.1:0", DataDir: dir, Faults: faults,
		Streams:         []backend.Stream{{Name: "web", Shards: 1}, {Name: "other", Shards: 1}},
		DeliveryStreams: []backend.DeliveryStream{{Name: "direct", Bucket: "out", BufferTime: time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	c := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
		BaseEndpoint: aws.String("http://" + b.Addr()), Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return site{faults, kinesis.NewFromConfig(c), firehose.NewFromConfig(c)}
}

func (s site) put(ctx context.Context, stream string, lines ...string) (*kinesis.PutRecordsOutput, error) {
	in := &kinesis.PutRecordsInput{StreamName: &stream}
	for _, line := range lines {
		in.Records = append(in.Records, kinesistypes.PutRecordsRequestEntry{Data: []byte(line), PartitionKey: aws.String("k")})
	}
	return s.streams.PutRecords(ctx, in)
}

func (s site) batch(ctx context.Context, lines ...string) (*firehose.PutRecordBatchOutput, error) {
	in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("direct")}
	for _, line := range lines {
		in.Records = append(in.Records, firehosetypes.Record{Data: []byte(line)})
	}
	return s.delivery.PutRecordBatch(ctx, in)
}

// stored returns what the stream holds.
func (s site) stored(t *testing.T, stream string) []string {
	t.Helper()
	it, err := s.streams.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{StreamName: &stream,
		ShardId: aws.String("shardId-000000000000"), ShardIteratorType: kinesistypes.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for next := it.ShardIterator; ; {
		out, err := s.streams.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: next})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Records {
			lines = append(lines, string(r.Data))
		}
		if next = out.NextShardIterator; len(out.Records) == 0 {
			return lines
		}
	}
}

// status returns what an SDK error says: the code, and the status of the answer, 0 without one.
func status(err error) (code string, status int) {
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	return code, status
}

func numbered(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d\n", i)
	}
	return lines
}

func TestRefusedRequests(t *testing.T) {
	for _, test := range []struct {
		operation, code string
		status          int
	}{
		{"PutRecords", "ProvisionedThroughputExceededException", 400},
		{"PutRecords", "KMSThrottlingException", 400},
		{"PutRecords", "InternalFailureException", 500},
		{"PutRecords", "ServiceUnavailable", 503},
		{"PutRecords", "ExpiredTokenException", 400},
		{"PutRecordBatch", "ServiceUnavailableException", 500},
		{"PutRecordBatch", "InternalFailure", 500},
		{"PutRecordBatch", "ResourceNotFoundException", 400},
	} {
		s := open(t, fault.Rule{Operation: test.operation, Error: test.code})
		_, err := s.put(t.Context(), "web", "x")
		if test.operation == "PutRecordBatch" {
			if err != nil {
				t.Errorf("%s was to be refused, and PutRecords was: %v", test.operation, err)
			}
			_, err = s.batch(t.Context(), "x")
		}
		if code, got := status(err); code != test.code || got != test.status {
			t.Errorf("%s: %s with %d, want %s with %d (%v)", test.operation, code, got, test.code, test.status, err)
		}
	}
	s := open(t, fault.Rule{Operation: "PutRecords", Error: "ProvisionedThroughputExceededException"})
	_, err := s.put(t.Context(), "web", "x")
	var typed *kinesistypes.ProvisionedThroughputExceededException
	if !errors.As(err, &typed) || !strings.Contains(typed.ErrorMessage(), "faults[0]") {
		t.Errorf("not the SDK's type, or it does not say who refused: %v", err)
	}
}

func TestRefusedRecords(t *testing.T) {
	lines := numbered(500)
	s := open(t, fault.Rule{Operation: "PutRecords", Stream: "web", Records: 0.05})
	out, err := s.put(t.Context(), "web", lines...)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	failed := 0
	for i, r := range out.Records {
		switch {
		case r.SequenceNumber != nil && r.ErrorCode == nil:
			want = append(want, lines[i])
		case aws.ToString(r.ErrorCode) == "ProvisionedThroughputExceededException" && r.ErrorMessage != nil && r.SequenceNumber == nil:
			failed++
		default:
			t.Errorf("record %d: %+v", i, r)
		}
	}
	if failed < 5 || failed > 60 || int(*out.FailedRecordCount) != failed || len(out.Records) != len(lines) {
		t.Errorf("%d of %d refused, count %d", failed, len(out.Records), *out.FailedRecordCount)
	}
	if got := s.stored(t, "web"); !slices.Equal(got, want) {
		t.Errorf("stored %d records, not the %d that were taken", len(got), len(want))
	}
	if r := s.faults.Reports()[0]; r.Met != 1 || r.RefusedRecords != int64(failed) || r.Refused != 0 || r.Error == "" {
		t.Errorf("report %+v, %d refused", r, failed)
	}
	if out, err := s.put(t.Context(), "other", lines...); err != nil || *out.FailedRecordCount != 0 {
		t.Errorf("another stream: %v, %v", out, err)
	}

	all := open(t, fault.Rule{Operation: "PutRecords", Records: 1, Error: "InternalFailure"},
		fault.Rule{Operation: "PutRecordBatch", DeliveryStream: "direct", Records: 0.5, Seed: 3})
	if out, err := all.put(t.Context(), "web", "a", "b"); err != nil || *out.FailedRecordCount != 2 || *out.Records[1].ErrorCode != "InternalFailure" {
		t.Errorf("all refused: %+v, %v", out, err)
	}
	batch, err := all.batch(t.Context(), lines...)
	if err != nil {
		t.Fatal(err)
	}
	failed = 0
	for i, r := range batch.RequestResponses {
		if (r.RecordId == nil) == (r.ErrorCode == nil) {
			t.Errorf("record %d: %+v", i, r)
		}
		if r.ErrorCode != nil {
			failed++
		}
	}
	if failed < 150 || failed > 350 || int(*batch.FailedPutCount) != failed {
		t.Errorf("%d of %d refused, count %d", failed, len(lines), *batch.FailedPutCount)
	}
}

// TestSeed repeats a run, and changes the seed.
func TestSeed(t *testing.T) {
	run := func(seed uint64) (refused []int) {
		s := open(t, fault.Rule{Operation: "PutRecords", Share: 0.5, Error: "InternalFailure", Seed: seed})
		for i := range 40 {
			if _, err := s.put(t.Context(), "web", "x"); err != nil {
				refused = append(refused, i)
			}
		}
		return refused
	}
	one := run(7)
	if again := run(7); !slices.Equal(one, again) || len(one) < 5 || len(one) > 35 {
		t.Errorf("seed 7 refused %v, then %v", one, again)
	}
	if other := run(8); slices.Equal(one, other) {
		t.Errorf("seeds 7 and 8 both refused %v", one)
	}
}

func TestDroppedConnections(t *testing.T) {
	s := open(t, fault.Rule{Operation: "PutRecords", Drop: fault.DropBefore})
	if _, err := s.put(t.Context(), "web", "before"); err == nil {
		t.Error("an answer came")
	} else if _, got := status(err); got != 0 && got != http.StatusOK {
		t.Errorf("an answer with status %d came", got)
	}
	if err := s.faults.Set([]fault.Rule{{Operation: "PutRecords", Drop: fault.DropAfter}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.put(t.Context(), "web", "after"); err == nil {
		t.Error("an answer came")
	}
	if err := s.faults.Set(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.put(t.Context(), "web", "well"); err != nil {
		t.Error(err)
	}
	if got, want := s.stored(t, "web"), []string{"after", "well"}; !slices.Equal(got, want) {
		t.Errorf("stored %q, want %q", got, want)
	}
}

// TestStall gives up on an answer that is held back, and finds its records stored. TestDelay finds none.
func TestStall(t *testing.T) {
	s := open(t, fault.Rule{Operation: "PutRecords", Stall: fault.MaxWait})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := s.put(ctx, "web", "x")
		ended <- err
	}()
	deadline := time.Now().Add(30 * time.Second)
	for len(s.stored(t, "web")) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("not stored after 30 s")
		}
	}
	select {
	case err := <-ended:
		t.Errorf("answered: %v", err)
	default:
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDelay(t *testing.T) {
	s := open(t, fault.Rule{Operation: "PutRecords", Delay: fault.MaxWait})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := s.put(ctx, "web", "x")
		ended <- err
	}()
	deadline := time.Now().Add(30 * time.Second)
	for s.faults.Reports()[0].Met == 0 {
		if time.Now().After(deadline) {
			t.Fatal("no request after 30 s")
		}
	}
	if got := s.stored(t, "web"); len(got) != 0 {
		t.Errorf("stored %q before the delay was over", got)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRulesTogether has two rules meet one request.
func TestRulesTogether(t *testing.T) {
	s := open(t, fault.Rule{Operation: "PutRecords", Records: 0.5}, fault.Rule{Operation: "PutRecords", Records: 0.5})
	out, err := s.put(t.Context(), "web", numbered(500)...)
	if err != nil {
		t.Fatal(err)
	}
	if n := *out.FailedRecordCount; n < 300 || n > 450 {
		t.Errorf("%d of 500 refused by two halves", n)
	}
	if got := s.stored(t, "web"); len(got) != 500-int(*out.FailedRecordCount) {
		t.Errorf("%d stored, %d refused", len(got), *out.FailedRecordCount)
	}
}

func TestWrongRules(t *testing.T) {
	for _, test := range []struct {
		rule fault.Rule
		want string
	}{
		{fault.Rule{}, "faults[0].operation: missing"},
		{fault.Rule{Operation: "PutRecordz", Error: "x"}, "faults[0].operation: the operation \"PutRecordz\" is not offered"},
		{fault.Rule{Operation: "PutRecords"}, "faults[0]: nothing is to go wrong"},
		{fault.Rule{Operation: "PutRecords", Error: "ServiceUnavailableException"}, "faults[0].error: \"ServiceUnavailableException\" is not one of Provisioned"},
		{fault.Rule{Operation: "PutRecords", Records: 0.1, Error: "ThrottlingException"}, "faults[0].error"},
		{fault.Rule{Operation: "PutRecord", Records: 0.1}, "faults[0].records: only"},
		{fault.Rule{Operation: "PutRecord", Stream: "s", Error: "ServiceUnavailableException"}, "faults[0].error"},
		{fault.Rule{Operation: "PutRecords", Stream: "a", DeliveryStream: "b", Drop: "after"}, "never both"},
		{fault.Rule{Operation: "GetRecords", Stream: "a", Drop: "after"}, "names no stream"},
		{fault.Rule{Operation: "PutRecords", DeliveryStream: "a", Drop: "after"}, "names no delivery stream"},
		{fault.Rule{Operation: "PutRecords", Share: 1.5, Drop: "after"}, "faults[0].share"},
		{fault.Rule{Operation: "PutRecords", Records: -1, Drop: "after"}, "faults[0].records"},
		{fault.Rule{Operation: "PutRecords", Delay: time.Hour}, "faults[0].delay"},
		{fault.Rule{Operation: "PutRecords", Stall: -1}, "faults[0].stall"},
		{fault.Rule{Operation: "PutRecords", Drop: "during"}, "faults[0].drop"},
		{fault.Rule{Operation: "PutRecords", Drop: "after", Error: "InternalFailure"}, "faults[0].drop: a request is refused or dropped"},
	} {
		f, err := fault.New([]fault.Rule{test.rule})
		if err == nil || !strings.Contains(err.Error(), test.want) || f != nil {
			t.Errorf("%+v: %v, want %q", test.rule, err, test.want)
		}
	}
	s := open(t, fault.Rule{Operation: "PutRecords", Drop: fault.DropBefore})
	if err := s.faults.Set([]fault.Rule{{}}); err == nil {
		t.Error("a wrong rule was taken")
	}
	if _, err := s.put(t.Context(), "web", "x"); err == nil {
		t.Error("a wrong list replaced the rules")
	}
}
