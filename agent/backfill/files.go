package backfill

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/weir-logs/weir/tailer"
)

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
	if _, err := tailer.FormatOf(path, f); err != nil {
		return 0, fmt.Errorf("backfill: %w", err)
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
