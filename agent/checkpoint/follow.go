package checkpoint

import (
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	bolt "go.etcd.io/bbolt"
)

// followedValue is the JSON inside an envelope of the bucket followed. Paths are kept as hashes, sorted: only equality is asked for.
type followedValue struct {
	Since time.Time `json:"since"`
	Paths []uint64  `json:"paths"`
}

// Follow remembers, durably, which paths a flow follows, and returns since when it has followed all of them without a break in
// the record. A path that was not there the last time makes that now, for all: files that were rotated before it was
// followed are history. was is as for Adopt.
func (s *Store) Follow(flow, was string, paths []string) (since time.Time, err error) {
	if err := checkName("flow", flow); err != nil {
		return since, err
	}
	hashes := make([]uint64, 0, len(paths))
	for _, p := range paths {
		hashes = append(hashes, xxhash.Sum64String(p))
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	err = s.update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte(bucketFollowed)) // a file of an earlier version has none
		if err != nil {
			return err
		}
		old, err := followed(bucket, flow, was)
		if err != nil {
			return err
		}
		since = old.Since
		isNew := func(h uint64) bool { _, found := slices.BinarySearch(old.Paths, h); return !found }
		if since.IsZero() || slices.ContainsFunc(hashes, isNew) {
			since = s.now().UTC()
		}
		value, err := seal([]byte(flow), followedValue{Since: since, Paths: hashes})
		if err != nil {
			return err
		}
		return bucket.Put([]byte(flow), value)
	})
	return since, err
}

// followed returns what is kept for a flow, or else for the one that it was.
func followed(bucket *bolt.Bucket, names ...string) (v followedValue, err error) {
	for _, name := range names {
		value := bucket.Get([]byte(name))
		if name == "" || value == nil {
			continue
		}
		if err := unseal([]byte(name), value, &v); err != nil {
			return v, fmt.Errorf("checkpoint: flow %s: %w", name, err)
		}
		return v, nil
	}
	return v, nil
}
