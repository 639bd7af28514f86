package agent

import (
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/parsers/original"
)

// Instance returns what is known of the machine, for ADDEC2METADATA, or nil.
func Instance(from *metadata.Source) *original.Instance {
	known := from.Instance()
	if known == nil {
		return nil
	}
	return &original.Instance{
		PrivateIP: known.PrivateIP, AvailabilityZone: known.AvailabilityZone, InstanceID: known.ID, InstanceType: known.Type,
		AccountID: known.AccountID, ImageID: known.ImageID, Region: known.Region, At: known.Read, Tags: known.Tags,
	}
}
