package agent

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/weir-logs/weir/agent/config"
)

const (
	localRegion = "us-east-1"      // signed with local keys if the configuration names none
	loadTimeout = 10 * time.Second // for reading profiles; nothing is fetched before the first request
	roleTimeout = 30 * time.Second // of one request for a role
)

// identity is how requests are signed.
type identity struct {
	region      string
	credentials aws.CredentialsProvider
}

// identities makes an identity once for all destinations that sign alike: they share what was fetched. One goroutine uses it.
type identities struct {
	file      string            // of the configuration, for messages
	transport http.RoundTripper // for assuming roles
	made      map[config.Target]identity
}

// of returns the identity of a target. Credentials are only fetched by the first request: a login that fails is an
// error of the destination, tried again for ever.
func (i *identities) of(ctx context.Context, t config.Target) (identity, error) {
	key := t
	key.Endpoint = "" // has no say in it: a target with an endpoint has a region
	if id, ok := i.made[key]; ok {
		return id, nil
	}
	id, err := i.identify(ctx, t)
	if err != nil {
		return id, err
	}
	if i.made == nil {
		i.made = make(map[config.Target]identity)
	}
	i.made[key] = id
	return id, nil
}

// identify finds region and credentials.
func (i *identities) identify(ctx context.Context, t config.Target) (identity, error) {
	c := t.Credentials
	if c.Local {
		return identity{first(t.Region, localRegion), credentials.NewStaticCredentialsProvider("local", "local", "")}, nil
	}
	if c.AccessKeyID != "" && c.RoleARN == "" && t.Region != "" {
		return identity{t.Region, static(c)}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	var load []func(*awsconfig.LoadOptions) error
	if t.Region != "" {
		load = append(load, awsconfig.WithRegion(t.Region))
	}
	if c.Profile != "" {
		load = append(load, awsconfig.WithSharedConfigProfile(c.Profile))
	}
	if c.AccessKeyID != "" {
		load = append(load, awsconfig.WithCredentialsProvider(static(c)))
	}
	loaded, err := awsconfig.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return identity{}, &ConfigError{fmt.Errorf("agent: %s: credentials: %w", i.file, err)}
	}
	id := identity{region: loaded.Region, credentials: loaded.Credentials}
	if id.region == "" {
		return identity{}, &ConfigError{fmt.Errorf("agent: %s: no region: set region, AWS_REGION, or one in the profile", i.file)}
	}
	if c.RoleARN != "" {
		id.credentials = i.assume(t, loaded, id.region)
	}
	return id, nil
}

// static returns the keys that the configuration itself has.
func static(c config.Credentials) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(c.AccessKeyID, string(c.SecretAccessKey), string(c.SessionToken))
}

// ConfigError is an error of New that only another configuration, or another environment of the process, can mend: starting
// again does not help.
type ConfigError struct{ Err error }

// Error says what is wrong, and where.
func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *ConfigError) Unwrap() error { return e.Err }

// assume takes a role with the credentials that were found, from the STS of the region unless the target names another.
func (i *identities) assume(t config.Target, loaded aws.Config, region string) aws.CredentialsProvider {
	client := sts.NewFromConfig(loaded, func(o *sts.Options) {
		o.Region = region
		if i.transport != nil {
			o.HTTPClient = &http.Client{Transport: i.transport, Timeout: roleTimeout}
		}
		if t.STS != "" {
			o.BaseEndpoint = aws.String(t.STS)
		}
	})
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, t.Credentials.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "weir"
		if id := t.Credentials.ExternalID; id != "" {
			o.ExternalID = aws.String(id)
		}
	}))
}
