package flow

import (
	"slices"
	"sync"
	"weak"

	"github.com/weir-logs/weir/agent/config"
)

// expansion is how much longer a text may become: a control character takes six bytes in JSON.
const expansion = 6

// smallFields is what is assumed for all of a record that is not its text.
const smallFields = 4 << 10

// growth is how much longer a record may become that is parsed so: a line that is kept beside its fields is there twice.
func growth(p config.Parse) int {
	if p.KeepLine != "" {
		return 2 * expansion
	}
	return expansion
}

// LargeMemory is what a Large has at most while records of up to so many bytes are parsed so and encoded.
func LargeMemory(p config.Parse, maxRecord int) int64 { return int64(growth(p)) * int64(maxRecord) }

// Large is the memory in which records are encoded that may become much longer than a chunk, one at a time. The flows of an agent share
// one: what is too long for every destination is known before it takes memory of the flow. The zero value is ready.
type Large struct {
	mu  sync.Mutex
	buf weak.Pointer[[]byte] // the garbage collector may have it between two records
}

// encode appends the record in hand to s.out if it has at most limit bytes then. It returns s.out, and its size.
func (l *Large) encode(s *scratch, limit int) (out []byte, size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	buf := l.buf.Value()
	if buf == nil {
		buf = new([]byte)
		l.buf = weak.Make(buf)
	}
	*buf = s.encoder.Append(slices.Grow((*buf)[:0], s.growth*len(s.rec.Line)+smallFields), &s.rec) // not in steps, each of which copies
	if size = len(*buf); size <= limit {
		s.out = append(s.out, *buf...)
	}
	return s.out, size
}

// limit is the most bytes that a record may have for any of the destinations.
func (r *run) limit() (most int) {
	for i := range r.flow.cfg.Sends {
		most = max(most, r.flow.cfg.Sends[i].Destination.Limits().Record)
	}
	return most
}

// buryLarge buries record i, which no destination takes once it is encoded.
func (r *run) buryLarge(i, size int) error {
	for send := range r.flow.cfg.Sends {
		if err := r.buryOversize(send, i, size); err != nil {
			return err
		}
	}
	return nil
}
