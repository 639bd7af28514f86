package delivery

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/delivery/dest"
)

// A bucket on a disk that hangs keeps nobody else waiting.
func TestBucketThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		b := newBench(t, func(c *Config) {
			c.NewBucket = func(string) (dest.Store, error) {
				<-free
				return newShelf(), nil
			}
		})
		b.create("web", nil)
		made := make(chan error)
		go func() {
			_, err := b.CreateDeliveryStream(t.Context(), input("other", func(in *firehose.CreateDeliveryStreamInput) {
				in.ExtendedS3DestinationConfiguration.BucketARN = aws.String("arn:aws:s3:::dead")
			}))
			made <- err
		}()
		synctest.Wait()
		b.put("web", "a")
		if got := b.Stats()["web"].RecordsIn; got != 1 {
			t.Errorf("%d records are in", got)
		}
		close(free)
		if err := <-made; err != nil {
			t.Error(err)
		}
	})
}

// A prefix whose keys the bucket can never take is refused at once, instead of holding up the delivery for ever.
func TestPrefixThatNoFileCanHave(t *testing.T) {
	b := newBench(t, func(c *Config) {
		directory, err := dest.NewDirectory(vfs.NewMem(), "out")
		if err != nil {
			t.Fatal(err)
		}
		c.Buckets = map[string]dest.Store{"logs": directory}
	})
	for prefix, ok := range map[string]bool{
		strings.Repeat("n", 256): false,
		strings.Repeat("鍵", 400): false,
		strings.Repeat("鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵/", 20): true,
		"../../etc/": true, // stays below the folder
	} {
		_, err := b.CreateDeliveryStream(t.Context(), input("web", func(in *firehose.CreateDeliveryStreamInput) {
			in.ExtendedS3DestinationConfiguration.Prefix = &prefix
		}))
		if !ok {
			refused(t, prefix[:10], err, "InvalidArgumentException", "Prefix: the bucket cannot take such a key")
			continue
		}
		if err != nil {
			t.Errorf("%.20q: %v", prefix, err)
			continue
		}
		if _, err := b.DeleteDeliveryStream(t.Context(), &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("web")}); err != nil {
			t.Error(err)
		}
	}
}
