// Package delivery is the bundled Data Firehose: records come in by direct puts or from a stream, are kept in durable
// buffers, and go out as objects.
//
//	PutRecord, PutRecordBatch --+
//	                            +--> buffer (on disk, fsynced) --> sealed by size or time --> gzip --> dest.Store
//	stream --> consumer --------+        |
//	                                     +-- read positions of the stream, in the frame of the records they brought
//
// A put is answered after the fsync of its records; the position of a source stream moves in the same atomic write as
// the records do. The key of an object and its members are fixed on disk before its upload starts, an upload that
// failed is tried again with the same bytes under the same key, and a buffer is removed only after its object is durable. So
// nothing acknowledged is lost, and nothing read from a stream comes twice, whenever the program is killed.
//
// Definitions are JSON in the store's table, under "delivery/" and the name. What a request asks for and this version does
// not do is refused by name, never ignored.
//
// Deliberate differences from AWS: a delivery stream is ACTIVE when CreateDeliveryStream answers; one buffer serves all
// shards of a source; an interval of 0 means one second; and of the ARN of a source stream only the name counts.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weir-logs/weir/sink/awsapi"
	"github.com/weir-logs/weir/sink/consumer"
	"github.com/weir-logs/weir/sink/delivery/buffer"
	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/delivery/internal/durable"
	"github.com/weir-logs/weir/sink/stream/store"
)

// Config is what the service works with. Dir, Meta, Region and Account must be set.
type Config struct {
	Dir         string     // of the buffers; one process at a time
	FS          vfs.FS     // of Dir; default: the disk
	Meta        store.Meta // where definitions are kept
	Source      Source     // the streams to read from; nil: no delivery stream can have a source
	Region      string     // of the ARNs
	Account     string
	BufferSpace int64 // bytes on disk for each delivery stream; default 1 GiB

	// Buckets are the object stores by bucket name. NewBucket makes the store of a bucket that is not among them; nil means
	// that there are no others.
	Buckets   map[string]dest.Store
	NewBucket func(bucket string) (dest.Store, error)

	Clock buffer.Clock // default: the machine's
	Log   *slog.Logger // default: nothing is logged
}

// Source is the streams that can be read from.
type Source interface {
	consumer.Source

	// Ends returns, by shard, the sequence numbers behind which the next records of a stream will come.
	Ends(ctx context.Context, stream string) (map[string]string, error)

	// Missing returns how many records of a shard were lost between two of its sequence numbers.
	Missing(after, next string) uint64
}

// Service is a running Firehose. Its methods take and return the SDK's types; their input is already checked against
// the API's table, but nothing breaks if it is not. All may be called at the same time.
type Service struct {
	cfg     Config
	lock    io.Closer
	release sync.Once // of lock

	admin sync.Mutex // held while a delivery stream is made or deleted

	mu      sync.RWMutex // guards what follows
	closed  bool
	streams map[string]*deliveryStream

	bucketsMu sync.Mutex // guards buckets
	buckets   map[string]dest.Store
}

