package backend

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func open(t *testing.T, c Config) *Backend {
	t.Helper()
	c.Listen = "127.0.0.1:0"
	b, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func closed(t *testing.T, b *Backend) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Error(err)
	}
}

func clients(b *Backend) (*kinesis.Client, *firehose.Client) {
	endpoint := aws.String("http://" + b.Addr())
	c := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	return kinesis.NewFromConfig(c, func(o *kinesis.Options) { o.BaseEndpoint = endpoint }),
		firehose.NewFromConfig(c, func(o *firehose.Options) { o.BaseEndpoint = endpoint })
}

// declared is a configuration with one road from a stream to a folder, and one of direct puts.
func declared(dir string) Config {
	return Config{
		DataDir: filepath.Join(dir, "data"),
		Streams: []Stream{{Name: "web", Shards: 2}},
		Buckets: map[string]Bucket{"out": {Directory: filepath.Join(dir, "out")}},
		DeliveryStreams: []DeliveryStream{
			{Name: "archive", Source: "web", Bucket: "out", Prefix: "archive/", Compression: "GZIP", BufferSize: mib, BufferTime: time.Second},
			{Name: "direct", Bucket: "out", Prefix: "direct/", Compression: "GZIP", BufferSize: mib, BufferTime: time.Second},
		},
	}
}

func TestFromTheClientToTheFolder(t *testing.T) {
	dir := t.TempDir()
	b := open(t, declared(dir))
	defer closed(t, b)
	streams, deliveries := clients(b)
	var want []string
	for i := range 50 {
		line := fmt.Sprintf("line %d\n", i)
		want = append(want, line)
		if _, err := streams.PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: aws.String("web"), PartitionKey: aws.String(line), Data: []byte(line),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := deliveries.PutRecord(t.Context(), &firehose.PutRecordInput{
			DeliveryStreamName: aws.String("direct"), Record: &firehosetypes.Record{Data: []byte(line)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	waitForLines(t, filepath.Join(dir, "archive"), 0, nil) // an absent folder holds no lines
	waitForLines(t, filepath.Join(dir, "out", "archive"), 50, want)
	waitForLines(t, filepath.Join(dir, "out", "direct"), 50, want)
}

func TestDeclaringAgainChangesNothing(t *testing.T) {
	dir := t.TempDir()
	b := open(t, declared(dir))
	closed(t, b)

	var logged strings.Builder
	c := declared(dir)
	c.Streams[0].Shards = 5
	c.Log = slog.New(slog.NewTextHandler(&logged, nil))
	b = open(t, c)
	defer closed(t, b)
	streams, _ := clients(b)
	out, err := streams.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: aws.String("web")})
	if err != nil || len(out.Shards) != 2 {
		t.Errorf("shards after declaring 5: %d, %v; want the 2 there were", len(out.Shards), err)
	}
	if !strings.Contains(logged.String(), "differs from its declaration") {
		t.Errorf("the difference was not reported: %s", &logged)
	}
}

func TestErrorsOfOpening(t *testing.T) {
	dir := t.TempDir()
	b := open(t, declared(dir))
	defer closed(t, b)

	_, err := Open(t.Context(), declared(dir))
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "data")) {
		t.Errorf("opening a folder in use: %v; want an error that names it", err)
	}
	c := declared(t.TempDir())
	c.Listen = b.Addr()
	if _, err = Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), b.Addr()) {
		t.Errorf("listening on an address in use: %v; want an error that names it", err)
	}
	// What a failed Open had opened is closed again.
	c.Listen = "127.0.0.1:0"
	closed(t, open(t, c))
}

func TestUnknownBucketIsAFolderOfTheData(t *testing.T) {
	dir := t.TempDir()
	c := declared(dir)
	c.DeliveryStreams = []DeliveryStream{{Name: "d", Bucket: "any", BufferSize: mib, BufferTime: time.Second, Compression: "GZIP"}}
	b := open(t, c)
	defer closed(t, b)
	_, deliveries := clients(b)
	if _, err := deliveries.PutRecordBatch(t.Context(), &firehose.PutRecordBatchInput{
		DeliveryStreamName: aws.String("d"), Records: []firehosetypes.Record{{Data: []byte("a\n")}, {Data: []byte("b\n")}},
	}); err != nil {
		t.Fatal(err)
	}
	waitForLines(t, filepath.Join(dir, "data", "buckets", "any"), 2, []string{"a\n", "b\n"})
}

// TestInProcess calls the bundled Kinesis without a wire, as Go tests may.
func TestInProcess(t *testing.T) {
	b := open(t, declared(t.TempDir()))
	defer closed(t, b)
	out, err := b.Streams().PutRecords(t.Context(), &kinesis.PutRecordsInput{
		StreamName: aws.String("web"), Records: []kinesistypes.PutRecordsRequestEntry{{Data: []byte("x"), PartitionKey: aws.String("k")}},
	})
	if err != nil || len(out.Records) != 1 || out.Records[0].SequenceNumber == nil {
		t.Errorf("PutRecords: %v, %v", out, err)
	}
}

// waitForLines waits until the objects below dir hold n lines, and compares them, in any order, with want.
func waitForLines(t *testing.T, dir string, n int, want []string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := lines(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) >= n {
			counts := map[string]int{}
			for _, line := range want {
				counts[line]++
			}
			for _, line := range got {
				counts[line]--
			}
			for line, count := range counts {
				if count != 0 {
					t.Errorf("%s: line %q is there %d times too few", dir, line, count)
				}
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s holds %d lines after 30 s, want %d", dir, len(got), n)
		}
		<-tick.C
	}
}

func lines(dir string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if os.IsNotExist(err) {
				return nil
			}
			if err == nil && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir // objects on their way
			}
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(z)
		all = append(all, strings.SplitAfter(strings.TrimSuffix(string(content), "\n"), "\n")...)
		if n := len(all); n > 0 {
			all[n-1] += "\n"
		}
		return err
	})
	return all, err
}
