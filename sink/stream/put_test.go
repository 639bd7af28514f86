package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

func TestPutRecord(t *testing.T) {
	f := newFixture(t)
	f.create("web", 4)
	quarter := "85070591730234615865843651857942052864" // 2^126, where the second of four begins
	cases := []struct {
		key, hash string
		shard     string
	}{
		{"a", "", "shardId-000000000000"}, // MD5 0cc1...
		{"b", "", "shardId-000000000002"}, // 92eb...
		{"c", "", "shardId-000000000001"}, // 4a8a...
		{"d", "", "shardId-000000000002"}, // 8277...
		{"a", "0", "shardId-000000000000"},
		{"a", quarter, "shardId-000000000001"},
		{"a", "85070591730234615865843651857942052863", "shardId-000000000000"},
		{"a", "340282366920938463463374607431768211455", "shardId-000000000003"},
	}
	last := map[string]string{}
	for _, c := range cases {
		in := &kinesis.PutRecordInput{StreamName: aws.String("web"), PartitionKey: &c.key, Data: []byte("x")}
		if c.hash != "" {
			in.ExplicitHashKey = &c.hash
		}
		out, err := f.PutRecord(f.ctx, in)
		f.must(err)
		if *out.ShardId != c.shard {
			t.Errorf("key %q, hash %q went to %s, want %s", c.key, c.hash, *out.ShardId, c.shard)
		}
		n, err := parseSequence(*out.SequenceNumber)
		if err != nil || n.created != start/1000 || n.arrival != start/1000 || shardID(n.shard) != c.shard {
			t.Errorf("sequence number %s is %+v, %v", *out.SequenceNumber, n, err)
		}
		if *out.SequenceNumber <= last[c.shard] {
			t.Errorf("sequence number %s after %s", *out.SequenceNumber, last[c.shard])
		}
		last[c.shard] = *out.SequenceNumber
		in.SequenceNumberForOrdering = out.SequenceNumber
		_, err = f.PutRecord(f.ctx, in)
		f.must(err)
	}
}

func TestPutRefused(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	future := sequence{created: start / 1000, index: 1, arrival: start/1000 + 5}.String()
	cases := []struct {
		what       string
		in         kinesis.PutRecordInput
		code, text string
	}{
		{"hash key too large", kinesis.PutRecordInput{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("340282366920938463463374607431768211456")},
			"InvalidArgumentException", "ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456"},
		{"no key", kinesis.PutRecordInput{}, "ValidationException", "Value null at 'partitionKey' failed to satisfy constraint: Member must not be null"},
		{"record too large", kinesis.PutRecordInput{PartitionKey: aws.String("k"), Data: make([]byte, 1<<20+1)}, "ValidationException",
			"Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576"},
		{"bad ordering", kinesis.PutRecordInput{PartitionKey: aws.String("k"), SequenceNumberForOrdering: aws.String("0")}, "InvalidArgumentException",
			"ExclusiveMinimumSequenceNumber 0 used in PutRecord on stream web under account 123456789012 is invalid."},
		{"ordering from the future", kinesis.PutRecordInput{PartitionKey: aws.String("k"), SequenceNumberForOrdering: &future}, "InvalidArgumentException", future},
		{"dry run", kinesis.PutRecordInput{PartitionKey: aws.String("k"), DryRun: aws.Bool(true)}, "DryRunOperationException", "would have succeeded"},
	}
	for _, c := range cases {
		c.in.StreamName = aws.String("web")
		_, err := f.PutRecord(f.ctx, &c.in)
		f.refused(c.what, err, c.code, c.text)
	}
	entry := types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), Data: make([]byte, 1<<20)}
	many := make([]types.PutRecordsRequestEntry, 10)
	for i := range many {
		many[i] = entry
	}
	_, err := f.PutRecords(f.ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: many})
	f.refused("10 MiB and keys", err, "InvalidArgumentException", "Records size exceeds 10 MB limit")
	_, err = f.PutRecords(f.ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: []types.PutRecordsRequestEntry{entry, {}}})
	f.refused("entry without a key", err, "ValidationException", "Value null at 'records.2.member.partitionKey'")
	_, err = f.PutRecords(f.ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: many[:9], DryRun: aws.Bool(true)})
	f.refused("dry run", err, "DryRunOperationException", "")
	if out := f.get(f.iterator("web", "0", types.ShardIteratorTypeTrimHorizon), 10); len(out.Records) != 0 {
		t.Errorf("%d records were stored by refused requests", len(out.Records))
	}
}

// A stream with a larger bound takes larger records; one that spreads its records by itself takes them without a key.
func TestPutOptions(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateStream(f.ctx, &kinesis.CreateStreamInput{StreamName: aws.String("web"), ShardCount: aws.Int32(4),
		MaxRecordSizeInKiB: aws.Int32(10240), RecordDistributionStrategy: types.RecordDistributionStrategyAuto})
	f.must(err)
	shards := map[string]bool{}
	for range 200 {
		out, err := f.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: aws.String("web"), Data: []byte("x")})
		f.must(err)
		shards[*out.ShardId] = true
	}
	if len(shards) != 4 {
		t.Errorf("200 records without a key went to %d of 4 shards", len(shards))
	}
	_, err = f.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: aws.String("web"), Data: make([]byte, 10<<20)})
	f.must(err)
}

