package dest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// An upload may take patience, and a second more for each slowest bytes.
const (
	patience = time.Minute
	slowest  = 64 << 10
)

var errSilent = errors.New("the service did not answer in time")

// S3Config describes a bucket at AWS or at any service that speaks S3.
type S3Config struct {
	Endpoint    string // URL; empty means AWS
	Region      string
	Bucket      string
	Credentials aws.CredentialsProvider
	SpoolDir    string       // where an object is put together before its size is known; empty means the system's
	Client      *http.Client // nil means the SDK's
}

// S3 is a Store at a service that speaks S3. Buckets are addressed by path, since few of the services have wildcard names.
type S3 struct {
	client *s3.Client
	bucket string
	spool  string
}

// NewS3 makes a Store of a bucket. It asks nothing of the service: that it is reachable shows at the first Put.
func NewS3(cfg S3Config) (*S3, error) {
	if cfg.Bucket == "" || cfg.Region == "" || cfg.Credentials == nil {
		return nil, errors.New("an S3 destination needs a bucket, a region and credentials")
	}
	options := s3.Options{
		Region: cfg.Region, Credentials: cfg.Credentials, UsePathStyle: true,
		// Delivery streams try again by themselves, for as long as it takes.
		Retryer: aws.NopRetryer{},
		// Most services other than AWS do not know the newer checksums in trailers; the signature covers the body anyway.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
	}
	if cfg.Endpoint != "" {
		options.BaseEndpoint = &cfg.Endpoint
	}
	if cfg.Client != nil {
		options.HTTPClient = cfg.Client
	} else {
		options.HTTPClient = awshttp.NewBuildableClient()
	}
	return &S3{client: s3.New(options), bucket: cfg.Bucket, spool: cfg.SpoolDir}, nil
}

// Put stores an object. It is written to a temporary file first: a request has to say its size.
func (s *S3) Put(ctx context.Context, key string, meta Meta, body func(io.Writer) error) error {
	if err := s.put(ctx, key, meta, body); err != nil {
		return fmt.Errorf("object %s in bucket %s: %w", key, s.bucket, err)
	}
	return nil
}

// Check implements Checker.
func (s *S3) Check(key string) error { return checkLength(key) }

func (s *S3) put(ctx context.Context, key string, meta Meta, body func(io.Writer) error) error {
	if err := checkLength(key); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.spool, "weir-object-")
	if err != nil {
		return fmt.Errorf("put it together: %w", err)
	}
	defer f.Close()
	// Without a name it is gone when it is closed, also if the process is killed.
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("put it together: %w", err)
	}
	if err := body(contextWriter{ctx, f}); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: f, ContentLength: &size}
	if meta.ContentType != "" {
		in.ContentType = &meta.ContentType
	}
	if meta.ContentEncoding != "" {
		in.ContentEncoding = &meta.ContentEncoding
	}
	// A service that takes the bytes and never answers must show as a failure.
	ctx, cancel := context.WithTimeoutCause(ctx, patience+time.Duration(size)*time.Second/slowest, errSilent)
	defer cancel()
	if _, err = s.client.PutObject(ctx, in); err != nil && errors.Is(context.Cause(ctx), errSilent) {
		return fmt.Errorf("%w: %w", errSilent, err)
	}
	return err
}