// New starts the service: buffers on disk go on where they were, and what was sealed is delivered. Close ends it.
func New(ctx context.Context, cfg Config) (*Service, error) {
	if cfg.Dir == "" || cfg.Meta == nil || cfg.Region == "" || cfg.Account == "" {
		return nil, errors.New("start delivery: Dir, Meta, Region and Account are needed")
	}
	if cfg.FS == nil {
		cfg.FS = vfs.Default
	}
	if cfg.Clock == nil {
		cfg.Clock = buffer.SystemClock{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg, streams: map[string]*deliveryStream{}, buckets: maps.Clone(cfg.Buckets)}
	if s.buckets == nil {
		s.buckets = map[string]dest.Store{}
	}
	if err := durable.MkdirAll(cfg.FS, cfg.Dir); err != nil {
		return nil, fmt.Errorf("start delivery: %w", err)
	}
	lock, err := cfg.FS.Lock(cfg.FS.PathJoin(cfg.Dir, "LOCK"))
	if err != nil {
		return nil, fmt.Errorf("start delivery: folder %s is in use by another process: %w", cfg.Dir, err)
	}
	s.lock = lock
	if err := s.load(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start delivery: %w", err), s.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// load starts the delivery streams that are defined, and ends the deletion of those that were being deleted.
func (s *Service) load(ctx context.Context) error {
	entries, err := s.cfg.Meta.List(ctx, metaPrefix)
	if err != nil {
		return fmt.Errorf("list definitions: %w", err)
	}
	known := map[string]bool{"LOCK": true}
	for _, e := range entries {
		def, err := decodeDefinition(e.Value)
		if err != nil {
			return fmt.Errorf("definition %s: %w", e.Key, err)
		}
		known[def.Folder] = true
		d := s.prepare(def, e.Revision)
		if def.Deleting {
			if err := d.erase(ctx); err != nil {
				return fmt.Errorf("delete delivery stream %s: %w", def.Name, err)
			}
			continue
		}
		if err := d.start(); err != nil {
			return err
		}
		s.streams[def.Name] = d
	}
	s.reportStrangers(known)
	return nil
}

// reportStrangers names folders that no definition knows: they may hold acknowledged records and are left alone.
func (s *Service) reportStrangers(known map[string]bool) {
	names, err := s.cfg.FS.List(s.cfg.Dir)
	if err != nil {
		s.cfg.Log.Warn("list the folder of the delivery buffers", "folder", s.cfg.Dir, "error", err)
	}
	for _, name := range names {
		if !known[name] {
			s.cfg.Log.Warn("a buffer folder belongs to no delivery stream and is left alone; what it holds is not delivered",
				"folder", s.cfg.FS.PathJoin(s.cfg.Dir, name))
		}
	}
}

// Close stops reading, uploading and taking puts, and returns when all goroutines have ended, or with ctx's error when that
// ends first. What was not delivered stays in its buffer and is delivered after the next New.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	streams := slices.Collect(maps.Values(s.streams))
	s.closed = true
	s.mu.Unlock()
	ended := make(chan error, 1)
	go func() { // goes on if ctx ends, so that the folder is given back as soon as that can be
		var group sync.WaitGroup
		for _, d := range streams {
			group.Go(d.stop)
		}
		group.Wait()
		var err error
		s.release.Do(func() { err = s.lock.Close() })
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop delivery: %w", ctx.Err())
	}
}

// Handlers returns the service as rows of the API's table.
func (s *Service) Handlers() awsapi.Service {
	return awsapi.Service{
		Target:  awsapi.FirehoseTarget,
		Signing: awsapi.FirehoseSigning,
		Handlers: []awsapi.Handler{
			awsapi.Handle(awsapi.Firehose.CreateDeliveryStream, s.CreateDeliveryStream),
			awsapi.Handle(awsapi.Firehose.DescribeDeliveryStream, s.DescribeDeliveryStream),
			awsapi.Handle(awsapi.Firehose.ListDeliveryStreams, s.ListDeliveryStreams),
			awsapi.Handle(awsapi.Firehose.DeleteDeliveryStream, s.DeleteDeliveryStream),
			awsapi.Handle(awsapi.Firehose.PutRecord, s.PutRecord),
			awsapi.Handle(awsapi.Firehose.PutRecordBatch, s.PutRecordBatch),
		},
	}
}

// Stats returns the counters of all delivery streams, by name.
func (s *Service) Stats() map[string]Stats {
	s.mu.RLock()
	streams := maps.Clone(s.streams)
	s.mu.RUnlock()
	all := make(map[string]Stats, len(streams))
	for name, d := range streams {
		all[name] = d.snapshot()
	}
	return all
}

// lookup returns a delivery stream of that name.
func (s *Service) lookup(name string) (*deliveryStream, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if d, ok := s.streams[name]; ok {
		return d, nil
	}
	return nil, s.notFound(name)
}

// bucket returns the store of a bucket, and makes it if it is the first time. It has a lock of its own: a disk that hangs
// must not keep the puts to other buckets waiting.
func (s *Service) bucket(name string) (dest.Store, error) {
	s.bucketsMu.Lock()
	defer s.bucketsMu.Unlock()
	if b, ok := s.buckets[name]; ok {
		return b, nil
	}
	if s.cfg.NewBucket == nil {
		return nil, fmt.Errorf("there is no bucket %s; this server has: %s", name, strings.Join(slices.Sorted(maps.Keys(s.buckets)), ", "))
	}
	b, err := s.cfg.NewBucket(name)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	s.buckets[name] = b
	return b, nil
}
