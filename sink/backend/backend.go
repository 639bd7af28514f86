// Package backend puts the bundled Kinesis and Firehose together: one store, both services on one port, the buckets that
// objects go to, and the streams and delivery streams that a configuration declares. It knows all the parts; none of them
// knows it. Commands and Go tests use it alike:
//
//	b, err := backend.Open(ctx, backend.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir()})
//	if err != nil { ... }
//	defer b.Close(ctx)
//	client := kinesis.NewFromConfig(cfg, func(o *kinesis.Options) { o.BaseEndpoint = aws.String("http://" + b.Addr()) })
package backend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/weir-logs/weir/sink/awsapi"
	"github.com/weir-logs/weir/sink/delivery"
	"github.com/weir-logs/weir/sink/delivery/dest"
	"github.com/weir-logs/weir/sink/server"
	"github.com/weir-logs/weir/sink/stream"
	"github.com/weir-logs/weir/sink/stream/store"
)

// Backend is a running backend. Its methods may be called from many goroutines.
type Backend struct {
	region, account string
	log             *slog.Logger
	streams         *stream.Service
	delivery        *delivery.Service
	server          *server.Server
}

// Open opens the data folder, starts both services, creates what c declares, and listens. The context bounds only that.
// Whoever opens a Backend calls Serve, or Close.
func Open(ctx context.Context, c Config) (*Backend, error) {
	c.setDefaults()
	if c.DataDir == "" {
		return nil, errors.New("backend: no folder for the data")
	}
	b := &Backend{region: c.Region, account: c.Account, log: c.Log}
	parts, err := b.open(ctx, c)
	if err != nil {
		return nil, errors.Join(err, parts.close(context.WithoutCancel(ctx)))
	}
	return b, nil
}

// closers are the parts that are open, the one that must close first at the front.
type closers []server.Closer

func (p closers) close(ctx context.Context) error {
	var errs []error
	for _, c := range p {
		if err := c.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.Name, err))
		}
	}
	return errors.Join(errs...)
}

// open opens the parts from the store to the listener. It returns those that are open, also with an error.
func (b *Backend) open(ctx context.Context, c Config) (closers, error) {
	st, err := store.OpenPebble(filepath.Join(c.DataDir, "streams"), store.PebbleOptions{Log: c.Log})
	if err != nil {
		return nil, err
	}
	open := closers{{Name: "store", Close: st.Close}}
	if b.streams, err = stream.New(stream.Config{Store: st, Region: c.Region, Account: c.Account, Log: c.Log}); err != nil {
		return open, err
	}
	open = append(closers{{Name: "streams", Close: b.streams.Close}}, open...)
	buckets, err := openBuckets(ctx, c)
	if err != nil {
		return open, err
	}
	b.delivery, err = delivery.New(ctx, delivery.Config{
		Dir: filepath.Join(c.DataDir, "delivery"), Meta: st, Source: b.streams, Region: c.Region, Account: c.Account, Log: c.Log,
		Buckets: buckets,
		NewBucket: func(name string) (dest.Store, error) {
			return dest.NewDirectory(nil, filepath.Join(c.DataDir, "buckets", name))
		},
	})
	if err != nil {
		return open, err
	}
	open = append(closers{{Name: "delivery streams", Close: b.delivery.Close}}, open...)
	if err := b.declare(ctx, c); err != nil {
		return open, err
	}
	services := []awsapi.Service{b.streams.Handlers(), b.delivery.Handlers()}
	if c.Faults != nil {
		for i, s := range services {
			services[i] = c.Faults.Around(s)
		}
	}
	b.server, err = server.New(server.Config{
		Address: c.Listen, Services: services, Routes: c.Routes, Closers: open, Version: c.Version, Hosts: c.Hosts, Log: c.Log, Observe: b.observe,
	})
	if err != nil {
		return open, err
	}
	return open, b.server.Start(ctx)
}

// observe logs what clients were told only as an InternalFailure. Requests that were given up are nobody's failure.
func (b *Backend) observe(ctx context.Context, e awsapi.Event) {
	if e.Err == nil || ctx.Err() != nil {
		return
	}
	b.log.Error("a request failed", "operation", e.Operation, "request_id", e.ID, "error", e.Err)
}

// openBuckets makes the stores of the declared buckets.
func openBuckets(ctx context.Context, c Config) (map[string]dest.Store, error) {
	buckets := map[string]dest.Store{}
	for name, bucket := range c.Buckets {
		s, err := openBucket(ctx, c, name, bucket)
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", name, err)
		}
		buckets[name] = s
	}
	return buckets, nil
}

func openBucket(ctx context.Context, c Config, name string, b Bucket) (dest.Store, error) {
	if b.S3 == nil {
		return dest.NewDirectory(nil, b.Directory)
	}
	spool := filepath.Join(c.DataDir, "spool") // not the system's folder, which may be memory
	if err := os.MkdirAll(spool, 0o755); err != nil {
		return nil, err
	}
	config := dest.S3Config{Endpoint: b.S3.Endpoint, Region: b.S3.Region, Bucket: b.S3.Bucket, SpoolDir: spool}
	if config.Region == "" {
		config.Region = c.Region
	}
	if config.Bucket == "" {
		config.Bucket = name
	}
	provider, err := credentialsOf(ctx, b.S3, config.Region)
	if err != nil {
		return nil, err
	}
	config.Credentials = provider
	return dest.NewS3(config)
}

func credentialsOf(ctx context.Context, b *S3, region string) (aws.CredentialsProvider, error) {
	if b.AccessKey != "" {
		return credentials.NewStaticCredentialsProvider(b.AccessKey, b.SecretKey, ""), nil
	}
	loaded, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region))
	return loaded.Credentials, err
}

// Addr returns the address that is listened on, as host:port.
func (b *Backend) Addr() string { return b.server.Addr().String() }

// Streams returns the bundled Kinesis, to be called without a wire.
func (b *Backend) Streams() *stream.Service { return b.streams }

// Delivery returns the bundled Firehose, to be called without a wire.
func (b *Backend) Delivery() *delivery.Service { return b.delivery }

// Serve waits until ctx ends or listening fails, and closes the backend. It returns nil after an orderly stop.
func (b *Backend) Serve(ctx context.Context) error { return b.server.Serve(ctx) }

// Close stops accepting, lets the requests under way end until ctx does, and closes the parts. Delivery buffers stay on
// disk and are delivered after the next Open.
func (b *Backend) Close(ctx context.Context) error { return b.server.Close(ctx) }
