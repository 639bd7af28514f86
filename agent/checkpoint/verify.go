package checkpoint

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// verify reads every value; after an unclean stop it has bbolt check its pages too.
func verify(tx *bolt.Tx, path string, unclean bool) (problems []string, err error) {
	if problem, err := checkFormat(tx, path); problem != "" || err != nil {
		return []string{problem}, err
	}
	problems, err = checkValues(tx, path)
	if len(problems) > 0 || err != nil || !unclean {
		return problems, err
	}
	for err := range tx.Check() {
		if len(problems) < maxProblems {
			problems = append(problems, err.Error())
		}
	}
	return problems, nil
}

func checkFormat(tx *bolt.Tx, path string) (problem string, err error) {
	weir := tx.Bucket([]byte(bucketWeir))
	if weir == nil {
		return "no bucket " + bucketWeir, nil
	}
	format := weir.Get([]byte(keyFormat))
	if len(format) != 1 || format[0] == 0 {
		return fmt.Sprintf("the format is %x", format), nil
	}
	if format[0] > storeFormat {
		return "", &NewerError{Path: path, What: "the database", Version: int(format[0]), Known: storeFormat}
	}
	for _, name := range []string{bucketFlows, bucketPositions} {
		if tx.Bucket([]byte(name)) == nil {
			return "no bucket " + name, nil
		}
	}
	return "", nil
}

// checkValues decodes every value. Damage goes before a newer version: only a sound value can be believed about its version.
func checkValues(tx *bolt.Tx, path string) (problems []string, err error) {
	var newer *NewerError
	note := func(err error) {
		var e *NewerError
		switch {
		case err == nil:
		case errors.As(err, &e):
			newer = &NewerError{Path: path, What: e.What, Version: e.Version, Known: e.Known}
		case len(problems) < maxProblems:
			problems = append(problems, err.Error())
		}
	}
	note(tx.Bucket([]byte(bucketFlows)).ForEach(func(k, v []byte) error {
		var f flowValue
		if err := unseal(k, v, &f); err != nil {
			note(fmt.Errorf("flow %q: %w", k, err))
		}
		return nil
	}))
	if bucket := tx.Bucket([]byte(bucketFollowed)); bucket != nil {
		note(bucket.ForEach(func(k, v []byte) error {
			var f followedValue
			if err := unseal(k, v, &f); err != nil {
				note(fmt.Errorf("paths of flow %q: %w", k, err))
			}
			return nil
		}))
	}
	note(tx.Bucket([]byte(bucketPositions)).ForEach(func(k, v []byte) error {
		_, err := decodeEntry(k, v)
		note(err)
		return nil
	}))
	if len(problems) == 0 && newer != nil {
		return nil, newer
	}
	return problems, nil
}
