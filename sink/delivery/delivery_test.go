package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/consumer/consumertest"
	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
	"github.com/weir-logs/weir/sink/kpl"
)

func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestFlushBySizeOrByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", nil)
		settle(30 * time.Second)
		large := strings.Repeat("x", 600<<10)
		b.put("web", large)
		settle(minute - time.Millisecond)
		if got := b.shelf.keys(); len(got) != 0 {
			t.Fatalf("delivered before size and time: %v", got)
		}
		b.put("web", large) // 1200 KiB: over the size
		synctest.Wait()
		if got := b.shelf.text(t); got != large+large {
			t.Errorf("by size: %d bytes, want %d", len(got), 2*len(large))
		}
		b.put("web", "a\n")
		b.putBatch("web", "b", "", "c\r\n")
		settle(minute - time.Millisecond)
		if got := b.shelf.keys(); len(got) != 1 {
			t.Fatalf("delivered before its time: %v", got)
		}
		settle(time.Millisecond)
		if got := b.shelf.text(t); got != large+large+"|a\nbc\r\n" {
			t.Errorf("by time: %.20q", strings.TrimPrefix(got, large+large))
		}
		key := b.shelf.keys()[0]
		want := `^2000/01/01/00/web-1-2000-01-01-00-00-30-[0-9a-f-]{36}$`
		if !regexp.MustCompile(want).MatchString(key) {
			t.Errorf("key %q, want %s: the time of the oldest record", key, want)
		}
		if got := b.shelf.meta(key); got != (dest.Meta{ContentType: "application/octet-stream"}) {
			t.Errorf("meta %+v", got)
		}
		stats := b.Stats()["web"]
		if stats.RecordsIn != 6 || stats.RecordsOut != 6 || stats.BytesIn != stats.BytesOut || stats.Objects != 2 || stats.BufferedRecords != 0 || stats.ObjectBytes != stats.BytesOut {
			t.Errorf("stats %+v", stats)
		}
	})
}

func TestGzipExtensionZonePrefix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("plain-key", func(in *firehose.CreateDeliveryStreamInput) {
			in.ExtendedS3DestinationConfiguration.CompressionFormat = types.CompressionFormatGzip
			in.ExtendedS3DestinationConfiguration.Prefix = aws.String("web/")
			in.ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds = aws.Int32(0)
		})
		b.create("odd", func(in *firehose.CreateDeliveryStreamInput) {
			in.ExtendedS3DestinationConfiguration.CompressionFormat = types.CompressionFormatGzip
			in.ExtendedS3DestinationConfiguration.Prefix = aws.String("day=!{timestamp:yyyy-MM-dd'T'HH}/")
			in.ExtendedS3DestinationConfiguration.ErrorOutputPrefix = aws.String("e/!{firehose:error-output-type}/")
			in.ExtendedS3DestinationConfiguration.CustomTimeZone = aws.String("Asia/Tokyo")
			in.ExtendedS3DestinationConfiguration.FileExtension = aws.String(".log.gz")
		})
		b.put("plain-key", "hello\n")
		b.put("odd", "world\n")
		settle(5 * time.Second)
		if got := b.shelf.text(t); got != "hello\n" {
			t.Errorf("zero buffering after 5s: %q", got)
		}
		settle(minute)
		want := []string{
			`^day=2000-01-01T09/odd-1-2000-01-01-09-00-00-[0-9a-f-]{36}\.log\.gz$`,
			`^web/2000/01/01/00/plain-key-1-2000-01-01-00-00-00-[0-9a-f-]{36}\.gz$`,
		}
		keys := b.shelf.keys()
		for i, key := range keys {
			if !regexp.MustCompile(want[i]).MatchString(key) {
				t.Errorf("key %q, want %s", key, want[i])
			}
			if got := b.shelf.meta(key); got.ContentEncoding != "gzip" {
				t.Errorf("meta %+v", got)
			}
		}
		if got := b.shelf.text(t); got != "world\n|hello\n" {
			t.Errorf("content %q", got)
		}
	})
}

