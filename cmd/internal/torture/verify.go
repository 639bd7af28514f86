package main

import (
	"bytes"
	"fmt"
	"strings"
)

// This file judges what arrived. Nothing that it uses is weir's: not the line format, not the opening of aggregates
// (deaggregate.go), not the client (wire.go).

const maxExamples = 5

// tally counts the lines that arrived.
type tally struct {
	lines    lines
	scratch  []byte
	seen     [][]uint8 // by log and number: how often, 255 for more
	arrived  int
	foreign  int
	examples []string // of foreign lines
}

func newTally() *tally { return &tally{lines: newLines(), seen: make([][]uint8, 0, 1)} }

// add counts the lines of one record. A record without a line end at its end is foreign: the agent sends whole lines.
func (t *tally) add(data []byte) {
	for len(data) > 0 {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			t.alien(data)
			return
		}
		t.line(data[:i])
		data = data[i+1:]
	}
}

func (t *tally) line(line []byte) {
	t.arrived++
	if cap(t.scratch) == 0 {
		t.scratch = make([]byte, 0, 512)
	}
	log, n, ok := t.lines.parse(line, t.scratch)
	if !ok {
		t.arrived--
		t.alien(line)
		return
	}
	for log >= len(t.seen) {
		t.seen = append(t.seen, nil)
	}
	if n >= len(t.seen[log]) {
		t.seen[log] = append(t.seen[log], make([]uint8, n+1-len(t.seen[log])+len(t.seen[log])/2)...)
	}
	if t.seen[log][n] < 255 {
		t.seen[log][n]++
	}
}

func (t *tally) alien(line []byte) {
	if t.foreign++; len(t.examples) < maxExamples {
		t.examples = append(t.examples, fmt.Sprintf("%.80q", line))
	}
}

// verdict says how what arrived differs from what was written.
type verdict struct {
	Written    int `json:"written"`
	Delivered  int `json:"delivered"` // written lines that arrived at least once
	Lost       int `json:"lost"`
	Duplicated int `json:"duplicated"` // arrivals beyond the first
	Twice      int `json:"duplicated_bytes"`
	Foreign    int `json:"foreign"` // arrivals that nobody wrote
	where      []string
}

// judge compares what arrived with the lines 1 to written[log] of each log.
func (t *tally) judge(written []int) verdict {
	v := verdict{Foreign: t.foreign}
	var lost, doubled ranges
	for log := range max(len(t.seen), len(written)) {
		last := 0
		if log < len(written) {
			last = written[log]
		}
		v.Written += last
		for n := 1; n <= last || log < len(t.seen) && n < len(t.seen[log]); n++ {
			count := 0
			if log < len(t.seen) && n < len(t.seen[log]) {
				count = int(t.seen[log][n])
			}
			switch {
			case n > last:
				v.Foreign += count
			case count == 0:
				v.Lost++
				lost.add(log, n)
			default:
				v.Delivered++
				v.Duplicated += count - 1
				if count > 1 {
					v.Twice += (count - 1) * len(t.lines.append(t.scratch[:0], log, n))
					doubled.add(log, n)
				}
			}
		}
	}
	if v.Lost > 0 {
		v.where = append(v.where, "lost "+lost.String())
	}
	if v.Duplicated > 0 {
		v.where = append(v.where, "twice "+doubled.String())
	}
	if v.Foreign > 0 {
		v.where = append(v.where, "foreign "+strings.Join(t.examples, ", "))
	}
	return v
}

// ranges are runs of line numbers, for people who look for the cause.
type ranges struct {
	list []struct{ log, first, last int }
	more int
}

func (r *ranges) add(log, n int) {
	if k := len(r.list) - 1; k >= 0 && r.list[k].log == log && r.list[k].last == n-1 {
		r.list[k].last = n
		return
	}
	if len(r.list) < 1000 {
		r.list = append(r.list, struct{ log, first, last int }{log, n, n})
	} else {
		r.more++
	}
}

func (r *ranges) String() string {
	var parts []string
	for i, p := range r.list {
		if i == 4 {
			parts = append(parts, fmt.Sprintf("and %d runs more", len(r.list)-i+r.more))
			break
		}
		parts = append(parts, fmt.Sprintf("L%04d %d-%d", p.log, p.first, p.last))
	}
	return strings.Join(parts, ", ")
}
