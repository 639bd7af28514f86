package buffer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/weir-logs/weir/sink/delivery/internal/faulty"
)

func TestSealedBySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, config(vfs.NewMem()))
		mustAppend(t, b, batch(strings.Repeat("a", 600), "\n"))
		if s := tryNext(t, b); s != nil {
			t.Fatalf("sealed with 601 bytes of 1000: %+v", s.Seal())
		}
		oldest := time.Now()
		mustAppend(t, b, batch(strings.Repeat("b", 399), "", "\r\n"))
		synctest.Wait() // sealed after the answer
		s := tryNext(t, b)
		if s == nil {
			t.Fatal("not sealed with 1002 bytes")
		}
		if got, want := content(t, s), strings.Repeat("a", 600)+"\n"+strings.Repeat("b", 399)+"\r\n"; got != want {
			t.Errorf("content is %q", got)
		}
		seal := s.Seal()
		if seal.Records != 5 || !seal.Oldest.Equal(oldest) || seal.Bucket != "logs" || seal.Compression != "GZIP" {
			t.Errorf("seal is %+v", seal)
		}
		if got := b.Stats(); got.Records != 5 || got.Bytes != 1002 || got.Sealed != 1 {
			t.Errorf("stats before delivery: %+v", got)
		}
		before := b.Stats().Space
		if err := s.Delivered(); err != nil {
			t.Fatal(err)
		}
		if got := b.Stats(); got.Records != 0 || got.Bytes != 0 || got.Sealed != 0 || got.Space >= before-1000 {
			t.Errorf("stats after delivery: %+v, space before %d", got, before)
		}
		if err := s.Delivered(); err != nil {
			t.Errorf("delivered twice: %v", err)
		}
	})
}

func TestSealedByTimeFromTheFirstRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, config(vfs.NewMem()))
		time.Sleep(10 * time.Minute) // an empty buffer never ages
		mustAppend(t, b, Batch{Positions: map[string]Position{"shardId-0": {Sequence: "1"}}})
		time.Sleep(10 * time.Minute) // nor does one with positions only
		if s := tryNext(t, b); s != nil {
			t.Fatal("sealed without a record")
		}
		mustAppend(t, b, batch("x"))
		time.Sleep(40 * time.Second)
		mustAppend(t, b, batch("y"))
		time.Sleep(20*time.Second - time.Millisecond)
		synctest.Wait()
		if s := tryNext(t, b); s != nil {
			t.Fatal("sealed before its time")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		s := tryNext(t, b)
		if s == nil || content(t, s) != "xy" {
			t.Fatalf("a minute after the first record: %v", s)
		}
	})
}

func TestOldestIsTheEarliestArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, config(vfs.NewMem()))
		now := time.Now()
		mustAppend(t, b, Batch{Records: []Record{
			{Data: []byte("1"), Arrival: now.Add(-time.Second)},
			{Data: []byte("2"), Arrival: now.Add(-time.Hour)},
			{Data: []byte("3"), Arrival: now.Add(time.Second)},
		}})
		time.Sleep(time.Minute)
		synctest.Wait()
		s := tryNext(t, b)
		if s == nil {
			t.Fatal("the age of a record in its stream must not count, but a minute here must")
		}
		if !s.Seal().Oldest.Equal(now.Add(-time.Hour)) {
			t.Errorf("oldest is %v, want %v", s.Seal().Oldest, now.Add(-time.Hour))
		}
	})
}

func TestGoesOnAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(vfs.NewMem())
		b := open(t, cfg)
		mustAppend(t, b, moves(batch(strings.Repeat("a", 1000)), "s0", "10"))
		mustAppend(t, b, moves(batch("b"), "s1", "20"))
		first := tryNext(t, b)
		time.Sleep(50 * time.Second)
		b.Close()

		b = open(t, cfg)
		again := tryNext(t, b)
		if again == nil || !reflect.DeepEqual(norm(again.Seal()), norm(first.Seal())) {
			t.Fatalf("the sealed one came back as %+v, was %+v", again, first.Seal())
		}
		if content(t, again) != strings.Repeat("a", 1000) {
			t.Error("with other content")
		}
		mustAppend(t, b, moves(batch("c"), "s0", "11"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		s := tryNext(t, b)
		if s == nil || content(t, s) != "bc" {
			t.Fatalf("the open one did not go on at its age: %v", s)
		}
		want := map[string]Position{"s0": {Sequence: "11"}, "s1": {Sequence: "20"}}
		if got := b.Positions(); !reflect.DeepEqual(got, want) {
			t.Errorf("positions %v, want %v", got, want)
		}
		for _, s := range []*Segment{again, s} {
			if err := s.Delivered(); err != nil {
				t.Fatal(err)
			}
		}
		b.Close()

		b = open(t, cfg) // everything is delivered: the positions must be left all the same
		if got := b.Positions(); !reflect.DeepEqual(got, want) {
			t.Errorf("positions after delivery %v, want %v", got, want)
		}
		if s := tryNext(t, b); s != nil {
			t.Errorf("delivered and still there: %+v", s.Seal())
		}
	})
}

