package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weir-logs/weir/tailer"
)

// Store keeps positions on disk. It may be used from several goroutines.
type Store struct {
	db   *bolt.DB
	lock *lock
	path string
	now  func() time.Time
}

// Batch is what one flow has to save: each position under each destination. Positions of files in Gone are removed.
type Batch struct {
	Flow         string
	Destinations []string
	Positions    []tailer.Position
	Gone         []tailer.FileID
	Started      bool // the flow has made its first start: from now on every new file is read from its beginning
}

// Resume is where a flow goes on.
type Resume struct {
	Positions []tailer.Position
	Saved     []time.Time // Saved[i] is when Positions[i] last moved
	First     bool        // the flow has never been started
}

// Path returns the name of the file.
func (s *Store) Path() string { return s.path }

// Save writes all batches in one durable transaction. When it returns nil they are on disk; when it returns an error nothing of them is.
func (s *Store) Save(batches ...Batch) error {
	saved := s.now().UTC()
	return s.update(func(tx *bolt.Tx) error {
		for i := range batches {
			if err := saveBatch(tx, &batches[i], saved); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveBatch(tx *bolt.Tx, b *Batch, saved time.Time) error {
	if err := checkName("flow", b.Flow); err != nil {
		return err
	}
	if b.Started {
		if err := markStarted(tx, b.Flow, saved); err != nil {
			return err
		}
	}
	positions := tx.Bucket([]byte(bucketPositions))
	for _, destination := range b.Destinations {
		if err := checkName("destination", destination); err != nil {
			return err
		}
		for i := range b.Positions {
			if err := putPosition(positions, b.Flow, destination, b.Positions[i], saved); err != nil {
				return err
			}
		}
		for _, id := range b.Gone {
			if err := positions.Delete(appendKey(nil, b.Flow, destination, id)); err != nil {
				return fmt.Errorf("checkpoint: remove position: %w", err)
			}
		}
	}
	return nil
}

func putPosition(positions *bolt.Bucket, flow, destination string, p tailer.Position, saved time.Time) error {
	key := appendKey(nil, flow, destination, p.ID)
	value, err := seal(key, positionValue{Position: p, Saved: saved})
	if err != nil {
		return err
	}
	if err := positions.Put(key, value); err != nil {
		return fmt.Errorf("checkpoint: put position: %w", err)
	}
	return nil
}

func markStarted(tx *bolt.Tx, flow string, at time.Time) error {
	flows := tx.Bucket([]byte(bucketFlows))
	if flows.Get([]byte(flow)) != nil {
		return nil
	}
	value, err := seal([]byte(flow), flowValue{Started: at})
	if err != nil {
		return err
	}
	return flows.Put([]byte(flow), value)
}

// Adopt returns where a flow goes on, after it has brought its positions in line with the configuration, durably:
//
//   - was, if not empty and if the flow has no positions of its own, hands its positions over to it;
//   - a destination that is new to the flow joins where the flow is, and the positions of one that is no longer there are removed.
//
// The destinations of a flow move together: where their positions for a file differ, the smallest offset counts.
func (s *Store) Adopt(flow, was string, destinations []string) (Resume, error) {
	var r Resume
	if err := checkName("flow", flow); err != nil {
		return r, err
	}
	err := s.update(func(tx *bolt.Tx) error {
		if was != "" && was != flow {
			if err := rename(tx, was, flow); err != nil {
				return err
			}
		}
		r.First = tx.Bucket([]byte(bucketFlows)).Get([]byte(flow)) == nil
		entries, err := flowEntries(tx, flow)
		if err != nil {
			return err
		}
		r.Positions, r.Saved = merge(entries, destinations)
		return align(tx, flow, destinations, entries, r.Positions, s.now().UTC())
	})
	if err != nil {
		return Resume{}, err
	}
	return r, nil
}

// rename moves the marker and the positions of one flow to another that has none yet.
func rename(tx *bolt.Tx, was, flow string) error {
	flows, positions := tx.Bucket([]byte(bucketFlows)), tx.Bucket([]byte(bucketPositions))
	if flows.Get([]byte(flow)) != nil {
		return nil // it was moved at an earlier start, or the name is in use: its own positions count
	}
	started := flows.Get([]byte(was))
	if started == nil {
		return nil
	}
	var f flowValue
	if err := unseal([]byte(was), started, &f); err != nil {
		return fmt.Errorf("checkpoint: flow %s: %w", was, err)
	}
	entries, err := flowEntries(tx, was)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := putPosition(positions, flow, e.Destination, e.Position, e.Saved); err != nil {
			return err
		}
		if err := positions.Delete(appendKey(nil, was, e.Destination, e.Position.ID)); err != nil {
			return fmt.Errorf("checkpoint: move position: %w", err)
		}
	}
	if err := flows.Delete([]byte(was)); err != nil {
		return fmt.Errorf("checkpoint: move flow: %w", err)
	}
	return markStarted(tx, flow, f.Started)
}

// flowEntries returns the entries of one flow.
func flowEntries(tx *bolt.Tx, flow string) ([]Entry, error) {
	var entries []Entry
	prefix := appendPrefix(nil, flow)
	c := tx.Bucket([]byte(bucketPositions)).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		e, err := decodeEntry(k, v)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// merge makes one position per file: the smallest offset among the flow's present destinations, or, for a file that none of
// them knows, among its former ones.
func merge(entries []Entry, destinations []string) (positions []tailer.Position, saved []time.Time) {
	present := make(map[string]bool, len(destinations))
	for _, d := range destinations {
		present[d] = true
	}
	files := make(map[tailer.FileID]*Entry)
	for i := range entries {
		e := &entries[i]
		old := files[e.Position.ID]
		better := old == nil || e.Position.Offset < old.Position.Offset
		if old != nil && present[e.Destination] != present[old.Destination] {
			better = present[e.Destination]
		}
		if better {
			files[e.Position.ID] = e
		}
	}
	ids := slices.SortedFunc(maps.Keys(files), func(a, b tailer.FileID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		positions, saved = append(positions, files[id].Position), append(saved, files[id].Saved)
	}
	return positions, saved
}

// align makes the flow's entries say what merge decided, and writes only what differs.
func align(tx *bolt.Tx, flow string, destinations []string, entries []Entry, positions []tailer.Position, now time.Time) error {
	bucket := tx.Bucket([]byte(bucketPositions))
	had := make(map[string]int64, len(entries)) // key -> offset
	for _, e := range entries {
		had[string(appendKey(nil, flow, e.Destination, e.Position.ID))] = e.Position.Offset
	}
	for _, destination := range destinations {
		if err := checkName("destination", destination); err != nil {
			return err
		}
		for _, p := range positions {
			key := string(appendKey(nil, flow, destination, p.ID))
			offset, ok := had[key]
			delete(had, key)
			if ok && offset == p.Offset {
				continue
			}
			if err := putPosition(bucket, flow, destination, p, now); err != nil {
				return err
			}
		}
	}
	for key := range had { // of destinations that are gone
		if err := bucket.Delete([]byte(key)); err != nil {
			return fmt.Errorf("checkpoint: remove position: %w", err)
		}
	}
	return nil
}

// Load returns the positions of one destination of one flow, in the order of their file ids.
func (s *Store) Load(flow, destination string) ([]tailer.Position, error) {
	entries, err := s.list(func(tx *bolt.Tx) ([]Entry, error) { return flowEntries(tx, flow) })
	var positions []tailer.Position
	for _, e := range entries {
		if e.Destination == destination {
			positions = append(positions, e.Position)
		}
	}
	return positions, err
}

// List returns everything that is saved, by flow, destination and file id.
func (s *Store) List() ([]Entry, error) {
	return s.list(func(tx *bolt.Tx) (entries []Entry, err error) {
		err = tx.Bucket([]byte(bucketPositions)).ForEach(func(k, v []byte) error {
			e, err := decodeEntry(k, v)
			if err != nil {
				return fmt.Errorf("checkpoint: %w", err)
			}
			entries = append(entries, e)
			return nil
		})
		return entries, err
	})
}

func (s *Store) list(read func(*bolt.Tx) ([]Entry, error)) (entries []Entry, err error) {
	err = s.guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			entries, err = read(tx)
			return err
		})
	})
	return entries, err
}

func (s *Store) update(change func(*bolt.Tx) error) error {
	return s.guard(func() error { return s.db.Update(change) })
}

// guard turns a panic of bbolt, which is its answer to a page that makes no sense, into an error.
func (s *Store) guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("checkpoint: %s: %v", s.path, p)
		}
	}()
	if err := do(); err != nil {
		return fmt.Errorf("checkpoint: write or read %s: %w", s.path, err)
	}
	return nil
}

// Close closes the file and gives its lock back.
func (s *Store) Close() error {
	err := s.db.Close()
	return errors.Join(err, s.lock.release(err == nil))
}