func TestDeliveryIsTriedAgainUnderTheSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", func(in *firehose.CreateDeliveryStreamInput) {
			in.ExtendedS3DestinationConfiguration.CompressionFormat = types.CompressionFormatGzip
		})
		b.shelf.fail.Set(errors.New("no route to host"))
		b.put("web", "a")
		settle(10 * minute)
		if n := len(b.shelf.attempts()); n < 15 || n > 30 {
			t.Errorf("%d attempts in 9 minutes", n)
		}
		stats := b.Stats()["web"]
		if stats.LastError != "delivery: no route to host" || stats.Failures == 0 || stats.BufferedRecords != 1 || !stats.FailingSince.Equal(time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC)) {
			t.Errorf("stats while it fails: %+v", stats)
		}
		b.close() // the next process goes on with it
		b.open()
		settle(minute)
		b.shelf.fail.Set(nil)
		settle(minute)
		if keys := slices.Compact(b.shelf.attempts()); len(keys) != 1 || len(b.shelf.faults) != 0 || b.shelf.text(t) != "a" {
			t.Errorf("keys %v, faults %v", keys, b.shelf.faults)
		}
		if stats := b.Stats()["web"]; stats.LastError != "" || stats.BufferedRecords != 0 {
			t.Errorf("stats afterwards: %+v", stats)
		}
	})
}

func TestRestartGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", nil)
		b.put("web", "a")
		settle(40 * time.Second)
		b.close()
		b.close() // twice is fine
		b.open()
		b.put("web", "b")
		settle(20 * time.Second)
		if got := b.shelf.text(t); got != "ab" {
			t.Errorf("delivered %q, want ab a minute after a", got)
		}
		b.close()
		b.open()
		settle(10 * minute)
		if n := len(b.shelf.attempts()); n != 1 {
			t.Errorf("%d uploads, want 1: what is delivered is done", n)
		}
	})
}

func TestFullBufferAnswersUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := consumertest.New("in", 1)
		b := newBench(t, func(c *Config) { c.BufferSpace, c.Source = 3<<20, s })
		b.create("web", nil)
		b.create("sourced", fromStream("in"))
		b.shelf.fail.Set(errors.New("down"))
		record := strings.Repeat("x", 700<<10)
		for range 3 {
			b.put("web", record)
		}
		out := b.putBatch("web", "fits", record, record, "fits, but must not overtake")
		if *out.FailedPutCount != 2 || out.RequestResponses[0].RecordId == nil {
			t.Fatalf("%d refused: %+v", *out.FailedPutCount, out.RequestResponses)
		}
		for _, r := range out.RequestResponses[2:] {
			if aws.ToString(r.ErrorCode) != "ServiceUnavailableException" || r.RecordId != nil || !strings.Contains(*r.ErrorMessage, "full") {
				t.Errorf("entry %+v", r)
			}
		}
		_, err := b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("web"), Record: &types.Record{Data: []byte(record)}})
		refused(t, "PutRecord", err, "ServiceUnavailableException", "full")

		for range 12 {
			s.Put("0", "k", []byte(record))
		}
		settle(minute)
		if stats := b.Stats()["sourced"]; stats.RecordsIn != 4 || !strings.Contains(stats.LastError, "full") {
			t.Errorf("a source with a full buffer: %+v", stats)
		}
		b.shelf.fail.Set(nil)
		settle(5 * minute)
		if stats := b.Stats()["sourced"]; stats.RecordsOut != 12 || stats.LastError != "" {
			t.Errorf("a source when there is space again: %+v", stats)
		}
		b.put("web", record)
	})
}

func TestDiskErrorIsHiddenFromClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fail faulty.Fault
		b := newBench(t, func(c *Config) {
			c.FS = errorfs.Wrap(c.FS, faulty.Inject(func(op errorfs.Op) error {
				if op.Kind == errorfs.OpFileSyncData {
					return fail.Get()
				}
				return nil
			}))
		})
		b.create("web", nil)
		fail.Set(syscall.ENOSPC)
		_, err := b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("web"), Record: &types.Record{Data: []byte("a")}})
		refused(t, "PutRecord", err, "ServiceUnavailableException", "cannot be written")
		if strings.Contains(err.Error(), "data/") {
			t.Errorf("the answer shows a path: %v", err)
		}
		if got := b.Stats()["web"].LastError; !strings.Contains(got, "put: ") || !strings.Contains(got, syscall.ENOSPC.Error()) {
			t.Errorf("last error %q", got)
		}
		fail.Set(nil)
		b.put("web", "b")
		settle(2 * minute)
		if got := b.shelf.text(t); got != "b" {
			t.Errorf("delivered %q: what was refused must not come", got)
		}
	})
}

func TestSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := consumertest.New("in", 1)
		s.Put("0", "k", []byte("too old\n"))
		time.Sleep(time.Second)
		b := newBench(t, func(c *Config) { c.Source = s })
		b.create("archive", fromStream("in"))
		var aggregate kpl.Aggregate
		aggregate.Add("k", nil, []byte("a\n"))
		aggregate.Add("k", nil, []byte("b\n"))
		s.Put("0", "k", slices.Clone(aggregate.Bytes()))
		s.Put("0", "k", []byte("c\n"))
		left, right := s.Split("0")
		s.Put(left, "k", []byte("d\n"))
		s.Put(right, "k", []byte("e\n"))
		settle(30 * time.Second)
		b.close()
		s.Put(left, "k", []byte("f\n"))
		b.open()
		settle(2 * minute)
		got := strings.Fields(strings.ReplaceAll(b.shelf.text(t), "|", ""))
		if joined := strings.Join(got, ""); !strings.HasPrefix(joined, "abc") || len(got) != 6 || strings.Contains(joined, "o") {
			t.Errorf("delivered %v, want a to f once each", got)
		}
		_, err := b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("archive"), Record: &types.Record{Data: []byte("x")}})
		refused(t, "put to a sourced one", err, "InvalidArgumentException", "not permitted on KinesisStreamAsSource delivery stream type")
		s.Fail(func(string) error { return errors.New("gone") })
		settle(minute)
		if got := b.Stats()["archive"].LastError; !strings.Contains(got, "source: stream in: ") || !strings.Contains(got, "gone") {
			t.Errorf("last error %q", got)
		}
		s.Fail(nil)
		settle(minute)
		if got := b.Stats()["archive"].LastError; got != "" {
			t.Errorf("last error afterwards %q", got)
		}
	})
}

func TestDescribeAndList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := consumertest.New("in", 1)
		b := newBench(t, func(c *Config) { c.Source = s })
		b.create("web", func(in *firehose.CreateDeliveryStreamInput) {
			in.ExtendedS3DestinationConfiguration.Prefix = aws.String("p/")
			in.DirectPutSourceConfiguration = &types.DirectPutSourceConfiguration{ThroughputHintInMBs: aws.Int32(7)}
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		})
		b.create("archive", func(in *firehose.CreateDeliveryStreamInput) {
			fromStream("in")(in)
			x := in.ExtendedS3DestinationConfiguration
			//lint:ignore SA1019 clients still send it
			in.S3DestinationConfiguration = &types.S3DestinationConfiguration{BucketARN: x.BucketARN, RoleARN: x.RoleARN}
			in.ExtendedS3DestinationConfiguration = nil
		})
		for range 2 {
			out, err := b.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("web"), ExclusiveStartDestinationId: aws.String("unknown")})
			if err != nil {
				t.Fatal(err)
			}
			d := out.DeliveryStreamDescription
			if *d.DeliveryStreamARN != "arn:aws:firehose:eu-west-1:000000000000:deliverystream/web" || *d.VersionId != "1" ||
				d.DeliveryStreamStatus != types.DeliveryStreamStatusActive || d.DeliveryStreamType != types.DeliveryStreamTypeDirectPut ||
				*d.Source.DirectPutSourceDescription.ThroughputHintInMBs != 7 || len(d.Destinations) != 1 || *d.Destinations[0].DestinationId != destinationID {
				t.Errorf("web is %+v", d)
			}
			s3, x := d.Destinations[0].S3DestinationDescription, d.Destinations[0].ExtendedS3DestinationDescription
			if *s3.Prefix != "p/" || *x.Prefix != "p/" || *x.BufferingHints.SizeInMBs != 1 || *s3.BufferingHints.IntervalInSeconds != 60 || x.CompressionFormat != types.CompressionFormatUncompressed {
				t.Errorf("destination %+v, %+v", s3, x)
			}
			out, err = b.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("archive")})
			if err != nil {
				t.Fatal(err)
			}
			d = out.DeliveryStreamDescription
			k := d.Source.KinesisStreamSourceDescription
			if k == nil || !k.DeliveryStartTimestamp.Equal(*d.CreateTimestamp) || *k.RoleARN != "r" || d.DeliveryStreamEncryptionConfiguration != nil {
				t.Errorf("archive is %+v", d)
			}
			hints := d.Destinations[0].ExtendedS3DestinationDescription.BufferingHints
			if *hints.SizeInMBs != 5 || *hints.IntervalInSeconds != 300 {
				t.Errorf("default hints %d MiB, %d s", *hints.SizeInMBs, *hints.IntervalInSeconds)
			}
			b.close() // and it is the same after a restart
			b.open()
		}
		for i := range 10 {
			b.create(fmt.Sprintf("n%d", i), nil)
		}
		for _, tt := range []struct {
			in   firehose.ListDeliveryStreamsInput
			want string
			more bool
		}{
			{firehose.ListDeliveryStreamsInput{}, "archive n0 n1 n2 n3 n4 n5 n6 n7 n8", true},
			{firehose.ListDeliveryStreamsInput{ExclusiveStartDeliveryStreamName: aws.String("n8")}, "n9 web", false},
			{firehose.ListDeliveryStreamsInput{Limit: aws.Int32(2), ExclusiveStartDeliveryStreamName: aws.String("b")}, "n0 n1", true},
			{firehose.ListDeliveryStreamsInput{DeliveryStreamType: types.DeliveryStreamTypeKinesisStreamAsSource}, "archive", false},
			{firehose.ListDeliveryStreamsInput{ExclusiveStartDeliveryStreamName: aws.String("z")}, "", false},
		} {
			out, err := b.ListDeliveryStreams(t.Context(), &tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(out.DeliveryStreamNames, " "); got != tt.want || *out.HasMoreDeliveryStreams != tt.more {
				t.Errorf("%+v lists %q, more %v", tt.in, got, *out.HasMoreDeliveryStreams)
			}
		}
	})
}

func TestDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", nil)
		b.put("web", "discarded")
		if _, err := b.DeleteDeliveryStream(t.Context(), &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("web")}); err != nil {
			t.Fatal(err)
		}
		if names, err := b.cfg.FS.List(b.cfg.Dir); err != nil || len(names) != 1 || names[0] != "LOCK" {
			t.Errorf("left: %v, %v", names, err)
		}
		_, err := b.DeleteDeliveryStream(t.Context(), &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("web")})
		refused(t, "delete again", err, "ResourceNotFoundException", "Firehose web not found under account 000000000000.")
		_, err = b.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("web")})
		refused(t, "describe", err, "ResourceNotFoundException", "web")
		_, err = b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("web"), Record: &types.Record{}})
		refused(t, "put", err, "ResourceNotFoundException", "is not active in account")
		b.create("web", nil)
		b.put("web", "kept")
		settle(minute)
		if got := b.shelf.text(t); got != "kept" {
			t.Errorf("delivered %q", got)
		}
	})
}

// A deletion that fails half-way is shown as such, and the next start ends it.
func TestDeleteFinishedAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fail faulty.Fault
		b := newBench(t, func(c *Config) {
			c.FS = errorfs.Wrap(c.FS, faulty.Inject(func(op errorfs.Op) error {
				if op.Kind == errorfs.OpRemoveAll {
					return fail.Get()
				}
				return nil
			}))
		})
		b.create("web", nil)
		b.put("web", "discarded")
		fail.Set(syscall.EIO)
		name := aws.String("web")
		if _, err := b.DeleteDeliveryStream(t.Context(), &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: name}); !errors.Is(err, syscall.EIO) {
			t.Errorf("delete: %v, want EIO", err)
		}
		out, err := b.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: name})
		if err != nil || out.DeliveryStreamDescription.DeliveryStreamStatus != types.DeliveryStreamStatusDeleting {
			t.Errorf("describe: %+v, %v", out, err)
		}
		_, err = b.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: name, Record: &types.Record{}})
		refused(t, "put", err, "ResourceNotFoundException", "not active")
		b.close()
		fail.Set(nil)
		b.open()
		if got := len(b.Stats()); got != 0 {
			t.Errorf("%d delivery streams after a restart", got)
		}
		settle(2 * minute)
		if got := b.shelf.keys(); len(got) != 0 {
			t.Errorf("delivered after deletion: %v", got)
		}
	})
}

func TestManyPutsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.create("web", nil)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				for j := range 20 {
					if j%2 == 0 {
						b.put("web", fmt.Sprintf("%d-%d %s\n", i, j, strings.Repeat("x", 9000)))
					} else if out := b.putBatch("web", fmt.Sprintf("%d-%da\n", i, j), fmt.Sprintf("%d-%db\n", i, j)); *out.FailedPutCount != 0 {
						t.Errorf("%d refused", *out.FailedPutCount)
					}
				}
			})
		}
		group.Wait()
		settle(2 * minute)
		lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(b.shelf.text(t), "|", ""), "\n"), "\n")
		slices.Sort(lines)
		if n := len(lines); n != 600 || len(slices.Compact(lines)) != 600 {
			t.Errorf("%d lines, want 600", n)
		}
		ids := b.putBatch("web", "a", "b").RequestResponses
		if *ids[0].RecordId == *ids[1].RecordId {
			t.Error("two records have one id")
		}
	})
}

