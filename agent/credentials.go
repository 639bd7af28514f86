package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/weir-logs/weir/agent/config"
)

const (
	localRegion = "us-east-1"      // signed for an endpoint of one's own if the configuration names none
	loadTimeout = 10 * time.Second // for reading profiles; nothing is fetched before the first request
)

// identity is how requests are signed.
type identity struct {
	region      string
	credentials aws.CredentialsProvider
}

// identify finds region and credentials. Credentials are only fetched by the first request: a login that fails is an
// error of the destination, tried again for ever.
func identify(ctx context.Context, c *config.Config) (identity, error) {
	if c.Credentials.Local {
		id := identity{region: c.Region, credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
		if id.region == "" {
			id.region = localRegion
		}
		return id, nil
	}
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	var load []func(*awsconfig.LoadOptions) error
	if c.Region != "" {
		load = append(load, awsconfig.WithRegion(c.Region))
	}
	if c.Credentials.Profile != "" {
		load = append(load, awsconfig.WithSharedConfigProfile(c.Credentials.Profile))
	}
	loaded, err := awsconfig.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return identity{}, &ConfigError{fmt.Errorf("agent: %s: credentials: %w", c.File, err)}
	}
	id := identity{region: loaded.Region, credentials: loaded.Credentials}
	if id.region == "" {
		if c.Endpoint == "" && c.Endpoints == (config.Endpoints{}) {
			return identity{}, &ConfigError{fmt.Errorf("agent: %s: no region: set region, AWS_REGION, or one in the profile", c.File)}
		}
		id.region = localRegion
	}
	if c.Credentials.RoleARN != "" {
		id.credentials = assume(c, loaded, id.region)
	}
	return id, nil
}

// ConfigError is an error of New that only another configuration, or another environment of the process, can mend: starting
// again does not help.
type ConfigError struct{ Err error }

// Error says what is wrong, and where.
func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *ConfigError) Unwrap() error { return e.Err }

// assume takes a role with the credentials that were found.
func assume(c *config.Config, loaded aws.Config, region string) aws.CredentialsProvider {
	client := sts.NewFromConfig(loaded, func(o *sts.Options) {
		o.Region = region
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
	})
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, c.Credentials.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "weir"
		if c.Credentials.ExternalID != "" {
			o.ExternalID = aws.String(c.Credentials.ExternalID)
		}
	}))
}
