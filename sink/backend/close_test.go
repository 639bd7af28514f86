package backend

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"go.uber.org/goleak"
)

// Also who has no time left gives everything back: the folder can be opened again by the same process.
func TestCloseWithoutTime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := declared(t.TempDir())
	for round := range 3 {
		b := open(t, c)
		_, err := b.Delivery().PutRecord(t.Context(), &firehose.PutRecordInput{
			DeliveryStreamName: aws.String("direct"), Record: &firehosetypes.Record{Data: []byte("line\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// The requests had no time, the parts must have had some.
		if err := b.Close(ctx); err != nil && strings.Contains(err.Error(), "closing") {
			t.Errorf("round %d: %v", round, err)
		}
	}
}
