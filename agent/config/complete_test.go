package config

import (
	"fmt"
	"strings"
	"testing"
)

// made returns a valid configuration made in code, its destinations in AWS.
func made() *Config {
	c := Default()
	c.Region = "eu-west-1"
	f := DefaultFlow()
	f.Name = "web"
	f.Read.Paths = []string{"/var/log/x.log"}
	s := DefaultSend()
	s.Stream = "logs"
	d := DefaultSend()
	d.DeliveryStream = "archive"
	f.Send = []Send{s, d}
	c.Flows = []Flow{f}
	return c
}

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(c *Config)
		want   string // the problems; empty is none
	}{
		{"nothing", func(*Config) {}, ""},
		{"no flows", func(c *Config) { c.Flows = nil }, "flows: at least one flow is needed"},

		{"no region", func(c *Config) { c.Region = "" }, "region: is needed, because stream/logs is in AWS; for the region of the environment write region: ${AWS_REGION}"},
		{"no region, one endpoint", func(c *Config) { c.Region, c.Endpoints.Kinesis = "", "http://h:1" }, "region: is needed, because delivery/archive is in AWS; for the region of the environment write region: ${AWS_REGION}"},
		{"no region, both endpoints", func(c *Config) { c.Region, c.Endpoints = "", Endpoints{Kinesis: "http://h:1", Firehose: "http://h:2"} }, ""},
		{"no region, an endpoint", func(c *Config) { c.Region, c.Endpoint = "", "http://h:1" }, ""},
		{"no such region", func(c *Config) { c.Region = "eu-west1" }, `region: "eu-west1" is not the name of a region, such as eu-west-1`},
		{"regions of other partitions", func(c *Config) { c.Region = "us-gov-west-1" }, ""},
		{"own region", func(c *Config) { c.Region, c.Endpoint = "local", "http://h:1" }, ""},
		{"own region, no word", func(c *Config) { c.Region, c.Endpoint = "my region", "http://h:1" }, `region: "my region" is not the name of a region, such as eu-west-1`},
		{"ARN elsewhere", func(c *Config) {
			c.Flows[0].Send[1].DeliveryStream = "arn:aws:firehose:eu-west-2:123456789012:deliverystream/d"
		}, ""},

		{"local keys in AWS", func(c *Config) { c.Credentials.Local = true }, "credentials: local keys are for an endpoint of one's own; stream/logs is in AWS"},
		{"local keys", func(c *Config) { c.Credentials.Local, c.Endpoint = true, "http://h:1" }, ""},
		{"local keys and a profile", func(c *Config) { c.Credentials, c.Endpoint = Credentials{Local: true, Profile: "p"}, "http://h:1" },
			"credentials: local keys and a profile, a role or keys exclude one another"},
		{"no role", func(c *Config) { c.Credentials.RoleARN = "arn:aws:iam::123456789012:user/x" },
			`credentials.role_arn: "arn:aws:iam::123456789012:user/x" is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME`},

		{"endpoint with a path", func(c *Config) { c.Endpoint = "http://h/x" }, `endpoint: "http://h/x" is not an address of a server, such as http://127.0.0.1:4567`},
		{"endpoint of another scheme", func(c *Config) { c.Endpoints.Firehose = "ftp://h" }, `endpoints.firehose: "ftp://h" is not an address of a server, such as http://127.0.0.1:4567`},
		{"endpoint with a user", func(c *Config) { c.Endpoint = "http://u:p@h" }, `endpoint: "http://u:p@h" is not an address of a server, such as http://127.0.0.1:4567`},

		{"just enough memory", func(c *Config) { c.Memory, c.Flows[0].Read.MaxRecord = 16<<20, 4<<20 }, ""},
		{"too little memory", func(c *Config) { c.Memory, c.Flows[0].Read.MaxRecord = 16<<20-1, 4<<20 },
			`memory: 16777215 is too little: flow "web" has read.max_record 4MiB, and four times that is needed, 16MiB`},
		{"too little in flight", func(c *Config) { c.Flows[0].InFlight = 999_999 }, "flows[0].in_flight: 999999 is less than one record; read.max_record is 1MB"},
		{"too small dead letters", func(c *Config) { c.Flows[0].DeadLetter.MaxSize = 64 << 10 }, "flows[0].dead_letter.max_size: 64KiB is less than one record; read.max_record is 1MB"},

		{"long socket", func(c *Config) { c.StateDir = "/" + strings.Repeat("x", 97) }, "socket: /" + strings.Repeat("x", 97) + "/weir.sock has 108 bytes; the system takes at most 107: name a shorter one"},
		{"longest socket", func(c *Config) { c.StateDir = "/" + strings.Repeat("x", 96) }, ""},
		{"relative socket", func(c *Config) { c.Socket = "x.sock" }, `socket: "x.sock" must be an absolute path`},

		{"two flows", func(c *Config) {
			c.Flows = append(c.Flows, made().Flows[0])
			c.Flows[1].Name, c.Flows[1].Was = "b", "a"
		}, ""},
		{"two of one name", func(c *Config) { c.Flows = append(c.Flows, made().Flows[0]) }, `flows[1].name: flows[0] is called "web" already`},
		{"two heirs", func(c *Config) {
			c.Flows = append(c.Flows, made().Flows[0])
			c.Flows[0].Was, c.Flows[1].Was, c.Flows[1].Name = "old", "old", "b"
		}, `flows[1].was: flows[0] takes over the positions of "old" already`},
		{"wrong old name", func(c *Config) { c.Flows[0].Was = "-" }, `flows[0].was: "-" must begin with a letter or digit and have at most 64 letters, digits, dots, dashes and underscores`},

		{"empty exclude", func(c *Config) { c.Flows[0].Read.Exclude = []string{""} }, "flows[0].read.exclude[0]: is empty"},
		{"no paths", func(c *Config) { c.Flows[0].Read.Paths = nil }, "flows[0].read.paths: at least one path is needed, such as /var/log/nginx/*.log"},

		{"stream name too long", func(c *Config) { c.Flows[0].Send[0].Stream = strings.Repeat("x", 129) }, `flows[0].send[0].stream: "` + strings.Repeat("x", 129) + `" is no name: it must match ^[a-zA-Z0-9_.-]{1,128}$`},
		{"ARN of the other service", func(c *Config) {
			c.Flows[0].Send[0].Stream = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d"
		},
			`flows[0].send[0].stream: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/d" is not the ARN of one: arn:aws:kinesis:REGION:ACCOUNT:stream/NAME`},
		{"one twice", func(c *Config) { c.Flows[0].Send[0].Stream, c.Flows[0].Send[0].DeliveryStream = "", "archive" }, "flows[0].send[1]: send[0] goes to delivery/archive already"},
		{"a stream and a delivery stream of one name", func(c *Config) { c.Flows[0].Send[1].DeliveryStream = "logs" }, ""},

		{"key by file", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "file" }, ""},
		{"key by the longest constant", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "constant:" + strings.Repeat("é", 256) }, ""},
		{"key too long", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "constant:" + strings.Repeat("é", 257) }, "flows[0].send[0].partition_key: the constant has 257 characters; a stream takes at most 256, in UTF-8"},
		{"key without a field", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "field:" }, `flows[0].send[0].partition_key: "field:" is not one of random, file, host, hash, field:NAME, constant:TEXT`},
		{"misspelt key", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "randon" }, `flows[0].send[0].partition_key: "randon" is not one of random, file, host, hash, field:NAME, constant:TEXT; did you mean "random"?`},
		{"misspelt key with a name", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "fild:x" }, `flows[0].send[0].partition_key: "fild:x" is not one of random, file, host, hash, field:NAME, constant:TEXT; did you mean "field:x"?`},
		{"key by an unknown field", func(c *Config) { c.Flows[0].Send[0].PartitionKey = "field:x" }, `flows[0].send[0].partition_key: format none has no field "x"; it has message`},
		{"key by any field of JSON", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Send[0].PartitionKey = "json", "field:x" }, ""},

		{"csv out of json", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Encode = "json", Encode{Format: "csv", Columns: []string{"any", "message"}}
		}, ""},
		{"pretty csv", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Encode = "common", Encode{Format: "csv", Pretty: true}
		}, "flows[0].encode.pretty: belongs to format json, not to csv"},
		{"quotes for json", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Encode.Quote = "json", "all" }, "flows[0].encode.quote: belongs to format csv, not to json"},
		{"header for raw", func(c *Config) { c.Flows[0].Encode.Header = true }, "flows[0].encode.header: belongs to format csv, not to raw"},
		{"two delimiters", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Encode = "common", Encode{Format: "csv", Delimiter: "||"}
		},
			"flows[0].encode.delimiter: \"||\" is not one ASCII character other than a quote or a line end, nor tab"},
		{"columns for json", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Encode.Columns = "json", []string{"a"} }, "flows[0].encode.columns: belongs to format csv, not to json"},
		{"no format at all", func(c *Config) { c.Flows[0].Parse.Format = "" }, `flows[0].parse.format: there is no format ""; there are none, common, combined, vhost_combined, apache_error, syslog, rfc3164, rfc5424, json, logfmt, csv, regex, grok`},
		{"csv without columns", func(c *Config) { c.Flows[0].Parse.Format = "csv" }, "flows[0].parse.columns: format csv needs the names of its columns"},
		{"kept line", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Parse.KeepLine = "combined", "line" }, ""},
		{"kept line as a field of the format", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Parse.KeepLine = "combined", "agent" }, `flows[0].parse.keep_line: format combined has a field "agent" already; choose another name`},
		{"kept line as a field of the container", func(c *Config) {
			c.Flows[0].Read.Container, c.Flows[0].Read.MaxRecord, c.Flows[0].Parse.Format, c.Flows[0].Parse.KeepLine = "cri", 1<<16, "json", "pod"
		}, `flows[0].parse.keep_line: records have a field "pod" already; choose another name`},
		{"kept line in a raw record", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Parse.KeepLine, c.Flows[0].Encode.Format = "json", "line", "raw"
		}, "flows[0].parse.keep_line: has no effect: with encode format raw the line itself is sent"},
		{"patterns of grok", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Parse.Pattern, c.Flows[0].Parse.Patterns = "grok", "%{A:a}", []string{"A", "B b", "C"}
		}, `flows[0].parse.patterns[0]: "A" is not a name, a space and an expression, such as QUEUE [0-9A-F]+
flows[0].parse.patterns[2]: "C" is not a name, a space and an expression, such as QUEUE [0-9A-F]+`},
		{"columns by the header", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Parse.Header = "csv", true }, ""},
		{"header of records of several lines", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Parse.Header, c.Flows[0].Read.SkipHeaderLines = "csv", true, 1
		}, "flows[0].parse.header: does not go with read.skip_header_lines, container, multiline, line_end, or an encoding other than utf-8"},
		{"csv out of columns by the header", func(c *Config) {
			c.Flows[0].Parse.Format, c.Flows[0].Parse.Header, c.Flows[0].Encode.Format = "csv", true, "csv"
		}, "flows[0].encode.columns: format csv has other fields in each line; name the columns to write"},
		{"regex without groups", func(c *Config) { c.Flows[0].Parse.Format, c.Flows[0].Parse.Pattern = "regex", "x" }, "flows[0].parse.pattern: has no named group such as (?P<name>...), so no field"},
	} {
		config := made()
		c.change(config)
		err := config.Complete()
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestDerived(t *testing.T) {
	c := made()
	c.StateDir = "/s"
	c.Flows[0].Parse.Format, c.Flows[0].Encode.Format = "combined", "csv"
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	f := c.Flows[0]
	if c.Socket != "/s/weir.sock" || f.DeadLetter.Dir != "/s/dead-letter" {
		t.Errorf("socket %s, dead letters %s", c.Socket, f.DeadLetter.Dir)
	}
	if got := strings.Join(f.Encode.Columns, " "); got != "host ident authuser time request method path protocol status bytes referer agent extra" {
		t.Errorf("columns %s", got)
	}
	if s := f.Send[1]; s.PartitionKey != "" || s.Aggregate || s.AggregateSize != 0 {
		t.Errorf("a delivery stream has what only streams have: %+v", s)
	}
	for format, want := range map[string]string{"none": "raw", "common": "json", "json": "json"} {
		c := made()
		c.Flows[0].Parse.Format = format
		if err := c.Complete(); err != nil || c.Flows[0].Encode.Format != want {
			t.Errorf("%s is encoded as %s (%v), want %s", format, c.Flows[0].Encode.Format, err, want)
		}
	}
}

func TestCSVDelimiter(t *testing.T) {
	c := made()
	c.Flows[0].Parse = Parse{Format: "csv", Columns: []string{"a"}, OnMismatch: MismatchKeep}
	if err := c.Complete(); err != nil || c.Flows[0].Parse.Delimiter != "," || c.Flows[0].Encode.Format != "json" {
		t.Errorf("got %+v, %+v, %v", c.Flows[0].Parse, c.Flows[0].Encode, err)
	}
}
