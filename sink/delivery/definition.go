package delivery

import (
	"encoding/json"
	"fmt"
	"time"

	_ "time/tzdata" // CustomTimeZone must not depend on what the host has installed

	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/weir-logs/weir/sink/delivery/internal/key"
)

const (
	metaPrefix       = "delivery/"
	definitionFormat = 1

	gzipFormat  = string(types.CompressionFormatGzip)
	plainFormat = string(types.CompressionFormatUncompressed)
)

// definition is a delivery stream as it is kept in the store's table, in JSON. A format above definitionFormat is refused.
type definition struct {
	Format      int         `json:"format"`
	Name        string      `json:"name"`
	ARN         string      `json:"arn"`
	Version     string      `json:"version"`
	Created     time.Time   `json:"created"` // in milliseconds; where the reading of a source starts
	Folder      string      `json:"folder"`  // of its buffer; never used for another one
	Deleting    bool        `json:"deleting,omitempty"`
	Throughput  int32       `json:"throughput_hint,omitempty"` // MB/s, only shown
	Source      *source     `json:"source,omitempty"`          // nil means direct puts
	Destination destination `json:"destination"`
	Tags        []tag       `json:"tags,omitempty"`
}

type source struct {
	StreamARN string `json:"stream_arn"`
	Stream    string `json:"stream"`
	RoleARN   string `json:"role_arn"`

	// From is where each shard is read from: behind what was there when the delivery stream was made. A time does not do for that,
	// since clocks go back. Shards that are not among them came later and are read from their beginning.
	From map[string]string `json:"from,omitempty"`
}

type destination struct {
	Extended        bool   `json:"extended"` // it came as ExtendedS3DestinationConfiguration
	BucketARN       string `json:"bucket_arn"`
	Bucket          string `json:"bucket"`
	RoleARN         string `json:"role_arn"`
	Prefix          string `json:"prefix,omitempty"`
	ErrorPrefix     string `json:"error_prefix,omitempty"`
	Compression     string `json:"compression"` // of the API
	Extension       string `json:"extension,omitempty"`
	TimeZone        string `json:"time_zone,omitempty"`
	SizeInMBs       int32  `json:"size_mb"`
	IntervalSeconds int32  `json:"interval_s"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

func (d definition) encode() ([]byte, error) { return json.Marshal(d) }

func decodeDefinition(data []byte) (definition, error) {
	var d definition
	if err := json.Unmarshal(data, &d); err != nil {
		return d, err
	}
	if d.Format > definitionFormat || d.Format < 1 {
		return d, fmt.Errorf("format %d is not one that this program knows (1 to %d): use the program that wrote it", d.Format, definitionFormat)
	}
	if d.Name == "" || d.Folder == "" || d.Destination.SizeInMBs < 1 || d.Destination.IntervalSeconds < 0 {
		return d, fmt.Errorf("it is damaged: name %q, folder %q", d.Name, d.Folder)
	}
	return d, nil
}

// size returns the bytes that seal a buffer.
func (d destination) size() int64 { return int64(d.SizeInMBs) << 20 }

// interval returns the time that seals a buffer. Zero buffering means within seconds.
func (d destination) interval() time.Duration {
	return max(time.Duration(d.IntervalSeconds)*time.Second, time.Second)
}

// namer returns what names the objects, or what is wrong with the members that it depends on.
func (d definition) namer() (*key.Namer, error) {
	dst := d.Destination
	zone := time.UTC
	if dst.TimeZone != "" {
		var err error
		if zone, err = time.LoadLocation(dst.TimeZone); err != nil || dst.TimeZone == "Local" {
			return nil, fmt.Errorf("there is no time zone %q for CustomTimeZone", dst.TimeZone)
		}
	}
	ext := dst.Extension
	if ext == "" && dst.Compression == gzipFormat {
		ext = ".gz"
	}
	return key.New(key.Config{Stream: d.Name, Version: d.Version, Prefix: dst.Prefix, ErrorPrefix: dst.ErrorPrefix, Extension: ext, Zone: zone})
}
