package flow

import (
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
)

// expansion is how much longer a text may become: a control character takes six bytes in JSON.
const expansion = 6

// smallFields is what is assumed for all of a record that is not its text.
const smallFields = 4 << 10

// growth is how much longer a record may become that is parsed and edited so: a line that is kept beside its fields is there twice, and so
// is a text that is kept beside what is parsed of it. What edits add beside that is bounded by edit.MaxGrowth.
func growth(p config.Parse, edits []edit.Spec) int {
	times := 1
	if p.KeepLine != "" {
		times++
	}
	return expansion * (times + edit.Copies(edits))
}

// Direct reports whether the records of a flow leave as they lie in the file, so that none of them takes a Large. Converters have memory of their own.
func Direct(f *config.Flow) bool {
	return direct(f.Parse, f.Encode, f.Edit) && !slices.ContainsFunc(f.Send, func(s config.Send) bool {
		return s.When != "" || s.Default || strings.HasPrefix(s.PartitionKey, "field:")
	})
}

// direct reports the same of a flow whose destinations ask for no fields.
func direct(p config.Parse, e config.Encode, edits []edit.Spec) bool {
	return (p.Format == "" || p.Format == "none") && (e.Format == "" || e.Format == "raw") && len(edits) == 0
}

// LargeMemory is what a Large has at most while records of the flow, of up to max_record bytes, are edited and encoded.
func LargeMemory(f *config.Flow) int64 {
	record := int64(f.Read.MaxRecord)
	n := int64(growth(f.Parse, f.Edit)) * record
	if len(f.Edit) > 0 {
		n += expansion*edit.MaxGrowth + edit.Memory(f.Edit, record)
	}
	return n
}

// EditMemory is what the edits of a flow keep at most in each worker, whose chunks have so many bytes; longer records are edited within Large.
func EditMemory(f *config.Flow, chunk int) int64 {
	if len(f.Edit) == 0 {
		return 0
	}
	return edit.Memory(f.Edit, int64(chunk/growth(f.Parse, f.Edit)))
}

// Large is the memory in which records are encoded that may become much longer than a chunk, one at a time. The flows of an agent share
// one: what is too long for every destination is known before it takes memory of the flow. The zero value is ready.
type Large struct {
	mu  sync.Mutex
	buf weak.Pointer[[]byte] // the garbage collector may have it between two records
}

// encode edits record i of the block, which is in hand, and appends it to what is to be sent if a destination takes it. It returns its size, and
// its fate.
func (l *Large) encode(r *run, i int) (size int, fate fate) {
	s, length := r.scratch, len(r.scratch.rec.Line)
	l.mu.Lock()
	defer l.mu.Unlock()
	buf := l.buf.Value()
	if buf == nil {
		buf = new([]byte)
		l.buf = weak.Make(buf)
	}
	*buf, fate = r.render(slices.Grow((*buf)[:0], s.growth*length+smallFields), i) // not in steps, each of which copies
	if size = len(*buf); size <= r.limit() {
		s.out = append(s.out, *buf...)
	}
	return size, fate
}

// limit is the most bytes that a record may have for any of the destinations.
func (r *run) limit() (most int) {
	for i := range r.flow.cfg.Sends {
		most = max(most, r.flow.cfg.Sends[i].Destination.Limits().Record)
	}
	return most
}

// buryLarge buries record i, which is too large for every destination once it is encoded, for those that it goes to.
func (r *run) buryLarge(i, size int) error {
	for send := range r.flow.cfg.Sends {
		if !r.scratch.router.Takes(send) {
			continue
		}
		if err := r.buryOversize(send, i, size); err != nil {
			return err
		}
	}
	return nil
}
