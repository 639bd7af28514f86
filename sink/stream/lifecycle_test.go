package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// status returns the status of a stream, or "" if it is not there.
func status(t *testing.T, s *Service, name string) types.StreamStatus {
	t.Helper()
	out, err := s.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	var absent *types.ResourceNotFoundException
	if errors.As(err, &absent) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.StreamDescriptionSummary.StreamStatus
}

func TestTransitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Store: store.NewMemory(nil), Transition: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		name := aws.String("web")
		if _, err := s.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name}); err != nil {
			t.Fatal(err)
		}
		expect := func(after time.Duration, want types.StreamStatus) {
			t.Helper()
			time.Sleep(after) // the bubble's time
			synctest.Wait()
			if got := status(t, s, *name); got != want {
				t.Errorf("status is %q, want %q", got, want)
			}
		}
		expect(4*time.Second, types.StreamStatusCreating)
		whileCreating(t, s, name)
		expect(2*time.Second, types.StreamStatusActive)
		if _, err := s.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: name}); err != nil {
			t.Fatal(err)
		}
		expect(4*time.Second, types.StreamStatusDeleting)
		if _, err := s.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: name}); err != nil {
			t.Errorf("second delete: %v", err)
		}
		expect(2*time.Second, "")
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A stream in creation can be described, and has neither shards nor records.
func whileCreating(t *testing.T, s *Service, name *string) {
	t.Helper()
	f := &fixture{Service: s, t: t}
	out, err := s.DescribeStream(t.Context(), &kinesis.DescribeStreamInput{StreamName: name})
	if err != nil || len(out.StreamDescription.Shards) != 0 {
		t.Errorf("describe: %+v, %v", out, err)
	}
	shards, err := s.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: name})
	if err != nil || len(shards.Shards) != 0 {
		t.Errorf("list shards: %+v, %v", shards, err)
	}
	_, err = s.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: name, PartitionKey: aws.String("k")})
	f.refused("put", err, "ResourceNotFoundException", "Stream web under account 000000000000 not found.")
	_, err = s.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{StreamName: name, ShardId: aws.String("0"), ShardIteratorType: types.ShardIteratorTypeLatest})
	f.refused("iterator", err, "ResourceNotFoundException", "not found")
	_, err = s.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name})
	f.refused("create again", err, "ResourceInUseException", "already exists")
}

// brokenMeta fails the n-th change and all after it: what a crash leaves.
type brokenMeta struct {
	store.Store
	left int
}

var errBroken = errors.New("broken")

func (b *brokenMeta) step() error {
	if b.left--; b.left < 0 {
		return errBroken
	}
	return nil
}

func (b *brokenMeta) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	if err := b.step(); err != nil {
		return 0, err
	}
	return b.Store.Put(ctx, key, value, revision)
}

func (b *brokenMeta) Delete(ctx context.Context, key string, revision uint64) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Delete(ctx, key, revision)
}

func (b *brokenMeta) Fence(ctx context.Context, epoch uint32, shards ...store.Shard) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Fence(ctx, epoch, shards...)
}

func (b *brokenMeta) Drop(ctx context.Context, stream uint64) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Drop(ctx, stream)
}

// Creation and deletion that were interrupted at any step are finished by the next start; nothing is half there.
func TestInterruptedTransitions(t *testing.T) {
	name := aws.String("web")
	for step := range 6 {
		t.Run(fmt.Sprint("step ", step), func(t *testing.T) {
			f := newFixture(t)
			f.create("keep", 1)
			broken := &brokenMeta{Store: f.store, left: 1000}
			s := openService(t, Config{Store: broken, Now: f.clock.Now})
			broken.left = step
			_, err := s.CreateStream(f.ctx, &kinesis.CreateStreamInput{StreamName: name})
			created := err == nil
			if !created {
				f.refused("create", err, "InternalFailure", "")
			}
			s.stop() // as in a crash, nothing more is done
			<-s.stopped

			s = openService(t, Config{Store: f.store, Now: f.clock.Now})
			want := types.StreamStatusActive
			if step < 2 { // before the definition was written
				want = ""
			}
			if got := status(t, s, *name); got != want {
				t.Errorf("after a restart the status is %q, want %q", got, want)
			}
			if want == "" {
				return
			}
			_, err = s.PutRecord(f.ctx, &kinesis.PutRecordInput{StreamName: name, PartitionKey: aws.String("k")})
			f.must(err)
			broken = &brokenMeta{Store: f.store, left: 1000}
			s = openService(t, Config{Store: broken, Now: f.clock.Now})
			broken.left = step - 2
			_, _ = s.DeleteStream(f.ctx, &kinesis.DeleteStreamInput{StreamName: name})
			s.stop()
			<-s.stopped
			s = openService(t, Config{Store: f.store, Now: f.clock.Now})
			want = types.StreamStatusActive
			if step > 2 {
				want = ""
			}
			if got := status(t, s, *name); got != want {
				t.Errorf("after an interrupted deletion and a restart the status is %q, want %q", got, want)
			}
		})
	}
}