func TestStartRefusals(t *testing.T) {
	b := newBench(t, nil)
	if _, err := New(t.Context(), b.cfg); err == nil || !strings.Contains(err.Error(), "data/delivery is in use") {
		t.Errorf("a folder in use: %v", err)
	}
	if _, err := New(t.Context(), Config{}); err == nil {
		t.Error("an empty Config was taken")
	}
	b.create("web", nil)
	b.close()
	entry, err := b.cfg.Meta.Get(t.Context(), "delivery/web")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		strings.Replace(string(entry.Value), `"format":1`, `"format":2`, 1): "definition delivery/web: format 2 is not one that this program knows",
		"{": "definition delivery/web: ",
		strings.Replace(string(entry.Value), `"name":"web"`, `"name":""`, 1): "it is damaged",
	} {
		if entry.Revision, err = b.cfg.Meta.Put(t.Context(), "delivery/web", []byte(value), entry.Revision); err != nil {
			t.Fatal(err)
		}
		if _, err := New(t.Context(), b.cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s…: %v, want %q", value, err, want)
		}
	}
}

func TestBucketsMadeOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := []string{}
		other := newShelf()
		b := newBench(t, func(c *Config) {
			c.NewBucket = func(name string) (dest.Store, error) {
				made = append(made, name)
				if name == "bad" {
					return nil, errors.New("read-only file system")
				}
				return other, nil
			}
		})
		to := func(bucket string) func(*firehose.CreateDeliveryStreamInput) {
			return func(in *firehose.CreateDeliveryStreamInput) {
				in.ExtendedS3DestinationConfiguration.BucketARN = aws.String("arn:aws:s3:::" + bucket)
			}
		}
		b.create("a", to("other"))
		b.create("b", to("other"))
		_, err := b.CreateDeliveryStream(t.Context(), input("c", to("bad")))
		refused(t, "create", err, "InvalidArgumentException", "BucketARN: bucket bad: read-only file system")
		b.put("a", "x")
		settle(minute)
		if got := strings.Join(made, " "); got != "other bad" || other.text(t) != "x" {
			t.Errorf("made %q, delivered %q", got, other.text(t))
		}
	})
}

// On the real disk, with the real clock stepped by hand.
func TestOnDisk(t *testing.T) {
	clock := &handClock{now: time.Date(2026, 3, 7, 15, 0, 0, 0, time.UTC), set: make(chan struct{}, 100)}
	out := t.TempDir()
	directory, err := dest.NewDirectory(nil, out)
	if err != nil {
		t.Fatal(err)
	}
	stored := make(chan struct{}, 1)
	b := newBench(t, func(c *Config) {
		c.FS, c.Dir, c.Clock, c.Buckets = vfs.Default, t.TempDir(), clock, map[string]dest.Store{"logs": signal{directory, stored}}
	})
	b.create("..", nil) // a name that the API allows
	b.put("..", "hello\n")
	<-clock.set
	clock.advance(minute)
	<-stored
	b.close()
	names, err := vfs.Default.List(out + "/2026/03/07/15")
	if err != nil || len(names) != 1 || !strings.HasPrefix(names[0], "..-1-2026-03-07-15-00-00-") {
		t.Errorf("objects %v, %v", names, err)
	}
}

// signal tells of each object that is stored.
type signal struct {
	dest.Store
	stored chan struct{}
}

func (s signal) Put(ctx context.Context, key string, meta dest.Meta, body func(io.Writer) error) error {
	err := s.Store.Put(ctx, key, meta, body)
	s.stored <- struct{}{}
	return err
}

// handClock is stepped by the test.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []handTimer
	set    chan struct{} // one for each timer
}

type handTimer struct {
	at    time.Time
	fired chan time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) Timer(d time.Duration) (<-chan time.Time, func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := handTimer{c.now.Add(d), make(chan time.Time, 1)}
	c.timers = append(c.timers, t)
	c.set <- struct{}{}
	return t.fired, func() bool { return true }
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, t := range c.timers {
		if !t.at.After(c.now) {
			select {
			case t.fired <- c.now:
			default:
			}
		}
	}
}
