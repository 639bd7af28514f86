package stream

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func TestCreateStream(t *testing.T) {
	onDemand := &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}
	provisioned := &types.StreamModeDetails{StreamMode: types.StreamModeProvisioned}
	many := map[string]string{}
	for i := range maxTags + 1 {
		many[fmt.Sprint(i)] = ""
	}
	cases := []struct {
		name       string
		in         kinesis.CreateStreamInput
		shards     int
		mode       types.StreamMode
		code, text string
	}{
		{name: "plain", in: kinesis.CreateStreamInput{ShardCount: aws.Int32(3)}, shards: 3, mode: types.StreamModeProvisioned},
		{name: "default", shards: 4, mode: types.StreamModeOnDemand},
		{name: "ondemand", in: kinesis.CreateStreamInput{StreamModeDetails: onDemand}, shards: 4, mode: types.StreamModeOnDemand},
		{name: "provisioned", in: kinesis.CreateStreamInput{StreamModeDetails: provisioned, ShardCount: aws.Int32(1)}, shards: 1, mode: types.StreamModeProvisioned},
		{name: "both", in: kinesis.CreateStreamInput{StreamModeDetails: onDemand, ShardCount: aws.Int32(1)}, code: "InvalidArgumentException", text: "ShardCount must not be given"},
		{name: "neither", in: kinesis.CreateStreamInput{StreamModeDetails: provisioned}, code: "InvalidArgumentException", text: "ShardCount must be given"},
		{name: "huge", in: kinesis.CreateStreamInput{ShardCount: aws.Int32(10001)}, code: "LimitExceededException", text: "at most 10000 shards"},
		{name: "tags", in: kinesis.CreateStreamInput{Tags: many}, code: "InvalidArgumentException", text: "at most 50 tags"},
		{name: "plain", in: kinesis.CreateStreamInput{ShardCount: aws.Int32(1)}, code: "ResourceInUseException", text: "Stream plain under account 123456789012 already exists."},
	}
	f := newFixture(t)
	for _, c := range cases {
		c.in.StreamName = &c.name
		_, err := f.CreateStream(f.ctx, &c.in)
		if c.code != "" {
			f.refused(c.name, err, c.code, c.text)
			continue
		}
		f.must(err)
		out, err := f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: &c.name})
		f.must(err)
		d := out.StreamDescription
		if len(d.Shards) != c.shards || d.StreamModeDetails.StreamMode != c.mode || d.StreamStatus != types.StreamStatusActive ||
			*d.StreamARN != "arn:aws:kinesis:eu-west-1:123456789012:stream/"+c.name || *d.RetentionPeriodHours != 24 ||
			d.StreamCreationTimestamp.UnixMilli() != start || d.EncryptionType != types.EncryptionTypeNone || *d.HasMoreShards {
			t.Errorf("%s: %+v", c.name, d)
		}
		summary, err := f.DescribeStreamSummary(f.ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &c.name})
		f.must(err)
		if s := summary.StreamDescriptionSummary; int(*s.OpenShardCount) != c.shards || s.StreamStatus != d.StreamStatus ||
			*s.ConsumerCount != 0 || *s.MaxRecordSizeInKiB != 1024 || s.StreamModeDetails.StreamMode != c.mode {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestNaming(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1)
	arn := "arn:aws:kinesis:eu-west-1:123456789012:stream/"
	cases := []struct {
		what       string
		name, arn  *string
		code, text string
	}{
		{"name", aws.String("web"), nil, "", ""},
		{"ARN", nil, aws.String(arn + "web"), "", ""},
		{"both", aws.String("web"), aws.String(arn + "web"), "", ""},
		{"neither", nil, nil, "InvalidArgumentException", "Either StreamName or StreamARN"},
		{"disagreeing", aws.String("web"), aws.String(arn + "app"), "InvalidArgumentException", "do not name the same stream"},
		{"absent", aws.String("app"), nil, "ResourceNotFoundException", "Stream app under account 123456789012 not found."},
		{"absent ARN", nil, aws.String(arn + "app"), "ResourceNotFoundException", "Stream app under account 123456789012 not found."},
		{"other region", nil, aws.String("arn:aws:kinesis:us-east-1:123456789012:stream/web"), "ResourceNotFoundException", "Stream web"},
	}
	for _, c := range cases {
		calls := map[string]func() error{
			"DescribeStream": func() error {
				_, err := f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: c.name, StreamARN: c.arn})
				return err
			},
			"ListShards": func() error {
				_, err := f.ListShards(f.ctx, &kinesis.ListShardsInput{StreamName: c.name, StreamARN: c.arn})
				return err
			},
			"PutRecord": func() error {
				_, err := f.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: c.name, StreamARN: c.arn, PartitionKey: aws.String("k")})
				return err
			},
			"GetShardIterator": func() error {
				_, err := f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{StreamName: c.name, StreamARN: c.arn,
					ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeLatest})
				return err
			},
		}
		for op, call := range calls {
			if err := call(); c.code != "" {
				f.refused(op+" "+c.what, err, c.code, c.text)
			} else if err != nil {
				t.Errorf("%s %s: %v", op, c.what, err)
			}
		}
	}
}

