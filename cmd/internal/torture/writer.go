package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// block is how writers flush: in blocks that end anywhere in a line, as buffered writers do.
const block = 4096

// writer appends numbered lines to one log at a steady rate. What rotates the log takes the writer's lock, for as long as the
// rotation is the writer's own doing; what it did not write meanwhile it makes good for.
type writer struct {
	lines lines
	log   int
	path  string
	rate  float64 // lines a second

	mu      sync.Mutex
	file    *os.File
	pending []byte // lines that are not flushed yet
	n       int    // lines made
	paced   int    // of those, at the rate
}

func newWriter(log int, path string, rate float64) (*writer, error) {
	w := &writer{lines: newLines(), log: log, path: path, rate: rate}
	return w, w.open()
}

// open opens the log anew, as a writer does that creates a file. The lock is held, or the writer is not shared yet.
func (w *writer) open() error {
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	w.file = f
	return err
}

// flush writes whole blocks, or everything.
func (w *writer) flush(all bool) error {
	for len(w.pending) >= block || all && len(w.pending) > 0 {
		n, err := w.file.Write(w.pending[:min(block, len(w.pending))])
		w.pending = w.pending[:copy(w.pending, w.pending[n:])]
		if err != nil {
			return err
		}
	}
	return nil
}

// add makes lines and writes them in blocks.
func (w *writer) add(count int) error {
	for range count {
		w.n++
		w.pending = w.lines.append(w.pending, w.log, w.n)
		if len(w.pending) >= 16*block {
			if err := w.flush(false); err != nil {
				return err
			}
		}
	}
	return w.flush(false)
}

// tick writes what is due after so much time at the rate.
func (w *writer) tick(elapsed time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	due := int(elapsed.Seconds()*w.rate) - w.paced
	if due <= 0 {
		return nil
	}
	w.paced += due
	return w.add(due)
}

// locked pauses the writer at the end of a line.
func (w *writer) locked(f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.flush(true); err != nil {
		return err
	}
	return f()
}

// reopen ends the writing to the old file, at the end of a line, and goes on with a new one under the log's name.
func (w *writer) reopen() error {
	return w.locked(func() error {
		if err := w.file.Close(); err != nil {
			return err
		}
		return w.open()
	})
}

// burst writes lines of about so many bytes as fast as possible, whole ones.
func (w *writer) burst(bytes int) error {
	return w.locked(func() error {
		if err := w.add(bytes / meanLine); err != nil {
			return err
		}
		return w.flush(true)
	})
}

// overwrite writes new lines of about so many bytes over the file from its start, and cuts off what lies behind them. The lock is
// held and everything is flushed.
func (w *writer) overwrite(bytes int) error {
	var content []byte
	for len(content) < bytes {
		w.n++
		content = w.lines.append(content, w.log, w.n)
	}
	f, err := os.OpenFile(w.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(content, 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(content)))
}

func (w *writer) written() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// writers are all writers of a case, driven by one goroutine.
type writers struct {
	all  []*writer
	busy time.Duration // time of paced writing
}

// run writes at the rate until ctx ends, and then flushes.
func (g *writers) run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	start := time.Now()
	before := g.busy
	defer func() { g.busy = before + time.Since(start) }()
	for {
		elapsed := before + time.Since(start)
		for _, w := range g.all {
			if err := w.tick(elapsed); err != nil {
				return fmt.Errorf("writer of %s: %w", w.path, err)
			}
		}
		select {
		case <-ctx.Done():
			for _, w := range g.all {
				if err := w.locked(func() error { return nil }); err != nil {
					return err
				}
			}
			return nil
		case <-tick.C:
		}
	}
}

// counts returns how many lines each log has.
func (g *writers) counts() []int {
	var counts []int
	for _, w := range g.all {
		for w.log >= len(counts) {
			counts = append(counts, 0)
		}
		counts[w.log] += w.written()
	}
	return counts
}

// achieved returns the lines a second of the paced writing.
func (g *writers) achieved() float64 {
	if g.busy == 0 {
		return 0
	}
	paced := 0
	for _, w := range g.all {
		paced += w.paced
	}
	return float64(paced) / g.busy.Seconds()
}

func (g *writers) close() error {
	for _, w := range g.all {
		if err := w.locked(w.file.Close); err != nil {
			return err
		}
	}
	return nil
}
