package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/weir-logs/weir/agent/internal/durable"
)

const (
	storeFormat = 1
	lockWait    = time.Second // for bbolt's own lock; weir's is taken before, so only a foreign tool can hold it
	maxProblems = 5           // named in one message
)

// Names of the buckets, see the package comment.
const (
	bucketWeir      = "weir"
	bucketFlows     = "flows"
	bucketPositions = "positions"
	bucketFollowed  = "followed"
	keyFormat       = "format"
)

// DefaultName is the name of the agent's store in its state folder.
const DefaultName = "checkpoints.db"

// StoreConfig says where a store is.
type StoreConfig struct {
	Dir  string           // made with mode 0700 if it is missing
	Name string           // of the file in Dir; empty means DefaultName
	Now  func() time.Time // nil means time.Now

	Wait time.Duration // how long another process may hold the store: a command that looks at it takes a moment

	Fresh bool // begin with an empty store: what is there is removed, once its lock is taken
}

// Open opens a store, or makes an empty one. It refuses one that another process has open (LockedError), one that a newer weir
// wrote (NewerError), and one that is damaged (DamagedError), of which it keeps a copy.
func Open(cfg StoreConfig) (*Store, error) {
	if cfg.Name == "" {
		cfg.Name = DefaultName
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if err := durable.MkdirAll(cfg.Dir); err != nil {
		return nil, fmt.Errorf("checkpoint: state folder: %w", err)
	}
	l, err := waitForLock(cfg)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cfg.Dir, cfg.Name)
	if cfg.Fresh {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			l.release(!l.unclean)
			return nil, fmt.Errorf("checkpoint: begin afresh: %w", err)
		}
	}
	db, err := openDatabase(path, l.unclean)
	if err != nil {
		l.release(!l.unclean && !isDamage(err))
		return nil, err
	}
	return &Store{db: db, lock: l, path: path, now: cfg.Now}, nil
}

func isDamage(err error) bool {
	var damaged *DamagedError
	return errors.As(err, &damaged)
}

// openDatabase opens the file and reads all of it once.
func openDatabase(path string, unclean bool) (*bolt.DB, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := createDatabase(path); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	db, problems, err := openAndVerify(path, unclean)
	if err != nil || len(problems) == 0 {
		return db, err
	}
	kept, err := keepCopy(path)
	if err != nil {
		problems = append(problems, "copy: "+err.Error())
	}
	return nil, &DamagedError{Path: path, Copy: kept, Problems: problems}
}

// createDatabase makes the file under another name first: a checkpoints.db that is empty or half made is always damage.
func createDatabase(path string) error {
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("checkpoint: remove what an earlier start left: %w", err)
	}
	db, err := bolt.Open(temp, 0o600, nil)
	if err != nil {
		return fmt.Errorf("checkpoint: create %s: %w", temp, err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range []string{bucketWeir, bucketFlows, bucketPositions} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(bucketWeir)).Put([]byte(keyFormat), []byte{storeFormat})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("checkpoint: create %s: %w", temp, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("checkpoint: create %s: %w", path, err)
	}
	if err := durable.Dir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// openAndVerify reads all of the file, and opens it for writing if nothing is wrong with it. bbolt trusts its pages and panics, or
// touches memory outside the file, where they are wrong; both are caught here and are problems like any other.
func openAndVerify(path string, unclean bool) (db *bolt.DB, problems []string, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, problems, err = nil, append(problems, fmt.Sprint(p)), nil
		}
	}()
	problems, err = inspect(path, unclean)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait})
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: open %s: %w", path, err)
	}
	return db, nil, nil
}

// inspect opens the file for reading only, so that what is found damaged stays as it was found.
func inspect(path string, unclean bool) (problems []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if info.Size() == 0 {
		return []string{"the file is empty"}, nil
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockWait})
	if errors.Is(err, os.ErrPermission) || errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("checkpoint: open %s: %w", path, err)
	}
	if err != nil {
		return []string{err.Error()}, nil
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		if want := tx.Size(); want > info.Size() { // before anything touches the pages that are gone
			problems = append(problems, fmt.Sprintf("the file has %d bytes, its pages need %d", info.Size(), want))
			return nil
		}
		problems, err = verify(tx, path, unclean)
		return err
	})
	return problems, err
}

// keepCopy copies a damaged file beside itself. The name carries the time of its last change, so that starting again
// and again over the same file makes one copy.
func keepCopy(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	kept := path + ".damaged-" + info.ModTime().UTC().Format("20060102T150405.000Z")
	if old, err := os.Stat(kept); err == nil && old.Size() == info.Size() {
		return kept, nil
	}
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.OpenFile(kept, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", err
	}
	return kept, nil
}
