package main

import (
	"context"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// source is where delivered lines are read back.
type source interface {
	// collect adds to the tally what came since the last call.
	collect(ctx context.Context, t *tally) error
}

// streamSource reads all shards of a stream.
type streamSource struct{ stream *witness.Stream }

func (s streamSource) collect(ctx context.Context, t *tally) error {
	return s.stream.Collect(ctx, func(r witness.Record) error { return deaggregate(r.Data, t.add) })
}

// objectSource reads the gzip objects that a delivery stream writes below a folder.
type objectSource struct{ objects *witness.Objects }

func (s objectSource) collect(_ context.Context, t *tally) error {
	return s.objects.Collect(func(_ string, content []byte) error {
		t.add(content)
		return nil
	})
}
