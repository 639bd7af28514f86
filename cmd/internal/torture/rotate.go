package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The ways in which logs are rotated. Each is what some program does, with the writer waiting only where it does the work itself.

// generation is the name of the log's i-th earlier content.
func (t *trial) generation(i int) string { return fmt.Sprintf("%s.%d", t.w.path, i+1) }

// rename gives the log another name, and the writer opens a new one at once.
func (t *trial) rename(to string) error {
	return t.w.locked(func() error {
		if err := os.Rename(t.w.path, to); err != nil {
			return err
		}
		if err := t.w.file.Close(); err != nil {
			return err
		}
		return t.w.open()
	})
}

// renameLate gives the log another name; the writer goes on with the old file for a while, as one that waits for a signal, and
// then, if gap is more than zero, has no file for a while.
func (t *trial) renameLate(ctx context.Context, to string, hold, gap time.Duration) error {
	if err := os.Rename(t.w.path, to); err != nil {
		return err
	}
	if err := wait(ctx, hold); err != nil {
		return err
	}
	return t.w.locked(func() error {
		if err := t.w.file.Close(); err != nil {
			return err
		}
		if err := wait(ctx, gap); err != nil {
			return err
		}
		return t.w.open()
	})
}

// shift renames as logrotate does without dates: .2 becomes .3, .1 becomes .2, the log becomes .1.
func (t *trial) shift(ctx context.Context, generations int) error {
	for i := generations - 1; i > 0; i-- {
		if err := os.Rename(t.generation(i-1), t.generation(i)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return t.renameLate(ctx, t.generation(0), 10*time.Millisecond, 0)
}

// copytruncate copies the log and truncates it, with the writer waiting from before the copy to after the truncation, so that a
// loss would be the reader's.
func (t *trial) copytruncate(to string) error {
	return t.w.locked(func() error {
		if err := copyFile(t.w.path, to); err != nil {
			return err
		}
		return os.Truncate(t.w.path, 0)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return create(to, func(out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	})
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// compress does what gzip and zstd --rm do: it writes the compressed file beside the plain one and then removes that.
func compress(path, suffix string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	err = create(path+suffix, func(out io.Writer) error {
		var z io.WriteCloser
		if suffix == ".zst" {
			z, err = zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		} else {
			z, err = gzip.NewWriterLevel(out, gzip.BestSpeed)
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(z, in); err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		return err
	}
	return os.Remove(path)
}
