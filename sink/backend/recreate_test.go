package backend

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// A source that is deleted and made again within the same second, again and again, loses none of the records that the last
// one acknowledged, whether the delivery stream saw the ones between or not.
func TestSourceMadeAgain(t *testing.T) {
	dir := t.TempDir()
	c := declared(dir)
	c.Streams[0].Shards = 1
	c.DeliveryStreams = c.DeliveryStreams[:1]
	b := open(t, c)
	put := func(round, n int) (lines []string) {
		in := &kinesis.PutRecordsInput{StreamName: aws.String("web")}
		for i := range n {
			line := fmt.Sprintf("round %d line %d\n", round, i)
			lines = append(lines, line)
			in.Records = append(in.Records, kinesistypes.PutRecordsRequestEntry{Data: []byte(line), PartitionKey: aws.String("k")})
		}
		out, err := b.Streams().PutRecords(t.Context(), in)
		if err != nil || *out.FailedRecordCount != 0 {
			t.Fatal(err)
		}
		return lines
	}
	want := put(0, 20)
	objects := filepath.Join(dir, "out", "archive")
	waitForLines(t, objects, len(want), want) // the delivery stream has a position now
	for round := range 5 {
		if _, err := b.Streams().DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("web")}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Streams().CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("web"), ShardCount: aws.Int32(1)}); err != nil {
			t.Fatal(err)
		}
		if round == 4 {
			want = append(want, put(5, 30)...)
		}
	}
	closed(t, b) // with or without having looked
	b = open(t, c)
	defer closed(t, b)
	waitForLines(t, objects, len(want), want)
	if s := b.Delivery().Stats()["archive"]; s.RecordsMissed != 0 {
		t.Errorf("stats: %+v", s)
	}
}