func TestDescribeStreamPages(t *testing.T) {
	f := newFixture(t)
	f.create("web", 250)
	name := "web"
	for _, limit := range []*int32{nil, aws.Int32(7), aws.Int32(100), aws.Int32(10000)} {
		size := int(min(aws.ToInt32(limit), 100))
		if limit == nil {
			size = 100
		}
		var ids []string
		for after := (*string)(nil); ; {
			out, err := f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: &name, Limit: limit, ExclusiveStartShardId: after})
			f.must(err)
			for _, sh := range out.StreamDescription.Shards {
				ids = append(ids, *sh.ShardId)
			}
			if !*out.StreamDescription.HasMoreShards {
				break
			}
			if n := len(out.StreamDescription.Shards); n != size {
				t.Fatalf("page of %d, want %d", n, size)
			}
			after = aws.String(ids[len(ids)-1])
		}
		if len(ids) != 250 || !slices.IsSorted(ids) || ids[0] != "shardId-000000000000" || ids[249] != "shardId-000000000249" {
			t.Errorf("pages of %d give %d shards", size, len(ids))
		}
	}
	for id, want := range map[string]int{"shardId-247": 2, "247": 2, "x-y-248": 1, "shardId-000000000249": 0} {
		out, err := f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: &name, ExclusiveStartShardId: &id})
		f.must(err)
		if n := len(out.StreamDescription.Shards); n != want {
			t.Errorf("after %s: %d shards, want %d", id, n, want)
		}
	}
	_, err := f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: &name, ExclusiveStartShardId: aws.String("shardId-x")})
	f.refused("bad shard id", err, "ResourceNotFoundException", "Shard shardId-x in stream web under account 123456789012 does not exist")
}

func TestListStreams(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 105 {
		want = append(want, fmt.Sprintf("s-%03d", i))
		f.create(want[i], 1)
	}
	out, err := f.ListStreams(f.ctx, &kinesis.ListStreamsInput{})
	f.must(err)
	if len(out.StreamNames) != 100 || !*out.HasMoreStreams {
		t.Errorf("default page of %d, more %v", len(out.StreamNames), *out.HasMoreStreams)
	}
	styles := map[string]func(in *kinesis.ListStreamsInput, out *kinesis.ListStreamsOutput){
		"token": func(in *kinesis.ListStreamsInput, out *kinesis.ListStreamsOutput) { in.NextToken = out.NextToken },
		"name": func(in *kinesis.ListStreamsInput, out *kinesis.ListStreamsOutput) {
			in.ExclusiveStartStreamName = &out.StreamNames[len(out.StreamNames)-1]
		},
	}
	for style, next := range styles {
		var got []string
		in := &kinesis.ListStreamsInput{Limit: aws.Int32(10)}
		for {
			out, err := f.ListStreams(f.ctx, in)
			f.must(err)
			for i, s := range out.StreamSummaries {
				if *s.StreamName != out.StreamNames[i] || s.StreamStatus != types.StreamStatusActive || !strings.HasSuffix(*s.StreamARN, *s.StreamName) {
					t.Errorf("summary %+v of %s", s, out.StreamNames[i])
				}
			}
			got = append(got, out.StreamNames...)
			if !*out.HasMoreStreams {
				break
			}
			in = &kinesis.ListStreamsInput{Limit: aws.Int32(10)}
			next(in, out)
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %q", style, got)
		}
	}
	_, err = f.ListStreams(f.ctx, &kinesis.ListStreamsInput{NextToken: out.NextToken, ExclusiveStartStreamName: aws.String("a")})
	f.refused("both styles", err, "InvalidArgumentException", "cannot be provided together")
	_, err = f.ListStreams(f.ctx, &kinesis.ListStreamsInput{NextToken: aws.String("AAAA")})
	f.refused("forged", err, "InvalidArgumentException", "Invalid NextToken.")
	f.later(301 * time.Second)
	_, err = f.ListStreams(f.ctx, &kinesis.ListStreamsInput{NextToken: out.NextToken})
	f.refused("expired", err, "ExpiredNextTokenException", "300 seconds")
}

