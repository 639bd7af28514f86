package original

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// checkHeader looks at the first bytes: the message about a file of another kind should not be SQLite's.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const magic = "SQLite format 3\x00"
	var head [len(magic)]byte
	_, err = io.ReadFull(f, head[:])
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file; name the original agent's checkpoint file, such as /var/run/aws-kinesis-agent/checkpoints")
	case info.Size() > maxDatabase:
		return fmt.Errorf("it has %d bytes; a checkpoint file of the original agent never has more than %d", info.Size(), int64(maxDatabase))
	case err != nil || string(head[:]) != magic:
		return errors.New("it is no SQLite database; name the original agent's checkpoint file, such as /var/run/aws-kinesis-agent/checkpoints")
	}
	return nil
}

// copyDatabase copies a database and what a crash left beside it. It fails if somebody writes to it meanwhile.
func copyDatabase(from, to string) error {
	suffixes := []string{"", "-journal", "-wal"}
	before := stamps(from, suffixes)
	for _, suffix := range suffixes {
		if err := copyFile(from+suffix, to+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("copy it: %w", err)
		}
	}
	if stamps(from, suffixes) != before {
		return errors.New("somebody writes to it: stop the original agent first")
	}
	return nil
}

// stamps describes the files so that a change shows.
func stamps(path string, suffixes []string) string {
	var all strings.Builder
	for _, suffix := range suffixes {
		if info, err := os.Stat(path + suffix); err == nil {
			fmt.Fprintf(&all, "%s %d %d\n", suffix, info.Size(), info.ModTime().UnixNano())
		}
	}
	return all.String()
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(in, maxDatabase+1))
	if err == nil && n > maxDatabase {
		err = fmt.Errorf("%s is too large", from)
	}
	return errors.Join(err, out.Close())
}
