package stream

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

func TestGetShardIterator(t *testing.T) {
	f := newFixture(t)
	f.create("web", 2)
	var numbers []*string
	for i := range 5 { // at start, +1s, ... +4s
		numbers = append(numbers, f.put("web", "0", fmt.Sprint(i)).SequenceNumber)
		f.later(time.Second)
	}
	other := f.put("web", "340282366920938463463374607431768211455", "other").SequenceNumber
	at := func(millis int64) *time.Time { return aws.Time(time.UnixMilli(start + millis)) }
	first := sequence{created: start / 1000, index: 0, arrival: start / 1000}.String()
	end := sequence{created: start / 1000, index: maxIndex, arrival: start / 1000}.String()
	future := sequence{created: start / 1000, index: 1, arrival: start/1000 + 60}.String()
	kinds := struct{ at, after, trim, latest, time types.ShardIteratorType }{types.ShardIteratorTypeAtSequenceNumber,
		types.ShardIteratorTypeAfterSequenceNumber, types.ShardIteratorTypeTrimHorizon, types.ShardIteratorTypeLatest, types.ShardIteratorTypeAtTimestamp}
	cases := []struct {
		what       string
		kind       types.ShardIteratorType
		number     *string
		time       *time.Time
		want       string
		code, text string
	}{
		{"horizon", kinds.trim, nil, nil, "0 1 2 3 4", "", ""},
		{"latest", kinds.latest, nil, nil, "", "", ""},
		{"at the first", kinds.at, numbers[0], nil, "0 1 2 3 4", "", ""},
		{"after the first", kinds.after, numbers[0], nil, "1 2 3 4", "", ""},
		{"at the last", kinds.at, numbers[4], nil, "4", "", ""},
		{"after the last", kinds.after, numbers[4], nil, "", "", ""},
		{"at the start of the shard", kinds.at, &first, nil, "0 1 2 3 4", "", ""},
		{"after the start of the shard", kinds.after, &first, nil, "0 1 2 3 4", "", ""},
		{"after the end of the shard", kinds.after, &end, nil, "", "", ""},
		{"at the time of a record", kinds.time, nil, at(2000), "2 3 4", "", ""},
		{"between", kinds.time, nil, at(2001), "3 4", "", ""},
		{"before all", kinds.time, nil, at(-1000000), "0 1 2 3 4", "", ""},
		{"after all", kinds.time, nil, at(4999), "", "", ""},
		{"now", kinds.time, nil, at(5000), "", "", ""},
		{"the future", kinds.time, nil, at(5001), "", "InvalidArgumentException", "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis."},
		{"no time", kinds.time, nil, nil, "", "InvalidArgumentException", "needs a Timestamp"},
		{"at, no number", kinds.at, nil, nil, "", "InvalidArgumentException", "needs a StartingSequenceNumber"},
		{"after, no number", kinds.after, nil, nil, "", "InvalidArgumentException", "needs a StartingSequenceNumber"},
		{"horizon with a number", kinds.trim, numbers[0], nil, "", "InvalidArgumentException", "must not be given"},
		{"latest with a number", kinds.latest, numbers[0], nil, "", "InvalidArgumentException", "must not be given"},
		{"number of another shard", kinds.at, other, nil, "", "InvalidArgumentException", "is invalid because it did not come from this stream."},
		{"bad number", kinds.at, aws.String("5"), nil, "", "InvalidArgumentException", "StartingSequenceNumber 5 used in GetShardIterator on shard shardId-000000000000 in stream web under account 123456789012 is invalid."},
		{"number of the future", kinds.at, &future, nil, "", "InvalidArgumentException", "is invalid."},
	}
	for _, c := range cases {
		out, err := f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{StreamName: aws.String("web"), ShardId: aws.String("shardId-000000000000"),
			ShardIteratorType: c.kind, StartingSequenceNumber: c.number, Timestamp: c.time})
		if c.code != "" {
			f.refused(c.what, err, c.code, c.text)
			continue
		}
		f.must(err)
		if len(*out.ShardIterator) > 512 {
			t.Errorf("iterator of %d characters", len(*out.ShardIterator))
		}
		if got := f.get(out.ShardIterator, 10); texts(got.Records) != c.want || got.NextShardIterator == nil {
			t.Errorf("%s reads %q, want %q", c.what, texts(got.Records), c.want)
		}
	}
	for _, id := range []string{"shardId-000000000002", "x"} {
		_, err := f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{StreamName: aws.String("web"), ShardId: &id, ShardIteratorType: kinds.latest})
		f.refused(id, err, "ResourceNotFoundException", "Shard "+id+" in stream web under account 123456789012 does not exist")
	}
}

