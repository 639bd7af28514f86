package config

import (
	"net/url"
	"regexp"
	"strings"
)

// The names that the services take, from the patterns of their API references.
var (
	streamName   = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	deliveryName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	awsARN       = regexp.MustCompile(`^arn:aws[a-z-]*:([a-z0-9]+):([a-z0-9-]*):([0-9]{12}):(.+)$`)
	awsRegion    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	anyRegion    = regexp.MustCompile(`^[a-z0-9-]{1,64}$`) // what a server that is not AWS may call itself
)

// defaultRegion is what requests to an endpoint of one's own are signed for if nothing is said.
const defaultRegion = "us-east-1"

// complete fills in and checks one destination of a flow whose format is given, and the fields it has (nil: any).
func (s *Send) complete(format string, fields []string, report reporter) {
	switch {
	case s.Stream == "" && s.DeliveryStream == "":
		report("", "a destination is needed: stream or delivery_stream")
	case s.Stream != "" && s.DeliveryStream != "":
		report("delivery_stream", "this entry sends to stream %s already; give each destination its own entry", s.Stream)
	case s.DeliveryStream != "":
		checkTarget(report, "delivery_stream", s.DeliveryStream, "firehose", "deliverystream/", deliveryName)
		s.PartitionKey, s.Aggregate, s.AggregateSize = "", false, 0
	default:
		checkTarget(report, "stream", s.Stream, "kinesis", "stream/", streamName)
		s.checkPartitionKey(format, fields, report)
	}
}

// checkTarget judges the name or ARN of a destination.
func checkTarget(report reporter, key, target, service, prefix string, name *regexp.Regexp) {
	if !strings.HasPrefix(target, "arn:") {
		if !name.MatchString(target) {
			report(key, "%q is no name: it must match %s", target, name)
		}
		return
	}
	parts := awsARN.FindStringSubmatch(target)
	if parts == nil || parts[1] != service || parts[2] == "" || !strings.HasPrefix(parts[4], prefix) || !name.MatchString(parts[4][len(prefix):]) {
		report(key, "%q is not the ARN of one: arn:aws:%s:REGION:ACCOUNT:%sNAME", target, service, prefix)
	}
}

// checkSend judges the destinations of f together.
func (f *Flow) checkSend(report reporter) {
	if len(f.Send) == 0 {
		report("send", "at least one destination is needed: stream or delivery_stream")
	}
	first := make(map[string]int)
	for i, s := range f.Send {
		if s.Stream == "" && s.DeliveryStream == "" {
			continue
		}
		if other, ok := first[s.Destination()]; ok {
			report(index("send", i), "send[%d] goes to %s already", other, s.Destination())
			continue
		}
		first[s.Destination()] = i
	}
}

// endpoint returns where the requests for s go; empty means AWS.
func (c *Config) endpoint(s Send) string {
	if own := c.Endpoints.Kinesis; s.Stream != "" && own != "" {
		return own
	}
	if own := c.Endpoints.Firehose; s.DeliveryStream != "" && own != "" {
		return own
	}
	return c.Endpoint
}

// completeAWS fills in the region and checks endpoints, region and credentials against the destinations.
func (c *Config) completeAWS(report reporter) {
	checkURL(report, "endpoint", c.Endpoint)
	checkURL(report, "endpoints.kinesis", c.Endpoints.Kinesis)
	checkURL(report, "endpoints.firehose", c.Endpoints.Firehose)
	toAWS := c.firstToAWS()
	switch {
	case c.Region == "" && toAWS != "":
		report("region", "is needed, because %s is in AWS; for the region of the environment write region: ${AWS_REGION}", toAWS)
	case c.Region == "":
		c.Region = defaultRegion
	case toAWS != "" && !awsRegion.MatchString(c.Region), !anyRegion.MatchString(c.Region):
		report("region", "%q is not the name of a region, such as eu-west-1", c.Region)
	}
	c.checkRegions(report)
	c.Credentials.check(report.below("credentials"), toAWS)
}

// firstToAWS names the first destination without an endpoint.
func (c *Config) firstToAWS() string {
	for _, f := range c.Flows {
		for _, s := range f.Send {
			if s.Stream+s.DeliveryStream != "" && c.endpoint(s) == "" {
				return s.Destination()
			}
		}
	}
	return ""
}

// checkRegions reports destinations whose ARN is in another region than the one that requests are signed for.
func (c *Config) checkRegions(report reporter) {
	for i, f := range c.Flows {
		for j, s := range f.Send {
			key, target := "stream", s.Stream
			if target == "" {
				key, target = "delivery_stream", s.DeliveryStream
			}
			parts := awsARN.FindStringSubmatch(target)
			if parts != nil && c.Region != "" && parts[2] != c.Region {
				report(index(index("flows", i)+".send", j)+"."+key, "the ARN is in %s, the configuration's region is %s", parts[2], c.Region)
			}
		}
	}
}

func checkURL(report reporter, key, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		report(key, "%q is not an address of a server, such as http://127.0.0.1:4567", text)
	}
}

// check judges the credentials; toAWS names a destination in AWS, if there is one.
func (c Credentials) check(report reporter, toAWS string) {
	if c.Local && toAWS != "" {
		report("", "local keys are for an endpoint of one's own; %s is in AWS", toAWS)
	}
	if c.Local && (c.Profile != "" || c.RoleARN != "") {
		report("", "local keys and a profile or role exclude one another")
	}
	if c.RoleARN != "" {
		parts := awsARN.FindStringSubmatch(c.RoleARN)
		if parts == nil || parts[1] != "iam" || parts[2] != "" || !strings.HasPrefix(parts[4], "role/") {
			report("role_arn", "%q is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME", c.RoleARN)
		}
	} else if c.ExternalID != "" {
		report("external_id", "goes with a role; set role_arn too")
	}
}
