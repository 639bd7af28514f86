package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// The value of a Meta entry in Pebble: version, revision, then the caller's bytes.
const (
	metaVersion = 1
	metaHeader  = 1 + 8
)

func metaKey(key string) []byte { return append([]byte{kindMeta}, key...) }

func encodeMeta(revision uint64, value []byte) []byte {
	b := make([]byte, 0, metaHeader+len(value))
	b = append(b, metaVersion)
	b = binary.BigEndian.AppendUint64(b, revision)
	return append(b, value...)
}

// decodeMeta copies the value.
func decodeMeta(b []byte) (revision uint64, value []byte, err error) {
	if len(b) < metaHeader || len(b) > metaHeader+MaxMetaValue {
		return 0, nil, fmt.Errorf("entry of %d bytes", len(b))
	}
	if b[0] != metaVersion {
		return 0, nil, fmt.Errorf("entry has format version %d, this weir reads version %d: use the weir that wrote it", b[0], metaVersion)
	}
	if revision = binary.BigEndian.Uint64(b[1:]); revision == 0 {
		return 0, nil, errors.New("entry has no revision")
	}
	return revision, append([]byte{}, b[metaHeader:]...), nil
}

func checkMeta(key string, value []byte) error {
	if key == "" || len(key) > MaxMetaKey || len(value) > MaxMetaValue {
		return fmt.Errorf("store: entry %.80q with a key of %d bytes and a value of %d, 1 to %d and at most %d can be: %w",
			key, len(key), len(value), MaxMetaKey, MaxMetaValue, ErrInvalid)
	}
	return nil
}

// Get implements Meta.
func (s *pebbleStore) Get(_ context.Context, key string) (Entry, error) {
	if err := s.enter(); err != nil {
		return Entry{}, err
	}
	defer s.leave()
	s.metaMu.Lock() // what is being written is not durable yet
	defer s.metaMu.Unlock()
	return s.getMeta(key)
}

func (s *pebbleStore) getMeta(key string) (Entry, error) {
	raw, closer, err := s.db.Get(metaKey(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return Entry{}, fmt.Errorf("store: entry %q: %w", key, ErrNotFound)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("store: read entry %q in %s: %w", key, s.dir, err)
	}
	revision, value, err := decodeMeta(raw)
	if err = errors.Join(err, closer.Close()); err != nil {
		return Entry{}, fmt.Errorf("store: read entry %q in %s: %w", key, s.dir, err)
	}
	return Entry{Key: key, Value: value, Revision: revision}, nil
}

// Put implements Meta.
func (s *pebbleStore) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	if err := checkMeta(key, value); err != nil {
		return 0, err
	}
	var next uint64
	err := s.change(ctx, key, revision, func(batch *pebble.Batch, newest uint64) error {
		next = newest
		return batch.Set(metaKey(key), encodeMeta(newest, value), nil)
	})
	if err != nil {
		return 0, err
	}
	return next, nil
}

// Delete implements Meta.
func (s *pebbleStore) Delete(ctx context.Context, key string, revision uint64) error {
	return s.change(ctx, key, revision, func(batch *pebble.Batch, _ uint64) error {
		if revision == 0 {
			return nil
		}
		return batch.Delete(metaKey(key), nil)
	})
}

// change makes one change of Meta if the key still has the revision. The revisions of all keys are counted together, so a
// key that was deleted and made again never has an old one.
func (s *pebbleStore) change(ctx context.Context, key string, revision uint64, stage func(*pebble.Batch, uint64) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	s.metaMu.Lock()
	defer s.metaMu.Unlock()
	old, err := s.getMeta(key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err != nil && revision != 0 {
		return err
	}
	if old.Revision != revision {
		return fmt.Errorf("store: entry %q has revision %d, not %d: %w", key, old.Revision, revision, ErrConflict)
	}
	newest, err := s.newestRevision()
	if err != nil {
		return err
	}
	newest++
	return s.do(ctx, func(batch *pebble.Batch) error {
		if err := stage(batch, newest); err != nil {
			return s.fail(err)
		}
		if err := batch.Set([]byte{kindRevision}, binary.BigEndian.AppendUint64(nil, newest), nil); err != nil {
			return s.fail(err)
		}
		return nil
	}, nil)
}

func (s *pebbleStore) newestRevision() (uint64, error) {
	raw, closer, err := s.db.Get([]byte{kindRevision})
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store: read the newest revision in %s: %w", s.dir, err)
	}
	defer closer.Close()
	if len(raw) != 8 {
		return 0, fmt.Errorf("store: the newest revision in %s has %d bytes, not 8", s.dir, len(raw))
	}
	return binary.BigEndian.Uint64(raw), nil
}

// List implements Meta.
func (s *pebbleStore) List(ctx context.Context, prefix string) ([]Entry, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	s.metaMu.Lock()
	defer s.metaMu.Unlock()
	lower := metaKey(prefix)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: []byte{kindMeta + 1}})
	if err != nil {
		return nil, fmt.Errorf("store: list entries %q in %s: %w", prefix, s.dir, err)
	}
	entries, err := listMeta(ctx, it, prefix)
	if err = errors.Join(err, it.Error(), it.Close()); err != nil {
		return nil, fmt.Errorf("store: list entries %q in %s: %w", prefix, s.dir, err)
	}
	return entries, nil
}

func listMeta(ctx context.Context, it *pebble.Iterator, prefix string) ([]Entry, error) {
	var entries []Entry
	for ok := it.First(); ok; ok = it.Next() {
		key := string(it.Key()[1:])
		if len(key) < len(prefix) || key[:len(prefix)] != prefix {
			break
		}
		raw, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		revision, value, err := decodeMeta(raw)
		if err != nil {
			return nil, fmt.Errorf("entry %q: %w", key, err)
		}
		entries = append(entries, Entry{Key: key, Value: value, Revision: revision})
	}
	return entries, ctx.Err()
}
