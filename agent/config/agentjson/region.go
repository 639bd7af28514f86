package agentjson

import (
	"net/url"
	"regexp"
	"strings"
)

// fallbackRegion is what the original agent signs for where a host name tells no region.
const fallbackRegion = "us-east-1"

// serviceHost has the region in the names of AWS's servers, those of VPC endpoints, FIPS and dual stack included.
var serviceHost = regexp.MustCompile(`(?:^|\.)(?:kinesis|firehose)(?:-fips)?\.([a-z]{2,}(?:-[a-z]+)+-[0-9]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)$`)

// server is where the requests of a service go.
type server struct {
	address string // empty if it is what the region alone leads to
	region  string // empty for that of the environment
}

// serverOf reads an endpoint and a region as the original agent does: alone, an endpoint tells the region by its name.
func serverOf(service, endpoint, region string) server {
	if endpoint == "" {
		return server{region: region}
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	guess := fallbackRegion
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = strings.ToLower(u.Hostname())
	}
	if m := serviceHost.FindStringSubmatch(host); m != nil {
		guess = m[1]
	}
	if region == "" {
		region = guess
	}
	if strings.EqualFold(strings.TrimSuffix(endpoint, "/"), "https://"+service+"."+region+".amazonaws.com") {
		endpoint = ""
	}
	return server{endpoint, region}
}
