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

// Adopt returns where the readings of a flow go on, after it has brought its positions in line with the configuration, durably. A reading is the
// destinations that move together; most flows have one.
//
//   - was, if not empty and if the flow has no positions of its own, hands its positions over to it;
//   - a reading whose destinations are all new to the flow joins where the flow is; the positions of a destination that is no longer there are removed.
//
// Where the positions for a file differ that count for a reading, the smallest offset does.
func (s *Store) Adopt(flow, was string, readings ...[]string) ([]Resume, error) {
	if err := checkName("flow", flow); err != nil {
		return nil, err
	}
	all := make([]Resume, len(readings))
	err := s.update(func(tx *bolt.Tx) error {
		if was != "" && was != flow {
			if err := rename(tx, was, flow); err != nil {
				return err
			}
		}
		first := tx.Bucket([]byte(bucketFlows)).Get([]byte(flow)) == nil
		entries, err := flowEntries(tx, flow)
		if err != nil {
			return err
		}
		for i, destinations := range readings {
			all[i] = merge(entries, destinations)
			all[i].First = first
		}
		return align(tx, flow, entries, readings, all, s.now().UTC())
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Resume returns where a reading of a flow goes on that Adopt has brought in line before. It changes nothing.
func (s *Store) Resume(flow string, destinations []string) (r Resume, err error) {
	err = s.guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			entries, err := flowEntries(tx, flow)
			own := func(e Entry) bool { return !slices.Contains(destinations, e.Destination) }
			r = merge(slices.DeleteFunc(entries, own), destinations)
			r.First = tx.Bucket([]byte(bucketFlows)).Get([]byte(flow)) == nil
			return err
		})
	})
	return r, err
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

// merge makes one position per file: the smallest offset among the destinations of a reading or, if none of them has a position of any file, among all of the
// flow. What the others know and these do not, these are done with.
func merge(entries []Entry, destinations []string) (r Resume) {
	own := func(e Entry) bool { return slices.Contains(destinations, e.Destination) }
	joins := !slices.ContainsFunc(entries, own)
	files := make(map[tailer.FileID]*Entry)
	for i := range entries {
		e := &entries[i]
		if !joins && !own(*e) {
			continue
		}
		if old := files[e.Position.ID]; old == nil || e.Position.Offset < old.Position.Offset {
			files[e.Position.ID] = e
		}
	}
	ids := slices.SortedFunc(maps.Keys(files), func(a, b tailer.FileID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		r.Positions, r.Vanished = append(r.Positions, files[id].Position), append(r.Vanished, files[id].Vanished)
	}
	return r
}

// align makes the flow's entries say what merge decided, and writes only what differs.
func align(tx *bolt.Tx, flow string, entries []Entry, readings [][]string, all []Resume, now time.Time) error {
	bucket := tx.Bucket([]byte(bucketPositions))
	had := make(map[string]int64, len(entries)) // key -> offset
	for _, e := range entries {
		had[string(appendKey(nil, flow, e.Destination, e.Position.ID))] = e.Position.Offset
	}
	for i, destinations := range readings {
		for _, destination := range destinations {
			if err := checkName("destination", destination); err != nil {
				return err
			}
			for j, p := range all[i].Positions {
				key := string(appendKey(nil, flow, destination, p.ID))
				offset, ok := had[key]
				delete(had, key)
				if ok && offset == p.Offset {
					continue
				}
				if err := putEntry(bucket, &Entry{Flow: flow, Destination: destination, Position: p, Saved: now, Vanished: all[i].Vanished[j]}); err != nil {
					return err
				}
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
