package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// writer appends numbered lines to a log, burst lines every 10 ms.
type writer struct {
	log, path string
	burst     int
	written   atomic.Int64
}

func openLog(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// append writes the next lines.
func (w *writer) append(f io.Writer) error {
	var b strings.Builder
	n := int(w.written.Load())
	for range w.burst {
		n++
		b.WriteString(numbered(w.log, n))
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(f, b.String()); err != nil {
		return err
	}
	w.written.Store(int64(n))
	return nil
}

// run writes until the context ends, and rotates each `rotate` lines: it renames the file, writes once more to the old one,
// as writers do that have not noticed, and then opens a new one.
func (w *writer) run(ctx context.Context, rotate int) error {
	f, err := openLog(w.path)
	if err != nil {
		return err
	}
	defer func() { f.Close() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for since := 0; ; since += w.burst {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.append(f); err != nil {
			return err
		}
		if since < rotate {
			continue
		}
		since = 0
		if err := os.Rename(w.path, fmt.Sprintf("%s.%d", w.path, w.written.Load())); err != nil {
			return err
		}
		if err := w.append(f); err != nil {
			return err
		}
		f.Close()
		if f, err = openLog(w.path); err != nil {
			return err
		}
	}
}

// copyTruncate copies the log away and truncates it, as logrotate's copytruncate does, with the writer paused.
func (w *writer) copyTruncate(n int) error {
	content, err := os.ReadFile(w.path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(fmt.Sprintf("%s.%d", w.path, n), content, 0o644); err != nil {
		return err
	}
	return os.Truncate(w.path, 0)
}
