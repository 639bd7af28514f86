package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/klauspost/compress/gzip"

	"github.com/weir-logs/weir/sink/delivery/dest"
)

// lines returns 500 access log lines of about 200 bytes.
func lines() (records []types.Record, size int64) {
	for i := range 500 {
		line := fmt.Sprintf("192.0.2.%d - - [10/Oct/2026:13:%02d:%02d +0000] \"GET /articles/%d/comments?page=%d HTTP/1.1\" 200 %d \"https://example.org/a/%d\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"\n",
			i%250, i%60, i*7%60, i*7919%100000, i%9, i*104729%60000, i*31%977)
		records = append(records, types.Record{Data: []byte(line)})
		size += int64(len(line))
	}
	return records, size
}

// BenchmarkPutToObject: batches of 500 lines of 200 bytes, put by four at a time, durable, as gzip objects of 5 MiB of lines
// in a folder; everything is on the disk of the temporary folder.
func BenchmarkPutToObject(b *testing.B) {
	records, size := lines()
	out := filepath.Join(b.TempDir(), "out")
	directory, err := dest.NewDirectory(nil, out)
	if err != nil {
		b.Fatal(err)
	}
	bench := newBench(b, func(c *Config) {
		c.FS, c.Dir, c.Buckets = vfs.Default, b.TempDir(), map[string]dest.Store{"logs": directory}
	})
	bench.create("web", func(in *firehose.CreateDeliveryStreamInput) {
		in.ExtendedS3DestinationConfiguration.CompressionFormat = types.CompressionFormatGzip
		in.ExtendedS3DestinationConfiguration.BufferingHints.SizeInMBs = aws.Int32(5)
	})
	b.SetBytes(size)
	b.ReportAllocs()
	b.SetParallelism(2)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			put, err := bench.PutRecordBatch(b.Context(), &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("web"), Records: records})
			if err != nil || *put.FailedPutCount > 0 {
				b.Errorf("put: %v", err)
			}
		}
	})
}

// BenchmarkLimitGzip is the limit of the above: the same lines compressed, and the result written to a file.
func BenchmarkLimitGzip(b *testing.B) {
	records, size := lines()
	f, err := os.CreateTemp(b.TempDir(), "limit")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	b.SetBytes(size)
	for b.Loop() {
		for _, r := range records {
			if _, err := z.Write(r.Data); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
}
