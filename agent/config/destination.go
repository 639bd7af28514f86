package config

import (
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/weir-logs/weir/agent/config/strict"
)

// Secret is a text that is not shown: every way of printing it prints its absence or three stars.
type Secret string

// String hides the text.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the text.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText hides the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Failure says what becomes of the records of a destination while it does not take them.
type Failure string

// The values of Failure.
const (
	FailureBlock      Failure = "block"       // reading waits, for all destinations of the flow but those that lag
	FailureDeadLetter Failure = "dead_letter" // after GiveUpAfter they go to the dead-letter file
	FailureLag        Failure = "lag"         // the destination has its own reading of the files; the others go on
)

// mostPack is what a record of a delivery stream holds, 1,000 KiB.
const mostPack = 1000 << 10

func (e *Endpoints) read(m *strict.Map) {
	m.String("kinesis", &e.Kinesis)
	m.String("firehose", &e.Firehose)
	m.String("sts", &e.STS)
}

func (c *Credentials) read(m *strict.Map) {
	m.MapOr("credentials", "local", &c.Local, func(m *strict.Map) {
		m.String("profile", &c.Profile)
		m.String("role_arn", &c.RoleARN)
		m.String("external_id", &c.ExternalID)
		m.String("access_key_id", &c.AccessKeyID)
		m.String("secret_access_key", (*string)(&c.SecretAccessKey))
		m.String("session_token", (*string)(&c.SessionToken))
	})
}

// readDestination takes the keys of an entry that say where it goes, and what happens while that fails.
func (s *Send) readDestination(m *strict.Map) {
	strict.Size(m, "pack", &s.Pack, 0, mostPack)
	m.String("region", &s.Region)
	m.String("endpoint", &s.Endpoint)
	s.Credentials.read(m)
	m.Enum("on_failure", (*string)(&s.OnFailure), string(FailureBlock), string(FailureDeadLetter), string(FailureLag))
	m.Duration("give_up_after", &s.GiveUpAfter, time.Second, 30*24*time.Hour)
	if m.Has("give_up_after") && s.OnFailure != FailureDeadLetter {
		m.Report("give_up_after", "goes with on_failure: dead_letter")
	}
	if m.Has("pack") && s.Stream != "" {
		m.Report("pack", "is for delivery streams only; records of a stream are joined by aggregate")
	}
}

// Target says where the requests of a destination go and how they are signed, with all that its flow and the configuration say about it.
// Targets can be compared.
type Target struct {
	Region      string // empty: of the environment, or of the profile
	Endpoint    string // empty: AWS
	STS         string // where a role is assumed; empty: AWS, in Region
	Credentials Credentials
}

// Target returns where s, an entry of f, goes: what the entry says goes before what the flow says, and that before what the configuration says. Credentials
// are taken as a whole from the first that has some. The region of an ARN stands for one in the entry.
func (c *Config) Target(f *Flow, s *Send) Target {
	t := Target{
		Region:   first(s.Region, s.arnRegion(), f.Region, c.Region),
		Endpoint: first(s.Endpoint, f.Endpoints.of(s), f.Endpoint, c.Endpoints.of(s), c.Endpoint),
		STS:      first(f.Endpoints.STS, f.Endpoint, c.Endpoints.STS, c.Endpoint),
	}
	for _, credentials := range []Credentials{s.Credentials, f.Credentials, c.Credentials} {
		if credentials != (Credentials{}) {
			t.Credentials = credentials
			break
		}
	}
	if t.Region == "" && t.Endpoint != "" {
		t.Region = defaultRegion
	}
	if t.Credentials.RoleARN == "" {
		t.STS = "" // nobody asks it
	}
	return t
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// of returns the address of the service that s is in.
func (e Endpoints) of(s *Send) string {
	if s.Stream != "" {
		return e.Kinesis
	}
	return e.Firehose
}

// arnRegion returns the region of the destination's ARN, if it is given as one.
func (s *Send) arnRegion() string {
	if parts := awsARN.FindStringSubmatch(s.Stream + s.DeliveryStream); parts != nil {
		return parts[2]
	}
	return ""
}

// KeyPerRecord reports whether each record has a partition key of its own, so that records of a stream share no aggregate.
func (s *Send) KeyPerRecord() bool {
	return s.PartitionKey == "hash" || strings.HasPrefix(s.PartitionKey, "field:")
}

// empty reports whether the entry names no destination at all.
func (s *Send) empty() bool { return s.Stream == "" && s.DeliveryStream == "" }

// checkSend judges the destinations of f together, and names those apart that would have one name.
func (c *Config) checkSend(f *Flow, report reporter) {
	if len(f.Send) == 0 {
		report("send", "at least one destination is needed: stream or delivery_stream")
	}
	c.nameApart(f)
	first := make(map[string]int)
	for i := range f.Send {
		s := &f.Send[i]
		if s.empty() {
			continue
		}
		if other, ok := first[s.Destination()]; ok {
			report(index("send", i), "send[%d] goes to %s already", other, s.Destination())
			continue
		}
		first[s.Destination()] = i
	}
}

// nameApart gives entries for streams of the same name, which are in different places, names of their own: with the region, then with the host, then with who
// signs. An entry that is alone with its name keeps it, so that its positions are found.
func (c *Config) nameApart(f *Flow) {
	for i := range f.Send {
		f.Send[i].Name = ""
	}
	for _, more := range []func(Target) string{
		func(t Target) string { return t.Region },
		func(t Target) string { return hostOf(t.Endpoint) },
		func(t Target) string { return t.Credentials.who() },
	} {
		byName := make(map[string][]*Send)
		for i := range f.Send {
			if s := &f.Send[i]; !s.empty() {
				byName[s.Destination()] = append(byName[s.Destination()], s)
			}
		}
		for name, same := range byName {
			if !c.differ(f, same, more) {
				continue
			}
			for _, s := range same {
				if text := more(c.Target(f, s)); text != "" {
					s.Name = name + "@" + text
				}
			}
		}
	}
}

// differ tells whether what more says of the entries is not the same for all of them.
func (c *Config) differ(f *Flow, all []*Send, more func(Target) string) bool {
	for _, s := range all[1:] {
		if more(c.Target(f, s)) != more(c.Target(f, all[0])) {
			return true
		}
	}
	return false
}

// hostOf returns the host of an address that was checked, or will be.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return address
}

