package flow

import (
	"context"
	"unsafe"

	"github.com/weir-logs/weir/sink"
)

// peeking notes where the first entry's bytes are.
type peeking struct {
	*fake
	first *byte
}

func (d *peeking) Put(ctx context.Context, entries []sink.Entry, done func(sink.Result)) error {
	d.first = unsafe.SliceData(entries[0].Data)
	return d.fake.Put(ctx, entries, done)
}