// A stream made again under its old name has none of the old records and none of the old iterators.
func TestDeleteStream(t *testing.T) {
	f := newFixture(t)
	name := "web"
	_, err := f.DeleteStream(f.ctx, &kinesis.DeleteStreamInput{StreamName: &name})
	f.refused("absent", err, "ResourceNotFoundException", "Stream web under account 123456789012 not found.")
	f.create(name, 1)
	f.put(name, "0", "old")
	it := f.iterator(name, "0", types.ShardIteratorTypeTrimHorizon)
	_, err = f.DeleteStream(f.ctx, &kinesis.DeleteStreamInput{StreamName: &name})
	f.must(err)
	_, err = f.DescribeStream(f.ctx, &kinesis.DescribeStreamInput{StreamName: &name})
	f.refused("deleted", err, "ResourceNotFoundException", "not found")
	_, err = f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: it})
	f.refused("iterator of a deleted stream", err, "ResourceNotFoundException", "Stream web under account 123456789012 not found.")

	f.create(name, 1)
	_, err = f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: it})
	f.refused("iterator of the old stream", err, "ResourceNotFoundException", "not found")
	f.put(name, "0", "new")
	if out := f.get(f.iterator(name, "0", types.ShardIteratorTypeTrimHorizon), 10); texts(out.Records) != "new" {
		t.Errorf("the new stream holds %q", texts(out.Records))
	}
}

func TestDeclare(t *testing.T) {
	f := newFixture(t)
	same := Declaration{Name: "web", Shards: 2, Retention: 48 * time.Hour}
	for range 2 {
		if diff, err := f.Declare(f.ctx, same); err != nil || len(diff) != 0 {
			t.Errorf("declare: %q, %v", diff, err)
		}
	}
	f.put("web", "0", "kept")
	diff, err := f.Declare(f.ctx, Declaration{Name: "web", Shards: 3})
	if err != nil || len(diff) != 2 || !strings.Contains(diff[0], "2 open shards, not the 3") || !strings.Contains(diff[1], "48 hours, not the 24") {
		t.Errorf("a different declaration: %q, %v", diff, err)
	}
	if diff, err = f.Declare(f.ctx, Declaration{Name: "web", Retention: 48 * time.Hour}); err != nil || len(diff) != 1 || !strings.Contains(diff[0], "ON_DEMAND") {
		t.Errorf("another mode: %q, %v", diff, err)
	}
	for _, bad := range []Declaration{{Name: "no/slash"}, {Name: ""}, {Name: "a", Shards: -1}, {Name: "a", Shards: 10001},
		{Name: "a", Shards: 1, Retention: 90 * time.Minute}, {Name: "a", Shards: 1, Retention: time.Hour}, {Name: "a", Shards: 1, Retention: 8761 * time.Hour}} {
		if _, err := f.Declare(f.ctx, bad); err == nil || !strings.Contains(err.Error(), "stream: declare stream") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