// who tells credentials apart without a secret.
func (c Credentials) who() string {
	if c.Local {
		return "local"
	}
	return first(c.RoleARN, c.Profile, c.AccessKeyID)
}

// checkDestination judges what an entry says about its records beside where they go.
func (s *Send) checkDestination(f *Flow, report reporter) {
	if arn := s.arnRegion(); arn != "" && s.Region != "" && arn != s.Region {
		report("region", "is %s, and the ARN is in %s; leave it out", s.Region, arn)
	}
	if s.Pack > 0 && !f.Encode.Newline {
		report("pack", "joins records, and without line ends (encode.newline: false) nobody can take them apart")
	}
	if s.OnFailure == "" {
		s.OnFailure = FailureBlock
	}
}

// completeAWS fills in the region and checks endpoints, regions and credentials against the destinations.
func (c *Config) completeAWS(report reporter) {
	checkURL(report, "endpoint", c.Endpoint)
	c.Endpoints.check(report.below("endpoints"))
	c.Credentials.check(report.below("credentials"))
	p := places{config: c, report: report, reported: make(map[string]bool)}
	for i := range c.Flows {
		f := &c.Flows[i]
		p.flow, p.flowAt = f, index("flows", i)
		below := report.item("flows", i)
		checkURL(below, "endpoint", f.Endpoint)
		f.Endpoints.check(below.below("endpoints"))
		f.Credentials.check(below.below("credentials"))
		for j := range f.Send {
			s := &f.Send[j]
			p.sendAt = p.flowAt + "." + index("send", j)
			checkURL(report, p.sendAt+".endpoint", s.Endpoint)
			s.Credentials.check(report.below(p.sendAt + ".credentials"))
			if !s.empty() {
				p.check(s)
			}
		}
	}
	if c.Region == "" && !p.reported["region"] {
		c.Region = defaultRegion
	}
	if !p.reported["region"] && !anyRegion.MatchString(c.Region) {
		p.reportRegion("region", c.Region)
	}
}

func (e Endpoints) check(report reporter) {
	checkURL(report, "kinesis", e.Kinesis)
	checkURL(report, "firehose", e.Firehose)
	checkURL(report, "sts", e.STS)
}

// places finds the key that decides something about an entry, and reports each of them once.
type places struct {
	config         *Config
	flow           *Flow
	flowAt, sendAt string
	report         reporter
	reported       map[string]bool
}

// check judges region and credentials of one destination, where they stand.
func (p *places) check(s *Send) {
	t := p.config.Target(p.flow, s)
	toAWS := t.Endpoint == ""
	at := "region"
	switch {
	case s.Region != "":
		at = p.sendAt + ".region"
	case s.arnRegion() != "":
		at = "" // judged as a part of the ARN
	case p.flow.Region != "":
		at = p.flowAt + ".region"
	}
	switch {
	case p.reported[at] || at == "":
	case t.Region == "":
		p.reported[at] = true
		p.report(at, "is needed, because %s is in AWS; for the region of the environment write region: ${AWS_REGION}", s.Destination())
	case toAWS && !awsRegion.MatchString(t.Region), !anyRegion.MatchString(t.Region):
		p.reportRegion(at, t.Region)
	}
	if !t.Credentials.Local || !toAWS {
		return
	}
	at = "credentials"
	switch {
	case s.Credentials.Local:
		at = p.sendAt + ".credentials"
	case p.flow.Credentials.Local:
		at = p.flowAt + ".credentials"
	}
	if !p.reported[at] {
		p.reported[at] = true
		p.report(at, "local keys are for an endpoint of one's own; %s is in AWS", s.Destination())
	}
}

func (p *places) reportRegion(at, region string) {
	p.reported[at] = true
	p.report(at, "%q is not the name of a region, such as eu-west-1", region)
}

// Reading is the entries of a flow that share one reading of its files, by their places in Send.
type Reading []int

// Readings says which entries of f read its files together: all that do not lag are one reading, which comes first; each that lags is one of its own.
func (f *Flow) Readings() []Reading {
	var together Reading
	var all []Reading
	for i := range f.Send {
		if f.Send[i].OnFailure == FailureLag {
			all = append(all, Reading{i})
		} else {
			together = append(together, i)
		}
	}
	if len(together) > 0 {
		all = append([]Reading{together}, all...)
	}
	return all
}

// Lags reports whether the destination with a name lags on its own.
func (f *Flow) Lags(name string) bool {
	return slices.ContainsFunc(f.Send, func(s Send) bool { return s.Destination() == name && s.OnFailure == FailureLag })
}

// Names returns the names of the destinations of a reading of f.
func (r Reading) Names(f *Flow) []string {
	names := make([]string, 0, len(r))
	for _, i := range r {
		names = append(names, f.Send[i].Destination())
	}
	return names
}

// Signer says by whom the requests for an entry are signed if the configuration as a whole says otherwise or nothing, without a secret; empty if it does not.
func (c *Config) Signer(f *Flow, s *Send) string {
	if t := c.Target(f, s); t.Credentials != c.Credentials {
		return t.Credentials.who()
	}
	return ""
}
