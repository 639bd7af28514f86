package stream

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const onlyShard = "shardId-000000000000"

// after reads a shard behind a sequence number.
func (f *fixture) after(name, number string) *kinesis.GetRecordsOutput {
	f.t.Helper()
	out, err := f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{
		StreamName: &name, ShardId: aws.String(onlyShard), ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: &number,
	})
	f.must(err)
	return f.get(out.ShardIterator, 100)
}

// A stream made again never takes sequence numbers of the one before it, not in the same second, not after the clock was
// set back: a reader would leave out the new stream's first records.
func TestStreamMadeAgainHasNumbersOfItsOwn(t *testing.T) {
	for name, passes := range map[string]time.Duration{"at once": 0, "clock set back": -time.Hour, "later": time.Hour} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.create("web", 1)
			for range 3 {
				f.put("web", "0", "old")
			}
			old := aws.ToString(f.put("web", "0", "old").SequenceNumber)
			for range 2 { // the one in between has no records
				_, err := f.DeleteStream(f.ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("web")})
				f.must(err)
				f.later(passes)
				f.create("web", 1)
			}
			shards, err := f.ListShards(f.ctx, &kinesis.ListShardsInput{StreamName: aws.String("web")})
			f.must(err)
			if first := aws.ToString(shards.Shards[0].SequenceNumberRange.StartingSequenceNumber); first <= old {
				t.Errorf("the new stream begins at %s, behind %s of the old one", first, old)
			}
			_, err = f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{
				StreamName: aws.String("web"), ShardId: aws.String(onlyShard), ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: &old,
			})
			f.refused("number of the old stream", err, "InvalidArgumentException", "is invalid")
			f.put("web", "0", "new")
			if got := texts(f.get(f.iterator("web", onlyShard, types.ShardIteratorTypeTrimHorizon), 10).Records); got != "new" {
				t.Errorf("the new stream has %q", got)
			}
		})
	}
}

// Numbers of records that are there stay good when the clock is set back.
func TestNumbersAfterTheClockWasSetBack(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	first := aws.ToString(f.put("web", "0", "a").SequenceNumber)
	f.later(-time.Hour)
	second := f.put("web", "0", "b")
	if aws.ToString(second.SequenceNumber) <= first {
		t.Errorf("numbers went back: %s, then %s", first, *second.SequenceNumber)
	}
	if got := texts(f.after("web", first).Records); got != "b" {
		t.Errorf("behind the first: %q", got)
	}
	_, err := f.PutRecord(f.ctx, &kinesis.PutRecordInput{
		StreamName: aws.String("web"), PartitionKey: aws.String("k"), Data: []byte("c"), SequenceNumberForOrdering: second.SequenceNumber,
	})
	f.must(err)
	future := sequence{created: start / 1000, index: 99, arrival: start/1000 + 1}.String()
	_, err = f.PutRecord(f.ctx, &kinesis.PutRecordInput{
		StreamName: aws.String("web"), PartitionKey: aws.String("k"), Data: []byte("c"), SequenceNumberForOrdering: &future,
	})
	f.refused("a number of the future", err, "InvalidArgumentException", "is invalid")
}

func TestEnds(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	empty, err := f.Ends(f.ctx, "web")
	f.must(err)
	f.later(-time.Minute)
	if got := texts(f.after("web", empty[onlyShard]).Records); got != "" {
		t.Errorf("from the end of the empty shard, with the clock set back: %q", got)
	}
	f.later(time.Minute)
	f.put("web", "0", "a")
	one, err := f.Ends(f.ctx, "web")
	f.must(err)
	f.later(-time.Minute)
	f.put("web", "0", "b")
	f.put("web", "0", "c")
	if got := texts(f.after("web", empty[onlyShard]).Records); got != "a b c" {
		t.Errorf("from the end of the empty shard: %q", got)
	}
	page := f.after("web", one[onlyShard])
	if got := texts(page.Records); got != "b c" {
		t.Errorf("from the end after one record: %q", got)
	}
	last := aws.ToString(page.Records[1].SequenceNumber)
	for _, test := range []struct {
		name, after, next string
		want              uint64
	}{
		{"neighbours", one[onlyShard], aws.ToString(page.Records[0].SequenceNumber), 0},
		{"one between", one[onlyShard], last, 1},
		{"from the start", empty[onlyShard], last, 2},
		{"backwards", last, empty[onlyShard], 0},
		{"no number", "x", last, 0},
		{"no number either", last, "", 0},
		{"another shard", sequence{created: start / 1000, shard: 1}.String(), last, 0},
	} {
		if got := f.Missing(test.after, test.next); got != test.want {
			t.Errorf("%s: %d missing, want %d", test.name, got, test.want)
		}
	}
	if _, err := f.Ends(f.ctx, "none"); err == nil {
		t.Error("a stream that is not there has ends")
	}
}
