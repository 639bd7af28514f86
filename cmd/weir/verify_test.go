package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// This file judges what arrived, and uses nothing of weir for it.

// numbered returns line n of a log: a name, the number, and padding that depends on the number, so that no two lines of a log
// are equal and a damaged one is recognised.
func numbered(log string, n int) string {
	line := fmt.Sprintf("%s %010d ", log, n)
	seed := uint64(n)*2654435761 + 12345
	pad := 40 + int(seed>>7%160)
	var b strings.Builder
	b.WriteString(line)
	for i := range pad {
		seed = seed*6364136223846793005 + 1442695040888963407
		b.WriteByte("abcdefghijklmnopqrstuvwxyz0123456789 /"[(seed>>33+uint64(i))%38])
	}
	return b.String()
}

// verdict says how what arrived differs from what was written.
type verdict struct {
	arrived, distinct int
	lost, doubled     int      // lines that never came; arrivals beyond the first
	doubledBytes      int      // of those
	foreign           []string // lines that nobody wrote, the first few
}

func (v verdict) String() string {
	return fmt.Sprintf("arrived %d, lost %d, duplicated %d (%d bytes), foreign %d", v.arrived, v.lost, v.doubled, v.doubledBytes, len(v.foreign))
}

// tally judges the lines of a log as they come.
type tally struct {
	log     string
	seen    []int // by number
	verdict verdict
}

func (t *tally) add(line string) {
	v := &t.verdict
	v.arrived++
	n, ok := number(t.log, line)
	if !ok || n < 1 || line != numbered(t.log, n) {
		t.foreign(line)
		return
	}
	if n >= len(t.seen) {
		t.seen = append(t.seen, make([]int, n+1-len(t.seen))...)
	}
	if t.seen[n]++; t.seen[n] > 1 {
		v.doubled++
		v.doubledBytes += len(line) + 1
	} else {
		v.distinct++
	}
}

func (t *tally) foreign(line string) {
	if v := &t.verdict; len(v.foreign) < 5 {
		v.foreign = append(v.foreign, line)
	}
}

// judge returns the verdict on what came, of which the lines 1 to written should have come, and an error while any of them is missing.
func (t *tally) judge(written int) (verdict, error) {
	v := t.verdict
	for n := written + 1; n < len(t.seen); n++ {
		if t.seen[n] > 0 {
			v.distinct--
			v.foreign = append(slices.Clip(v.foreign), fmt.Sprint("line ", n))
		}
	}
	if v.lost = written - v.distinct; v.lost > 0 {
		return v, fmt.Errorf("%s: of %d lines: %v", t.log, written, v)
	}
	return v, nil
}

func number(log, line string) (int, bool) {
	rest, ok := strings.CutPrefix(line, log+" ")
	if !ok || len(rest) < 10 {
		return 0, false
	}
	n, err := strconv.Atoi(rest[:10])
	return n, err == nil
}

// delivered is what has come in the gzip objects below a folder.
type delivered struct {
	objects *witness.Objects
	logs    map[string]*tally
	first   *tally // it gets what is of none of them
}

// newDelivered returns what has come of the lines of logs.
func newDelivered(dir string, logs ...string) *delivered {
	d := &delivered{objects: witness.NewObjects(dir), logs: map[string]*tally{}}
	for _, log := range logs {
		d.logs[log] = &tally{log: log}
	}
	d.first = d.logs[logs[0]]
	return d
}

// collect reads the objects that have come since the last call.
func (d *delivered) collect() error {
	return d.objects.Collect(func(_ string, content []byte) error {
		if len(content) > 0 && content[len(content)-1] != '\n' {
			return errors.New("the last line has no line end")
		}
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			name, _, _ := strings.Cut(line, " ")
			to := d.logs[name]
			if to == nil {
				to = d.first
			}
			to.add(line)
		}
		return nil
	})
}

// judge collects, and judges what came of a log.
func (d *delivered) judge(log string, written int) (verdict, error) {
	if err := d.collect(); err != nil {
		return verdict{}, err
	}
	return d.logs[log].judge(written)
}

func judge(log string, written int, lines []string) verdict {
	t := tally{log: log}
	for _, line := range lines {
		t.add(line)
	}
	v, _ := t.judge(written)
	return v
}

// TestVerifierCanFail removes one line, doubles one and damages one: the verdict must say exactly that.
func TestVerifierCanFail(t *testing.T) {
	const written = 1000
	var lines []string
	for n := 1; n <= written; n++ {
		lines = append(lines, numbered("app", n))
	}
	if v := judge("app", written, lines); v.lost != 0 || v.doubled != 0 || len(v.foreign) != 0 || v.arrived != written {
		t.Fatalf("untouched: %v", v)
	}
	doubled := lines[500]
	removed := append(append([]string{}, lines[:99]...), lines[100:]...)
	v := judge("app", written, append(removed, doubled))
	if v.lost != 1 || v.doubled != 1 || v.doubledBytes != len(doubled)+1 || len(v.foreign) != 0 {
		t.Errorf("one removed and one doubled: %v", v)
	}
	lines[7] += "x"
	if v := judge("app", written, lines); v.lost != 1 || len(v.foreign) != 1 {
		t.Errorf("one damaged: %v", v)
	}
	lines[7] = numbered("app", 8)
	if v := judge("app", written-1, lines); v.lost != 0 || len(v.foreign) != 1 {
		t.Errorf("one that was not written: %v", v)
	}
}