// norm takes the time zone and the monotonic part out of a seal's times.
func norm(s Seal) Seal {
	s.Oldest, s.Sealed = time.UnixMilli(s.Oldest.UnixMilli()), time.UnixMilli(s.Sealed.UnixMilli())
	return s
}

func TestPositionsEndAndForget(t *testing.T) {
	cfg := config(vfs.NewMem())
	b := open(t, cfg)
	mustAppend(t, b, Batch{Positions: map[string]Position{"a": {Sequence: "1"}, "b": {Ended: true}, "c": {Sequence: "3", Ended: true}}})
	mustAppend(t, b, Batch{Positions: map[string]Position{"a": {}}})
	want := map[string]Position{"b": {Ended: true}, "c": {Sequence: "3", Ended: true}}
	if got := b.Positions(); !reflect.DeepEqual(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
	b.Close()
	b = open(t, cfg)
	if got := b.Positions(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a restart %v, want %v", got, want)
	}
}

func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(vfs.NewMem())
		cfg.MaxBytes = spareSpace + 2500
		b := open(t, cfg)
		for range 2 {
			mustAppend(t, b, batch(strings.Repeat("a", 1000)))
		}
		ctx := context.Background()
		if err := b.Append(ctx, batch(strings.Repeat("b", 600))); !errors.Is(err, ErrFull) {
			t.Fatalf("Append beyond the space: %v, want ErrFull", err)
		}
		if got := b.Stats(); got.Space > cfg.MaxBytes {
			t.Errorf("%d bytes on disk, limit %d", got.Space, cfg.MaxBytes)
		}
		s := tryNext(t, b)
		if err := s.Delivered(); err != nil {
			t.Fatal(err)
		}
		mustAppend(t, b, batch(strings.Repeat("b", 600)))
	})
}

// If the open segment takes all the space, waiting for its time would be waiting for nothing.
func TestFullSealsEarly(t *testing.T) {
	cfg := config(vfs.NewMem())
	cfg.Size, cfg.MaxBytes = 1<<20, spareSpace+2000
	b := open(t, cfg)
	mustAppend(t, b, batch(strings.Repeat("a", 1500)))
	if err := b.Append(context.Background(), batch(strings.Repeat("b", 600))); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	// The segment is sealed after the answer; Next waits for it.
	s, err := b.Next(context.Background())
	if err != nil || content(t, s) != strings.Repeat("a", 1500) {
		t.Errorf("the open segment was not sealed: %v", err)
	}
}

func TestManyAppendsShareOneSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		syncs, gate := 0, make(chan struct{})
		cfg := config(errorfs.Wrap(vfs.NewMem(), faulty.Inject(func(op errorfs.Op) error {
			if op.Kind == errorfs.OpFileSyncData {
				syncs++
				if syncs == 1 {
					<-gate
				}
			}
			return nil
		})))
		b := open(t, cfg)
		answers := make(chan error, 51)
		for i := range 51 {
			go func() { answers <- b.Append(context.Background(), batch(fmt.Sprint(i, "\n"))) }()
			if i == 0 {
				synctest.Wait() // the first one is in its fsync
			}
		}
		synctest.Wait()
		if len(answers) != 0 {
			t.Errorf("%d answers before the fsync ended", len(answers))
		}
		close(gate)
		for range 51 {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		if syncs != 2 {
			t.Errorf("%d fsyncs for 51 appends, want 2", syncs)
		}
	})
}

func TestAppendRefusals(t *testing.T) {
	b := open(t, config(vfs.NewMem()))
	ctx := context.Background()
	if err := b.Append(ctx, Batch{Records: []Record{{Data: make([]byte, maxPayload)}}}); err == nil || !strings.Contains(err.Error(), "over the limit") {
		t.Errorf("a batch too large: %v", err)
	}
	b.Close()
	if err := b.Append(ctx, batch("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	if _, err := b.Next(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("Next after Close: %v, want ErrClosed", err)
	}
	b.Close()
	if _, err := Open(Config{}); err == nil {
		t.Error("an empty Config was taken")
	}
}

func TestAppendWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		b := open(t, config(errorfs.Wrap(vfs.NewMem(), faulty.Inject(func(op errorfs.Op) error {
			if op.Kind == errorfs.OpFileSyncData {
				<-gate
			}
			return nil
		}))))
		first := make(chan error, 1)
		go func() { first <- b.Append(context.Background(), batch("x")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := b.Append(ctx, batch("y")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		close(gate)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if got := b.Stats().Records; got != 1 {
			t.Errorf("%d records, want 1: the second one was given up", got)
		}
	})
}
