package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"

	"github.com/weir-logs/weir/sink/delivery/internal/durable"
	"github.com/weir-logs/weir/sink/stream/store"
)

// DeleteDeliveryStream deletes a delivery stream. What is buffered is discarded, as AWS does. AllowForceDelete has no
// meaning without KMS grants.
func (s *Service) DeleteDeliveryStream(ctx context.Context, in *firehose.DeleteDeliveryStreamInput) (*firehose.DeleteDeliveryStreamOutput, error) {
	name := aws.ToString(in.DeliveryStreamName)
	s.admin.Lock()
	defer s.admin.Unlock()
	d, err := s.lookup(name)
	if err != nil {
		return nil, err
	}
	if err := d.markDeleting(ctx); err != nil {
		return nil, fmt.Errorf("delete delivery stream %s: %w", name, err)
	}
	left := d.snapshot()
	d.stop()
	if err := d.erase(ctx); err != nil {
		return nil, fmt.Errorf("delete delivery stream %s: %w", name, err)
	}
	s.mu.Lock()
	delete(s.streams, name)
	s.mu.Unlock()
	s.cfg.Log.Info("delivery stream deleted", "delivery_stream", name, "records_discarded", left.BufferedRecords)
	return &firehose.DeleteDeliveryStreamOutput{}, nil
}

// markDeleting notes on disk that what follows is to be finished, also after a crash.
func (d *deliveryStream) markDeleting(ctx context.Context) error {
	def := d.definition()
	if def.Deleting {
		return nil
	}
	def.Deleting = true
	value, err := def.encode()
	if err != nil {
		return err
	}
	revision, err := d.s.cfg.Meta.Put(ctx, metaPrefix+def.Name, value, d.revision)
	if errors.Is(err, store.ErrConflict) { // it was refused before, for a full disk, and done all the same
		var e store.Entry
		if e, err = d.s.cfg.Meta.Get(ctx, metaPrefix+def.Name); err == nil {
			revision, err = d.s.cfg.Meta.Put(ctx, metaPrefix+def.Name, value, e.Revision)
		}
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.def, d.revision = def, revision
	return nil
}

// erase removes the buffer, then the definition. It may be tried again.
func (d *deliveryStream) erase(ctx context.Context) error {
	cfg := d.s.cfg
	if err := cfg.FS.RemoveAll(d.folder()); err != nil {
		return fmt.Errorf("remove buffer: %w", err)
	}
	if err := durable.Dir(cfg.FS, cfg.Dir); err != nil {
		return err
	}
	err := cfg.Meta.Delete(ctx, metaPrefix+d.def.Name, d.revision)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
