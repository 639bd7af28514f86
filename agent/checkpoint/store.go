package checkpoint

import (
	"errors"
	"fmt"
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
	Vanished     []time.Time // Vanished[i] is since when the file of Positions[i] is nowhere; nil if all of them are somewhere
	Gone         []tailer.FileID
	Started      bool      // the flow has made its first start: from now on every new file is read from its beginning
	Paths        []string  // that the flow follows, if they are to be noted: Positions knows every file that matched them
	Since        time.Time // when that was so, as Followed has it

	// Others are destinations of the flow that have their own reading of the files. A file in New that none of the flow's destinations knows yet gets that
	// position with them, too: once it is known to one it is known to all, and a destination without a position of it is done with it.
	Others []string
	New    []tailer.Position
}

// Resume is where a reading of a flow goes on.
type Resume struct {
	Positions []tailer.Position
	Vanished  []time.Time // Vanished[i] is since when the file of Positions[i] is nowhere; zero if it is not known to be
	First     bool        // the flow has never been started
}

// fillPages is how full bbolt leaves a page that it has split. Positions are mostly replaced by ones of the same size: half-empty pages would
// double what the file takes in memory.
const fillPages = 0.9

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
	if b.Paths != nil {
		if err := noteFollowed(tx, b); err != nil {
			return err
		}
	}
	positions := tx.Bucket([]byte(bucketPositions))
	positions.FillPercent = fillPages
	if err := introduce(positions, b, saved); err != nil {
		return err
	}
	for _, destination := range b.Destinations {
		if err := checkName("destination", destination); err != nil {
			return err
		}
		for i := range b.Positions {
			e := Entry{Flow: b.Flow, Destination: destination, Position: b.Positions[i], Saved: saved}
			if b.Vanished != nil {
				e.Vanished = b.Vanished[i]
			}
			if err := putEntry(positions, &e); err != nil {
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

// introduce puts the positions of files that are new to the whole flow under its other destinations. It comes before what is put under its own.
func introduce(positions *bolt.Bucket, b *Batch, saved time.Time) error {
	if len(b.Others) == 0 {
		return nil
	}
	for i := range b.New {
		has := func(destination string) bool {
			return positions.Get(appendKey(nil, b.Flow, destination, b.New[i].ID)) != nil
		}
		if slices.ContainsFunc(b.Destinations, has) || slices.ContainsFunc(b.Others, has) {
			continue
		}
		for _, destination := range b.Others {
			if err := checkName("destination", destination); err != nil {
				return err
			}
			if err := putEntry(positions, &Entry{Flow: b.Flow, Destination: destination, Position: b.New[i], Saved: saved}); err != nil {
				return err
			}
		}
	}
	return nil
}

func putEntry(positions *bolt.Bucket, e *Entry) error {
	key, value, err := encodeEntry(e)
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
