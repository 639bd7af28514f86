package main

import (
	"errors"
	"fmt"
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

// judge compares lines with the written lines 1 to written of the log.
func judge(log string, written int, lines []string) verdict {
	v := verdict{arrived: len(lines)}
	seen := make([]int, written+1)
	for _, line := range lines {
		n, ok := number(log, line)
		if !ok || n < 1 || n > written || line != numbered(log, n) {
			if len(v.foreign) < 5 {
				v.foreign = append(v.foreign, line)
			}
			continue
		}
		if seen[n]++; seen[n] > 1 {
			v.doubled++
			v.doubledBytes += len(line) + 1
		}
	}
	for _, count := range seen[1:] {
		if count == 0 {
			v.lost++
		} else {
			v.distinct++
		}
	}
	return v
}

func number(log, line string) (int, bool) {
	rest, ok := strings.CutPrefix(line, log+" ")
	if !ok || len(rest) < 10 {
		return 0, false
	}
	n, err := strconv.Atoi(rest[:10])
	return n, err == nil
}

// objectLines returns the lines of all gzip objects below dir, in no special order.
func objectLines(dir string) ([]string, error) {
	var lines []string
	err := witness.NewObjects(dir).Collect(func(_ string, content []byte) error {
		if len(content) > 0 && content[len(content)-1] != '\n' {
			return errors.New("the last line has no line end")
		}
		for line := range strings.Lines(string(content)) {
			lines = append(lines, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		}
		return nil
	})
	return lines, err
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
}
