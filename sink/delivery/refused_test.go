package delivery

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"

	"github.com/weir-logs/weir/sink/stream/store"
)

// lying does what it refuses, as a store on a disk that fills up may.
type lying struct {
	store.Meta
	lies int // so many more
}

func (l *lying) lie(err error) error {
	if l.lies--; err == nil && l.lies >= 0 {
		return store.ErrNoSpace
	}
	return err
}

func (l *lying) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	revision, err := l.Meta.Put(ctx, key, value, revision)
	return revision, l.lie(err)
}

func (l *lying) Delete(ctx context.Context, key string, revision uint64) error {
	return l.lie(l.Meta.Delete(ctx, key, revision))
}

// Changes that were refused and done all the same can be repeated until they succeed, without a restart.
func TestChangesThatWereDoneAllTheSame(t *testing.T) {
	for lies := range 4 {
		l := &lying{Meta: store.NewMemory(nil)}
		b := newBench(t, func(c *Config) { c.Meta = l })
		l.lies = lies
		var err error
		for range lies + 2 {
			if _, err = b.CreateDeliveryStream(t.Context(), input("web", nil)); err == nil {
				break
			}
		}
		if err != nil {
			refused(t, "create", err, "ResourceInUseException", "already exists")
		}
		b.put("web", "a")
		l.lies = lies
		for range lies + 2 {
			if _, err = b.DeleteDeliveryStream(t.Context(), &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("web")}); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("%d lies: delete: %v", lies, err)
		}
		l.lies = 0
		b.create("web", nil)
	}
}
