package stream

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/weir-logs/weir/sink/stream/store"
	"github.com/weir-logs/weir/sink/stream/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// start is the time at which every test begins, 2023-11-14T22:13:20Z.
const start = int64(1_700_000_000_000)

// fixture is a service on a store in memory, with a clock that the test sets.
type fixture struct {
	*Service
	t     *testing.T
	ctx   context.Context
	clock *storetest.Clock
	store store.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	clock := &storetest.Clock{}
	clock.Set(start)
	f := &fixture{t: t, ctx: t.Context(), clock: clock, store: store.NewMemory(clock.Now)}
	f.Service = openService(t, Config{Store: f.store, Now: clock.Now, Region: "eu-west-1", Account: "123456789012"})
	return f
}

func openService(t testing.TB, cfg Config) *Service {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// later moves the clock.
func (f *fixture) later(d time.Duration) { f.clock.Set(f.clock.Now().Add(d).UnixMilli()) }

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// create makes a stream.
func (f *fixture) create(name string, shards int32) {
	f.t.Helper()
	_, err := f.CreateStream(f.ctx, &kinesis.CreateStreamInput{StreamName: &name, ShardCount: &shards})
	f.must(err)
}

// put puts one record whose key goes to that shard of two or more equal ones.
func (f *fixture) put(name string, hash string, data string) *kinesis.PutRecordOutput {
	f.t.Helper()
	out, err := f.PutRecord(f.ctx, &kinesis.PutRecordInput{
		StreamName: &name, PartitionKey: aws.String("key"), ExplicitHashKey: &hash, Data: []byte(data),
	})
	f.must(err)
	return out
}

// iterator returns an iterator.
func (f *fixture) iterator(name, shardID string, kind types.ShardIteratorType) *string {
	f.t.Helper()
	out, err := f.GetShardIterator(f.ctx, &kinesis.GetShardIteratorInput{StreamName: &name, ShardId: &shardID, ShardIteratorType: kind})
	f.must(err)
	return out.ShardIterator
}

// get reads one page.
func (f *fixture) get(it *string, limit int32) *kinesis.GetRecordsOutput {
	f.t.Helper()
	out, err := f.GetRecords(f.ctx, &kinesis.GetRecordsInput{ShardIterator: it, Limit: &limit})
	f.must(err)
	return out
}

func texts(records []types.Record) string {
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = string(r.Data)
	}
	return strings.Join(all, " ")
}

// refused checks code and text of an error; the text may be a part.
func (f *fixture) refused(what string, err error, code, text string) {
	f.t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		f.t.Errorf("%s: got %v, want %s: %s", what, err, code, text)
	}
}

// reshard replaces open shards by new ones with the given ranges: what split, merge and a new shard count do.
func (f *fixture) reshard(name string, parents []uint32, ranges ...hashRange) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	st := f.catalog.Load().byName[name]
	d := st.definition
	d.Shards = append([]shardDefinition{}, d.Shards...)
	for i := range d.Shards {
		for _, parent := range parents {
			if sh := &d.Shards[i]; sh.Number == parent {
				sh.Epoch++
				f.must(f.store.Fence(f.ctx, sh.Epoch, store.Shard{Stream: d.ID, Number: parent}))
				sh.Closed = f.now()
			}
		}
	}
	for _, r := range ranges {
		f.must(f.store.Fence(f.ctx, 1, store.Shard{Stream: d.ID, Number: d.NextShard}))
		d.Shards = append(d.Shards, shardDefinition{Number: d.NextShard, Epoch: 1, Start: r.start.String(), End: r.end.String(),
			Created: f.now() + 1000, Parents: parents})
		d.NextShard++
	}
	_, err := f.write(f.ctx, d, st.revision)
	f.must(err)
}

// recorder collects what a service logs.
type recorder struct {
	slog.Handler
	lines chan string
}

func newRecorder() *recorder { return &recorder{slog.DiscardHandler, make(chan string, 100)} }

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) Handle(_ context.Context, record slog.Record) error {
	line := record.Level.String() + " " + record.Message
	record.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	r.lines <- line
	return nil
}

// logged returns the lines so far.
func (r *recorder) logged() (lines []string) {
	for {
		select {
		case line := <-r.lines:
			lines = append(lines, line)
		default:
			return lines
		}
	}
}

func newLogger(h slog.Handler) *slog.Logger { return slog.New(h) }
