package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/weir-logs/weir/sink/consumer"
	"github.com/weir-logs/weir/sink/delivery/buffer"
)

// deliveryStream is a delivery stream at work: a buffer, an uploader, and a reader if it has a source.
type deliveryStream struct {
	s      *Service
	buf    *buffer.Buffer
	cancel context.CancelFunc
	group  sync.WaitGroup // uploader and reader

	mu       sync.Mutex // guards what follows
	def      definition
	revision uint64 // of def in the store's table
	stats    Stats
	trouble  map[string]trouble
}

func (s *Service) prepare(def definition, revision uint64) *deliveryStream {
	return &deliveryStream{s: s, def: def, revision: revision, trouble: map[string]trouble{}}
}

func (d *deliveryStream) definition() definition {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.def
}

func (d *deliveryStream) source() bool { return d.definition().Source != nil }

func (d *deliveryStream) kind() types.DeliveryStreamType {
	if d.source() {
		return types.DeliveryStreamTypeKinesisStreamAsSource
	}
	return types.DeliveryStreamTypeDirectPut
}

func (d *deliveryStream) folder() string { return d.s.cfg.FS.PathJoin(d.s.cfg.Dir, d.def.Folder) }

// start opens the buffer and starts the goroutines; stop ends them.
func (d *deliveryStream) start() error {
	cfg := d.s.cfg
	namer, err := d.def.namer()
	if err != nil {
		return fmt.Errorf("delivery stream %s: %w", d.def.Name, err)
	}
	dst := d.def.Destination
	d.buf, err = buffer.Open(buffer.Config{
		FS: cfg.FS, Dir: d.folder(), Stream: d.def.Name, Size: dst.size(), Interval: dst.interval(), MaxBytes: cfg.BufferSpace, Clock: cfg.Clock,
		Object: func(oldest time.Time) buffer.Object {
			return buffer.Object{Bucket: dst.Bucket, Key: namer.Key(oldest), Compression: dst.Compression}
		},
		Report: d.reporter(),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background()) // ended by stop
	d.cancel = cancel
	if err := d.begin(ctx); err != nil {
		d.stop()
		return fmt.Errorf("delivery stream %s: %w", d.def.Name, err)
	}
	d.group.Go(func() { d.upload(ctx) })
	if d.def.Source != nil && cfg.Source != nil {
		d.group.Go(func() { d.read(ctx) })
	} else if d.def.Source != nil {
		d.failing(stoppedTrouble, errors.New("this server has no streams"))
	}
	return nil
}

// reporter logs what the buffer reports; what it reports again and again, such as a full disk, now and then.
func (d *deliveryStream) reporter() func(error) {
	var mu sync.Mutex // guards the two below
	var text string
	var logged time.Time
	return func(err error) {
		now := d.s.cfg.Clock.Now()
		mu.Lock()
		again := err.Error() == text && now.Sub(logged) < logAgain
		if !again {
			text, logged = err.Error(), now
		}
		mu.Unlock()
		if !again {
			d.s.cfg.Log.Error("delivery buffer", "delivery_stream", d.def.Name, "error", err)
		}
	}
}

// begin notes in a new buffer where the source is read from.
func (d *deliveryStream) begin(ctx context.Context) error {
	if d.def.Source == nil || len(d.def.Source.From) == 0 || len(d.buf.Positions()) > 0 {
		return nil
	}
	from := make(map[string]buffer.Position, len(d.def.Source.From))
	for shard, sequence := range d.def.Source.From {
		from[shard] = buffer.Position{Sequence: sequence}
	}
	return d.buf.Append(ctx, buffer.Batch{Positions: from})
}

// stop ends the goroutines and closes the buffer. It may be called more than once.
func (d *deliveryStream) stop() {
	d.cancel()
	d.group.Wait()
	d.buf.Close()
}

// read brings the records of the source into the buffer until ctx ends.
func (d *deliveryStream) read(ctx context.Context) {
	def := d.definition()
	start := def.Created
	if len(def.Source.From) > 0 {
		start = time.Time{}
	}
	positions := map[string]consumer.Position{}
	for shard, p := range d.buf.Positions() {
		positions[shard] = consumer.Position(p)
	}
	err := consumer.Run(ctx, consumer.Config{
		Source: d.s.cfg.Source, Stream: def.Source.Stream, Positions: positions, Start: start,
		Handle: d.takeIn, Sleep: d.sleep,
		Report: func(err error) { d.failing(sourceTrouble, err) },
	})
	if ctx.Err() == nil {
		d.failing(stoppedTrouble, err)
	}
}

// takeIn keeps a batch of the source together with the position behind it.
func (d *deliveryStream) takeIn(ctx context.Context, in consumer.Batch) error {
	batch := buffer.Batch{
		Records:   make([]buffer.Record, len(in.Records)),
		Positions: map[string]buffer.Position{in.Shard: buffer.Position(in.Next)},
	}
	for i, r := range in.Records {
		batch.Records[i] = buffer.Record{Data: r.Data, Arrival: r.Arrival}
	}
	before := d.buf.Position(in.Shard).Sequence
	if err := d.buf.Append(ctx, batch); err != nil {
		return err
	}
	d.took(batch)
	if before != "" && in.First != "" {
		d.missed(in.Shard, before, in.First)
	}
	return nil
}

// missed counts and reports the records between two numbers that expired before they were read.
func (d *deliveryStream) missed(shard, after, next string) {
	n := d.s.cfg.Source.Missing(after, next)
	if n == 0 {
		return
	}
	d.mu.Lock()
	d.stats.RecordsMissed += int64(n)
	name := d.def.Name
	d.mu.Unlock()
	d.s.cfg.Log.Error("records of the source stream expired before they were read and are not delivered: the delivery stream was stopped, "+
		"or its buffer full, for longer than the stream keeps records", "delivery_stream", name, "shard", shard, "records", n, "after", after, "before", next)
}

// sleep waits for d by the service's clock.
func (d *deliveryStream) sleep(ctx context.Context, wait time.Duration) error {
	fired, stop := d.s.cfg.Clock.Timer(wait)
	defer stop()
	select {
	case <-fired:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