// LATEST sees what comes after it, and a position does not move by itself.
func TestLatest(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	f.put("web", "0", "before")
	it := f.iterator("web", "0", types.ShardIteratorTypeLatest)
	empty := f.get(it, 10)
	f.put("web", "0", "after")
	for _, it := range []*string{it, empty.NextShardIterator} {
		if got := f.get(it, 10); texts(got.Records) != "after" {
			t.Errorf("latest reads %q", texts(got.Records))
		}
	}
}

func TestGetRecordsPages(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	for i := range 10 {
		f.put("web", "0", fmt.Sprint(i))
		f.later(time.Second)
	}
	it := f.iterator("web", "0", types.ShardIteratorTypeTrimHorizon)
	seen := map[string]bool{}
	for i, want := range []struct {
		texts  string
		behind int64
	}{{"0 1 2", 7000}, {"3 4 5", 4000}, {"6 7 8", 1000}, {"9", 0}, {"", 0}} {
		out := f.get(it, 3)
		if texts(out.Records) != want.texts || *out.MillisBehindLatest != want.behind || out.ChildShards != nil {
			t.Errorf("page %d: %q, %d behind, want %+v", i, texts(out.Records), *out.MillisBehindLatest, want)
		}
		again := f.get(it, 3)
		if texts(again.Records) != want.texts || seen[*out.NextShardIterator] || *again.NextShardIterator == *out.NextShardIterator {
			t.Errorf("page %d: an iterator was given twice, or reads something else again", i)
		}
		it = out.NextShardIterator
		seen[*it] = true
		for j, r := range out.Records {
			n, err := parseSequence(*r.SequenceNumber)
			if err != nil || n.index != uint64(3*i+j+1) || r.ApproximateArrivalTimestamp.UnixMilli() != start+int64(3*i+j)*1000 ||
				*r.PartitionKey != "key" || r.EncryptionType != "" {
				t.Errorf("page %d: %+v is at %+v", i, r, n)
			}
		}
	}
	f.put("web", "0", "x")
	f.put("web", "0", "y")
	if out := f.get(it, 1); *out.MillisBehindLatest != 1 {
		t.Errorf("behind by records of this very millisecond: %d", *out.MillisBehindLatest)
	}
}

func TestGetRecordsBytes(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	data := strings.Repeat("x", 1<<20)
	for range 12 {
		f.put("web", "0", data)
	}
	it := f.iterator("web", "0", types.ShardIteratorTypeTrimHorizon)
	for i, want := range []int{9, 3, 0} { // ten would be 10 MiB and their keys
		out := f.get(it, 10000)
		if len(out.Records) != want {
			t.Errorf("page %d has %d records, want %d", i, len(out.Records), want)
		}
		it = out.NextShardIterator
	}
}

func TestIteratorExpires(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	it := f.iterator("web", "0", types.ShardIteratorTypeLatest)
	f.later(300 * time.Second)
	f.get(it, 1)
	f.later(time.Millisecond)
	_, err := f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: it})
	f.refused("expired", err, "ExpiredIteratorException", "Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while right now it is "+
		"Tue Nov 14 22:18:20 UTC 2023 which is further in the future than the tolerated delay of 300000 milliseconds.")
}

func TestIteratorForged(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	it := *f.iterator("web", "0", types.ShardIteratorTypeLatest)
	raw, err := base64.StdEncoding.DecodeString(it)
	f.must(err)
	forged := map[string]string{"empty": "", "not base64": "!!!!", "short": it[:40], "long": it + "AAAA", "too long": strings.Repeat("A", 4096)}
	for i := range raw {
		b := bytes.Clone(raw)
		b[i] ^= 1
		forged[fmt.Sprint("byte ", i)] = base64.StdEncoding.EncodeToString(b)
	}
	for i := range 110 {
		f.create(fmt.Sprint("s", i), 1)
	}
	list, err := f.ListStreams(f.ctx, &kinesis.ListStreamsInput{})
	f.must(err)
	forged["a page token"] = *list.NextToken
	other := newFixture(t)
	other.create("web", 1)
	forged["of another installation"] = *other.iterator("web", "0", types.ShardIteratorTypeLatest)
	for what, token := range forged {
		_, err := f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: &token})
		f.refused(what, err, "InvalidArgumentException", "Invalid ShardIterator.")
	}
	_, err = f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: &it, StreamARN: aws.String("arn:aws:kinesis:eu-west-1:123456789012:stream/other")})
	f.refused("ARN of another stream", err, "InvalidArgumentException", "Invalid ShardIterator.")
	_, err = f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: &it, DryRun: aws.Bool(true)})
	f.refused("dry run", err, "DryRunOperationException", "")
}

