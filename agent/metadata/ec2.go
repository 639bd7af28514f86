package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// Instance is what EC2 says about the instance. A text that is empty is not known.
type Instance struct {
	ID, Type, ImageID, AvailabilityZone, Region, AccountID, PrivateIP, PublicIP, Hostname string

	Tags map[string]string // nil: not known, or not allowed in the metadata
	Read time.Time         // when the first nine were read last
}

func (i *Instance) value(name string) string {
	if i == nil {
		return ""
	}
	switch name {
	case "instance_id":
		return i.ID
	case "instance_type":
		return i.Type
	case "ami_id":
		return i.ImageID
	case "availability_zone":
		return i.AvailabilityZone
	case "region":
		return i.Region
	case "account_id":
		return i.AccountID
	case "private_ip":
		return i.PrivateIP
	case "public_ip":
		return i.PublicIP
	case "hostname":
		return i.Hostname
	}
	if tag, ok := strings.CutPrefix(name, tagPrefix); ok {
		return i.Tags[tag]
	}
	return ""
}

// mostTags is more than an instance can have: 50 of its owner's.
const mostTags = 64

var (
	errDisabled = errors.New("AWS_EC2_METADATA_DISABLED is true in the environment")
	errNoTags   = errors.New("the instance metadata has no tags: allow them with aws ec2 modify-instance-metadata-options --instance-metadata-tags enabled")
)

// ec2 asks the instance metadata service.
type ec2 struct {
	client   *imds.Client
	disabled bool
	tags     *atomic.Bool // somebody wants them
}

func newEC2(c Config, tags *atomic.Bool) *ec2 {
	opt := imds.Options{
		Endpoint:       c.Env("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
		HTTPClient:     newClient(c.Transport),
		Retryer:        aws.NopRetryer{}, // follow asks again
		EnableFallback: aws.FalseTernary, // tokens, or nothing
	}
	if strings.EqualFold(c.Env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6") {
		opt.EndpointMode = imds.EndpointModeStateIPv6
	}
	e := &ec2{disabled: strings.EqualFold(c.Env("AWS_EC2_METADATA_DISABLED"), "true"), tags: tags}
	if !e.disabled {
		opt.ClientEnableState = imds.ClientEnabled
		e.client = imds.New(opt)
	}
	return e
}

// read asks for everything. What fails keeps its earlier value.
func (e *ec2) read(ctx context.Context, earlier *Instance) (*Instance, error) {
	if e.disabled {
		return nil, errDisabled
	}
	document, err := e.client.GetInstanceIdentityDocument(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("instance identity document: %w", err)
	}
	d := &document.InstanceIdentityDocument
	now := &Instance{
		ID: d.InstanceID, Type: d.InstanceType, ImageID: d.ImageID, AvailabilityZone: d.AvailabilityZone, Region: d.Region, AccountID: d.AccountID,
		PrivateIP: d.PrivateIP, Read: time.Now(),
	}
	var before Instance
	if earlier != nil {
		before = *earlier
	}
	var errs [3]error
	now.PublicIP, errs[0] = e.optional(ctx, "public-ipv4", before.PublicIP)
	now.Hostname, errs[1] = e.optional(ctx, "hostname", before.Hostname)
	if now.Tags, errs[2] = e.readTags(ctx, before.Tags); errors.Is(errs[2], errNoTags) && !e.tags.Load() {
		errs[2] = nil
	}
	return now, errors.Join(errs[:]...)
}

// readTags reads all tags, one request for each.
func (e *ec2) readTags(ctx context.Context, earlier map[string]string) (map[string]string, error) {
	const folder = "tags/instance/"
	list, err := e.get(ctx, folder)
	if isMissing(err) {
		return nil, errNoTags
	}
	if err != nil {
		return earlier, err
	}
	names := strings.Fields(list) // EC2 allows no blanks in their names where they are in the metadata
	if len(names) > mostTags {
		return earlier, fmt.Errorf("%s: %d tags are more than an instance can have", folder, len(names))
	}
	fresh := make(map[string]string, len(names))
	var errs []error
	for _, name := range names {
		value, err := e.optional(ctx, folder+name, earlier[name])
		fresh[name] = value
		errs = append(errs, err)
	}
	return fresh, errors.Join(errs...)
}

// optional gets what not every instance has; earlier stands for it while it cannot be read.
func (e *ec2) optional(ctx context.Context, path, earlier string) (string, error) {
	value, err := e.get(ctx, path)
	switch {
	case isMissing(err):
		return "", nil
	case err != nil:
		return earlier, err
	}
	return value, nil
}

func (e *ec2) get(ctx context.Context, path string) (string, error) {
	out, err := e.client.GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	defer out.Content.Close()
	text, err := io.ReadAll(out.Content) // the transport bounds it
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return string(text), nil
}

func isMissing(err error) bool {
	var status interface{ HTTPStatusCode() int }
	return errors.As(err, &status) && status.HTTPStatusCode() == http.StatusNotFound
}
