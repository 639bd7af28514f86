package stream

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// definitionVersion is the version of a stream's definition in Meta. A newer one is refused.
const definitionVersion = 1

// Bounds of a stream.
const (
	maxShards       = 10_000
	maxAllShards    = 50_000 // of all streams together: each costs some hundred bytes of memory
	onDemandShards  = 4
	defaultHours    = 24
	maxHours        = 8760
	defaultMaxKiB   = 1 << 10
	maxRequestBytes = 10 << 20
	maxTags         = 50
)

// definition is what is stored of a stream, under "stream/NAME". Id is new for each incarnation of a name and names the
// stream in the store, so that a stream made again never sees old records.
type definition struct {
	Version   int               `json:"version"`
	ID        uint64            `json:"id"`
	Name      string            `json:"name"`
	Created   int64             `json:"created_ms"`
	Status    string            `json:"status"`
	Since     int64             `json:"status_since_ms"`
	Mode      string            `json:"mode"`
	Hours     int32             `json:"retention_hours"`
	MaxKiB    int32             `json:"max_record_kib"`
	Spread    string            `json:"record_distribution,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
	NextShard uint32            `json:"next_shard"`
	Shards    []shardDefinition `json:"shards"`
}

// shardDefinition is one shard. Epoch is the one in which this server appends; a closed shard was fenced with a higher one.
// A shard that is added later needs a stamp that is not below those of the others.
type shardDefinition struct {
	Number  uint32   `json:"number"`
	Epoch   uint32   `json:"epoch"`
	Start   string   `json:"start"`
	End     string   `json:"end"`
	Created int64    `json:"created_ms"`
	Stamp   int64    `json:"stamp_s,omitempty"` // creation as sequence numbers say it, if that is another second
	Closed  int64    `json:"closed_ms,omitempty"`
	Parents []uint32 `json:"parents,omitempty"` // the parent, and the adjacent one after a merge
}

// spec is a stream to be made.
type spec struct {
	name   string
	shards int
	mode   types.StreamMode
	hours  int32
	maxKiB int32
	spread types.RecordDistributionStrategy
	tags   map[string]string
}

// define makes the definition of a new stream. Its sequence numbers say that it was created later than stamp seconds since 1970.
func (sp spec) define(id uint64, now, stamp int64) definition {
	d := definition{
		Version: definitionVersion, ID: id, Name: sp.name, Created: now, Status: string(types.StreamStatusCreating), Since: now,
		Mode: string(sp.mode), Hours: sp.hours, MaxKiB: sp.maxKiB, Spread: string(sp.spread), Tags: sp.tags, NextShard: uint32(sp.shards),
	}
	if stamp++; stamp <= now/1000 {
		stamp = 0
	}
	for i, r := range divide(sp.shards) {
		d.Shards = append(d.Shards, shardDefinition{
			Number: uint32(i), Epoch: 1, Start: r.start.String(), End: r.end.String(), Created: now, Stamp: stamp,
		})
	}
	return d
}

// stamp is the creation of the shard as its sequence numbers say it, in seconds since 1970.
func (sh shardDefinition) stamp() int64 {
	if sh.Stamp != 0 {
		return sh.Stamp
	}
	return sh.Created / 1000
}

// stamp is the newest one of the stream's shards.
func (d definition) stamp() (newest int64) {
	for _, sh := range d.Shards {
		newest = max(newest, sh.stamp())
	}
	return newest
}

func (d definition) encode() ([]byte, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("stream: encode the definition of %s: %w", d.Name, err)
	}
	return b, nil
}

// decodeDefinition reads and checks a stored definition.
func decodeDefinition(b []byte) (definition, error) {
	var head struct{ Version int }
	if err := json.Unmarshal(b, &head); err != nil {
		return definition{}, fmt.Errorf("definition: %w", err)
	}
	if head.Version != definitionVersion {
		return definition{}, fmt.Errorf("definition has version %d, this weir knows version %d: use the weir that wrote it",
			head.Version, definitionVersion)
	}
	var d definition
	if err := json.Unmarshal(b, &d); err != nil {
		return definition{}, fmt.Errorf("definition: %w", err)
	}
	return d, d.check()
}

func (d definition) check() error {
	if d.Name == "" || d.ID == 0 {
		return fmt.Errorf("definition of %q has id %d", d.Name, d.ID)
	}
	switch types.StreamStatus(d.Status) {
	case types.StreamStatusCreating, types.StreamStatusActive, types.StreamStatusUpdating, types.StreamStatusDeleting:
	default:
		return fmt.Errorf("definition of %s has status %q", d.Name, d.Status)
	}
	for i, sh := range d.Shards {
		if i > 0 && sh.Number <= d.Shards[i-1].Number || sh.Number >= d.NextShard || len(sh.Parents) > 2 || sh.Epoch == 0 {
			return fmt.Errorf("definition of %s has a bad shard %d", d.Name, sh.Number)
		}
		if _, err := sh.hashRange(); err != nil {
			return fmt.Errorf("definition of %s, shard %d: %w", d.Name, sh.Number, err)
		}
	}
	return nil
}

func (sh shardDefinition) hashRange() (hashRange, error) {
	start, err := parseHashKey(sh.Start)
	if err != nil {
		return hashRange{}, err
	}
	end, err := parseHashKey(sh.End)
	if err != nil {
		return hashRange{}, err
	}
	if end.less(start) {
		return hashRange{}, fmt.Errorf("range %s to %s", sh.Start, sh.End)
	}
	return hashRange{start, end}, nil
}
