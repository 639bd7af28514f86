// Package stream is the bundled Kinesis Data Streams: what stands behind the operations of its API.
//
// A stream is a definition (definition.go) in the store's table and one log per shard. Requests work on a catalog of all
// definitions that never changes; a change is written to the table first and then shown as a new catalog, one at a time. A
// shard is closed by fencing its log with a higher epoch, and only then replaced in the definition, so no record can be
// acknowledged behind the back of a change.
//
// Records are routed by the MD5 of their partition key (hashkey.go), go to the log of their shard, and are answered after
// the fsync with a sequence number that holds the record's index in the log (sequence.go). Iterators and page tokens are
// sealed with a key of this installation (token.go) and say exactly where to go on. Input is what the tables of awsapi let
// through: bounds and patterns are checked there, meaning here.
//
// Deliberate differences from AWS: a stream is ACTIVE at once unless Transition says otherwise; limits are not enforced yet.
package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-logs/weir/sink/stream/store"
)

// Config is what a Service needs. Only Store is required.
type Config struct {
	Store   store.Store // remains the caller's: close it after the Service
	Region  string      // in ARNs, default us-east-1
	Account string      // in ARNs and messages, 12 digits, default 000000000000

	Now func() time.Time // default time.Now; the store should have the same
	Log *slog.Logger     // default none

	Transition time.Duration // how long a stream stays CREATING or DELETING; default 0: not at all
	TrimEvery  time.Duration // how often expired records are removed, default 1 minute
}

// Service answers the operations. All methods may be called from many goroutines; what they take stays the caller's, and
// what they return belongs to the caller.
type Service struct {
	cfg     Config
	sealer  *sealer
	health  health
	catalog atomic.Pointer[catalog]

	mu sync.Mutex // held for a change of a definition

	changed chan struct{} // a status has begun that will end by itself
	stop    context.CancelFunc
	stopped chan struct{}
}

// New starts a service on what the store holds. It finishes what a crash interrupted: streams in creation or deletion go on.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("stream: Config.Store is missing")
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if cfg.Account == "" {
		cfg.Account = "000000000000"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.TrimEvery <= 0 {
		cfg.TrimEvery = time.Minute
	}
	s := &Service{cfg: cfg, changed: make(chan struct{}, 1), stopped: make(chan struct{})}
	s.health.log, s.health.now = cfg.Log, cfg.Now
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if err := s.load(ctx); err != nil {
		stop()
		return nil, err
	}
	go s.run(ctx)
	return s, nil
}

// load reads the definitions and the key of the seals.
func (s *Service) load(ctx context.Context) error {
	entries, err := s.cfg.Store.List(ctx, streamPrefix)
	if err != nil {
		return fmt.Errorf("stream: read definitions: %w", err)
	}
	streams := make(map[string]*stream, len(entries))
	for _, e := range entries {
		d, err := decodeDefinition(e.Value)
		if err != nil {
			return fmt.Errorf("stream: read %q: %w", e.Key, err)
		}
		if e.Key != streamPrefix+d.Name {
			return fmt.Errorf("stream: read %q: it defines stream %q", e.Key, d.Name)
		}
		if streams[d.Name], err = newStream(d, e.Revision); err != nil {
			return fmt.Errorf("stream: read %q: %w", e.Key, err)
		}
	}
	s.catalog.Store(newCatalog(streams))
	key, err := installationKey(ctx, s.cfg.Store)
	if err != nil {
		return err
	}
	if s.sealer, err = newSealer(key); err != nil {
		return err
	}
	_, err = s.settle(ctx)
	return err
}

// Close ends the work in the background and returns when it has ended, or with the error of ctx. Requests under way go on
// until the store is closed.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	select {
	case <-s.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stream: close: %w", ctx.Err())
	}
}

func (s *Service) now() int64 { return s.cfg.Now().UnixMilli() }