func FuzzOpenToken(f *testing.F) {
	s, err := newSealer(make([]byte, keyLen))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.seal(kindIterator, start, make([]byte, iteratorLen)))
	f.Add("AQk=")
	f.Fuzz(func(t *testing.T, token string) {
		content, issued, err := s.open(kindIterator, token, start)
		if err == nil && (issued > start+1<<40 || len(content) > maxToken) {
			t.Fatalf("%q opens to %x of %d", token, content, issued)
		}
	})
}

// Iterators outlive a restart, because the key does.
func TestIteratorAfterRestart(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	it := f.iterator("web", "0", types.ShardIteratorTypeLatest)
	f.put("web", "0", "after")
	f.Service = openService(t, Config{Store: f.store, Now: f.clock.Now, Account: "123456789012"})
	if out := f.get(it, 1); texts(out.Records) != "after" {
		t.Errorf("reads %q", texts(out.Records))
	}
}

// A closed shard is read to its end; only then there is no next iterator, and there are children.
func TestClosedShard(t *testing.T) {
	f := newFixture(t)
	f.create("web", 2)
	for i := range 4 {
		f.put("web", "0", fmt.Sprint(i))
	}
	it, tip := f.iterator("web", "0", types.ShardIteratorTypeTrimHorizon), f.iterator("web", "0", types.ShardIteratorTypeLatest)
	f.later(time.Second)
	all := divide(4)
	f.reshard("web", []uint32{0}, all[0], all[1])
	if out := f.put("web", "0", "child"); *out.ShardId != "shardId-000000000002" {
		t.Errorf("after the split the record went to %s", *out.ShardId)
	}
	first := f.get(it, 3)
	if texts(first.Records) != "0 1 2" || first.NextShardIterator == nil || first.ChildShards != nil || *first.MillisBehindLatest != 1000 {
		t.Errorf("first page: %+v", first)
	}
	for what, it := range map[string]*string{"last page": first.NextShardIterator, "tip": tip, "latest": f.iterator("web", "0", types.ShardIteratorTypeLatest)} {
		out := f.get(it, 3)
		want := map[string]string{"last page": "3"}[what]
		if texts(out.Records) != want || out.NextShardIterator != nil || len(out.ChildShards) != 2 || *out.MillisBehindLatest != 0 {
			t.Fatalf("%s: %+v", what, out)
		}
		for i, child := range out.ChildShards {
			if *child.ShardId != shardID(uint32(i+2)) || strings.Join(child.ParentShards, " ") != "shardId-000000000000" ||
				*child.HashKeyRange.StartingHashKey != all[i].start.String() || *child.HashKeyRange.EndingHashKey != all[i].end.String() {
				t.Errorf("%s: child %+v", what, child)
			}
		}
	}
	if _, err := f.put0(store.Shard{Stream: 1}, 1); err == nil {
		t.Error("the closed shard takes records")
	}
	f.reshard("web", []uint32{2, 3}, hashRange{all[0].start, all[1].end})
	out, err := f.ListShards(f.ctx, &kinesis.ListShardsInput{StreamName: aws.String("web")})
	f.must(err)
	merged := out.Shards[4]
	if *merged.ParentShardId != "shardId-000000000002" || *merged.AdjacentParentShardId != "shardId-000000000003" {
		t.Errorf("merged shard %+v", merged)
	}
	end, err := parseSequence(*out.Shards[0].SequenceNumberRange.EndingSequenceNumber)
	if want := (sequence{start / 1000, 0, maxIndex, start/1000 + 1}); err != nil || end != want {
		t.Errorf("closed shard ends at %+v, %v, want %+v", end, err, want)
	}
	if out.Shards[1].SequenceNumberRange.EndingSequenceNumber != nil {
		t.Error("an open shard has an end")
	}
}

// put0 appends behind the back of the service.
func (f *fixture) put0(shard store.Shard, epoch uint32) (at store.Appended, err error) {
	f.store.Append(f.ctx, shard, epoch, []store.Record{{}}, func(a store.Appended, e error) { at, err = a, e })
	return at, err
}
