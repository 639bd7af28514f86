package backend

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/weir-logs/weir/sink/fault"
)

// Config is all that a backend needs to know. Of the zero value only DataDir must be set.
type Config struct {
	Listen  string // address of the one port; default 127.0.0.1:4567; port 0 takes a free one
	DataDir string // everything the backend keeps; one process at a time
	Region  string // of the ARNs; default us-east-1
	Account string // of the ARNs; default 000000000000
	Version string // shown by the health check

	Streams         []Stream          // created if absent
	Buckets         map[string]Bucket // any other name is a folder below DataDir/buckets
	DeliveryStreams []DeliveryStream  // created if absent

	// Hosts are further names of this host whose clients and web pages may use the backend; see server.Config.
	Hosts []string

	// Faults, if set, make requests over the wire go wrong as its rules say; nil is the normal way. What the backend does by
	// itself, such as a delivery stream's reading of its source, meets none.
	Faults *fault.Faults

	Routes map[string]http.Handler // further handlers; see server.Config

	Log *slog.Logger // default: nothing is logged
}

// Stream declares a stream.
type Stream struct {
	Name      string
	Shards    int           // default 1
	Retention time.Duration // whole hours, 24h to 8760h; default 24h
}

// Bucket says where the objects of a bucket go: a folder, or an S3-compatible service. Exactly one is set.
type Bucket struct {
	Directory string
	S3        *S3
}

// S3 is a bucket at an S3-compatible service.
type S3 struct {
	Endpoint string // URL; empty means AWS
	Region   string
	Bucket   string // its name there; default the name it is declared under

	// AccessKey and SecretKey sign the requests; without them the SDK's default chain does.
	AccessKey string
	SecretKey string
}

// DeliveryStream declares a delivery stream to a bucket.
type DeliveryStream struct {
	Name        string
	Source      string // a stream; empty means direct put
	Bucket      string
	Prefix      string // as Firehose reads it, !{timestamp:…} included
	ErrorPrefix string
	Compression string        // UNCOMPRESSED (default) or GZIP
	BufferSize  int64         // bytes, whole MiB, 1 MiB to 128 MiB; default 5 MiB
	BufferTime  time.Duration // whole seconds, up to 900s; 0 delivers after about one
}

func (c *Config) setDefaults() {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:4567"
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Account == "" {
		c.Account = "000000000000"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}
