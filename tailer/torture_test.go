package tailer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rotator writes numbered lines at a steady rate and rotates the file by renaming, as logrotate does: app.log.1 becomes
// app.log.2 and so on, app.log becomes app.log.1, a new app.log is made, and the old one is written to for a while.
type rotator struct {
	dir     string
	gap     time.Duration // between rotations
	holds   time.Duration // how long the old file is still written to
	delay   time.Duration // between rename and create
	turns   int
	rate    int // lines a second
	written int
}

func (r *rotator) path(n int) string {
	if n == 0 {
		return filepath.Join(r.dir, "app.log")
	}
	return filepath.Join(r.dir, "app.log."+strconv.Itoa(n))
}

func (r *rotator) run() error {
	out, err := os.OpenFile(r.path(0), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	begun := time.Now()
	for turn := range r.turns {
		if err := r.write(out, begun, begun.Add(time.Duration(turn+1)*r.gap)); err != nil {
			return err
		}
		for n := turn; n >= 0; n-- {
			if err := os.Rename(r.path(n), r.path(n+1)); err != nil {
				return err
			}
		}
		if err := r.write(out, begun, time.Now().Add(r.delay)); err != nil {
			return err
		}
		next, err := os.OpenFile(r.path(0), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		if err := r.write(out, begun, time.Now().Add(r.holds)); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		out = next
	}
	if err := r.write(out, begun, time.Now().Add(r.gap)); err != nil {
		return err
	}
	return out.Close()
}

// write writes at the rate until then.
func (r *rotator) write(out *os.File, begun, until time.Time) error {
	var buf bytes.Buffer
	for {
		now := time.Now()
		due := int(now.Sub(begun).Seconds() * float64(r.rate))
		for ; r.written < due; r.written++ {
			fmt.Fprintf(&buf, "line %09d %s\n", r.written, "abcdefghijklmnopqrstuvwxyz")
		}
		if _, err := out.Write(buf.Bytes()); err != nil {
			return err
		}
		buf.Reset()
		if !now.Before(until) {
			return nil
		}
		time.Sleep(time.Millisecond) // the pace of the writer is part of the case
	}
}

// TestRotationUnderLoad rotates faster and faster, with default settings, with and without file events. No line may be
// missing or come twice.
func TestRotationUnderLoad(t *testing.T) {
	for _, c := range []struct {
		name     string
		pollOnly bool
		rotator  rotator
	}{
		{"overlap", false, rotator{gap: 50 * time.Millisecond, holds: 20 * time.Millisecond}},
		{"gap before create", false, rotator{gap: 50 * time.Millisecond, delay: 30 * time.Millisecond}},
		{"polling", true, rotator{gap: 50 * time.Millisecond, holds: 20 * time.Millisecond}},
		{"polling, several between two looks", true, rotator{gap: 10 * time.Millisecond, holds: 5 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.rotator.dir, c.rotator.turns, c.rotator.rate = t.TempDir(), 20, 50_000
			rotate(t, &c.rotator, c.pollOnly)
		})
	}
}

func rotate(t *testing.T, r *rotator, pollOnly bool) {
	var rec recorder
	_, stop := run(t, Config{
		Paths: []string{filepath.Join(r.dir, "app.log")}, PollOnly: pollOnly,
		Handle: rec.handle, Observe: rec.observe,
	})
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for rec.count() < r.written && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // a poll with a deadline
	}
	stop()
	if rec.err != nil {
		t.Error(rec.err)
	}
	verify(t, rec.records, r.written)
	for _, e := range rec.events {
		if e.Kind != FileFound && e.Kind != FileRotated && e.Kind != FileEnded {
			t.Errorf("event %+v", e)
		}
	}
}

// verify counts the lines that are missing and that came twice.
func verify(t *testing.T, records []string, written int) {
	t.Helper()
	seen := make([]int, written)
	for _, rec := range records {
		n, err := strconv.Atoi(strings.Fields(rec)[1])
		if err != nil || n < 0 || n >= written || !strings.HasSuffix(rec, "z\n") {
			t.Fatalf("record %q is no line that was written", rec)
		}
		seen[n]++
	}
	lost, doubled := 0, 0
	for _, times := range seen {
		switch {
		case times == 0:
			lost++
		case times > 1:
			doubled++
		}
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("%d lines written, %d lost, %d doubled", written, lost, doubled)
	}
}
