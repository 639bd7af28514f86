package consumer

import (
	"bytes"
	"crypto/md5"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/kpl"
)

// fixDigest gives an aggregate that was changed a digest that fits.
func fixDigest(data []byte) {
	end := len(data) - md5.Size
	sum := md5.Sum(data[4:end])
	copy(data[end:], sum[:])
}

func FuzzOpen(f *testing.F) {
	var a kpl.Aggregate
	a.Add("k", nil, []byte("one"))
	a.Add("l", nil, nil)
	f.Add(a.Bytes())
	f.Add([]byte("plain"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= kpl.Overhead && kpl.IsAggregate(data) {
			data = bytes.Clone(data)
			fixDigest(data)
		}
		got, err := (&opener{}).appendTo(nil, types.Record{Data: data, PartitionKey: aws.String("p"), SequenceNumber: aws.String("1")})
		if err != nil && (len(got) != 1 || !bytes.Equal(got[0].Data, data)) {
			t.Errorf("damaged, and not handed on as it is: %d records", len(got))
		}
		total := 0
		for _, r := range got {
			total += len(r.Data)
			if r.Sequence != "1" {
				t.Errorf("sequence %q", r.Sequence)
			}
		}
		if total > len(data) {
			t.Errorf("%d bytes out of %d", total, len(data))
		}
	})
}

// BenchmarkOpen: an aggregate of 250 records of 200 bytes.
func BenchmarkOpen(b *testing.B) {
	var a kpl.Aggregate
	for range 250 {
		a.Add("key", nil, make([]byte, 200))
	}
	in := types.Record{Data: a.Bytes(), PartitionKey: aws.String("p"), SequenceNumber: aws.String("1"), ApproximateArrivalTimestamp: aws.Time(time.Now())}
	var o opener
	var dst []Record
	b.SetBytes(int64(len(in.Data)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = o.appendTo(dst[:0], in)
	}
	if len(dst) != 250 {
		b.Fatal(len(dst))
	}
}

// BenchmarkLimitMD5 is the limit of the above: the digest of the same bytes.
func BenchmarkLimitMD5(b *testing.B) {
	data := make([]byte, 250*207)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		md5.Sum(data)
	}
}
