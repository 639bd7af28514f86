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
	Left  time.Time `json:"left,omitzero"` // see Store.Left; came later
}

// Followed returns since when a flow has followed all of the paths without a break in the record, and whether they are just those that
// are noted for it. A path that is not among the noted ones makes that now, for all: files that were rotated before it was
// followed are history. was is as for Adopt. A Batch with Paths notes them.
func (s *Store) Followed(flow, was string, paths []string) (since time.Time, noted bool, err error) {
	hashes := hashPaths(paths)
	err = s.guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			bucket := tx.Bucket([]byte(bucketFollowed))
			if bucket == nil {
				return nil // nothing was ever noted
			}
			old, err := followed(bucket, flow, was)
			if err != nil {
				return err
			}
			since = old.Since
			if !old.has(hashes) {
				since = time.Time{}
			}
			noted = bucket.Get([]byte(flow)) != nil && slices.Equal(old.Paths, hashes)
			return nil
		})
	})
	if since.IsZero() {
		since = s.now().UTC()
	}
	return since, noted, err
}

// has tells whether all of these paths are among those that are noted.
func (v *followedValue) has(hashes []uint64) bool {
	isNew := func(h uint64) bool { _, found := slices.BinarySearch(v.Paths, h); return !found }
	return !slices.ContainsFunc(hashes, isNew)
}

// noteFollowed writes which paths a flow follows. Of what lies beside a new one nobody was told.
func noteFollowed(tx *bolt.Tx, b *Batch) error {
	bucket, err := tx.CreateBucketIfNotExists([]byte(bucketFollowed)) // a file of an earlier version has none
	if err != nil {
		return err
	}
	old, err := followed(bucket, b.Flow)
	if err != nil {
		return err
	}
	v := followedValue{Since: b.Since, Paths: hashPaths(b.Paths)}
	if old.has(v.Paths) {
		v.Left = old.Left
	}
	return putFollowed(bucket, b.Flow, v)
}

func putFollowed(bucket *bolt.Bucket, flow string, v followedValue) error {
	value, err := seal([]byte(flow), v)
	if err != nil {
		return err
	}
	return bucket.Put([]byte(flow), value)
}

// Left returns up to when files came to be of which an operator was told that the flow leaves them out, as SetLeft has noted it; zero if it has not
// since a path was added.
func (s *Store) Left(flow string) (left time.Time, err error) {
	err = s.guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			bucket := tx.Bucket([]byte(bucketFollowed))
			if bucket == nil {
				return nil
			}
			v, err := followed(bucket, flow)
			left = v.Left
			return err
		})
	})
	return left, err
}

// SetLeft notes, durably, that an operator was told of the files that the flow leaves out and that came to be up to a time. An earlier time than the
// one that is noted changes nothing, and neither does a flow whose paths are not noted.
func (s *Store) SetLeft(flow string, left time.Time) error {
	return s.update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket([]byte(bucketFollowed))
		if bucket == nil || bucket.Get([]byte(flow)) == nil {
			return nil
		}
		v, err := followed(bucket, flow)
		if err != nil || !left.After(v.Left) {
			return err
		}
		v.Left = left.UTC()
		return putFollowed(bucket, flow, v)
	})
}

// hashPaths returns what is kept of paths.
func hashPaths(paths []string) []uint64 {
	hashes := make([]uint64, 0, len(paths))
	for _, p := range paths {
		hashes = append(hashes, xxhash.Sum64String(p))
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
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