// The background goes on with what failed, when the store works again.
func TestTransitionIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := &failingFence{Store: store.NewMemory(nil)}
		s, err := New(Config{Store: failing})
		if err != nil {
			t.Fatal(err)
		}
		failing.fail.Store(true)
		if _, err := s.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("web")}); err == nil {
			t.Error("created without shards")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := status(t, s, "web"); got != types.StreamStatusCreating {
			t.Errorf("status is %q", got)
		}
		failing.fail.Store(false)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := status(t, s, "web"); got != types.StreamStatusActive {
			t.Errorf("status is %q", got)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

type failingFence struct {
	store.Store
	fail atomic.Bool
}

func (f *failingFence) Fence(ctx context.Context, epoch uint32, shards ...store.Shard) error {
	if f.fail.Load() {
		return errBroken
	}
	return f.Store.Fence(ctx, epoch, shards...)
}

func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{t: t, ctx: t.Context(), store: store.NewMemory(nil)}
		s, err := New(Config{Store: f.store})
		if err != nil {
			t.Fatal(err)
		}
		f.Service = s
		f.create("short", 1)
		if _, err := s.Declare(t.Context(), Declaration{Name: "long", Shards: 1, Retention: 48 * time.Hour}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"short", "long"} {
			for i := range 30 { // one each hour
				f.put(name, "0", fmt.Sprint(i))
				if name == "long" {
					time.Sleep(time.Hour)
				}
			}
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		read := func(name string) string {
			return texts(f.get(f.iterator(name, "0", types.ShardIteratorTypeTrimHorizon), 100).Records)
		}
		if got := read("short"); got != "" {
			t.Errorf("30 hours later the short stream holds %q", got)
		}
		if got := len(strings.Fields(read("long"))); got != 30 {
			t.Errorf("30 hours later the long stream holds %d records", got)
		}
		f.put("short", "0", "new")
		time.Sleep(20 * time.Hour)
		synctest.Wait()
		if got := read("short"); got != "new" {
			t.Errorf("50 hours later the short stream holds %q", got)
		}
		if got := read("long"); !strings.HasPrefix(got, "2 3 4 ") {
			t.Errorf("50 hours later the long stream holds %q", got)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a service without a store")
	}
	good := spec{name: "web", shards: 2, mode: types.StreamModeProvisioned, hours: 24, maxKiB: 1024}.define(1, start, 0)
	cases := []struct {
		what   string
		key    string
		change func(*definition)
		want   string
	}{
		{"newer", "stream/web", func(d *definition) { d.Version = 2 }, `read "stream/web": definition has version 2, this weir knows version 1`},
		{"other name", "stream/app", func(*definition) {}, `read "stream/app": it defines stream "web"`},
		{"no id", "stream/web", func(d *definition) { d.ID = 0 }, "has id 0"},
		{"bad status", "stream/web", func(d *definition) { d.Status = "x" }, `status "x"`},
		{"bad range", "stream/web", func(d *definition) { d.Shards[1].Start = "x" }, "shard 1: hash key"},
		{"turned range", "stream/web", func(d *definition) { d.Shards[0].Start, d.Shards[0].End = d.Shards[0].End, "0" }, "shard 0: range"},
		{"shard twice", "stream/web", func(d *definition) { d.Shards[1].Number = 0 }, "bad shard 0"},
		{"shard too new", "stream/web", func(d *definition) { d.NextShard = 1 }, "bad shard 1"},
		{"no epoch", "stream/web", func(d *definition) { d.Shards[0].Epoch = 0 }, "bad shard 0"},
	}
	for _, c := range cases {
		raw, err := json.Marshal(good)
		if err != nil {
			t.Fatal(err)
		}
		var d definition
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		c.change(&d)
		raw, err = d.encode()
		if err != nil {
			t.Fatal(err)
		}
		st := store.NewMemory(nil)
		if _, err := st.Put(t.Context(), c.key, raw, 0); err != nil {
			t.Fatal(err)
		}
		if s, err := New(Config{Store: st}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
			if err == nil {
				_ = s.Close(t.Context())
			}
		}
	}
}

// The definition as version 1 writes it must stay readable for ever.
func TestDefinitionFixture(t *testing.T) {
	const fixture = `{"version":1,"id":7,"name":"web","created_ms":1700000000000,"status":"ACTIVE","status_since_ms":1700000000001,` +
		`"mode":"PROVISIONED","retention_hours":24,"max_record_kib":1024,"tags":{"a":"b"},"next_shard":2,"shards":[` +
		`{"number":0,"epoch":2,"start":"0","end":"340282366920938463463374607431768211455","created_ms":1700000000000,"closed_ms":1700000005000},` +
		`{"number":1,"epoch":1,"start":"0","end":"340282366920938463463374607431768211455","created_ms":1700000006000,"parents":[0]}]}`
	d, err := decodeDefinition([]byte(fixture))
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.encode()
	if err != nil || string(again) != fixture {
		t.Errorf("written again it is %s, %v", again, err)
	}
	st, err := newStream(d, 1)
	if err != nil || len(st.open) != 1 || st.open[0].Number != 1 || len(st.children(st.shards[0])) != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}

func FuzzDecodeDefinition(f *testing.F) {
	raw, err := spec{name: "web", shards: 2}.define(1, start, 0).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"version":1,"id":1,"name":"a","status":"ACTIVE","next_shard":1,"shards":[{"epoch":1,"start":"0","end":"5"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := decodeDefinition(raw)
		if err != nil {
			return
		}
		st, err := newStream(d, 1)
		if err != nil {
			t.Fatalf("a checked definition cannot be used: %v", err)
		}
		for _, sh := range st.shards {
			_ = sh.describe()
			_ = st.children(sh)
		}
		_ = st.route(randomHash())
	})
}

// No client fills the memory with shards.
func TestAllShardsAreBounded(t *testing.T) {
	f := newFixture(t)
	for i := range maxAllShards / maxShards {
		f.create(string(rune('a'+i)), maxShards)
	}
	_, err := f.CreateStream(f.ctx, &kinesis.CreateStreamInput{StreamName: aws.String("more"), ShardCount: aws.Int32(1)})
	f.refused("one more", err, "LimitExceededException", "at most 50000 shards")
	_, err = f.DeleteStream(f.ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("a")})
	f.must(err)
	f.create("more", 1)
}
