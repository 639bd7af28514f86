package agent

import (
	"time"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/agent/metadata"
	"github.com/weir-logs/weir/parsers/original"
)

// metadataTTL is how long what is known of the instance is good for, as the flow's converters have it; 0: they do not say.
func metadataTTL(f *config.Flow) (shortest time.Duration) {
	for _, o := range f.Processing {
		if ttl := time.Duration(o.MetadataTTL) * time.Second; ttl > 0 && (shortest == 0 || ttl < shortest) {
			shortest = ttl
		}
	}
	return shortest
}

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
