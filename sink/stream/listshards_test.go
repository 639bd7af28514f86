package stream

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func numbers(shards []types.Shard) string {
	var all []string
	for _, sh := range shards {
		n, _ := parseShardID(*sh.ShardId)
		all = append(all, strconv.Itoa(int(n)))
	}
	return strings.Join(all, " ")
}

// Shards 0 and 1 at the start; 0 split into 2 and 3 after 10 h; 2 and 3 merged into 4 after 20 h; now 40 h, kept for 24 h,
// so the horizon is at 16 h.
func TestListShardsFilters(t *testing.T) {
	f := newFixture(t)
	f.create("web", 2)
	all := divide(4)
	f.later(10 * time.Hour)
	f.reshard("web", []uint32{0}, all[0], all[1])
	f.later(10 * time.Hour)
	f.reshard("web", []uint32{2, 3}, hashRange{all[0].start, all[1].end})
	f.later(20 * time.Hour)
	at := func(hours int64) *time.Time { return aws.Time(time.UnixMilli(start + hours*3600*1000)) }
	cases := []struct {
		what       string
		in         *types.ShardFilter
		want       string
		code, text string
	}{
		{"none", nil, "1 2 3 4", "", ""},
		{"from horizon", &types.ShardFilter{Type: types.ShardFilterTypeFromTrimHorizon}, "1 2 3 4", "", ""},
		{"at horizon", &types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}, "1 2 3", "", ""},
		{"at latest", &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}, "1 4", "", ""},
		{"after shard", &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("shardId-2")}, "3 4", "", ""},
		{"after shard 0", &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("0")}, "1 2 3 4", "", ""},
		{"at the beginning", &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: at(0)}, "0 1", "", ""},
		{"at 15 h", &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: at(15)}, "1 2 3", "", ""},
		{"at 30 h", &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: at(30)}, "1 4", "", ""},
		{"before it existed", &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: at(-1)}, "", "", ""},
		{"from the beginning", &types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: at(0)}, "1 2 3 4", "", ""},
		{"from 15 h", &types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: at(15)}, "1 2 3 4", "", ""},
		{"from 30 h", &types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: at(30)}, "1 4", "", ""},
		{"at no time", &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp}, "", "InvalidArgumentException", "needs a Timestamp"},
		{"from no time", &types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp}, "", "InvalidArgumentException", "needs a Timestamp"},
		{"after no shard", &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId}, "", "InvalidArgumentException", "needs a ShardId"},
		{"after a bad shard", &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("x")}, "", "ResourceNotFoundException", "Shard x"},
	}
	for _, c := range cases {
		for _, size := range []int32{1, 2, 1000} {
			in := &kinesis.ListShardsInput{StreamName: aws.String("web"), ShardFilter: c.in, MaxResults: aws.Int32(size)}
			var got []types.Shard
			for {
				out, err := f.ListShards(f.ctx, in)
				if c.code != "" {
					f.refused(c.what, err, c.code, c.text)
					break
				}
				f.must(err)
				got = append(got, out.Shards...)
				if out.NextToken == nil {
					break
				}
				in = &kinesis.ListShardsInput{NextToken: out.NextToken, MaxResults: aws.Int32(size)}
			}
			if c.code == "" && numbers(got) != c.want {
				t.Errorf("%s, pages of %d: %q, want %q", c.what, size, numbers(got), c.want)
			}
		}
	}
}

func TestListShardsPages(t *testing.T) {
	f := newFixture(t)
	f.create("web", 1005)
	out, err := f.ListShards(f.ctx, &kinesis.ListShardsInput{StreamName: aws.String("web"), MaxResults: aws.Int32(10000)})
	f.must(err)
	if len(out.Shards) != 1000 || out.NextToken == nil {
		t.Fatalf("%d shards on a page", len(out.Shards))
	}
	token := out.NextToken
	for what, in := range map[string]kinesis.ListShardsInput{
		"StreamName":              {StreamName: aws.String("web")},
		"StreamCreationTimestamp": {StreamCreationTimestamp: aws.Time(time.UnixMilli(start))},
		"ExclusiveStartShardId":   {ExclusiveStartShardId: aws.String("shardId-0")},
		"ShardFilter":             {ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}},
	} {
		in.NextToken = token
		_, err := f.ListShards(f.ctx, &in)
		f.refused(what, err, "InvalidArgumentException", "NextToken and "+what+" cannot be provided together.")
	}
	arn := f.arn("web")
	if out, err = f.ListShards(f.ctx, &kinesis.ListShardsInput{NextToken: token, StreamARN: &arn}); err != nil || len(out.Shards) != 5 || out.NextToken != nil {
		t.Errorf("second page: %+v, %v", out, err)
	}
	_, err = f.ListShards(f.ctx, &kinesis.ListShardsInput{NextToken: token, StreamARN: aws.String(f.arn("other"))})
	f.refused("ARN of another stream", err, "InvalidArgumentException", "Invalid NextToken.")
	_, err = f.ListShards(f.ctx, &kinesis.ListShardsInput{NextToken: aws.String("AAAA")})
	f.refused("forged", err, "InvalidArgumentException", "Invalid NextToken.")

	created := kinesis.ListShardsInput{StreamName: aws.String("web"), StreamCreationTimestamp: aws.Time(time.UnixMilli(start))}
	_, err = f.ListShards(f.ctx, &created)
	f.must(err)
	created.StreamCreationTimestamp = aws.Time(time.UnixMilli(start - 5000))
	_, err = f.ListShards(f.ctx, &created)
	f.refused("stream of another time", err, "ResourceNotFoundException", "Stream web")

	f.later(301 * time.Second)
	_, err = f.ListShards(f.ctx, &kinesis.ListShardsInput{NextToken: token})
	f.refused("expired", err, "ExpiredNextTokenException", "")
}
