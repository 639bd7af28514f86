package checkpoint

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weir-logs/weir/tailer"
)

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
		r.Positions, r.Vanished = merge(entries, destinations)
		return align(tx, flow, destinations, entries, r, s.now().UTC())
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
		if err := positions.Delete(appendKey(nil, was, e.Destination, e.Position.ID)); err != nil {
			return fmt.Errorf("checkpoint: move position: %w", err)
		}
		e.Flow = flow
		if err := putEntry(positions, &e); err != nil {
			return err
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
func merge(entries []Entry, destinations []string) (positions []tailer.Position, vanished []time.Time) {
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
		positions, vanished = append(positions, files[id].Position), append(vanished, files[id].Vanished)
	}
	return positions, vanished
}

// align makes the flow's entries say what merge decided, and writes only what differs.
func align(tx *bolt.Tx, flow string, destinations []string, entries []Entry, r Resume, now time.Time) error {
	bucket := tx.Bucket([]byte(bucketPositions))
	had := make(map[string]int64, len(entries)) // key -> offset
	for _, e := range entries {
		had[string(appendKey(nil, flow, e.Destination, e.Position.ID))] = e.Position.Offset
	}
	for _, destination := range destinations {
		if err := checkName("destination", destination); err != nil {
			return err
		}
		for i, p := range r.Positions {
			key := string(appendKey(nil, flow, destination, p.ID))
			offset, ok := had[key]
			delete(had, key)
			if ok && offset == p.Offset {
				continue
			}
			if err := putEntry(bucket, &Entry{Flow: flow, Destination: destination, Position: p, Saved: now, Vanished: r.Vanished[i]}); err != nil {
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
