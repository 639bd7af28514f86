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

func checkURL(report reporter, key, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		report(key, "%q is not an address of a server, such as http://127.0.0.1:4567", text)
	}
}

// check judges credentials by themselves.
func (c Credentials) check(report reporter) {
	if c.Local && (c.Profile != "" || c.RoleARN != "" || c.AccessKeyID != "") {
		report("", "local keys and a profile, a role or keys exclude one another")
	}
	if c.RoleARN != "" {
		parts := awsARN.FindStringSubmatch(c.RoleARN)
		if parts == nil || parts[1] != "iam" || parts[2] != "" || !strings.HasPrefix(parts[4], "role/") {
			report("role_arn", "%q is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME", c.RoleARN)
		}
	} else if c.ExternalID != "" {
		report("external_id", "goes with a role; set role_arn too")
	}
	switch {
	case c.AccessKeyID != "" && c.Profile != "":
		report("access_key_id", "a key and a profile exclude one another")
	case c.AccessKeyID != "" && c.SecretAccessKey == "":
		report("secret_access_key", "goes with access_key_id; set both")
	case c.AccessKeyID == "" && c.SecretAccessKey != "":
		report("access_key_id", "goes with secret_access_key; set both")
	case c.AccessKeyID == "" && c.SessionToken != "":
		report("session_token", "goes with access_key_id and secret_access_key; set all three")
	}
}
