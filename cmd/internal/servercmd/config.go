package servercmd

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/sink/backend"
)

const mib = 1 << 20

// loadServer reads the backend's configuration file. lookup gives the values of variables.
func loadServer(file string, lookup func(string) (string, bool)) (backend.Config, error) {
	data, err := strict.ReadFile(file)
	if err != nil {
		return backend.Config{}, err
	}
	return parseServer(file, data, lookup)
}

func parseServer(file string, data []byte, lookup func(string) (string, bool)) (backend.Config, error) {
	c := backend.Config{Buckets: map[string]backend.Bucket{}}
	doc := strict.Decode(file, data, lookup, func(m *strict.Map) { readServer(m, &c) })
	checkServer(doc, &c)
	return c, doc.Err()
}

func readServer(m *strict.Map, c *backend.Config) {
	m.String("listen", &c.Listen)
	m.String("data_dir", &c.DataDir)
	m.String("region", &c.Region)
	m.String("account", &c.Account)
	m.Strings("hosts", &c.Hosts)
	m.List("streams", func(_ int, m *strict.Map) {
		s := backend.Stream{Shards: 1}
		m.String("name", &s.Name)
		strict.Int(m, "shards", &s.Shards, 1, 10000)
		m.Duration("retention", &s.Retention, 24*time.Hour, 8760*time.Hour)
		c.Streams = append(c.Streams, s)
	})
	m.Dict("buckets", func(name string, m *strict.Map) {
		var b backend.Bucket
		m.String("directory", &b.Directory)
		m.Map("s3", func(m *strict.Map) {
			b.S3 = &backend.S3{}
			m.String("endpoint", &b.S3.Endpoint)
			m.String("region", &b.S3.Region)
			m.String("bucket", &b.S3.Bucket)
			m.String("access_key", &b.S3.AccessKey)
			m.String("secret_key", &b.S3.SecretKey)
		})
		if name != "" {
			c.Buckets[name] = b
		}
	})
	m.List("delivery_streams", func(_ int, m *strict.Map) {
		d := backend.DeliveryStream{Compression: "UNCOMPRESSED", BufferSize: 5 * mib, BufferTime: 300 * time.Second}
		m.String("name", &d.Name)
		m.Map("source", func(m *strict.Map) { m.String("stream", &d.Source) })
		m.Map("destination", func(m *strict.Map) {
			m.String("bucket", &d.Bucket)
			m.String("prefix", &d.Prefix)
			m.String("error_prefix", &d.ErrorPrefix)
			m.Enum("compression", &d.Compression, "UNCOMPRESSED", "GZIP")
		})
		m.Map("buffer", func(m *strict.Map) {
			strict.Size(m, "size", &d.BufferSize, mib, 128*mib)
			m.Duration("time", &d.BufferTime, 0, 900*time.Second)
		})
		c.DeliveryStreams = append(c.DeliveryStreams, d)
	})
	readFaults(m, c)
}

// checkServer reports what no single key shows.
func checkServer(doc *strict.Document, c *backend.Config) {
	streams := map[string]bool{}
	for i, s := range c.Streams {
		path := fmt.Sprintf("streams[%d].name", i)
		switch {
		case s.Name == "":
			doc.Report(path, "missing: a stream needs a name")
		case streams[s.Name]:
			doc.Report(path, "the stream %q is there twice", s.Name)
		}
		streams[s.Name] = true
		if s.Retention%time.Hour != 0 {
			doc.Report(fmt.Sprintf("streams[%d].retention", i), "must be whole hours")
		}
	}
	for name, b := range c.Buckets {
		path := "buckets." + name
		switch {
		case b.Directory == "" && b.S3 == nil:
			doc.Report(path, "says nothing: give it a directory, or s3")
		case b.Directory != "" && b.S3 != nil:
			doc.Report(path, "has both directory and s3: keep the one where its objects are to go")
		case b.Directory != "":
			if abs, err := filepath.Abs(b.Directory); err == nil {
				b.Directory = abs
				c.Buckets[name] = b
			}
		case (b.S3.AccessKey == "") != (b.S3.SecretKey == ""):
			doc.Report(path+".s3", "needs both access_key and secret_key, or neither")
		}
	}
	checkDeliveries(doc, c)
}

func checkDeliveries(doc *strict.Document, c *backend.Config) {
	deliveries := map[string]bool{}
	for i, d := range c.DeliveryStreams {
		path := fmt.Sprintf("delivery_streams[%d]", i)
		switch {
		case d.Name == "":
			doc.Report(path+".name", "missing: a delivery stream needs a name")
		case deliveries[d.Name]:
			doc.Report(path+".name", "the delivery stream %q is there twice", d.Name)
		}
		deliveries[d.Name] = true
		if d.Bucket == "" {
			doc.Report(path+".destination.bucket", "missing: a delivery stream needs a bucket; any name will do, "+
				"and one that buckets does not list is a folder below data_dir")
		}
		if d.BufferSize%mib != 0 {
			doc.Report(path+".buffer.size", "must be whole MiB")
		}
		if d.BufferTime%time.Second != 0 {
			doc.Report(path+".buffer.time", "must be whole seconds")
		}
	}
}
