package flow

import (
	"slices"

	"github.com/weir-logs/weir/sink"
)

// packer joins records into the larger ones that a delivery stream bills less for. What it makes is valid until it is used again.
type packer struct {
	data    []byte
	entries []sink.Entry
}

// join joins neighbours of entries, whole and in order, as long as they have at most most bytes together. One that has company of none is not copied.
func (p *packer) join(entries []sink.Entry, most int) []sink.Entry {
	total := 0
	for i := range entries {
		total += len(entries[i].Data)
	}
	p.data, p.entries = slices.Grow(p.data[:0], total), p.entries[:0] // at once: the entries point into it
	for from := 0; from < len(entries); {
		size, to := len(entries[from].Data), from+1
		for to < len(entries) && size+len(entries[to].Data) <= most {
			size += len(entries[to].Data)
			to++
		}
		if to == from+1 {
			p.entries = append(p.entries, entries[from])
		} else {
			start := len(p.data)
			for i := range entries[from:to] {
				p.data = append(p.data, entries[from+i].Data...)
			}
			p.entries = append(p.entries, sink.Entry{Data: p.data[start:len(p.data):len(p.data)], Records: to - from})
		}
		from = to
	}
	return p.entries
}

// forget lets go of what the entries pointed to.
func (p *packer) forget() { clear(p.entries[:cap(p.entries)]) }
