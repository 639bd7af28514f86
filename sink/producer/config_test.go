package producer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestConfigIsChecked(t *testing.T) {
	good := Config{Name: "logs", Region: "eu-west-1", Credentials: testCredentials()}
	for want, change := range map[string]func(*Config){
		`stream "": want a name`:                      func(c *Config) { c.Name = "" },
		`stream "a b": want a name`:                   func(c *Config) { c.Name = "a b" },
		`stream "arn:aws:s3:::bucket": want an ARN`:   func(c *Config) { c.Name = "arn:aws:s3:::bucket" },
		"stream logs: no region":                      func(c *Config) { c.Region = "" },
		"stream logs: no credentials":                 func(c *Config) { c.Credentials = nil },
		"an aggregate size of 63 bytes":               func(c *Config) { c.AggregateSize = 63 },
		"an aggregate size of 1048576 bytes":          func(c *Config) { c.AggregateSize = 1 << 20 },
		"a request size of 1000 bytes: want 1048576":  func(c *Config) { c.RequestSize = 1000 },
		"a request size of 16777216 bytes":            func(c *Config) { c.RequestSize = 16 << 20 },
		"-1 requests in flight":                       func(c *Config) { c.Concurrency = -1 },
		"a memory of 1000000 bytes does not hold one": func(c *Config) { c.Memory = 1e6 },
		"a time limit of -1ns":                        func(c *Config) { c.Timeout = -1 },
		"back-off from 20s to 10s":                    func(c *Config) { c.Backoff.First = 20 * time.Second },
		`endpoint "localhost:4567": want a URL`:       func(c *Config) { c.Endpoint = "localhost:4567" },
		`endpoint "ftp://host": want a URL`:           func(c *Config) { c.Endpoint = "ftp://host" },
		`endpoint "http://": want a URL`:              func(c *Config) { c.Endpoint = "http://" },
	} {
		c := good
		change(&c)
		p, err := NewStream(c)
		if err == nil {
			_ = p.Close(t.Context())
			t.Errorf("want an error with %q", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %q, want %q in it", err, want)
		}
	}
	_, err := NewStream(Config{Name: "logs", Concurrency: -1})
	for _, want := range []string{"region", "credentials", "in flight"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %v leaves out the %s", err, want)
		}
	}
	c := good
	c.Aggregate = true
	if _, err := NewDelivery(c); err == nil || !strings.Contains(err.Error(), "delivery stream logs: aggregation is for streams only") {
		t.Errorf("a delivery stream with aggregation: %v", err)
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name         string
		delivery     bool
		prefix, want string
	}{
		{"logs", false, `{"StreamName":"logs","Records":[`, "logs"},
		{"arn:aws:kinesis:eu-west-1:123456789012:stream/logs", false, `{"StreamARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/logs","Records":[`, "logs"},
		{"arn:aws-us-gov:kinesis:us-gov-west-1:1:stream/a.b_c-d", false, `{"StreamARN":"arn:aws-us-gov:kinesis:us-gov-west-1:1:stream/a.b_c-d","Records":[`, "a.b_c-d"},
		{"logs", true, `{"DeliveryStreamName":"logs","Records":[`, "logs"},
		{"arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs", true, `{"DeliveryStreamName":"logs","Records":[`, "logs"},
	} {
		start := streamTarget
		if c.delivery {
			start = deliveryTarget
		}
		if got, err := start(c.name); err != nil || got.prefix != c.prefix || got.name != c.want {
			t.Errorf("%s: %q, name %q, error %v", c.name, got.prefix, got.name, err)
		}
	}
	for _, bad := range []string{"arn:aws:kinesis:eu-west-1:1:stream/logs", strings.Repeat("n", 65), "a/b"} {
		if _, err := deliveryTarget(bad); err == nil {
			t.Errorf("%s is taken for a delivery stream", bad)
		}
	}
}

func TestEndpoints(t *testing.T) {
	stream, _ := streamTarget("logs")
	delivery, _ := deliveryTarget("logs")
	for _, c := range []struct {
		target   target
		region   string
		endpoint string
		want     string
	}{
		{stream, "eu-west-1", "", "https://kinesis.eu-west-1.amazonaws.com/"},
		{stream, "cn-north-1", "", "https://kinesis.cn-north-1.amazonaws.com.cn/"},
		{delivery, "us-east-1", "", "https://firehose.us-east-1.amazonaws.com/"},
		{stream, "eu-west-1", "http://127.0.0.1:4567", "http://127.0.0.1:4567/"},
		{delivery, "eu-west-1", "https://gateway.example/aws", "https://gateway.example/aws"},
	} {
		got, err := (&Config{Region: c.region, Endpoint: c.endpoint}).resolve(&c.target)
		if err != nil || got.String() != c.want {
			t.Errorf("%s in %s at %q: %v, %v, want %s", c.target.kind, c.region, c.endpoint, got, err, c.want)
		}
	}
}

func TestMinMemory(t *testing.T) {
	for _, c := range []Config{{}, {Aggregate: true}, {Aggregate: true, AggregateSize: 500_000, RequestSize: 2 << 20}} {
		c.Name, c.Region, c.Credentials = "logs", "eu-west-1", testCredentials()
		c.Memory = c.MinMemory()
		p, err := NewStream(c)
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Close(context.Background())
		c.Memory--
		if _, err := NewStream(c); err == nil || !strings.Contains(err.Error(), fmt.Sprint(c.Memory+1)) {
			t.Errorf("one byte less than MinMemory: %v", err)
		}
	}
}
