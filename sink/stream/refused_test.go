package stream

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/weir-logs/weir/sink/stream/store"
	"github.com/weir-logs/weir/sink/stream/store/storetest"
)

// lying does what it refuses, as a store on a disk that fills up may.
type lying struct {
	store.Store
	lies atomic.Int32 // so many more
}

func (l *lying) lie(err error) error {
	if err == nil && l.lies.Add(-1) >= 0 {
		return store.ErrNoSpace
	}
	return err
}

func (l *lying) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	revision, err := l.Store.Put(ctx, key, value, revision)
	return revision, l.lie(err)
}

func (l *lying) Delete(ctx context.Context, key string, revision uint64) error {
	return l.lie(l.Store.Delete(ctx, key, revision))
}

// Changes that were refused and done all the same can be repeated until they succeed, without a restart.
func TestChangesThatWereDoneAllTheSame(t *testing.T) {
	for lies := range 6 {
		synctest.Test(t, func(t *testing.T) {
			clock := &storetest.Clock{}
			clock.Set(start)
			l := &lying{Store: store.NewMemory(clock.Now)}
			s, err := New(Config{Store: l, Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close(context.Background())
			name := aws.String("web")
			repeat := func(what string, try func() error) {
				t.Helper()
				l.lies.Store(int32(lies))
				var err error
				for range 3 * (lies + 1) {
					if err = try(); err == nil {
						l.lies.Store(0)
						return
					}
					time.Sleep(2 * retryAfter) // the background goes on with what has begun
				}
				t.Errorf("%d lies: %s never succeeds: %v", lies, what, err)
			}
			repeat("create", func() error {
				_, err := s.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)})
				if code(err) == "ResourceInUseException" {
					return nil
				}
				return err
			})
			repeat("put", func() error {
				_, err := s.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: name, PartitionKey: name, Data: []byte("x")})
				return err
			})
			repeat("delete", func() error {
				_, err := s.DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: name})
				if err != nil && code(err) != "ResourceNotFoundException" {
					return err
				}
				if _, err = s.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: name}); code(err) != "ResourceNotFoundException" {
					return errors.New("it is still there")
				}
				return nil
			})
		})
	}
}

func code(err error) string {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
