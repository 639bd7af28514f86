package stream

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/weir-logs/weir/sink/stream/store"
)

// A clock that is wrong for some minutes removes nothing; one that stays where it was set does, a little later.
func TestClockSetForward(t *testing.T) {
	for name, stays := range map[string]bool{"set back after five minutes": false, "stays": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var wrong atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) }
				st := store.NewMemory(now)
				s, err := New(Config{Store: st, Now: now})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close(context.Background())
				f := &fixture{Service: s, t: t, ctx: t.Context(), store: st}
				f.create("web", 1)
				f.put("web", "0", "a")
				time.Sleep(90 * time.Second)
				wrong.Store(int64(48 * time.Hour))
				time.Sleep(5 * time.Minute)
				if !stays {
					wrong.Store(0)
				}
				left := func() string {
					return texts(f.get(f.iterator("web", onlyShard, types.ShardIteratorTypeTrimHorizon), 10).Records)
				}
				if got := left(); got != "a" {
					t.Errorf("after five minutes %q is left", got)
				}
				time.Sleep(30 * time.Minute)
				if got := left(); (got == "a") == stays {
					t.Errorf("after half an hour %q is left", got)
				}
				if _, err := s.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("web")}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