func TestPutRecords(t *testing.T) {
	f := newFixture(t)
	f.create("web", 3)
	var entries []types.PutRecordsRequestEntry
	for i := range 500 {
		entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprint("key-", i)), Data: fmt.Append(nil, i)})
	}
	out, err := f.PutRecords(f.ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: entries})
	f.must(err)
	if *out.FailedRecordCount != 0 || len(out.Records) != 500 {
		t.Fatalf("%d failed of %d", *out.FailedRecordCount, len(out.Records))
	}
	bySequence := map[string]string{}
	for _, id := range []string{"0", "1", "2"} {
		for _, r := range f.get(f.iterator("web", id, types.ShardIteratorTypeTrimHorizon), 10000).Records {
			bySequence[*r.SequenceNumber] = *r.PartitionKey + " " + string(r.Data)
		}
	}
	last := map[string]string{}
	for i, r := range out.Records {
		if want := fmt.Sprintf("key-%d %d", i, i); bySequence[*r.SequenceNumber] != want {
			t.Errorf("entry %d: %s holds %q, want %q", i, *r.SequenceNumber, bySequence[*r.SequenceNumber], want)
		}
		if *r.SequenceNumber <= last[*r.ShardId] {
			t.Errorf("entry %d of %s is before its predecessor", i, *r.ShardId)
		}
		last[*r.ShardId] = *r.SequenceNumber
	}
	if len(bySequence) != 500 || len(last) != 3 {
		t.Errorf("%d records in %d shards", len(bySequence), len(last))
	}
}

// failingStore fails appends to one shard, or all.
type failingStore struct {
	store.Store
	shard func(uint32) error
}

func (f *failingStore) Append(ctx context.Context, shard store.Shard, epoch uint32, records []store.Record, done func(store.Appended, error)) {
	if err := f.shard(shard.Number); err != nil {
		done(store.Appended{}, err)
		return
	}
	f.Store.Append(ctx, shard, epoch, records, done)
}

// A store that fails for one shard fails its entries alone; the log says so once, and once that it is over.
func TestStoreFails(t *testing.T) {
	f := newFixture(t)
	failing := &failingStore{Store: f.store, shard: func(uint32) error { return nil }}
	lines := newRecorder()
	s := openService(t, Config{Store: failing, Now: f.clock.Now, Log: newLogger(lines)})
	f.Service = s
	f.create("web", 2)
	high := aws.String("340282366920938463463374607431768211455")
	entries := []types.PutRecordsRequestEntry{
		{PartitionKey: aws.String("k"), ExplicitHashKey: high, Data: []byte("1")},
		{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: []byte("2")},
		{PartitionKey: aws.String("k"), ExplicitHashKey: high, Data: []byte("3")},
	}
	failing.shard = func(n uint32) error {
		if n == 1 {
			return fmt.Errorf("data folder /data is full: %w", store.ErrNoSpace)
		}
		return nil
	}
	for range 3 {
		out, err := s.PutRecords(f.ctx, &kinesis.PutRecordsInput{StreamName: aws.String("web"), Records: entries})
		f.must(err)
		if *out.FailedRecordCount != 2 {
			t.Fatalf("%d failed", *out.FailedRecordCount)
		}
		for i, r := range out.Records {
			if i == 1 {
				if r.ErrorCode != nil || *r.ShardId != "shardId-000000000000" {
					t.Errorf("entry 1: %+v", r)
				}
			} else if aws.ToString(r.ErrorCode) != "InternalFailure" || r.ErrorMessage == nil || r.SequenceNumber != nil || r.ShardId != nil {
				t.Errorf("entry %d: %+v", i, r)
			}
		}
		_, err = s.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: aws.String("web"), PartitionKey: aws.String("k"), ExplicitHashKey: high})
		f.refused("put on a full disk", err, "InternalFailure", "Internal service failure.")
	}
	failing.shard = func(uint32) error { return nil }
	f.put("web", *high, "after")
	got := lines.logged()
	if len(got) != 2 || !strings.Contains(got[0], "/data is full") || !strings.Contains(got[1], "works again") {
		t.Errorf("logged %q", got)
	}
	if out := f.get(f.iterator("web", "0", types.ShardIteratorTypeTrimHorizon), 10); texts(out.Records) != "2 2 2" {
		t.Errorf("the healthy shard holds %q", texts(out.Records))
	}

	// A request that is given up, and a shard that was closed, are no failures of the store.
	for _, harmless := range []error{store.ErrFenced, context.Canceled} {
		failing.shard = func(uint32) error { return harmless }
		_, err := s.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: aws.String("web"), PartitionKey: aws.String("k")})
		if err == nil {
			t.Errorf("%v: acknowledged", harmless)
		}
	}
	if got := lines.logged(); len(got) != 0 {
		t.Errorf("logged %q", got)
	}
}

// stuckStore never answers an append.
type stuckStore struct{ store.Store }

func (stuckStore) Append(context.Context, store.Shard, uint32, []store.Record, func(store.Appended, error)) {
}

func TestPutIsGivenUp(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	s := openService(t, Config{Store: stuckStore{f.store}, Now: f.clock.Now})
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	_, err := s.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: aws.String("web"), PartitionKey: aws.String("k")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
