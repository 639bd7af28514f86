package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
	"github.com/weir-logs/weir/sink/stream/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is an object store in memory.
type shelf struct {
	mu      sync.Mutex
	objects map[string][]byte
	metas   map[string]dest.Meta
	puts    []string
	fail    faulty.Fault
	faults  []string
}

func newShelf() *shelf { return &shelf{objects: map[string][]byte{}, metas: map[string]dest.Meta{}} }

func (s *shelf) Put(_ context.Context, key string, meta dest.Meta, body func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := body(&buf); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts = append(s.puts, key)
	if old, ok := s.objects[key]; ok && !bytes.Equal(old, buf.Bytes()) {
		s.faults = append(s.faults, fmt.Sprintf("object %s came again with other bytes", key))
	}
	if err := s.fail.Get(); err != nil {
		return err
	}
	s.objects[key], s.metas[key] = buf.Bytes(), meta
	return nil
}

func (s *shelf) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

func (s *shelf) meta(key string) dest.Meta {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metas[key]
}

// attempts returns the key of each Put.
func (s *shelf) attempts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.puts)
}

// text returns the content of all objects in the order of their keys, unpacked.
func (s *shelf) text(t testing.TB) string {
	t.Helper()
	var all []string
	for _, key := range s.keys() {
		s.mu.Lock()
		data := s.objects[key]
		s.mu.Unlock()
		all = append(all, unpack(t, key, data))
	}
	return strings.Join(all, "|")
}

func unpack(t testing.TB, key string, data []byte) string {
	t.Helper()
	if !strings.HasSuffix(key, ".gz") {
		return string(data)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Errorf("object %s: %v", key, err)
		return ""
	}
	z.Multistream(false)
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Errorf("object %s: %v", key, err)
	}
	return string(plain)
}

// bench is a service with all that it stands on.
type bench struct {
	t     testing.TB
	cfg   Config
	shelf *shelf
	*Service
}

func newBench(t testing.TB, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, shelf: newShelf()}
	b.cfg = Config{
		Dir: "data/delivery", FS: vfs.NewCrashableMem(), Meta: store.NewMemory(nil), Region: "eu-west-1", Account: "000000000000",
		Buckets: map[string]dest.Store{"logs": b.shelf},
	}
	if change != nil {
		change(&b.cfg)
	}
	b.open()
	t.Cleanup(func() { b.close() })
	return b
}

func (b *bench) open() {
	b.t.Helper()
	s, err := New(context.Background(), b.cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Service = s
}

func (b *bench) close() {
	if err := b.Service.Close(context.Background()); err != nil {
		b.t.Errorf("Close: %v", err)
	}
}

// create makes a delivery stream of 1 MiB or a minute.
func (b *bench) create(name string, change func(*firehose.CreateDeliveryStreamInput)) {
	b.t.Helper()
	if _, err := b.CreateDeliveryStream(context.Background(), input(name, change)); err != nil {
		b.t.Fatal(err)
	}
}

func input(name string, change func(*firehose.CreateDeliveryStreamInput)) *firehose.CreateDeliveryStreamInput {
	in := &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: &name,
		ExtendedS3DestinationConfiguration: &types.ExtendedS3DestinationConfiguration{
			BucketARN: aws.String("arn:aws:s3:::logs"), RoleARN: aws.String("arn:aws:iam::000000000000:role/weir"),
			BufferingHints: &types.BufferingHints{SizeInMBs: aws.Int32(1), IntervalInSeconds: aws.Int32(60)},
		},
	}
	if change != nil {
		change(in)
	}
	return in
}

func fromStream(name string) func(*firehose.CreateDeliveryStreamInput) {
	return func(in *firehose.CreateDeliveryStreamInput) {
		in.DeliveryStreamType = types.DeliveryStreamTypeKinesisStreamAsSource
		in.KinesisStreamSourceConfiguration = &types.KinesisStreamSourceConfiguration{
			KinesisStreamARN: aws.String("arn:aws:kinesis:eu-west-1:000000000000:stream/" + name), RoleARN: aws.String("r"),
		}
	}
}

func (b *bench) put(name, data string) {
	b.t.Helper()
	_, err := b.PutRecord(context.Background(), &firehose.PutRecordInput{DeliveryStreamName: &name, Record: &types.Record{Data: []byte(data)}})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) putBatch(name string, data ...string) *firehose.PutRecordBatchOutput {
	b.t.Helper()
	in := &firehose.PutRecordBatchInput{DeliveryStreamName: &name}
	for _, d := range data {
		in.Records = append(in.Records, types.Record{Data: []byte(d)})
	}
	out, err := b.PutRecordBatch(context.Background(), in)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// refused checks that err is of the API's type with that code and has the text in its message.
func refused(t *testing.T, what string, err error, code, text string) {
	t.Helper()
	var api interface {
		ErrorCode() string
		ErrorMessage() string
	}
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("%s: %v, want %s with %q", what, err, code, text)
	}
}

const minute = time.Minute
