package backfill

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/weir-logs/weir/tailer"
)

// compression is a format that is known by its first bytes.
type compression struct {
	name, magic, unpack string
}

// compressions are read only: RFC 1952, RFC 8878 section 3.1.1, and the manuals of bzip2, xz and lz4.
func compressions() []compression {
	return []compression{
		{"gzip", "\x1f\x8b", "gunzip"},
		{"zstd", "\x28\xb5\x2f\xfd", "unzstd"},
		{"bzip2", "BZh", "bunzip2"},
		{"xz", "\xfd7zXZ\x00", "unxz"},
		{"lz4", "\x04\x22\x4d\x18", "unlz4"},
		{"zip", "PK\x03\x04", "unzip"},
	}
}

// inspect returns the size of a file that can be shipped.
func inspect(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("backfill: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("backfill: %w", err)
	}
	var head [8]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("backfill: read %s: %w", path, err)
	}
	for _, c := range compressions() {
		if bytes.HasPrefix(head[:n], []byte(c.magic)) {
			return 0, fmt.Errorf("backfill: %s is compressed with %s, which cannot be read yet: unpack it first (%s), or leave it out", path, c.name, c.unpack)
		}
	}
	if tailer.Compressed(path) {
		return 0, fmt.Errorf("backfill: %s is compressed by its name, but not by its content: rename it, or leave it out", path)
	}
	return info.Size(), nil
}

// globs turns what a person named into absolute globs. A name that exists is meant literally.
func globs(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("backfill: %w", err)
		}
		info, err := os.Stat(absolute)
		switch {
		case err == nil && info.IsDir():
			return nil, fmt.Errorf("backfill: %s is a folder: name its files, for instance %s", path, filepath.Join(path, "*.log"))
		case err == nil:
			absolute = tailer.Literal(absolute)
		case !strings.ContainsAny(path, "*?[{"):
			return nil, fmt.Errorf("backfill: %w", plain(err))
		}
		out = append(out, absolute)
	}
	return out, nil
}

// plain takes the name of the system call out of an error.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
