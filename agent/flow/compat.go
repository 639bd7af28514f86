package flow

import (
	"fmt"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/original"
)

// Compat says what becomes of the records of a flow that sends what the original agent sends.
type Compat struct {
	Options []original.Option
	Env     original.Env
}

// converts reports whether records are changed at all.
func (c *Compat) converts() bool { return c != nil && len(c.Options) > 0 }

// chain returns the converters, or nil if records stay as they are, and how many bytes they need for each of a record.
func (c *Compat) chain() (*original.Chain, int, error) {
	if !c.converts() {
		return nil, 0, nil
	}
	chain, err := original.New(c.Options, c.Env)
	if err != nil {
		return nil, 0, fmt.Errorf("data_processing: %w", err)
	}
	return chain, original.Growth(c.Options), nil
}

// CompatMemory is what a Large has at most while records of a flow are converted; 0 if they are not.
func CompatMemory(f *config.Flow) int64 {
	if !f.Compat || len(f.Processing) == 0 {
		return 0
	}
	return int64(original.Growth(f.Processing)) * int64(f.Read.MaxRecord)
}

// convert adds what the original agent would send for record i, which may be nothing, or the record as it is. Both are counted as mismatches, as which the
// log speaks of them.
func (r *run) convert(i int) error {
	f, s, record := r.flow, r.scratch, r.block.Record(i)
	from := len(s.out)
	var outcome original.Outcome
	if len(record) > f.cfg.ChunkBytes/s.growth {
		var size int
		if size, outcome = f.cfg.Large.convert(s, record, r.limit()); size > r.limit() {
			return r.buryLarge(i, size)
		}
	} else {
		s.out, outcome = s.convert.Append(s.out, record)
	}
	if outcome != original.Sent {
		r.countMismatch(i)
	}
	if outcome == original.Dropped {
		f.counters.droppedMismatch.Add(1)
		return nil
	}
	if len(s.out) == from {
		f.counters.droppedEmpty.Add(1)
		return nil
	}
	s.add(s.out[from:len(s.out):len(s.out)], i)
	return nil
}

// convert appends the converted record to s.out if it has at most limit bytes then. It returns its size.
func (l *Large) convert(s *scratch, record []byte, limit int) (size int, outcome original.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out, outcome := s.convert.Append(nil, record)
	s.convert.Release()
	if len(out) <= limit {
		s.out = append(s.out, out...)
	}
	return len(out), outcome
}
