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

// RefusedError says what is wrong with what was asked of a run. Nothing was sent.
type RefusedError struct{ Problems []string }

// Error says everything that is wrong, a line each.
func (e *RefusedError) Error() string {
	if len(e.Problems) == 1 {
		return "backfill: nothing was sent: " + e.Problems[0]
	}
	return fmt.Sprintf("backfill: nothing was sent; there are %d problems:\n  %s", len(e.Problems), strings.Join(e.Problems, "\n  "))
}

// files are the files of a run and their sizes when it began.
type files struct {
	sizes map[string]int64
	bytes int64
}

// find lists the files that globs match, and says what is wrong with those that cannot be shipped.
func find(paths, exclude []string) (found files, problems []string) {
	found.sizes = map[string]int64{}
	names, err := tailer.Match(paths, exclude)
	if err != nil {
		problems = append(problems, err.Error())
	} else if len(names) == 0 && len(paths) > 0 {
		problems = append(problems, "no file matches "+strings.Join(paths, ", "))
	}
	for _, name := range names {
		size, err := inspect(name)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		found.sizes[name] = size
		found.bytes += size
	}
	return found, problems
}

// inspect returns the size of a file that can be shipped.
func inspect(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, plain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, plain(err)
	}
	if _, err := tailer.FormatOf(path, f); err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// globs turns what a person named into absolute globs, and says what is wrong with it. A name that exists is meant literally.
func globs(paths []string) (out, problems []string) {
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		info, err := os.Stat(absolute)
		switch {
		case err == nil && info.IsDir():
			problems = append(problems, fmt.Sprintf("%s is a folder: name its files, for instance %s", path, filepath.Join(path, "*.log")))
		case err == nil && !info.Mode().IsRegular():
			problems = append(problems, path+" is no regular file")
		case err == nil:
			out = append(out, tailer.Literal(absolute))
		case !strings.ContainsAny(path, "*?[{"):
			problems = append(problems, plain(err).Error())
		default:
			names, err := tailer.Match([]string{absolute}, nil)
			if err == nil && len(names) == 0 {
				err = fmt.Errorf("no file matches %s", path)
			}
			if err != nil {
				problems = append(problems, err.Error())
			} else {
				out = append(out, absolute)
			}
		}
	}
	return out, problems
}

// plain takes the name of the system call out of an error.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}
