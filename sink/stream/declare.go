package stream

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Declaration is a stream that a server's configuration wants.
type Declaration struct {
	Name      string
	Shards    int           // 0: ON_DEMAND
	Retention time.Duration // whole hours, 24 to 8760; 0: 24
}

// Declare creates the stream if it is absent. One that is there stays as it is, and Declare returns how it
// differs, in words for the operator; it never changes a stream silently.
func (s *Service) Declare(ctx context.Context, d Declaration) (differences []string, err error) {
	sp, err := d.spec()
	if err != nil {
		return nil, err
	}
	err = s.create(ctx, sp)
	var exists *types.ResourceInUseException
	if err == nil || !errors.As(err, &exists) {
		if err != nil {
			return nil, fmt.Errorf("stream: declare stream %s: %w", d.Name, err)
		}
		return nil, nil
	}
	st := s.catalog.Load().byName[d.Name]
	if st == nil {
		return nil, fmt.Errorf("stream: declare stream %s: it was removed at the same moment", d.Name)
	}
	if string(sp.mode) != st.Mode {
		differences = append(differences, fmt.Sprintf("stream %s is %s, its declaration makes it %s", d.Name, st.Mode, sp.mode))
	} else if sp.shards != len(st.open) {
		differences = append(differences, fmt.Sprintf("stream %s has %d open shards, not the %d of its declaration", d.Name, len(st.open), sp.shards))
	}
	if sp.hours != st.Hours {
		differences = append(differences, fmt.Sprintf("stream %s keeps records for %d hours, not the %d of its declaration", d.Name, st.Hours, sp.hours))
	}
	return differences, nil
}

// spec checks a declaration, which did not pass the table of the API.
func (d Declaration) spec() (spec, error) {
	sp := spec{name: d.Name, shards: d.Shards, mode: types.StreamModeProvisioned, hours: defaultHours, maxKiB: defaultMaxKiB}
	if !regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`).MatchString(d.Name) {
		return sp, fmt.Errorf("stream: declare stream %q: a name has 1 to 128 of a-z, A-Z, 0-9, '_', '.' and '-'", d.Name)
	}
	if d.Shards < 0 || d.Shards > maxShards {
		return sp, fmt.Errorf("stream: declare stream %s: %d shards, 1 to %d can be, or 0 for on demand", d.Name, d.Shards, maxShards)
	}
	if d.Shards == 0 {
		sp.mode, sp.shards = types.StreamModeOnDemand, onDemandShards
	}
	if d.Retention != 0 {
		hours := d.Retention / time.Hour
		if d.Retention%time.Hour != 0 || hours < defaultHours || hours > maxHours {
			return sp, fmt.Errorf("stream: declare stream %s: retention of %v, whole hours from %dh to %dh can be", d.Name, d.Retention, defaultHours, maxHours)
		}
		sp.hours = int32(hours)
	}
	return sp, nil
}
