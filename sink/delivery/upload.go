package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/weir-logs/weir/sink/delivery/buffer"
	"github.com/weir-logs/weir/sink/delivery/dest"
)

const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// upload delivers the sealed segments, one after the other and each for as long as it takes, until ctx ends.
func (d *deliveryStream) upload(ctx context.Context) {
	for {
		segment, err := d.buf.Next(ctx)
		if err != nil {
			return
		}
		if !d.retry(ctx, func() error { return d.deliver(ctx, segment) }) {
			return
		}
	}
}

// retry runs try until it succeeds. It returns false when ctx ends first.
func (d *deliveryStream) retry(ctx context.Context, try func() error) bool {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := try()
		if ctx.Err() != nil {
			return false
		}
		if err == nil {
			d.working(deliveryTrouble)
			return true
		}
		d.failing(deliveryTrouble, err)
		if d.sleep(ctx, wait) != nil {
			return false
		}
	}
}

// deliver makes the object of a segment durable, and then removes the segment. All that it writes is fixed by the seal.
func (d *deliveryStream) deliver(ctx context.Context, segment *buffer.Segment) error {
	seal := segment.Seal()
	store, err := d.s.bucket(seal.Bucket)
	if err != nil {
		return err
	}
	counter := &countingWriter{}
	body, meta, err := form(segment, seal.Compression)
	if err == nil {
		err = store.Put(ctx, seal.Key, meta, func(w io.Writer) error {
			*counter = countingWriter{w: w}
			return body(counter)
		})
	}
	if errors.Is(err, buffer.ErrCorrupt) {
		return segment.SetAside(err)
	}
	if err != nil {
		return err
	}
	d.delivered(seal, counter.n)
	return d.removeDelivered(ctx, segment)
}

// removeDelivered does not come back to the upload: the object is there.
func (d *deliveryStream) removeDelivered(ctx context.Context, segment *buffer.Segment) error {
	d.retry(ctx, segment.Delivered)
	return nil
}

// form returns what writes the object of a segment, and what a store notes beside it.
func form(segment *buffer.Segment, compression string) (func(io.Writer) error, dest.Meta, error) {
	meta := dest.Meta{ContentType: "application/octet-stream"}
	switch compression {
	case plainFormat:
		return func(w io.Writer) error {
			_, err := segment.WriteTo(w)
			return err
		}, meta, nil
	case gzipFormat:
		meta.ContentEncoding = "gzip"
		return func(w io.Writer) error {
			z := gzip.NewWriter(w) // no name and no time in its header: the same bytes each time
			if _, err := segment.WriteTo(z); err != nil {
				return err
			}
			return z.Close()
		}, meta, nil
	}
	return nil, meta, fmt.Errorf("buffer %s is to be delivered as %s, which this version cannot do", segment.File(), compression)
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
